"""The sweep that a command line describes: a sweep file, changed by the command's options.

Without a file it is the first sweep, which comes with the package. New files are written here too.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.cli.data_files import add_label, check_sweep_file

if TYPE_CHECKING:
    from sweeps.config import SweepConfig


@contextmanager
def first_sweep() -> Iterator[Path]:
    """Yield the path of the sweep file that comes with the package."""
    with as_file(files("experiments.sweep_files") / "first.toml") as path:
        yield path


def sweep_name(file: Path) -> str:
    """Return the name of the sweep that is written to `file`: the name of the file, if it fits."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", file.stem).strip("._-")[:100] or "sweep"


def write_new(file: Path, text: str) -> None:
    """Write a sweep file; `InputError` if there is such a file already or it cannot be written."""
    from nncore.errors import InputError

    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(text)
    except OSError as error:
        raise InputError(f"sweep file {file} must be new and writable: {error.strerror}") from error


def load_sweep(
    file: Path | None,
    *,
    data: str | None,
    label: str | None,
    ignore: Sequence[str] | None,
    group: str | None,
    trials: int | None,
    settings: Sequence[str],
) -> "SweepConfig":
    """Return the sweep of `file`, or the first sweep, with the options of a command applied.

    `settings` are texts KEY=VALUE. `data` replaces the file's table [data]; None means that an
    option was not given.
    """
    from sweeps.config import load_config, parse_config, read_tables

    if file is None:
        with first_sweep() as path:
            return load_sweep(
                path,
                data=data,
                label=label,
                ignore=ignore,
                group=group,
                trials=trials,
                settings=settings,
            )
    check_sweep_file(file)
    columns = {"data.label": label, "data.ignore": ignore, "data.group": group}
    if data is None:
        tables = read_tables(file, settings, **columns, **{"sweep.trials": trials})
        add_label(tables)
        return parse_config(tables)
    of_data = [setting for setting in settings if setting.strip().startswith("data.")]
    folds = [setting for setting in of_data if setting.partition("=")[0].strip() == "data.folds"]
    others = [setting for setting in settings if setting not in of_data or setting in folds]
    config = load_config(file, others, **{"sweep.trials": trials})
    return _with_other_data(config, data, columns, of_data)


def _with_other_data(
    config: "SweepConfig", data: str, columns: Mapping[str, Any], settings: Sequence[str]
) -> "SweepConfig":
    """Return `config` with `data` in place of its whole table [data].

    `folds` are kept, and so are `split` and `scale` if one file replaces another.
    """
    from nncore.datasets.data_source import is_file_name
    from sweeps.config import parse_config, read_tables
    from sweeps.config.known import checked_results

    former = config.data.source
    kept = [f"data.folds={config.data.folds}"] if config.data.folds else []
    if former.is_file and is_file_name(data):
        kept += [f"data.split={list(former.split)}", f"data.scale={former.scale}"]
    with first_sweep() as path:  # its [data] has only a name
        tables = read_tables(path, [*kept, *settings], **columns, **{"data.name": data})
    add_label(tables)
    changed = config.model_copy(update={"data": parse_config(tables).data})
    checked_results(changed.known, changed)
    return changed

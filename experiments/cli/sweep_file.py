"""The sweep that a command line describes: a sweep file, changed by the command's options.

Without a file it is the sweep that `nnsweep init` writes for the data. New files are written here
too.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.cli.data_files import add_label, check_sweep_file, data_section

if TYPE_CHECKING:
    from sweeps.config import SweepConfig


@contextmanager
def first_sweep(*, regression: bool = False) -> Iterator[Path]:
    """Yield the path of the sweep file that comes with the package, for classes or regression."""
    name = "regression.toml" if regression else "first.toml"
    with as_file(files("experiments.sweep_files") / name) as path:
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
    target: Sequence[str] | None,
    ignore: Sequence[str] | None,
    group: str | None,
    trials: int | None,
    settings: Sequence[str],
    out: Path | None,
) -> "SweepConfig":
    """Return the sweep of `file`, or the first sweep, with the options of a command applied.

    `settings` are texts KEY=VALUE. `data` replaces the file's table [data]; None means that an
    option was not given. Without a `file`, a user's file of data has the sweep that
    `nnsweep init --data` writes for it, or, if there is a run on that file already, the sweep of
    that run, so that rows added since do not change the settings. `out` is the folder of the run.
    """
    from nncore.datasets.data_source import is_file_name
    from sweeps.config import load_config, parse_config, read_tables

    columns = {
        "data.label": label,
        "data.target": target or None,
        "data.ignore": ignore,
        "data.group": group,
    }
    if file is None and data is not None and is_file_name(data):
        begun = _sweep_of_run(out or Path("runs") / sweep_name(Path(data)), data)
        if begun is None:
            return _sweep_for(data, columns, settings, trials)
        file, data = begun, None
    if file is None:
        with first_sweep(regression=_has_targets(data, target, settings)) as path:
            return load_sweep(
                path,
                data=data,
                label=label,
                target=target,
                ignore=ignore,
                group=group,
                trials=trials,
                settings=settings,
                out=out,
            )
    check_sweep_file(file)
    if data is None:
        tables = read_tables(file, settings, **columns, **{"sweep.trials": trials})
        add_label(tables)
        return parse_config(tables)
    of_data = [setting for setting in settings if setting.strip().startswith("data.")]
    folds = [setting for setting in of_data if _key(setting) == "data.folds"]
    others = [setting for setting in settings if setting not in of_data or setting in folds]
    former = load_config(file, others, **{"sweep.trials": trials})
    other = _other_data(former, data, columns, of_data)
    return load_config(file, others, **{"sweep.trials": trials, "data": other})


def _sweep_of_run(folder: Path, data: str) -> Path | None:
    """Return the sweep file of the run in `folder` if it is one on the file `data`, else None."""
    from sweeps.config import read_tables
    from sweeps.records.file_names import CONFIG
    from sweeps.records.is_run import is_run

    if not is_run(folder):
        return None
    kept = read_tables(folder / CONFIG).get("data")
    return folder / CONFIG if isinstance(kept, dict) and kept.get("name") == data else None


def _sweep_for(
    data: str, columns: Mapping[str, Any], settings: Sequence[str], trials: int | None
) -> "SweepConfig":
    """Return the sweep that `nnsweep init` writes for the user's file `data`, with the options."""
    from experiments.cli.new_sweep import sweep_for_data
    from sweeps.config import parse_config
    from sweeps.config.toml import apply_setting, parse_toml, put

    of_data = [setting for setting in settings if _key(setting).startswith("data.")]
    section = _data_tables({"name": data}, columns, of_data)["data"]
    tables = parse_toml(sweep_for_data(section, sweep_name(Path(data))))
    for setting in settings:
        if setting not in of_data:
            apply_setting(tables, setting)
    if trials is not None:
        put(tables, "sweep.trials", trials)
    return parse_config(tables)


def _has_targets(data: str | None, target: Sequence[str] | None, settings: Sequence[str]) -> bool:
    """Return whether the data set that options describe is one for regression."""
    from nncore.datasets.catalogue import is_regression
    from nncore.datasets.data_source import DataSource, is_file_name

    if target or "data.target" in map(_key, settings):
        return True
    return data is not None and not is_file_name(data) and is_regression(DataSource(data))


def _key(setting: str) -> str:
    return setting.partition("=")[0].strip()


def _other_data(
    former: "SweepConfig", data: str, columns: Mapping[str, Any], settings: Sequence[str]
) -> dict[str, Any]:
    """Return the table [data] of `data`, which replaces that of the sweep `former`.

    `folds` are kept, and so are `split` and `scale` if one file replaces another.
    """
    from nncore.datasets.data_source import is_file_name

    source = former.data.source
    kept: dict[str, Any] = {"folds": former.data.folds} if former.data.folds else {}
    if source.is_file and is_file_name(data):
        kept |= {"split": list(source.split), "scale": source.scale}
    tables = _data_tables({"name": data, **kept}, columns, settings)
    return data_section(tables["data"]).model_dump(exclude_none=True)


def _data_tables(
    section: dict[str, Any], columns: Mapping[str, Any], settings: Sequence[str]
) -> dict[str, Any]:
    """Return the table [data] that begins as `section`, changed by the options of a command."""
    from sweeps.config.toml import apply_setting, put

    tables = {"data": section}
    for setting in settings:
        apply_setting(tables, setting)
    for key, value in columns.items():
        if value is not None:
            put(tables, key, value)
    add_label(tables)
    return tables

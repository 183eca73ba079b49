"""The arguments and options that several commands share, with one wording and one check each.

A command imports the type of an option from here and passes the value to the check beside it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.completion import data_settings, run_folders
from experiments.cli.data_files import add_label, label_of, source_of

if TYPE_CHECKING:
    from nncore.datasets import DataSource
    from sweeps.workers.local import LocalWorkers

OWN_FILE = "your own .npz, .npy, idx-ubyte, .csv, .tsv, .csv.gz, .tsv.gz, .arff or .parquet file"
"""The kinds of files that a data set can be read from, for the help; a test checks the suffixes."""

DECISIVE = "Python, the packages, BLAS or its kernel, the processor's SIMD extensions or the data"
"""The facts that may change the bytes of a result, for the help of `--anyway`."""

RunArgument = Annotated[
    Path,
    typer.Argument(
        metavar="RUN",
        autocompletion=run_folders,
        help="A run folder, for example runs/mnist-first.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "-j",
        "--jobs",
        metavar="N",
        show_default="one per CPU core",
        help="Number of worker processes.",
    ),
]
Anyway = Annotated[
    bool,
    typer.Option(
        "--anyway",
        help=f"Continue even if {DECISIVE} have changed since the run.",
    ),
]
Label = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Column of the table that holds the classes."),
]
Target = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN",
        help="Column of the table with numbers to predict, instead of classes. Repeat the option "
        "to predict several together. In a file of arrays, the name of the array.",
    ),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN",
        help="Column of the table that is not an input, for example a row number. Repeat the "
        "option to ignore several.",
    ),
]
Group = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Column of the table whose equal entries mark rows that no split may separate, "
        "for example a patient; it is not an input.",
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        metavar="A,B,C",
        show_default="0.7,0.15,0.15",
        help="Fractions of the file's rows used for training, validation and test.",
    ),
]
Scale = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        show_default="unit",
        help="How to scale the inputs of the file: unit (each input to the range 0 to 1), "
        "standard (mean 0, standard deviation 1) or none.",
    ),
]
Image = Annotated[
    str | None,
    typer.Option(
        metavar="H,W",
        show_default="as the file tells",
        help="Height and width of the images whose pixels are the inputs, for example 28,28.",
    ),
]
MovedData = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="FILE",
        help="The data file of the run, if it has moved. Its content must be the same. The run "
        "records its new place.",
    ),
]
DataSettings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="data.KEY=VALUE",
        autocompletion=data_settings,
        help="A setting of the table as in a sweep file, for example data.missing=indicator. "
        "Repeat the option to set several.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


def local_workers(jobs: int | None) -> "LocalWorkers":
    """Return `jobs` workers on this machine; one per usable CPU core if `jobs` was not given."""
    from sweeps.workers.local import LocalWorkers, available_cores

    return LocalWorkers(available_cores() if jobs is None else jobs)


def note_moved_data(run: Path, moved: str | None) -> None:
    """Record in the run folder `run` that its data file is now at `moved`, if that is given."""
    from sweeps.config import load_config
    from sweeps.records.data_file import record_moved
    from sweeps.records.file_names import CONFIG

    if moved is not None:
        record_moved(run, load_config(run / CONFIG).data.source, moved)


def data_source(
    name: str,
    label: str | None,
    target: list[str] | None,
    ignore: list[str] | None,
    group: str | None,
    split: str | None,
    scale: str | None,
    image: str | None,
    data_settings: list[str] | None = None,
    kept: Mapping[str, Any] | None = None,
) -> "DataSource":
    """Return the data set `name` with the options that were given; None means not given.

    `data_settings` are texts "data.KEY=VALUE"; `kept` are values of keys that they may replace.
    """
    from nncore.datasets import DataSource
    from nncore.errors import InputError, shown

    given: dict[str, Any] = {} if scale is None else {"scale": scale}
    if split is not None:
        try:
            given["split"] = tuple(float(fraction) for fraction in split.split(","))
        except ValueError as error:
            rule = "`--split` must be three fractions, for example 0.7,0.15,0.15"
            raise InputError(f"{rule}, got {shown(split)}") from error
    if image is not None:
        try:
            given["image"] = tuple(int(side) for side in image.split(","))
        except ValueError as error:
            rule = "`--image` must be a height and a width, for example 28,28"
            raise InputError(f"{rule}, got {shown(image)}") from error
    if data_settings or kept:
        given = {**(kept or {}), **given, "label": label, "target": target or None}
        given |= {"ignore": ignore, "group": group}
        return settings_of_data(data_settings or [], name=name, **given)
    if not target:
        label = label_of(name, label)
    given |= {"target": tuple(target or ()), "ignore": tuple(ignore or ()), "group": group}
    return DataSource(name, label, **given)


def settings_of_data(settings: list[str], **given: Any) -> "DataSource":
    """Return the data set that texts "data.KEY=VALUE" and the keys in `given` describe.

    Raises `InputError` if one has another section, or breaks a rule.
    """
    tables = {"data": {key: value for key, value in given.items() if value is not None}}
    set_data(tables, settings)
    add_label(tables)
    return source_of(tables["data"])


def set_data(tables: dict[str, Any], settings: list[str]) -> None:
    """Change the section [data] in `tables` by texts "data.KEY=VALUE".

    Raises `InputError` if one has another section, or is no setting.
    """
    from nncore.errors import InputError, shown
    from sweeps.config.toml import apply_setting

    for setting in settings:
        if not setting.strip().startswith("data."):
            raise InputError(f"`--set` must be data.KEY=VALUE here, got {shown(setting)}")
        apply_setting(tables, setting)

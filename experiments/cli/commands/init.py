"""`nnsweep init`: write a sweep file to start from.

It is a sweep that comes with the package, for classes or for numbers, under another name, or a
sweep that fits a data file.
"""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from experiments.cli.new_sweep import NO_LABEL, sweep_for_data
from experiments.cli.options import OWN_FILE, DataSettings, Target, set_data
from experiments.cli.schema_file import SCHEMA, SCHEMA_LINE, check_place, write_schema
from experiments.cli.sweep_file import first_sweep, sweep_name, write_new


def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")] = Path(
        "sweep.toml"
    ),
    regression: Annotated[
        bool,
        typer.Option("--regression", help="Write a sweep for numbers to predict, such as prices."),
    ] = False,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help=f"Write a sweep that fits this file: {OWN_FILE}.",
        ),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            show_default="guessed if it is clear",
            help="Column of the table that holds the classes.",
        ),
    ] = None,
    target: Target = None,
    settings: DataSettings = None,
) -> None:
    """Write a commented sweep file to edit and run.

    The sweep is named after the file. An existing sweep file is never overwritten. The JSON schema
    of sweep files is written beside it, as sweep.schema.json: editors complete and check the sweep
    file by it.
    """
    check_place(file.parent)
    if data is None:
        text = _ready_sweep(file, regression, label, target, settings)
    else:
        text = _sweep_for(data, file, regression, label, target, settings)
    write_new(file, SCHEMA_LINE + text)
    write_schema(file.parent)
    first = f"name the column of classes in {file}, then " if NO_LABEL in text else ""
    typer.echo(f"wrote {file}, and {SCHEMA} for editors")
    typer.echo(f"\nNext: {first}nnsweep run {shlex.quote(str(file))} --dry-run")


def _ready_sweep(
    file: Path,
    regression: bool,
    label: str | None,
    target: list[str] | None,
    settings: list[str] | None,
) -> str:
    from nncore.errors import require

    for option, given in {"--label": label, "--target": target, "--set": settings}.items():
        require(not given, option, "be used with --data only", given)
    with first_sweep(regression=regression) as template:
        text = template.read_text("utf-8")
    own = '"regression-first"' if regression else '"mnist-first"'
    name = f'"{sweep_name(file)}"'
    return text.replace(own, name.ljust(len(own)), 1)


def _sweep_for(
    data: str,
    file: Path,
    regression: bool,
    label: str | None,
    target: list[str] | None,
    settings: list[str] | None,
) -> str:
    from nncore.datasets.data_source import FILE_KINDS, is_file_name
    from nncore.errors import require

    require(is_file_name(data), "--data", f"be a file that ends in {FILE_KINDS}", data)
    require(not file.exists(), "FILE", "be the name of a new file", str(file))
    section: dict[str, Any] = {"name": data, "label": label, "target": target}
    tables = {"data": {key: value for key, value in section.items() if value}}
    set_data(tables, settings or [])
    named = "target" in tables["data"] or not regression
    require(named, "--target", "name a column of numbers, because of --regression", target)
    return sweep_for_data(tables["data"], sweep_name(file))

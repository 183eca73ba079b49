"""`nnsweep init`: write a sweep file to start from.

It is the first sweep, which comes with the package, under another name, or a sweep that fits a
data file.
"""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.new_sweep import NO_LABEL, sweep_for_data
from experiments.cli.options import OWN_FILE, DataSettings, set_data
from experiments.cli.sweep_file import first_sweep, sweep_name, write_new


def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")] = Path(
        "sweep.toml"
    ),
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
    settings: DataSettings = None,
) -> None:
    """Write a commented sweep file to edit and run.

    The sweep is named after the file. An existing file is never overwritten.
    """
    if data is None:
        text = _first_sweep(file, label, settings)
    else:
        text = _sweep_for(data, file, label, settings)
    write_new(file, text)
    first = f"name the column of classes in {file}, then " if NO_LABEL in text else ""
    typer.echo(f"wrote {file}\n\nNext: {first}nnsweep run {shlex.quote(str(file))} --dry-run")


def _first_sweep(file: Path, label: str | None, settings: list[str] | None) -> str:
    from nncore.errors import require

    require(label is None, "--label", "be used with --data only", label)
    require(not settings, "--set", "be used with --data only", settings)
    with first_sweep() as template:
        text = template.read_text("utf-8")
    name = f'"{sweep_name(file)}"'
    return text.replace('"mnist-first"', name.ljust(13), 1)


def _sweep_for(data: str, file: Path, label: str | None, settings: list[str] | None) -> str:
    from nncore.datasets.data_source import FILE_KINDS, is_file_name
    from nncore.errors import require

    require(is_file_name(data), "--data", f"be a file that ends in {FILE_KINDS}", data)
    require(not file.exists(), "FILE", "be the name of a new file", str(file))
    section = {"name": data} if label is None else {"name": data, "label": label}
    tables = {"data": section}
    set_data(tables, settings or [])
    return sweep_for_data(tables["data"], sweep_name(file))

"""`nnsweep init`: write a sweep file to start from.

It is a sweep that comes with the package, for classes or for numbers, under another name.
"""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.sweep_file import first_sweep, sweep_name, write_new


def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")] = Path(
        "sweep.toml"
    ),
    regression: Annotated[
        bool,
        typer.Option("--regression", help="Write a sweep for numbers to predict, such as prices."),
    ] = False,
) -> None:
    """Write a commented sweep file to edit and run.

    The sweep is named after the file. An existing file is never overwritten.
    """
    with first_sweep(regression=regression) as template:
        text = template.read_text("utf-8")
    own = '"regression-first"' if regression else '"mnist-first"'
    name = f'"{sweep_name(file)}"'
    write_new(file, text.replace(own, name.ljust(len(own)), 1))
    typer.echo(f"wrote {file}\n\nNext: nnsweep run {shlex.quote(str(file))} --dry-run")

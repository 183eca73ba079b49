"""`nnsweep init`: write a sweep file to start from.

It is the first sweep, which comes with the package, under another name.
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
) -> None:
    """Write a commented sweep file to edit and run.

    The sweep is named after the file. An existing file is never overwritten.
    """
    with first_sweep() as template:
        text = template.read_text("utf-8")
    name = f'"{sweep_name(file)}"'
    write_new(file, text.replace('"mnist-first"', name.ljust(13), 1))
    typer.echo(f"wrote {file}\n\nNext: nnsweep run {shlex.quote(str(file))} --dry-run")

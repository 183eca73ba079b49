"""`nnsweep init`: write a sweep file to start from.

It is the first sweep, which comes with the package, under another name.
"""

import re
import shlex
from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.sweep_file import first_sweep


def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")] = Path(
        "sweep.toml"
    ),
) -> None:
    """Write a commented sweep file to edit and run.

    The sweep is named after the file. An existing file is never overwritten.
    """
    from nncore.errors import InputError

    name = re.sub(r"[^A-Za-z0-9._-]+", "-", file.stem).strip("._-")[:100] or "sweep"
    with first_sweep() as template:
        text = template.read_text("utf-8").replace('"mnist-first"', f'"{name}"'.ljust(13), 1)
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(text)
    except OSError as error:
        raise InputError(f"sweep file {file} must be new and writable: {error.strerror}") from error
    typer.echo(f"wrote {file}\n\nNext: nnsweep run {shlex.quote(str(file))} --dry-run")

"""The command as a whole: which commands there are, and what its exit codes mean.

0 done, 1 failed work, 2 wrong input (one line on standard error), 130 interrupted.
"""

import sys
from importlib.metadata import version
from typing import Annotated

import typer
from typer.exceptions import TyperException

from experiments.cli import exit_codes
from experiments.cli.commands import (
    chapter3,
    compare,
    confirm,
    dashboard,
    data,
    doctor,
    inspect,
    predict,
    run,
    train,
)

app = typer.Typer(
    help="Sweep the hyperparameters of small neural networks, fast and reproducibly.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("init")(run.init)
app.command("list")(inspect.list_runs)
app.command("show")(inspect.show)
app.command("report")(inspect.report)
app.command("compare")(compare.compare)
app.command("confirm")(confirm.confirm)
app.command("train")(train.train)
app.command("predict")(predict.predict)
app.command("dashboard")(dashboard.dashboard)
app.add_typer(chapter3.app, name="chapter3")
app.add_typer(data.app, name="data")
app.command("doctor")(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nnsweep {version('nnsweep')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command; without a command, show the help."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command line and exit with its code."""
    # Imported here: these modules are light, but nothing else of the layers below may load yet.
    from nncore.errors import InputError

    try:
        code = app(standalone_mode=False)
    except InputError as error:
        code = _fail(as_option(str(error), error.argument), exit_codes.WRONG_INPUT)
    except TyperException as error:
        code = _fail(error.format_message(), exit_codes.WRONG_INPUT)
    except BrokenPipeError:
        code = exit_codes.FAILED
    except OSError as error:  # a full disk, a folder that went away: what was written stays whole
        code = _fail(
            f"{error.strerror or error}: {error.filename or 'no file named'}", exit_codes.FAILED
        )
    sys.exit(code or 0)


OPTIONS = {
    "again": "--again",
    "anyway": "--anyway",
    "jobs": "--jobs",
    "path": "--out",
    "scheduler": "--scheduler",
    "settings": "--set",
    "storage": "--storage",
}
"""The option of a command for each argument that an error of the library may name."""


def as_option(message: str, argument: str | None) -> str:
    """Return `message` with the option of the command in place of the library's argument."""
    return message.replace(f"`{argument}`", f"`{OPTIONS[argument]}`") if argument else message


def _fail(message: str, code: int) -> int:
    typer.echo(f"nnsweep: {' '.join(message.split())}", err=True)
    return code

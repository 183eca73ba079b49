"""The `nnsweep` command: its subcommands, and the message and exit code for each kind of error.

Exit codes: 0 done, 1 failed work, 2 wrong input (one line on standard error), 130 interrupted.
"""

import errno
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from experiments.cli import exit_codes
from experiments.cli.commands import book, data, doctor, init, predict, run, schema, train
from experiments.cli.commands.runs import (
    ablate,
    check,
    compare,
    confirm,
    dashboard,
    list_runs,
    report,
    show,
)
from experiments.cli.help_text import HELP_OPTIONS, Command, CommandGroup
from experiments.cli.messages import os_error_line
from experiments.cli.streams import usable_streams

app = typer.Typer(
    cls=CommandGroup,
    help="Tune the hyperparameters of small neural networks, fast and reproducibly.",
    epilog="Start with `nnsweep run`, a first sweep that trains 40 networks on 5,000 handwritten "
    "digits. `nnsweep COMMAND -h` explains a command.",
    context_settings=HELP_OPTIONS,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("run", cls=Command, epilog=run.EXAMPLES)(run.run)
app.command("init", cls=Command)(init.init)
app.command("schema", cls=Command)(schema.schema)
app.command("list", cls=Command)(list_runs.list_runs)
app.command("show", cls=Command)(show.show)
app.command("report", cls=Command)(report.report)
app.command("check", cls=Command)(check.check)
app.command("compare", cls=Command)(compare.compare)
app.command("confirm", cls=Command)(confirm.confirm)
app.command("ablate", cls=Command)(ablate.ablate)
app.command("train", cls=Command, epilog=train.EXAMPLES)(train.train)
app.command("predict", cls=Command)(predict.predict)
app.command("dashboard", cls=Command)(dashboard.dashboard)
app.add_typer(book.app, name="book")
app.add_typer(book.older_app, name=book.OLDER_NAME)
app.add_typer(data.app, name="data")
app.command("doctor", cls=Command)(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

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
    """Print the help if no command is given."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command line and exit with its code."""
    with usable_streams():
        code = _run()
    sys.exit(code)


def _run() -> int:
    """Run the command line and return its exit code; the message of an error is printed."""
    from nncore.errors import InputError
    from sweeps.errors import OutageError

    try:
        code = app(prog_name="nnsweep", standalone_mode=False)
        sys.stdout.flush()
    except InputError as error:
        code = _fail(as_option(str(error), error.argument), exit_codes.WRONG_INPUT)
    except TyperException as error:
        code = _fail(_usage_message(error), exit_codes.WRONG_INPUT)
    except OutageError as error:  # before the work began: `resumable` reports the others
        code = _fail(str(error), exit_codes.FAILED)
    except BrokenPipeError:
        code = exit_codes.FAILED  # nobody reads the result
    except OSError as error:  # a full disk or a deleted folder: files already written stay whole
        wrong = error.errno == errno.ENAMETOOLONG  # no file can have that name
        code = exit_codes.WRONG_INPUT if wrong else exit_codes.FAILED
        code = _fail(os_error_line(error), code)
    return code or 0


OPTIONS = {
    "again": "--again",
    "anyway": "--anyway",
    "group": "--group",
    "ignore": "--ignore",
    "jobs": "--jobs",
    "moved": "--data",
    "folders": "RUN",
    "path": "--out",
    "scheduler": "--scheduler",
    "seeds": "--seeds",
    "settings": "--set",
    "storage": "--storage",
    "trial": "--trial",
}
"""The command's option for each argument that an error of the library may name."""


def as_option(message: str, argument: str | tuple[str, ...] | None) -> str:
    """Return `message` with the command's option in place of each argument of the library."""
    for name in (argument,) if isinstance(argument, str) else argument or ():
        message = message.replace(f"`{name}`", f"`{OPTIONS[name]}`")
    return message


PARSING_RULES = {"int_parsing": "be a whole number", "float_parsing": "be a number"}
"""The rule that a text breaks if it is not a number, by the type of pydantic's error."""


def _usage_message(error: TyperException) -> str:
    """Return the message for arguments that typer cannot parse, with the help to read."""
    message = error.format_message().rstrip(".")
    if isinstance(error, typer.BadParameter) and error.param and error.__cause__:
        from pydantic import ValidationError

        from nncore.errors import shown

        assert isinstance(error.__cause__, ValidationError)
        (failure,) = error.__cause__.errors()
        if rule := PARSING_RULES.get(failure["type"]):
            message = f"`{error.param.opts[-1]}` must {rule}, got {shown(failure['input'])}"
    context = getattr(error, "ctx", None)
    if context is None or message.endswith("?"):  # a suggestion is help enough
        return message
    return f"{message}; see `{context.command_path} -h`"


def _fail(message: str, code: int) -> int:
    from nncore.errors import one_line

    typer.echo(f"nnsweep: {one_line(message)}", err=True)
    return code

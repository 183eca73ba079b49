"""The command as a whole: version, help, and the option shown for a library's argument."""

import ast
import re
from pathlib import Path

import pytest

from experiments.cli import app
from nncore.errors import InputError
from sweeps.errors import OutageError
from sweeps.workers.dask import DaskWorkers

LIBRARY = ("nncore", "sweeps", "results")


def test_version_and_help(nnsweep) -> None:
    assert re.fullmatch(r"nnsweep \d+\.\d+\.\d+\n", nnsweep("--version").out)
    text = nnsweep("--help").out
    for command in ("run", "init", "list", "show", "report", "train", "data", "doctor"):
        assert re.search(rf"^  {command} ", text, re.M)


def test_without_a_command_the_help_is_shown(nnsweep) -> None:
    for words, word in (((), "doctor"), (("data",), "fetch")):
        answer = nnsweep(*words)
        assert (answer.code, answer.err) == (0, "")
        assert word in answer.out
        assert answer.out.count("\n") > 5


def arguments_in_errors() -> set[str]:
    """Return every argument that an error of the library names."""
    arguments = set()
    for package in LIBRARY:
        for file in Path(app.__file__).parents[2].joinpath(package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.keyword) and node.arg == "argument":
                    named = ast.literal_eval(node.value)
                    arguments.update([named] if isinstance(named, str) else named)
    return arguments


def test_every_argument_in_an_error_has_an_option() -> None:
    assert len(arguments_in_errors()) >= 5
    assert sorted(arguments_in_errors() - app.OPTIONS.keys()) == []


def test_an_error_of_the_library_shows_the_option_of_the_command(
    nnsweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **keywords: object) -> None:
        message = "run folder `storage` was made elsewhere (`anyway` overrides this)"
        raise InputError(message, argument="anyway")

    monkeypatch.setattr("sweeps.sweep.run_sweep", refuse)
    answer = nnsweep("run", "--data", "digits")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        "nnsweep: run folder `storage` was made elsewhere (`--anyway` overrides this)\n"
    )


def test_an_error_may_name_several_arguments() -> None:
    message = "`ignore` and `group`, but not `storage`"
    expected = "`--ignore` and `--group`, but not `storage`"
    assert app.as_option(message, ("ignore", "group")) == expected
    assert app.as_option(message, None) == message


def test_an_outage_before_the_work_begins_is_one_line(
    nnsweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(workers: DaskWorkers) -> int:
        raise OutageError(f"the Dask scheduler at {workers.scheduler} is gone")

    monkeypatch.setattr(DaskWorkers, "parallel_trials", lost)
    answer = nnsweep("run", "--data", "digits", "--backend", "dask", "--scheduler", "tcp://h:1")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "nnsweep: the Dask scheduler at tcp://h:1 is gone\n"

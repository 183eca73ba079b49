"""The help of every command: short and long option, 80 columns, whole words and whole sentences."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from experiments.cli.app import app

COLUMNS = 80


def commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command, with the words after `nnsweep` that call it."""
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*words, name))


ALL = dict(commands(typer.main.get_command(app)))


@pytest.fixture(params=ALL, ids=lambda words: " ".join(words) or "nnsweep")
def words(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """The words of a command, on a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    chosen: tuple[str, ...] = request.param
    return chosen


def test_there_are_all_commands() -> None:
    assert len(ALL) >= 25
    assert {("run",), ("data", "info"), ("book", "replay"), ("chapter3", "list")} <= ALL.keys()


def test_both_options_show_the_same_help(nnsweep, words: tuple[str, ...]) -> None:
    short, long = nnsweep(*words, "-h"), nnsweep(*words, "--help")
    assert (short.code, short.err) == (0, "")
    assert short.out == long.out
    assert "-h, --help" in short.out


def test_help_fits_80_columns_and_breaks_no_word(nnsweep, words: tuple[str, ...]) -> None:
    text = nnsweep(*words, "-h").out
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert [line for line in text.splitlines() if line.endswith("-")] == []
    assert "\N{NON-BREAKING HYPHEN}" not in text  # what is copied can be typed


def test_lists_of_commands_have_whole_sentences(nnsweep, words: tuple[str, ...]) -> None:
    _, _, listed = nnsweep(*words, "-h").out.partition("\nCommands:\n")
    assert "..." not in listed
    names = getattr(ALL[words], "commands", ())
    assert [name for name in names if f"  {name} " not in listed] == []


def test_every_meaning_is_a_sentence(words: tuple[str, ...]) -> None:
    texts = [parameter.help for parameter in ALL[words].params]
    assert [t for t in texts if not (t[0].isupper() and t.endswith("."))] == []
    first = (ALL[words].help or "").split("\n\n")[0]
    assert first.endswith(".")


def test_an_argument_is_shown_as_it_is_typed(nnsweep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    for words, usage in {
        ("show",): "RUN",
        ("run",): "[FILE]",
        ("compare",): "RUN...",
        ("book", "run"): "[NAME|all]...",
        ("predict",): "RUN|NETWORK FILE",
    }.items():
        text = nnsweep(*words, "-h").out
        assert text.startswith(f"Usage: nnsweep {' '.join(words)} [OPTIONS] {usage}\n")
        assert f"\nArguments:\n  {usage.split()[0]}  " in text


def test_jobs_have_a_short_option(nnsweep) -> None:
    for words, command in ALL.items():
        options = {option for p in command.params for option in p.opts}
        assert ("-j" in options) == ("--jobs" in options), words
    answer = nnsweep("run", "--data", "digits", "-j", "0")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("nnsweep: `--jobs` must be ")
    assert "`--jobs` must be a whole number, got 'x'" in nnsweep("run", "-j", "x").err

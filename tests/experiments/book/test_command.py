"""`nnsweep book` runs studies by name or by chapter, and `nnsweep chapter3` remains as before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from experiments.book.studies import STUDIES

Command = Callable[..., Any]

OLDER = [
    "perceptron",
    "descent",
    "gradient-check",
    "single-neuron",
    "cost-functions",
    "softmax",
    "overfitting",
    "overfitting-full",
    "regularization",
    "restarts",
    "l1-l2",
    "dropout",
    "expansion",
    "more-data",
    "weight-init",
    "learning-rates",
    "broad-strategy",
    "early-stopping",
    "schedule",
    "mini-batch",
    "momentum",
    "activations",
    "search-methods",
]
"""What `nnsweep chapter3 run all` ran before the command had another name, in its order."""


def listed(answer: Any) -> list[str]:
    """Return the names in the table of studies that `list` printed, in its order."""
    assert answer.code == 0
    first_words = [line.split()[:2] for line in answer.out.splitlines()]
    return [words[1] for words in first_words if words and words[0] in CHAPTER_NAMES]


CHAPTER_NAMES = {"chapter1", "chapter2", "chapter3"}


def test_list_shows_every_study_under_its_chapter(nnsweep: Command) -> None:
    assert listed(nnsweep("book", "list")) == list(STUDIES)


def test_the_older_name_has_what_it_always_had_and_no_other_chapter(nnsweep: Command) -> None:
    names = listed(nnsweep("chapter3", "list"))
    assert [name for name in names if name in OLDER] == OLDER
    assert set(names) - set(OLDER) == {"stopping-rules"}


def test_a_chapter_stands_for_its_studies(nnsweep: Command) -> None:
    answer = nnsweep("book", "run", "chapter2", "perceptron", "--quick", "--jobs", 1)
    assert answer.code == 0
    assert "gradient-check: reproduced" in answer.out
    assert "perceptron: reproduced" in answer.out
    assert "descent" not in answer.out


def test_each_name_has_its_folder(nnsweep: Command) -> None:
    for name in ("book", "chapter3"):
        assert nnsweep(name, "run", "perceptron").code == 0
        assert nnsweep(name, "run", "descent", "--quick").code == 0
        assert Path("runs", name, "perceptron", "verdicts.json").exists()
        assert Path("runs", f"{name}-quick", "descent", "verdicts.json").exists()


def test_the_help_says_which_name_is_the_older(nnsweep: Command) -> None:
    assert "This is the older name" in nnsweep("chapter3", "--help").out
    assert "older name" not in nnsweep("book", "--help").out


def test_an_unknown_study_is_refused_with_the_nearest(nnsweep: Command) -> None:
    answer = nnsweep("book", "run", "percptron")
    assert (answer.code, answer.out) == (2, "")
    assert "'perceptron'" in answer.err or "`perceptron`" in answer.err

"""Studies at the book's own size, with one seed, because quick forms prove no number.

The bounds are the book's numbers, as far around them as a single run may lie. Longer studies are in
`benchmarks/test_book.py`.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from experiments.book import book_files
from experiments.book.arms import SEED, DarknessArm
from experiments.book.book_files import BookFiles
from experiments.book.training.run_arm import arm_outcome
from nncore.datasets import load_dataset

pytestmark = pytest.mark.slow
Measured = Callable[[str], dict[str, float]]


@pytest.fixture
def measured(
    full_mnist: None, nnsweep: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Measured:
    """Return a function that runs a study with one seed and returns our number for each claim."""
    monkeypatch.setattr(book_files, "BookFiles", partial(BookFiles, ()))  # nothing is fetched

    def run(name: str) -> dict[str, float]:
        answer = nnsweep("book", "run", name, "--seeds", 1, "--jobs", 1, "--out", "full")
        assert answer.code == 0
        verdicts = json.loads(Path("full", name, "verdicts.json").read_text("utf-8"))
        assert not [v for v in verdicts if v["status"] == "not reproduced" and v["book"] is None]
        return {verdict["claim"]: verdict["mean"] for verdict in verdicts}

    return run


def test_overfitting(measured: Measured) -> None:
    ours = measured("overfitting")
    assert ours["Best test accuracy"] == pytest.approx(0.8227, abs=0.02)
    assert ours["Final training accuracy"] == 1.0
    assert ours["Epoch with the lowest test cost"] == pytest.approx(15, abs=10)


def test_the_mean_darkness_is_right_for_2225_test_images(full_mnist: None) -> None:
    """The count that chapter 1 reports."""
    outcome = arm_outcome(DarknessArm(name="darkness"), load_dataset("mnist"), (SEED, 0))
    assert outcome.curves["test_accuracy"] == (0.2225,)

"""Four studies at the book's own size, one seed each: what the quick forms cannot show.

The bounds are the book's numbers, as far around them as a single run may lie.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from experiments.chapter3 import book_files as book

pytestmark = pytest.mark.slow
Measured = Callable[[str], dict[str, float]]


@pytest.fixture
def measured(
    full_mnist: None, nnsweep: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Measured:
    """Return a function that runs a study with one seed and returns our number for each claim."""
    monkeypatch.setattr(book, "Book", partial(book.Book, ()))  # curves that are not here stay out

    def run(name: str) -> dict[str, float]:
        answer = nnsweep("chapter3", "run", name, "--seeds", 1, "--jobs", 1, "--out", "full")
        assert answer.code == 0
        verdicts = json.loads(Path("full", name, "verdicts.json").read_text("utf-8"))
        assert not [v for v in verdicts if v["status"] == "not reproduced" and v["book"] is None]
        return {verdict["claim"]: verdict["mean"] for verdict in verdicts}

    return run


def test_overfitting(measured: Measured) -> None:
    found = measured("overfitting")
    assert found["Best test accuracy"] == pytest.approx(0.8227, abs=0.02)
    assert found["Training accuracy at the end"] == 1.0
    assert found["The test cost is lowest in epoch"] == pytest.approx(15, abs=10)


def test_weight_init(measured: Measured) -> None:
    found = measured("weight-init")
    assert found["Scaled, 30 hidden, after one epoch"] == pytest.approx(0.927, abs=0.015)
    assert found["Large, 30 hidden, after one epoch"] == pytest.approx(0.8643, abs=0.03)
    assert found["Scaled is ahead after one epoch, 30"] > 0.03
    assert found["Scaled is ahead after one epoch, 100"] > 0.01


def test_learning_rates(measured: Measured) -> None:
    found = measured("learning-rates")
    claim = "Training cost after the last epoch, η"
    assert found[f"{claim} 0.025"] == pytest.approx(0.3392, abs=0.02)
    assert found[f"{claim} 0.25"] == pytest.approx(0.3388, abs=0.03)
    assert 0.5 < found[f"{claim} 2.5"] < 1.5


def test_broad_strategy(measured: Measured) -> None:
    found = measured("broad-strategy")
    assert found["Step 1 is stuck near one in ten"] == pytest.approx(0.1, abs=0.02)
    assert found["Step 3, a smaller λ, shows a signal: better than step 2"] > 0.1
    assert found["Step 4, a larger η, is worse than step 3"] > 0.1
    assert found["Step 5, a smaller η, is better than step 3"] > 0.1
    assert found["Step 8 is a useful network"] == pytest.approx(0.965, abs=0.01)

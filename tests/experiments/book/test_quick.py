"""`nnsweep book run all --quick` runs every study on `mnist-5k`, which needs no download."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from experiments.book.studies import STUDIES

pytestmark = pytest.mark.slow
QUICK = ("--quick", "--jobs", 1, "--out", "quick")


def test_every_study_runs_in_its_quick_form(nnsweep: Callable[..., Any]) -> None:
    """One seed instead of two halves the training; test_studies.py has two for every study."""
    answer = nnsweep("book", "run", "all", "--seeds", 1, *QUICK)
    assert answer.code == 0
    assert "failed" not in answer.err
    for name, study in STUDIES.items():
        folder = Path("quick", name)
        status = "quick run, not judged" if study.arms else "reproduced"
        assert f"\n{name}: {status}\n" in answer.out
        assert (folder / "figures" / f"{name}.png").stat().st_size > 10_000
        if study.arms:
            about = json.loads((folder / "study.json").read_text("utf-8"))
            assert (about["quick"], about["seeds"]) == (True, 1)
            assert {arm["arm"]["data"] for arm in about["arms"]} == {"mnist-5k"}


def test_a_quick_run_has_two_seeds(nnsweep: Callable[..., Any]) -> None:
    assert nnsweep("book", "run", "overfitting", *QUICK).code == 0
    about = json.loads(Path("quick", "overfitting", "study.json").read_text("utf-8"))
    assert (about["quick"], about["seeds"]) == (True, 2)

"""Long studies of the book at the book's own size, with one seed each, and long replays.

`pytest benchmarks/test_book.py` runs them; the replays need the book's files. The bounds of the
studies are the numbers of the book, as far around them as a single run may lie.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.book.replays.catalogue import REPLAYS
from experiments.book.replays.replay import run_replay


def measured(name: str, folder: Path) -> dict[str, float]:
    """Run a study with one seed and return our number for each claim."""
    command = [sys.executable, "-c", "from experiments.cli.app import main; main()"]
    words = ["book", "run", name, "--seeds", "1", "--out", str(folder)]
    subprocess.run([*command, *words], check=True)
    verdicts = json.loads((folder / name / "verdicts.json").read_text("utf-8"))
    assert not [v for v in verdicts if v["status"] == "not reproduced" and v["book"] is None]
    return {verdict["claim"]: verdict["mean"] for verdict in verdicts}


def test_weight_init(tmp_path: Path) -> None:
    """Scaled weights are ahead after one epoch."""
    ours = measured("weight-init", tmp_path)
    assert ours["Scaled, 30 hidden, after one epoch"] == pytest.approx(0.927, abs=0.015)
    assert ours["Large, 30 hidden, after one epoch"] == pytest.approx(0.8643, abs=0.03)
    assert ours["Scaled is ahead after one epoch, 30 hidden"] > 0.03
    assert ours["Scaled is ahead after one epoch, 100 hidden"] > 0.01


def test_learning_rates(tmp_path: Path) -> None:
    """The training cost falls, falls and settles, and oscillates."""
    ours = measured("learning-rates", tmp_path)
    claim = "Training cost after the last epoch, η"
    assert ours[f"{claim} 0.025"] == pytest.approx(0.3392, abs=0.02)
    assert ours[f"{claim} 0.25"] == pytest.approx(0.3388, abs=0.03)
    assert 0.5 < ours[f"{claim} 2.5"] < 1.5


def test_broad_strategy(tmp_path: Path) -> None:
    """The eight steps of the book's search by hand, from chance level to a useful network."""
    ours = measured("broad-strategy", tmp_path)
    assert ours["Step 1 stays near 10%"] == pytest.approx(0.1, abs=0.02)
    assert ours["Step 3, with a smaller λ, is better than step 2"] > 0.1
    assert ours["Step 4, with a larger η, is worse than step 3"] > 0.1
    assert ours["Step 5, with a smaller η, is better than step 3"] > 0.1
    assert ours["Step 8 gives a useful network"] == pytest.approx(0.965, abs=0.01)


def test_weight_init_30_is_the_book_s() -> None:
    """60 of 60: the second arm continues with the generators and the list of the first."""
    scaled, large = run_replay(REPLAYS["weight-init-30"])
    assert [(s.exact, s.of, s.first_difference) for s in (scaled, large)] == [(30, 30, None)] * 2


def test_the_first_two_learning_rates_are_the_book_s() -> None:
    """Each network is new, on one list; η 2.5 is chaotic: rounding decides its costs."""
    slow, middle, fast = run_replay(REPLAYS["learning-rates"])
    assert [(s.exact, s.of) for s in (slow, middle)] == [(30, 30)] * 2
    assert fast.of == 30

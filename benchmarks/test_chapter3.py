"""Two long studies of chapter 3 at the book's own size, with one seed each.

`pytest benchmarks/test_chapter3.py` runs them. The bounds are the numbers of the
book, as far around them as a single run may lie.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def measured(name: str, folder: Path) -> dict[str, float]:
    """Run a study with one seed and return our number for each claim."""
    command = [sys.executable, "-c", "from experiments.cli.app import main; main()"]
    words = ["chapter3", "run", name, "--seeds", "1", "--out", str(folder)]
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

"""A sweep over the number of epochs: it keeps apart what a trial was given and what it trained."""

import csv
import json
from pathlib import Path

import pytest

SWEEP = """
[sweep]
name = "lengths"
trials = 6
generation = 2
sampler = "random"

[data]
name = "digits"

[training]
early_stopping = 1

[space]
epochs = { low = 2, high = 6 }
learning_rate = { low = 0.1, high = 5.0, log = true }
"""


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "trials.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_epochs_may_be_searched(nnsweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lengths.toml").write_text(SWEEP)
    assert nnsweep("run", "lengths.toml", "--jobs", "1", "--trials", "3", "--out", "run").code == 0
    assert nnsweep("run", "lengths.toml", "--jobs", "1", "--out", "run").code == 0
    assert nnsweep("run", "lengths.toml", "--jobs", "1", "--out", "whole").code == 0
    assert Path("run/trials.csv").read_bytes() == Path("whole/trials.csv").read_bytes()
    trials = rows(Path("run"))
    assert [int(row["epochs"]) <= int(row["max_epochs"]) for row in trials] == [True] * 6
    assert {2 <= int(row["max_epochs"]) <= 6 for row in trials} == {True}
    assert nnsweep("report", "run").code == 0
    best = json.loads(Path("run/summary.json").read_text())["best"]
    assert best["params"]["epochs"] == int(rows(Path("run"))[best["trial"]]["max_epochs"])
    assert "max_epochs" in nnsweep("show", "run").out

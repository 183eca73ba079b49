"""`nnsweep check` as a user types it, and the story of rare positives that it warns of.

The table has 600 rows; 13% of them are positive, which three of its six columns predict weakly.
"""

import json
from pathlib import Path

import numpy as np
import pytest

SWEEP = """
[sweep]
name = "rare"
trials = 8
seed = 1
sampler = "random"
metric = "{metric}"

[data]
name = "rare.csv"
label = "y"

[training]
epochs = 8
mini_batch_size = 20
hidden_units = 8

[space]
learning_rate = {{ low = 0.01, high = 0.05, log = true }}
"""
CHOICE = 'class_weight = {{ choices = ["none", "balanced"] }}\n'
FASTER = SWEEP.replace("low = 0.01, high = 0.05", "low = 0.5, high = 3.0").replace(
    "= 8\nseed", "= 4\nseed"
)


def write_rare_positives(path: Path) -> None:
    """Write rows of which the 78 with the largest noisy sum of x0, x1 and x2 are positive."""
    rng = np.random.default_rng(15)
    x = rng.normal(size=(600, 6))
    noisy = x[:, :3].sum(axis=1) + 1.7 * rng.normal(size=600)  # a correlation of 0.7 with the sum
    positive = noisy >= np.sort(noisy)[-78]
    names = ",".join([*(f"x{k}" for k in range(6)), "y"])
    table = np.column_stack([x, positive])
    np.savetxt(path, table, "%.5g", delimiter=",", header=names, comments="")


@pytest.fixture
def sweep(nnsweep, tmp_path):
    """Return a function that runs a sweep of the table and returns the checks by code."""
    write_rare_positives(tmp_path / "rare.csv")

    def run(text: str, metric: str) -> dict[str, dict[str, str]]:
        (tmp_path / "rare.toml").write_text(text.format(metric=metric))
        assert nnsweep("run", "rare.toml", "--jobs", "1").code == 0
        summary = json.loads((tmp_path / "runs/rare/summary.json").read_text())
        return {one["code"]: one for one in summary["checks"]}

    return run


def test_with_accuracy_the_checks_name_the_imbalance_and_the_tie(nnsweep, sweep) -> None:
    checks = sweep(SWEEP, "accuracy")
    warned = {code for code, one in checks.items() if one["status"] == "warning"}
    assert {"C01", "C03", "C04", "C10"} <= warned
    assert checks["C04"]["evidence"].startswith("8 of 8 trials have the best value")
    answer = nnsweep("check", "runs/rare")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0] == "C01  warning  Is the network better than the majority class?"
    assert [line[:3] for line in lines if line.startswith("C")] == sorted(checks)
    assert all(one["evidence"] in answer.out for one in checks.values())
    assert "Of the training examples, 87% are of class 0, 13% of class 1" in answer.out
    assert lines[-1].startswith(f"{len(warned)} of 12 checks warn; ")
    assert lines[-1].endswith(" are open")
    assert nnsweep("check", "runs/rare", "--strict").code == 1


@pytest.mark.parametrize(
    ("text", "metric"), [(FASTER, "roc_auc"), (FASTER + CHOICE, "balanced_accuracy")]
)
def test_another_metric_finds_a_network_that_ranks_the_rows(nnsweep, sweep, text, metric) -> None:
    checks = sweep(text, metric)
    assert checks["C03"]["status"] == "ok"
    confirm = ("confirm", "runs/rare", "--top", "1", "--seeds", "5", "--jobs", "1")
    assert nnsweep(*confirm).code == 0
    record = json.loads(Path("runs/rare/confirmation.json").read_text())
    assert record["test_set"]["ensemble"]["metrics"]["roc_auc"] >= 0.75
    answer = nnsweep("check", "runs/rare")
    for code in ("C01", "C03", "C10", "C11"):
        assert f"{code}  ok " in answer.out
    assert ", logistic regression " in answer.out


def test_strict_accepts_a_run_without_warnings(nnsweep, make_run, tmp_path, monkeypatch) -> None:
    make_run(tmp_path / "run", trials=2)
    monkeypatch.setattr("results.checks.catalogue.CHECKS", ())
    answer = nnsweep("check", "run", "--strict")
    assert (answer.code, answer.out.strip()) == (0, "0 of 0 checks warn; 0 are open")


@pytest.mark.parametrize("folder", ["nowhere", "empty"])
def test_a_folder_that_is_no_run_is_refused_in_one_line(nnsweep, tmp_path, folder) -> None:
    (tmp_path / "empty").mkdir()
    answer = nnsweep("check", folder)
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith("nnsweep: ")
    assert len(answer.err.splitlines()) == 1

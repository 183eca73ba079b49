"""`nnsweep ablate` as a user types it: what it says, writes and refuses."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import sweeps.workers.tasks
from sweeps.trial import TrialOutcome
from tests.support.marked_csv import read_csv


@pytest.fixture
def run(make_run, tmp_path: Path) -> Path:
    names = ("learning_rate", "lmbda", "mini_batch_size", "hidden_units", "cost", "init")
    fixed = {"learning_rate": "2.0", "lmbda": "0.0", "init": "'large'"}
    kept = {"mini_batch_size": "10", "hidden_units": "10", "cost": "'cross-entropy'"}
    settings = [f"space.{name}.choices=[{fixed[name]}]" for name in names if name in fixed]
    settings += [f"training.{name}={value}" for name, value in kept.items()]
    return make_run(tmp_path / "run", "training.early_stopping=0", *settings, trials=1)


def test_an_ablation_says_what_each_change_is_worth(nnsweep, run: Path) -> None:
    answer = nnsweep("ablate", "run", "--seeds", "3", "--jobs", "1")
    assert answer.code == 0
    record = json.loads((run / "ablation.json").read_text())
    names = [list(change["after"]) for change in record["changes"]]
    assert sorted(names) == [["init"], ["learning_rate"]]
    assert (record["same"], record["seeds"], record["networks"]) == (["lmbda"], 3, 18)
    first, *lines = answer.err.splitlines()
    assert first == "trial 0: 2 changes from the defaults; 18 networks on 2 x 3 seeds"
    assert len([line for line in lines if re.match(r"\d+/18  ", line)]) == 18
    table = read_csv(run / "ablation.csv")
    for change in record["changes"]:
        assert f"{change['value']:.2%}" in answer.out
    defaults = table[
        (table["stage"] == "estimation")
        & (table["learning_rate"] == "0.5")
        & (table["init"] == "scaled")
    ]
    mean = defaults["value"].astype(float).mean()
    assert record["default_value"] == pytest.approx(mean)
    assert f"goes from {mean:.2%} to" in answer.out
    assert "the run was not confirmed" in answer.out
    assert 'id="ablation"' in (run / "report.html").read_text()
    assert answer.out.rstrip().endswith("Next: nnsweep confirm run")
    before = {path: path.read_bytes() for path in run.glob("ablation.*")}
    again = nnsweep("ablate", "run", "--seeds", "3", "--jobs", "1")
    assert again.out == answer.out
    assert len(again.err.splitlines()) == 1  # nothing is trained anew
    assert {path: path.read_bytes() for path in before} == before


def test_a_training_that_fails_ends_with_where_its_error_is(
    nnsweep, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = sweeps.workers.tasks.attempt

    def fail(config: Any, *rest: Any, **more: Any) -> TrialOutcome:
        outcome = attempt(config, *rest, **more)
        bad = config.init == "large" and config.learning_rate == 2.0
        return replace(outcome, state="failed", value=None, error="it broke") if bad else outcome

    command = ("ablate", "run", "--seeds", "2", "--jobs", "1")
    with monkeypatch.context() as patch:
        patch.setattr(sweeps.workers.tasks, "attempt", fail)
        answer = nnsweep(*command)
    assert answer.code == 1
    reached = "10 of 12 networks trained; for the errors see run/ablation/*.txt"
    assert f"nnsweep: {reached}" in answer.err
    assert f"Next: nnsweep {' '.join(command)}  # resumes" in answer.err
    assert not (run / "ablation.json").exists()
    again = nnsweep(*command)
    assert again.code == 0
    assert "resuming: 10 of 12 networks are already trained" in again.err


def test_a_winner_without_changes_is_refused(nnsweep, make_run, tmp_path: Path) -> None:
    make_run(
        tmp_path / "run",
        "training.mini_batch_size=10",
        "training.hidden_units=30",
        "training.cost='cross-entropy'",
        "training.init='scaled'",
        "training.lmbda=0.0",
        "space.learning_rate.choices=[0.5]",
        trials=1,
    )
    answer = nnsweep("ablate", "run")
    assert (answer.code, answer.err) == (
        2,
        "nnsweep: `run` must have a winner that differs from the defaults, got trial 0\n",
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere",), "`nowhere` must be a run folder, but contains no sweep.toml"),
        (("run", "--seeds", "1"), "`--seeds` must be a whole number >= 2, got 1"),
    ],
)
def test_wrong_input_is_refused(nnsweep, run: Path, words, message: str) -> None:
    answer = nnsweep("ablate", *words)
    assert (answer.code, answer.err) == (2, f"nnsweep: {message}\n")
    assert not (run / "ablation").exists()

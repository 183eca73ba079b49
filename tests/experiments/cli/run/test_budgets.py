"""Sweeps that end before all their trials: by pruning, by a budget of epochs, by the clock."""

import csv
from pathlib import Path

import pytest

PRUNED = ("--data", "digits", "--trials", "16", "--jobs", "1", "--out", "run")
PRUNED += ("--set", "training.epochs=3", "--set", "sweep.pruner=halving")
PRUNED += ("--set", "sweep.generation=4", "--set", "pruner.reduction_factor=2")


def states() -> list[str]:
    rows = csv.DictReader(Path("run/trials.csv").read_text().splitlines())
    return [row["state"] for row in rows]


def test_pruned_trials_are_counted_shown_and_drawn(nnsweep, with_figures: None) -> None:
    answer = nnsweep("run", *PRUNED)
    assert answer.code == 0
    pruned = states().count("pruned")
    assert pruned > 2
    assert f"16 of 16 trials finished, {pruned} pruned; best validation accuracy" in answer.out
    assert f"{pruned} pruned; best" in answer.err
    drawn = {path.stem for path in Path("run/figures").glob("*.svg")}
    assert drawn >= {"best_curves", "parallel_coordinates", "slices", "timeline"}
    shown = nnsweep("show", "run")
    assert shown.code == 0
    assert f"{pruned} pruned" in shown.out


def test_an_epoch_budget_ends_the_sweep_and_says_so(nnsweep) -> None:
    answer = nnsweep("run", *PRUNED, "--set", "sweep.epoch_budget=10")
    assert answer.code == 0
    assert "4 of 16 trials finished" in answer.out
    assert "stopped by sweep.epoch_budget = 10: the trials trained 12 epochs" in answer.out
    assert nnsweep("run", *PRUNED, "--set", "sweep.epoch_budget=10000").code == 0
    assert len(states()) == 16


def test_a_timeout_ends_the_sweep_with_a_note_on_its_cost(
    nnsweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sweeps import sweep

    ticks = iter(range(100))
    with monkeypatch.context() as patch:
        patch.setattr(sweep, "monotonic", lambda: float(next(ticks)))
        answer = nnsweep("run", *PRUNED, "--timeout", "5.5")  # asked before the generation too
    assert answer.code == 0
    assert "with --timeout the number of trials depends on the clock" in answer.err
    assert "4 of 16 trials finished" in answer.out
    assert "stopped by --timeout; the same command resumes" in answer.out
    assert nnsweep("run", *PRUNED).code == 0
    assert len(states()) == 16


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--timeout", "0"), "`--timeout` must be a number of seconds > 0, got 0.0"),
        (("--backend", "dusk"), "unknown `--backend` `dusk`; did you mean `dask`?"),
        (("--backend", "dask"), "`--scheduler` must be given with --backend dask"),
        (("--scheduler", "tcp://a:1"), "`--scheduler` must be used with --backend dask only"),
        (("--set", "sweep.pruner=medium"), "`sweep.pruner`"),
        (("--set", "pruner.lower=0.1"), "`pruner.lower` must go with `sweep.pruner` threshold"),
    ],
)
def test_wrong_budgets_and_backends_are_refused_in_one_line(nnsweep, words, line: str) -> None:
    answer = nnsweep("run", *PRUNED, "--jobs", "2", *words)  # too many for the generation
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert line in answer.err
    assert not Path("run").exists()


def test_verbose_prints_a_line_for_each_trial(nnsweep) -> None:
    answer = nnsweep("run", *PRUNED, "--verbose")
    lines = [line for line in answer.err.splitlines() if line.startswith("trial ")]
    assert len(lines) == 16
    assert any("(pruned); learning_rate " in line for line in lines)

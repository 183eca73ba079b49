"""Spaces with conditions and the other samplers, as a user meets them at the command line."""

import re
import sys
from pathlib import Path

import pytest

from nncore.extras import install_command

CONDITIONAL = """
[sweep]
name = "conditional"
trials = 12
[data]
name = "digits"
[training]
epochs = 1
[space]
learning_rate = { low = 0.1, high = 1.0 }
hidden_layers = { low = 0, high = 2 }
hidden_units = { low = 5, high = 9 }
momentum = { choices = [0.0, 0.9] }
nesterov = { choices = [true, false], when = { momentum = 0.9 } }
[[start]]
learning_rate = 0.5
hidden_units = []
momentum = 0
"""


@pytest.fixture
def conditional(nnsweep, tmp_path):
    (tmp_path / "conditional.toml").write_text(CONDITIONAL)
    return lambda *words: nnsweep("run", "conditional.toml", "--jobs", "1", *words)


def test_a_plan_names_conditions_and_a_run_of_them_is_shown_and_drawn(
    conditional, nnsweep, tmp_path, with_figures: None
) -> None:
    plan = conditional("--dry-run").out
    assert re.search(r"hidden_units_2 +5 to 9, only if hidden_layers is 2\n", plan)
    assert re.search(r"nesterov +one of True, False, only if momentum is 0.9\n", plan)
    assert conditional().code == 0
    drawn = {path.stem for path in (tmp_path / "runs/conditional/figures").glob("*.svg")}
    assert drawn >= {"best_curves", "parallel_coordinates", "slices", "timeline"}
    shown = nnsweep("show", "runs/conditional")
    assert shown.code == 0
    rows = [line.split() for line in shown.out.splitlines() if re.match(r" *\d+ +\d", line)]
    assert any("-" in row for row in rows)


def test_cmaes_names_the_dimensions_that_it_leaves_to_chance(conditional) -> None:
    answer = conditional("--set", "sweep.sampler=cmaes", "--trials", "1", "--out", "cmaes")
    listed = "`hidden_units_1`, `hidden_units_2`, `momentum`, `nesterov`"
    assert f"sampler cmaes draws {listed} at random" in answer.err


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_gp_without_torch_is_one_line_and_nothing_is_written(
    conditional, tmp_path, monkeypatch, words
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    answer = conditional("--set", "sweep.sampler=gp", *words)
    assert (answer.code, len(answer.err.splitlines())) == (2, 1)
    assert answer.err.endswith(f"which is not installed: {install_command('gp')}\n")
    assert not (tmp_path / "runs").exists()


def test_what_goes_on_with_a_grid_is_offered_as_far_as_it_has_cells(nnsweep) -> None:
    words = ["--data", "digits", "--jobs", "1", "--out", "run", "--set", "sweep.sampler=grid"]
    words += ["--set", "training.epochs=1"]
    words += ["--set", "space.hidden_units={choices=[2, 3, 4]}"]
    fixed_ones = ("learning_rate=0.5", "lmbda=1", "mini_batch_size=10", "cost=quadratic")
    for fixed in (*fixed_ones, "init=scaled"):
        words += ["--set", f"training.{fixed}"]
    assert "--trials 3  # adds trials" in nnsweep("run", *words, "--trials", "2").out
    assert "# adds" not in nnsweep("run", *words, "--trials", "3").out


def test_a_grid_of_too_few_cells_says_how_many(nnsweep) -> None:
    space = [
        "space.learning_rate={choices=[0.1, 1.0]}",
        "space.lmbda={choices=[0.1, 1.0]}",
        "space.hidden_units={low=10, high=100, step=30}",
        "space.mini_batch_size={choices=[10]}",
    ]
    settings = [word for text in [*space, "sweep.sampler=grid"] for word in ("--set", text)]
    answer = nnsweep("run", *settings, "--trials", "100", "--dry-run")
    assert answer.code == 2
    assert "`sweep.trials` must be <= 64, the size of the grid, got 100" in answer.err


def test_a_space_with_fewer_points_than_trials_says_how_many(nnsweep) -> None:
    space = "space.hidden_units={choices=[2, 3, 4]}"
    words = ["run", "--data", "digits", "--jobs", "1", "--out", "run", "--set", space]
    for text in ("learning_rate=0.5", "lmbda=1", "mini_batch_size=10", "init=scaled", "epochs=1"):
        words += ["--set", f"training.{text}"]
    words += ["--set", "training.cost=quadratic", "--trials", "9"]
    plan = nnsweep(*words, "--dry-run").out
    assert "only 3 distinct points: at least 6 of the 9 trials repeat an earlier one" in plan
    answer = nnsweep(*words)
    assert answer.code == 0
    trained = len({row.split(",")[6] for row in Path("run/trials.csv").read_text().split()[1:]})
    assert f"{9 - trained} repeated" in answer.out
    assert f"only 3 distinct points: {9 - trained} of 9 trials repeated" in answer.out
    assert "# adds" not in answer.out
    enough = nnsweep(*words[:-1], "3", "--dry-run").out
    assert "distinct" not in enough

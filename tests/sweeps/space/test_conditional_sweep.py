"""A sweep with conditions, layers and a start point: `--set` reaches into it, and it resumes."""

from pathlib import Path

import pytest

from nncore.datasets import DataSet
from nncore.errors import InputError
from results.frames import read_run
from sweeps.config import load_config
from sweeps.scores import new_proposer
from sweeps.sweep import run_sweep

TOML = """
[sweep]
name = "conditional"
trials = 11
generation = 4

[data]
name = "digits"

[training]
epochs = 1
cost = "log-likelihood"

[space]
learning_rate = { low = 0.1, high = 1.0, log = true }
output = { choices = ["sigmoid", "softmax"] }
cost = { choices = ["quadratic", "cross-entropy"], when = { output = "sigmoid" } }
hidden_layers = { low = 0, high = 2 }
hidden_units = { low = 5, high = 20 }
nesterov = { choices = [true, false], when = { momentum = 0.9 } }
momentum = { choices = [0.0, 0.9] }

[[start]]
learning_rate = 0.3
output = "softmax"
hidden_units = [10]
momentum = 0
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "conditional.toml"
    path.write_text(TOML)
    return path


def test_set_reaches_every_key(file: Path) -> None:
    loaded = load_config(
        file,
        [
            "space.learning_rate.high=2.5",
            "space.nesterov.when.output=softmax",
            "start.0.learning_rate=2",
            "sweep.sampler=qmc",
            "sweep.trial_timeout=2.5",
        ],
    )
    assert loaded.space["learning_rate"].ends == [0.1, 2.5]
    assert loaded.space["nesterov"].when == {"momentum": [0.9], "output": ["softmax"]}
    assert loaded.start[0]["learning_rate"] == 2.0
    assert (loaded.sweep.sampler, loaded.sweep.trial_timeout) == ("qmc", 2.5)
    assert load_config(file, ["start=[]"]).start == []
    # a fallback for where `when` does not hold stands beside the dimension; other keys move
    kept = load_config(file, ["training.cost=quadratic"])
    assert (kept.training["cost"], "cost" in kept.space) == ("quadratic", True)
    moved = load_config(file, ["training.hidden_units=[8]", "start=[]"])
    assert moved.training["hidden_units"] == [8]
    assert not [name for name in moved.space if name.startswith("hidden")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("start.3.momentum=0", "`start.3` must be an index >= 0 and < 1, got '3'"),
        ("sweep.name.x=1", "`sweep.name` must be a table, got 'conditional'"),
        ("start=3", "`start` must be a valid list, got 3"),
    ],
)
def test_a_set_of_an_unknown_key_is_refused(text: str, message: str, file: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_config(file, [text])
    assert str(caught.value) == message


@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "coordinate"])
def test_a_run_resumes_to_the_same_bytes_and_its_empty_cells_are_read(
    sampler: str, file: Path, digits: DataSet, tmp_path: Path
) -> None:
    for name, steps in (("whole", [11]), ("broken", [3, 6, 11])):
        for trials in steps:
            changes = {"sweep.trials": trials, "sweep.sampler": sampler}
            run_sweep(load_config(file, **changes), digits, tmp_path / name)
    tables = [(tmp_path / name / "trials.csv").read_bytes() for name in ("whole", "broken")]
    assert tables[0] == tables[1]
    run = read_run(tmp_path / "broken")
    assert run.trials["cost"].isna().equals(run.trials["output"] == "softmax")
    assert run.trials["hidden_units_2"].isna().equals(run.trials["hidden_layers"] < 2)
    assert str(run.trials["hidden_units_2"].dtype) == "Int64"
    proposer = new_proposer(run.config)
    assert run.trials.loc[0, "learning_rate"] == proposer.ask()["learning_rate"] == 0.3

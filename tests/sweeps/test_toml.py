"""`--set`: which key a setting changes, and what it takes the place of."""

from pathlib import Path

import pytest

from nncore.errors import InputError
from sweeps.config import load_config
from sweeps.space.dimensions import Choices, Range

SWEEP = """
[sweep]
name = "a"

[training]
cost = "quadratic"

[space]
learning_rate = { low = 0.1, high = 1.0 }
"""
DIMENSIONS = """
activation = { choices = ["sigmoid", "tanh"] }
lmbda = { choices = [0, 1], when = { activation = "tanh" } }
momentum = { low = 0.1, high = 0.9, step = 0.1, when = { activation = "tanh" } }
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sweep.toml"
    path.write_text(SWEEP)
    return path


def test_settings_and_overrides_change_keys(path: Path) -> None:
    config = load_config(
        path,
        ["training.epochs = 7", "training.cost=cross-entropy", "space.lmbda={ choices = [1, 2] }"],
        **{"sweep.trials": 5, "data.name": None},
    )
    assert (config.training["cost"], config.training["epochs"]) == ("cross-entropy", 7)
    assert config.space["lmbda"].ends == [1.0, 2.0]
    assert "lmbda" not in config.training
    assert (config.sweep.trials, config.data.name) == (5, "mnist-5k")


def test_choices_take_the_place_of_a_range_and_a_range_that_of_choices(path: Path) -> None:
    path.write_text(SWEEP + DIMENSIONS)
    settings = [
        "space.learning_rate.choices=[0.1, 1.0]",
        "space.lmbda.low=0.5",
        "space.lmbda.high=5",
        "space.momentum.choices=[0, 0.5]",
    ]
    space = load_config(path, settings).space
    assert list(space) == ["learning_rate", "activation", "lmbda", "momentum"]
    assert space["learning_rate"] == Choices(choices=[0.1, 1.0])
    assert space["lmbda"] == Range(low=0.5, high=5.0, when={"activation": ["tanh"]})
    assert space["momentum"] == Choices(choices=[0.0, 0.5], when={"activation": ["tanh"]})


def test_half_a_range_in_the_place_of_choices_is_refused(path: Path) -> None:
    path.write_text(SWEEP + DIMENSIONS)
    with pytest.raises(InputError, match=r"^`space\.activation\.high` must be given$"):
        load_config(path, ["space.activation.low=1"])


@pytest.mark.parametrize("text", ["epochs=3", "training.epochs", "training.epochs="])
def test_a_setting_that_is_none_is_refused(text: str, path: Path) -> None:
    with pytest.raises(InputError, match=r"`settings` must be SECTION.KEY=VALUE, got"):
        load_config(path, [text])

"""The compiled form of the step and the interpreted one train the same networks, to the last bit.

The cases are made from the catalogues and from the fields of a config, so that a new entry is
covered by its name.
"""

from typing import Any

import numpy as np
import pytest

from nncore.arrays import replay
from nncore.components.activations import ACTIVATIONS
from nncore.components.class_weights import CLASS_WEIGHTS
from nncore.components.costs import COSTS
from nncore.components.regularizers import REGULARIZERS
from nncore.components.schedules import SCHEDULES
from nncore.config import HYPERPARAMETERS, WARPS, TrialConfig
from nncore.datasets.dataset import make_split
from nncore.descent.sgd import Sgd
from nncore.descent.updates import UPDATES
from nncore.network import new_network
from nncore.training import train

RULES: dict[str, dict[str, Any]] = {
    "fixed-length": {"step": "fixed-length"},
    "gradient": {},
    "momentum": {"momentum": 0.9},
    "nesterov": {"momentum": 0.9, "nesterov": True},
}
"""The rules that another setting than `update` selects."""


def rule_settings(rule: str) -> dict[str, Any]:
    return RULES.get(rule, {"update": rule, "learning_rate": 0.01})


OPTIONS: dict[str, dict[str, Any]] = {
    "clip_norm": {"clip_norm": 0.1},
    "clip_norm-momentum": {"clip_norm": 0.1, "momentum": 0.9},
    "clip_norm-nesterov": {"clip_norm": 0.1, "momentum": 0.9, "nesterov": True},
    "dropout": {"dropout": 0.5},
    "input_dropout": {"input_dropout": 0.2},
    "max_norm": {"max_norm": 0.8},
    **{warp: {warp: 0.5} for warp in WARPS},
    "constants of Adam": {"update": "adam", "beta1": 0.5, "beta2": 0.9, "epsilon": 0.01},
    "decay": {"schedule": "exponential", "schedule_decay": 0.5},
    "warm-up": {"warmup": 1},
    "no hidden layer": {"hidden_units": ()},
    "one unit": {"hidden_units": (1,)},
    "wide": {"hidden_units": (100,)},
    "mini-batches of 1": {"mini_batch_size": 1},
    "mini-batches of 20": {"mini_batch_size": 20},
    "a mini-batch larger than a block": {"mini_batch_size": 120},
    "a network that overflows": {"learning_rate": 1e30, "activation": "relu", "lmbda": 0.0},
    "all at once": {
        "clip_norm": 0.5,
        "dropout": 0.5,
        "input_dropout": 0.2,
        "max_norm": 0.8,
        "momentum": 0.9,
        "nesterov": True,
        "rotation": 10.0,
        "class_weight": "balanced",
    },
}
CASES: dict[str, dict[str, Any]] = {
    **{
        f"{cost.name}-{output}-{hidden.name}": {
            "cost": cost.name,
            "output": output,
            "activation": hidden.name,
        }
        for cost in COSTS.values()
        for output in cost.outputs
        for hidden in ACTIVATIONS.values()
        if hidden.hidden
    },
    **{
        f"{rule}-{regularizer}": {**rule_settings(rule), "regularizer": regularizer}
        for rule in UPDATES
        for regularizer in REGULARIZERS
    },
    **{f"class weights {name}": {"class_weight": name} for name in CLASS_WEIGHTS},
    **{f"schedule {name}": {"schedule": name} for name in SCHEDULES},
    **OPTIONS,
}
DEFAULTS: dict[str, Any] = {
    "hidden_units": (7, 5),
    "lmbda": 2.0,
    "mini_batch_size": 8,
    "epochs": 2,
    "dtype": "float32",
}
NOT_IN_THE_STEP = {"early_stopping", "init", "monitor_training", "schedule_patience"}
SIDE, N = 6, 233


def trained(settings: dict[str, Any]) -> list[bytes]:
    """Return the bytes of a network after two epochs and its costs, from fixed seeds."""
    rng = np.random.default_rng(3)
    images = rng.random((N, SIDE * SIDE), np.float32)
    split = make_split(images, rng.integers(0, 3, N) % 3, 3)
    config = TrialConfig(**{**DEFAULTS, **settings})
    network = new_network(config, SIDE * SIDE, 3, np.random.default_rng(1))
    records = train(
        network,
        config,
        np.random.default_rng(2),
        training=split,
        validation=split,
        noise=np.random.default_rng(4),
        image_shape=(SIDE, SIDE),
    )
    costs = [np.float64(record.train_cost or 0.0).tobytes() for record in records]
    return [*costs, *(array.tobytes() for array in (*network.weights, *network.biases))]


@pytest.fixture
def forms(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that trains in both forms."""

    def both(settings: dict[str, Any]) -> tuple[list[bytes], list[bytes]]:
        monkeypatch.delenv(replay.PURE, raising=False)
        assert replay.form() == "compiled", "build it: python setup.py build_ext --inplace"
        compiled = trained(settings)
        monkeypatch.setenv(replay.PURE, "1")
        assert replay.form() == "python"
        return compiled, trained(settings)

    return both


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("settings", CASES.values(), ids=CASES)
def test_both_forms_train_the_same_network(
    settings: dict[str, Any], dtype: str, forms: Any
) -> None:
    compiled, interpreted = forms({**settings, "dtype": dtype})
    assert compiled == interpreted


def test_every_hyperparameter_of_the_step_is_in_a_case() -> None:
    named = {key for settings in CASES.values() for key in settings}
    assert {*HYPERPARAMETERS} - named - {*DEFAULTS} == NOT_IN_THE_STEP


@pytest.mark.parametrize("regularizer", REGULARIZERS)
@pytest.mark.parametrize("rule", ["gradient", "momentum", "nesterov"])
@pytest.mark.parametrize("activation", [a.name for a in ACTIVATIONS.values() if a.hidden])
def test_python_makes_no_call_of_a_plain_step(
    activation: str, rule: str, regularizer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even to gather the rows; this is what the speed rests on."""
    monkeypatch.delenv(replay.PURE, raising=False)
    settings = {"activation": activation, "regularizer": regularizer, **RULES[rule]}
    config = TrialConfig(hidden_units=(7, 5), lmbda=2.0, **settings)
    split = make_split(np.ones((N, 4), np.float32), np.arange(N) % 3, 3)
    descent = Sgd(new_network(config, 4, 3, np.random.default_rng(1)), config, N)
    descent.epoch(split, np.arange(N), 0.1)
    assert [program.python_calls for program in descent._programs.values()] == [0, 0]

"""The update rules: three steps worked by hand, the laws that tie them together, fused as readable.

Each rule of the catalogue is tested by its name; a new one needs no new test of the fused step.
"""

from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import pytest

from nncore.arrays.layout import Array
from nncore.components.dropout import dropout_mask
from nncore.components.regularizers import REGULARIZERS
from nncore.config import TrialConfig
from nncore.datasets.dataset import Split, make_split
from nncore.descent.backprop import backprop, sgd_step
from nncore.descent.sgd import Sgd
from nncore.descent.update_rule import new_state
from nncore.descent.updates import UPDATES
from nncore.network import Network, new_network

SETTINGS: dict[str, dict[str, Any]] = {
    "adam": {"update": "adam"},
    "adamw": {"update": "adamw"},
    "gradient": {},
    "momentum": {"momentum": 0.9},
    "nesterov": {"momentum": 0.9, "nesterov": True},
    "fixed-length": {"step": "fixed-length"},
}
"""A config that means each rule."""


def three_steps(rule: str, learning_rate: float, momentum: float) -> list[float]:
    """Return x after each of three steps on C = x²/2, whose gradient is x, from x = 1."""
    config = TrialConfig(learning_rate=learning_rate, momentum=momentum)
    x = np.array([1.0])
    state, path = new_state([x]), []
    for _ in range(3):
        UPDATES[rule].readable([x], state, [x.copy()], config)
        path.append(float(x[0]))
    return path


def test_three_steps_by_hand() -> None:
    # η 0.1: 1 → 0.9 → 0.81 → 0.729
    assert three_steps("gradient", 0.1, 0.0) == pytest.approx([0.9, 0.81, 0.729], abs=1e-15)
    # η 0.1, μ 0.5: v −0.1, −0.05 − 0.09 = −0.14, −0.07 − 0.076 = −0.146
    assert three_steps("momentum", 0.1, 0.5) == pytest.approx([0.9, 0.76, 0.614], abs=1e-15)
    # the same, the gradient at the point looked ahead to: x += μv − ηx with
    # v −0.1: 1 − 0.05 − 0.1 = 0.85; v −0.05 − 0.085 = −0.135: 0.85 − 0.0675 − 0.085 = 0.6975;
    # v −0.0675 − 0.06975 = −0.13725: 0.6975 − 0.068625 − 0.06975 = 0.559125
    assert three_steps("nesterov", 0.1, 0.5) == pytest.approx([0.85, 0.6975, 0.559125], abs=1e-15)
    # ε 0.3: each step is 0.3 long, whatever the gradient
    assert three_steps("fixed-length", 0.3, 0.0) == pytest.approx([0.7, 0.4, 0.1], abs=1e-15)


def test_nesterov_is_the_look_ahead_method_seen_from_where_it_looks() -> None:
    """Sutskever's form on C = x²/2: v ← μv − η∇C(x + μv), x ← x + v; ours holds x + μv."""
    x, velocity, eta, mu = 1.0, 0.0, 0.1, 0.5
    ahead = []
    for _ in range(3):
        velocity = mu * velocity - eta * (x + mu * velocity)
        x += velocity
        ahead.append(x + mu * velocity)
    assert three_steps("nesterov", eta, mu) == pytest.approx(ahead, abs=1e-15)


def test_a_step_of_fixed_length_is_so_long_over_all_parameters_together() -> None:
    parameters = [np.array([1.0, 2.0]), np.array([[3.0]])]
    gradients = [np.array([2.0, 1.0]), np.array([[2.0]])]  # of length 3
    config = TrialConfig(learning_rate=0.6, step="fixed-length")
    UPDATES["fixed-length"].readable(parameters, new_state(parameters), gradients, config)
    np.testing.assert_allclose(parameters[0], [0.6, 1.8], atol=1e-15)
    np.testing.assert_allclose(parameters[1], [[2.6]], atol=1e-15)


def test_a_gradient_of_zero_moves_nothing_by_a_step_of_fixed_length() -> None:
    x, config = np.array([1.0]), TrialConfig(learning_rate=0.6, step="fixed-length")
    UPDATES["fixed-length"].readable([x], new_state([x]), [np.zeros(1)], config)
    assert x[0] == 1.0


@pytest.mark.parametrize("rule", ["momentum", "nesterov"])
def test_without_momentum_the_rules_are_plain_descent(rule: str) -> None:
    assert three_steps(rule, 0.1, 0.0) == pytest.approx(three_steps("gradient", 0.1, 0.0))


def split_of(n: int, seed: int = 5) -> Split:
    rng = np.random.default_rng(seed)
    return make_split(rng.random((n, 7), np.float32), rng.integers(0, 3, n), 3)


def arrays(network: Network) -> list[Array]:
    return [*network.weights, *network.biases]


@pytest.mark.parametrize("rule", sorted(UPDATES))
@pytest.mark.parametrize("regularizer", sorted(REGULARIZERS))
@pytest.mark.parametrize("lmbda", [0.0, 2.0])
@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize(
    ("input_dropout", "max_norm", "clip_norm"),
    [(0.0, 0.0, 0.0), (0.3, 0.0, 0.0), (0.3, 0.5, 0.0), (0.0, 0.0, 0.3)],
)
@pytest.mark.parametrize("hidden", [(), (6,), (5, 4)])
def test_the_fused_rule_is_the_readable_one(
    rule: str,
    regularizer: str,
    lmbda: float,
    dropout: float,
    input_dropout: float,
    max_norm: float,
    clip_norm: float,
    hidden: tuple[int, ...],
) -> None:
    """104 steps of eight mini-batches an epoch, the last of them short."""
    config = TrialConfig(
        learning_rate=0.05,
        lmbda=lmbda,
        regularizer=regularizer,
        mini_batch_size=4,
        hidden_units=hidden,
        activation="tanh",
        dropout=dropout,
        input_dropout=input_dropout,
        max_norm=max_norm,
        clip_norm=0.0 if rule == "fixed-length" else clip_norm,
        dtype="float64",
        **SETTINGS[rule],
    )
    assert config.rule == rule
    split, order = split_of(30), np.random.default_rng(1).permutation(30)
    fused = new_network(config, 7, 3, np.random.default_rng(2))
    readable = fused.copy()
    state = new_state(arrays(readable))
    descent = Sgd(fused, config, 30, np.random.default_rng(3))
    noise = np.random.default_rng(3)
    for _ in range(13):
        descent.epoch(split, order, config.learning_rate)
        for start in range(0, 30, 4):
            rows = order[start : start + 4]
            like = [np.empty((len(rows), width)) for width in hidden]
            x, y = split.x[rows].astype(float), split.y[rows].astype(float)
            if input_dropout:
                x *= dropout_mask(noise, x, input_dropout)
            masks = [dropout_mask(noise, array, dropout) for array in like] if dropout else []
            sgd_step(readable, x, y, config, 30, state, masks)
    for ours, plain in zip(arrays(fused), arrays(readable), strict=True):
        scale = max(1.0, float(np.abs(plain).max()))
        np.testing.assert_allclose(ours, plain, rtol=0, atol=1e-12 * scale)


@pytest.mark.parametrize("rule", sorted(UPDATES))
def test_float32_follows_float64(rule: str) -> None:
    config = TrialConfig(learning_rate=0.05, lmbda=1.0, hidden_units=(6,), **SETTINGS[rule])
    split, order = split_of(40), np.arange(40)
    results = []
    for dtype in ("float32", "float64"):
        settled = replace(config, dtype=dtype)
        network = new_network(settled, 7, 3, np.random.default_rng(2))
        descent = Sgd(network, settled, 40)
        for _ in range(10):
            descent.epoch(split, order, 0.05)
        assert {array.dtype for array in arrays(network)} == {np.dtype(dtype)}
        results.append(arrays(network))
    for narrow, wide in zip(*results, strict=True):
        np.testing.assert_allclose(narrow, wide, atol=2e-4)


def test_the_fused_step_of_fixed_length_is_so_long() -> None:
    config = TrialConfig(
        learning_rate=0.25, hidden_units=(6,), mini_batch_size=30, dtype="float64",
        step="fixed-length",
    )  # fmt: skip
    network = new_network(config, 7, 3, np.random.default_rng(2))
    before = [array.copy() for array in arrays(network)]
    Sgd(network, config, 30).epoch(split_of(30), np.arange(30), 0.25)
    moved = sum(float(((a - b) ** 2).sum()) for a, b in zip(arrays(network), before, strict=True))
    assert sqrt(moved) == pytest.approx(0.25, rel=1e-12)


@pytest.mark.parametrize("rule", sorted(UPDATES))
def test_velocities_live_on_from_epoch_to_epoch(rule: str) -> None:
    """Two epochs of one are one epoch of two where order and mini-batches are the same."""
    config = TrialConfig(
        hidden_units=(6,), mini_batch_size=7, dtype="float64", **SETTINGS[rule]
    )  # fmt: skip
    split = split_of(14)
    twice = Split(*(np.concatenate([part, part]) for part in (split.x, split.y, split.labels)))
    one = new_network(config, 7, 3, np.random.default_rng(2))
    two = one.copy()
    # λ = 0: the size of the training set does not matter.
    descent = Sgd(one, config, 14)
    descent.epoch(split, np.arange(14), 0.5)
    descent.epoch(split, np.arange(14), 0.5)
    Sgd(two, config, 28).epoch(twice, np.arange(28), 0.5)
    for a, b in zip(arrays(one), arrays(two), strict=True):
        np.testing.assert_array_equal(a, b)


def test_backprop_with_masks_is_the_gradient_of_the_masked_network() -> None:
    config = TrialConfig(hidden_units=(6, 5), activation="sigmoid", dtype="float64")
    network = new_network(config, 7, 3, np.random.default_rng(2))
    split, noise = split_of(9), np.random.default_rng(8)
    x, y = split.x.astype(float), split.y.astype(float)
    masks = [dropout_mask(noise, np.empty((9, width)), 0.5) for width in (6, 5)]
    gradient, _ = backprop(network, x, y, masks)

    def cost() -> float:
        a = network.feedforward(x, masks)[1][-1]
        return float(-(y * np.log(a) + (1 - y) * np.log(1 - a)).sum() / 9)

    for layer, index in ((0, (3, 2)), (1, (1, 4)), (2, (4, 0))):
        w, h = network.weights[layer], 1e-6
        w[index] += h
        above = cost()
        w[index] -= 2 * h
        below = cost()
        w[index] += h
        assert gradient[layer][index] == pytest.approx(
            (above - below) / (2 * h), rel=1e-6, abs=1e-9
        )

"""Input dropout and max-norm in the fused step: as readable for every network, and free when off.

The laws of the masks are tested in `components/test_dropout.py`, every update rule with both in
`test_updates.py`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nncore.arrays.layout import Array
from nncore.components.activations import ACTIVATIONS
from nncore.components.costs import COSTS
from nncore.components.dropout import dropout_mask
from nncore.config import TrialConfig
from nncore.datasets.dataset import Split, make_split
from nncore.descent.backprop import sgd_step
from nncore.descent.expansion import Expansion
from nncore.descent.sgd import Sgd
from nncore.descent.updates import UPDATES
from nncore.network import Network, new_network

PAIRS = [(cost.name, output) for cost in COSTS.values() for output in cost.outputs]
HIDDEN = [name for name, entry in ACTIVATIONS.items() if entry.hidden]
N_IN, N_OUT = 6, 3


def split_of(n: int) -> Split:
    rng = np.random.default_rng(5)
    return make_split(rng.random((n, N_IN), np.float32), rng.integers(0, N_OUT, n), N_OUT)


def arrays(network: Network) -> list[Array]:
    return [*network.weights, *network.biases]


def started(config: TrialConfig) -> Network:
    return new_network(config, N_IN, N_OUT, np.random.default_rng(2))


def readable_epoch(
    network: Network,
    config: TrialConfig,
    split: Split,
    noise: np.random.Generator,
    warp: Callable[[Array], Array] = lambda x: x,
) -> None:
    """Train in the order of the rows: warp, then drop inputs, then drop hidden units."""
    for start in range(0, len(split), config.mini_batch_size):
        rows = slice(start, start + config.mini_batch_size)
        x, y = warp(split.x[rows].astype(float)), split.y[rows].astype(float)
        x = x * dropout_mask(noise, x, config.input_dropout)
        like = [np.empty((len(x), width)) for width in config.hidden_units]
        rate = config.dropout
        masks = [dropout_mask(noise, array, rate) for array in like] if rate else []
        sgd_step(network, x, y, config, len(split), masks=masks)


def assert_close(ours: Network, plain: Network) -> None:
    for a, b in zip(arrays(ours), arrays(plain), strict=True):
        scale = max(1.0, float(np.abs(b).max()))
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-12 * scale)


@pytest.mark.parametrize("hidden", [(), (5,), (5, 4)])
@pytest.mark.parametrize(("cost", "output"), PAIRS)
@pytest.mark.parametrize("activation", HIDDEN)
def test_fused_agrees_with_readable(
    activation: str, cost: str, output: str, hidden: tuple[int, ...]
) -> None:
    """48 steps of 8 mini-batches an epoch, the last of them short."""
    config = TrialConfig(
        learning_rate=0.05, mini_batch_size=4, hidden_units=hidden, activation=activation,
        output=output, cost=cost, input_dropout=0.3, dropout=0.4, max_norm=0.9, dtype="float64",
    )  # fmt: skip
    split, fused = split_of(30), started(config)
    plain, noise = fused.copy(), np.random.default_rng(3)
    descent = Sgd(fused, config, 30, np.random.default_rng(3))
    for _ in range(6):
        descent.epoch(split, np.arange(30), config.learning_rate)
        readable_epoch(plain, config, split, noise)
    assert_close(fused, plain)


def test_images_are_warped_before_their_pixels_are_dropped() -> None:
    config = TrialConfig(
        mini_batch_size=4, hidden_units=(5,), input_dropout=0.3, shift=1.0, rotation=20.0,
        dtype="float64",
    )  # fmt: skip
    split, fused = split_of(30), started(config)
    plain, noises = fused.copy(), [np.random.default_rng(3) for _ in range(2)]
    warps = [Expansion(config, (2, 3), noise) for noise in noises]
    Sgd(fused, config, 30, noises[0], warps[0]).epoch(split, np.arange(30), config.learning_rate)
    readable_epoch(plain, config, split, noises[1], warps[1])
    assert_close(fused, plain)


def test_the_mean_step_is_that_of_ridge_regression() -> None:
    """Linear outputs and quadratic cost, 40,000 masks of one example in a single mini-batch.

    With masks of mean 1 and variance p/(1 − p), the mean of k_i(Σ_l k_l x_l w_lj + b_j − y_j)x_i
    is x_i times the error without dropout, plus p/(1 − p) x_i² w_ij (Srivastava et al. 2014, sec.
    9.1).
    """
    n, rate = 40_000, 0.3
    config = TrialConfig(
        learning_rate=1.0, mini_batch_size=n, hidden_units=(), output="linear", cost="quadratic",
        input_dropout=rate, dtype="float64",
    )  # fmt: skip
    x, y = np.random.default_rng(3).random((1, N_IN), np.float32), np.array([1])
    network = started(config)
    (w,), (b,) = ([a.copy() for a in part] for part in (network.weights, network.biases))
    split = make_split(x.repeat(n, axis=0), y.repeat(n), N_OUT)
    Sgd(network, config, n, np.random.default_rng(4)).epoch(split, np.arange(n), 1.0)
    error = x[0] @ w + b - split.y[0]
    expected = np.outer(x[0], error) + rate / (1 - rate) * (x.T**2) * w
    np.testing.assert_allclose(b - network.biases[0], error, atol=0.03)
    np.testing.assert_allclose(w - network.weights[0], expected, atol=0.03)
    assert np.abs(expected - np.outer(x[0], error)).max() > 0.1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", sorted(UPDATES))
def test_hidden_units_stay_within_the_bound_and_outputs_do_not(rule: str, dtype: str) -> None:
    rules: dict[str, dict[str, Any]] = {
        "adam": {"update": "adam", "learning_rate": 0.1},
        "adamw": {"update": "adamw", "learning_rate": 0.1},
        "gradient": {"learning_rate": 3.0},
        "momentum": {"learning_rate": 0.3, "momentum": 0.9},
        "nesterov": {"learning_rate": 0.3, "momentum": 0.9, "nesterov": True},
        "fixed-length": {"learning_rate": 0.3, "step": "fixed-length"},
    }
    config = TrialConfig(hidden_units=(5, 4), max_norm=0.8, dtype=dtype, **rules[rule])
    network, split = started(config), split_of(40)
    descent, longest = Sgd(network, config, 40), []
    for _ in range(50):
        descent.epoch(split, np.arange(40), config.learning_rate)
        longest.append([float(np.linalg.norm(w, axis=0).max()) for w in network.weights])
    first, second, last = map(max, zip(*longest, strict=True))
    assert [first, second] == pytest.approx([0.8, 0.8], rel=1e-6)
    assert last > 0.8


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", sorted(UPDATES))
def test_a_bound_that_is_never_reached_changes_no_bit(rule: str, dtype: str) -> None:
    settings: dict[str, dict[str, Any]] = {
        "adam": {"update": "adam"},
        "adamw": {"update": "adamw"},
        "gradient": {},
        "momentum": {"momentum": 0.5},
        "nesterov": {"momentum": 0.5, "nesterov": True},
        "fixed-length": {"step": "fixed-length"},
    }
    config = TrialConfig(hidden_units=(5, 4), dropout=0.3, dtype=dtype, **settings[rule])
    trained = []
    for bound in (0.0, 1e6):
        network = started(config)
        descent = Sgd(network, replace(config, max_norm=bound), 40, np.random.default_rng(3))
        descent.epoch(split_of(40), np.arange(40), 0.5)
        trained.append(arrays(network))
    for off, on in zip(*trained, strict=True):
        np.testing.assert_array_equal(off, on)


def calls(config: TrialConfig) -> list[str]:
    """Return the names of the calls of one step; "gemm" for the `sgemm` of BLAS."""
    descent = Sgd(started(config), config, 8, np.random.default_rng(3))
    functions = [getattr(function, "func", function) for function, _ in descent._steps(8)]
    return [function.__name__.removeprefix("function s") for function in functions]


STEP = [
    *("__setitem__", "gemm", "tanh", "add"),  # the hidden layer: bias, product, activation, offset
    *("__setitem__", "gemm", "tanh", "subtract"),  # the output layer and its error
    "gemm",  # the error of the hidden layer, times σ'
    *("subtract", "multiply", "multiply"),
    *("gemm", "gemv"),  # the step of the output layer: weights, then biases
    *("gemm", "gemv"),
]
"""The calls of a step of [6, 5, 3] with sigmoids and cross-entropy."""

DROP, LIMIT = ["random", "greater_equal", "multiply"], [
    *("vecdot", "sqrt", "maximum", "divide", "multiply"),
]  # fmt: skip


def test_what_is_off_costs_no_call() -> None:
    config = TrialConfig(hidden_units=(5,), mini_batch_size=8)
    off, inputs = {"input_dropout": 0.0, "max_norm": 0.0}, {"input_dropout": 0.2}
    assert calls(config) == calls(replace(config, **off)) == STEP
    assert calls(replace(config, **inputs)) == [*DROP, *STEP]
    assert calls(replace(config, max_norm=2.0)) == [*STEP, *LIMIT]
    assert calls(replace(config, max_norm=2.0, **inputs)) == [*DROP, *STEP, *LIMIT]


def test_one_call_list_bounds_every_hidden_layer_and_no_other() -> None:
    deep = TrialConfig(hidden_units=(5, 4), mini_batch_size=8)
    assert calls(replace(deep, max_norm=2.0)) == [*calls(deep), *LIMIT, *LIMIT]
    flat = TrialConfig(hidden_units=(), mini_batch_size=8)
    assert calls(replace(flat, max_norm=2.0)) == calls(flat)


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_the_generator_is_read_as_if_input_dropout_did_not_exist(dropout: float) -> None:
    """Off, only the masks of hidden units are drawn, one after another."""
    config = TrialConfig(hidden_units=(5, 4), mini_batch_size=8, dropout=dropout, max_norm=1.0)
    noise, expected = np.random.default_rng(3), np.random.default_rng(3)
    Sgd(started(config), config, 40, noise).epoch(split_of(40), np.arange(40), 0.5)
    for _ in range(5 if dropout else 0):
        for width in (5, 4):
            expected.random((8, width), np.float32)
    assert noise.bit_generator.state == expected.bit_generator.state


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_data_are_left_unchanged_and_a_generator_is_needed(dtype: str) -> None:
    config = TrialConfig(hidden_units=(5,), input_dropout=0.5, dtype=dtype)
    split = split_of(40)
    kept = split.x.copy()
    split.x.flags.writeable = False  # as the memory-mapped arrays of a data set are
    for _ in range(2):
        Sgd(started(config), config, 40, np.random.default_rng(3)).epoch(split, np.arange(40), 0.5)
    np.testing.assert_array_equal(split.x, kept)
    with pytest.raises(ValueError, match="dropout must have a generator"):
        Sgd(started(config), config, 40)

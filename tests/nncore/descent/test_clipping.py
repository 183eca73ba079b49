"""Clipping by norm: a gradient worked by hand, the length of a clipped step, and no overflow."""

from math import sqrt
from typing import Any

import numpy as np
import pytest

from nncore.arrays.operations import run
from nncore.config import TrialConfig
from nncore.datasets.dataset import make_split
from nncore.descent.clipping import clip_gradients, clipped
from nncore.descent.sgd import Sgd
from nncore.network import new_network


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        (6.5, [1.5, 2.0, 6.0]),  # half of the length 13
        (13.0, [3.0, 4.0, 12.0]),
        (14.0, [3.0, 4.0, 12.0]),
    ],
)
def test_a_gradient_longer_than_the_bound_is_scaled_down_to_it(
    bound: float, expected: list[float]
) -> None:
    gradients, flat = [np.array([[3.0], [4.0]]), np.array([12.0])], np.array([3.0, 4.0, 12.0])
    clip_gradients(gradients, bound)
    run(clipped(flat, bound))
    assert [*gradients[0][:, 0], gradients[1][0]] == expected
    assert flat.tolist() == expected


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_zero_and_huge_gradients_are_clipped(dtype: str) -> None:
    """The squares of the huge ones are too large for their dtype."""
    zero, huge = np.zeros(3, dtype), np.array([3, 4], dtype) * np.finfo(dtype).max ** 0.75
    run([*clipped(zero, 0.5), *clipped(huge, 0.5)])
    assert zero.tolist() == [0.0, 0.0, 0.0]
    assert huge.tolist() == pytest.approx([0.3, 0.4], rel=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("settings", "factor"),
    [({}, 1.0), ({"momentum": 0.5}, 1.0), ({"momentum": 0.5, "nesterov": True}, 1.5)],
    ids=str,
)
def test_the_first_step_is_as_long_as_the_clipped_gradient(
    settings: dict[str, Any], factor: float, dtype: str
) -> None:
    """A step of η times the gradient; Nesterov's adds μ times its first velocity, which is as long.

    The gradient includes the regularizer's.
    """
    config = TrialConfig(
        hidden_units=(6,), mini_batch_size=20, lmbda=40.0, clip_norm=0.125, dtype=dtype, **settings
    )
    rng = np.random.default_rng(0)
    split = make_split(rng.random((20, 7), np.float32), rng.integers(0, 3, 20), 3)
    network = new_network(config, 7, 3, np.random.default_rng(2))
    before = network.copy()
    Sgd(network, config, 20).epoch(split, np.arange(20), 0.25)
    moved = [a - b for a, b in zip(network.weights, before.weights, strict=True)]
    moved += [a - b for a, b in zip(network.biases, before.biases, strict=True)]
    length = sqrt(sum(float((move.astype(float) ** 2).sum()) for move in moved))
    assert length == pytest.approx(0.25 * 0.125 * factor, rel=1e-5)

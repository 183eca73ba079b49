"""Dropout: masks of the right law, the same in both forms, and a gradient that is right on
average."""

import numpy as np
import pytest

from nncore.arrays.operations import run
from nncore.components.dropout import draw_kept, dropout_mask
from nncore.config import TrialConfig
from nncore.datasets.dataset import make_split
from nncore.descent.backprop import backprop
from nncore.descent.sgd import Sgd
from nncore.network import new_network


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_a_mask_drops_its_share_and_keeps_the_mean(rate: float, dtype: str) -> None:
    mask = dropout_mask(np.random.default_rng(1), np.empty((400, 500), dtype), rate)
    assert mask.dtype == dtype
    assert set(np.unique(mask)) == {np.dtype(dtype).type(0), np.dtype(dtype).type(1 / (1 - rate))}
    # 200,000 draws: the share of zeros is known to 4 standard deviations
    assert abs((mask == 0).mean() - rate) < 4 * np.sqrt(rate * (1 - rate) / mask.size)
    assert mask.mean() == pytest.approx(1.0, abs=0.03)
    assert 0 < (mask[0] == 0).mean() < 1
    assert (mask[0] != mask[1]).any(), "examples drop units of their own"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_mask_in_place_is_the_readable_one(dtype: str) -> None:
    plain, fused = np.random.default_rng(1), np.random.default_rng(1)
    mask = np.full((7, 9), np.nan, dtype)
    for rate in (0.2, 0.5, 0.2):
        run(draw_kept(fused, mask, rate))
        np.testing.assert_array_equal(mask, dropout_mask(plain, mask, rate) > 0)


def test_the_gradient_of_the_last_layer_is_right_on_average_where_the_cost_is_linear_in_it() -> (
    None
):
    """Quadratic cost of linear outputs, a single hidden layer of linear units.

    With masks of mean 1, the mean over masks of ∂C/∂b of the output layer is the gradient without
    dropout, since the output is linear in the mask; for the weights there is the masks' variance
    p/(1 − p) on top, worked by hand: E[δ_j k_i] = δ_j a_i + p/(1 − p) a_i² w_ij.
    """
    config = TrialConfig(
        hidden_units=(3,), activation="linear", output="linear", cost="quadratic", dtype="float64"
    )
    network = new_network(config, 4, 2, np.random.default_rng(2))
    x, y = np.random.default_rng(3).random((1, 4)), np.array([[1.0, 0.0]])
    a = x @ network.weights[0] + network.biases[0]
    error = a @ network.weights[1] + network.biases[1] - y
    rate, noise, n = 0.3, np.random.default_rng(4), 40_000
    total_b, total_w = np.zeros(2), np.zeros((3, 2))
    for _ in range(n):
        weights, biases = backprop(network, x, y, [dropout_mask(noise, np.empty((1, 3)), rate)])
        total_b += biases[1]
        total_w += weights[1]
    spread = rate / (1 - rate) * (a.T**2) * network.weights[1]
    np.testing.assert_allclose(total_b / n, error[0], atol=0.03)
    np.testing.assert_allclose(total_w / n, a.T @ error + spread, atol=0.06)


def test_dropout_needs_a_generator_and_the_same_one_gives_the_same_network() -> None:
    config = TrialConfig(hidden_units=(8,), dropout=0.5)
    rng = np.random.default_rng(5)
    split = make_split(rng.random((50, 6), np.float32), rng.integers(0, 3, 50), 3)

    def trained(seed: int) -> bytes:
        network = new_network(config, 6, 3, np.random.default_rng(2))
        Sgd(network, config, 50, np.random.default_rng(seed)).epoch(split, np.arange(50), 0.5)
        return b"".join(w.tobytes() for w in network.weights)

    assert trained(1) == trained(1) != trained(2)
    with pytest.raises(ValueError, match="dropout must have a generator"):
        Sgd(new_network(config, 6, 3, rng), config, 50)

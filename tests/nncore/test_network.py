"""The network: the forward pass by hand, and a copy that shares nothing."""

import numpy as np
import pytest

from nncore.config import TrialConfig
from nncore.network import Network, new_network


def network_of(hidden: tuple[int, ...], dtype: str = "float32") -> Network:
    config = TrialConfig(hidden_units=hidden, dtype=dtype)
    return new_network(config, 6, 3, np.random.default_rng(0))


def test_feedforward_by_hand() -> None:
    network = Network(
        [np.array([[1.0, -2.0], [3.0, 4.0]]), np.array([[2.0], [0.5]])],
        [np.array([0.5, -20.0]), np.array([-1.0])],
        "relu",
        "linear",
        "quadratic",
    )
    x = np.array([[1.0, 2.0], [0.0, 6.0]])
    zs, activations = network.feedforward(x)
    np.testing.assert_array_equal(zs[0], [[7.5, -14.0], [18.5, 4.0]])
    assert activations[0] is x
    np.testing.assert_array_equal(activations[1], [[7.5, 0.0], [18.5, 4.0]])
    np.testing.assert_array_equal(zs[1], [[14.0], [38.0]])
    np.testing.assert_array_equal(activations[2], [[14.0], [38.0]])
    assert network.sizes == (2, 2, 1)
    assert [name for _, _, name in network.layers] == ["relu", "linear"]


def test_a_network_without_hidden_layers_uses_the_output_activation_only() -> None:
    network = network_of(())
    assert network.sizes == (6, 3)
    assert [name for _, _, name in network.layers] == ["sigmoid"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_copy_shares_nothing_and_can_be_trained(dtype: str) -> None:
    network = network_of((5, 4), dtype)
    copy = network.copy()
    for array, twin in zip(
        (*network.weights, *network.biases), (*copy.weights, *copy.biases), strict=True
    ):
        np.testing.assert_array_equal(array, twin)
        assert array.dtype == twin.dtype
        assert not np.shares_memory(array, twin)
        assert twin.flags.f_contiguous
    assert (copy.activation, copy.output, copy.cost) == ("sigmoid", "sigmoid", "cross-entropy")
    copy.weights[0][:] = 0.0
    assert (network.weights[0] != 0.0).all()

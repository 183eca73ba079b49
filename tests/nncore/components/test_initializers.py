"""Where weights start: the order of draws, what each scheme divides by, and the book's own numbers.

A generator that counts shows which draw goes where; NumPy's own show the spread.
"""

from math import sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from nncore.components.initializers import INITIALIZERS
from nncore.config import TrialConfig
from nncore.network import new_network

EVERY = pytest.mark.parametrize("init", INITIALIZERS)


class Counting:
    """A generator whose draws are 1, 2, 3, …"""

    def __init__(self) -> None:
        self.drawn = 0

    def standard_normal(self, size: tuple[int, ...]) -> NDArray[np.float64]:
        count = int(np.prod(size))
        draws = np.arange(self.drawn + 1, self.drawn + 1 + count, dtype=np.float64)
        self.drawn += count
        return draws.reshape(size)


def test_biases_are_drawn_first_then_weights_output_by_output() -> None:
    weights, biases = INITIALIZERS["large"].draw((2, 3, 1), Counting())
    np.testing.assert_array_equal(biases[0], [1, 2, 3])
    np.testing.assert_array_equal(biases[1], [4])
    np.testing.assert_array_equal(weights[0], [[5, 7, 9], [6, 8, 10]])
    np.testing.assert_array_equal(weights[1], [[11], [12], [13]])


@pytest.mark.parametrize(
    ("init", "first", "second", "random_biases"),
    [
        ("large", 1.0, 1.0, True),
        ("scaled", sqrt(8), sqrt(18), True),
        ("glorot", sqrt(13), sqrt(10), False),
        ("he", 2.0, 3.0, False),
    ],
)
def test_what_each_scheme_divides_by(
    init: str, first: float, second: float, random_biases: bool
) -> None:
    sizes = (8, 18, 2)
    weights, biases = INITIALIZERS[init].draw(sizes, Counting())
    drawn, drawn_biases = INITIALIZERS["large"].draw(sizes, Counting())
    np.testing.assert_allclose(weights[0], drawn[0] / first, rtol=1e-15)
    np.testing.assert_allclose(weights[1], drawn[1] / second, rtol=1e-15)
    for bias, drawn_bias in zip(biases, drawn_biases, strict=True):
        np.testing.assert_array_equal(bias, drawn_bias if random_biases else 0 * drawn_bias)


@pytest.mark.parametrize(
    ("init", "variance"),
    [("large", 1.0), ("scaled", 1 / 300), ("glorot", 2 / 500), ("he", 2 / 300)],
)
def test_the_spread_of_the_weights(init: str, variance: float) -> None:
    weights, _ = INITIALIZERS[init].draw((300, 200), np.random.default_rng(0))
    assert weights[0].var() == pytest.approx(variance, rel=0.03)  # 5 standard errors of 60,000
    assert abs(weights[0].mean()) < 5 * sqrt(variance / 60_000)


@EVERY
def test_shapes_and_dtype(init: str) -> None:
    weights, biases = INITIALIZERS[init].draw((7, 5, 4, 3), np.random.default_rng(0))
    assert [w.shape for w in weights] == [(7, 5), (5, 4), (4, 3)]
    assert [b.shape for b in biases] == [(5,), (4,), (3,)]
    assert {a.dtype for a in (*weights, *biases)} == {np.dtype("float64")}


def test_the_books_network_from_the_books_seed() -> None:
    """`Network.__init__` of the book: randn(y, 1) per bias, then randn(y, x)/sqrt(x) per weight."""
    config = TrialConfig(dtype="float64", hidden_units=(30,))
    network = new_network(config, 784, 10, np.random.RandomState(12345678))
    book = np.random.RandomState(12345678)
    for bias, size in zip(network.biases, (30, 10), strict=True):
        np.testing.assert_array_equal(bias, book.randn(size, 1)[:, 0])
    for weights, (x, y) in zip(network.weights, ((784, 30), (30, 10)), strict=True):
        np.testing.assert_array_equal(weights, (book.randn(y, x) / np.sqrt(x)).T)


@EVERY
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hidden", [(), (6,), (6, 1, 4)])
def test_a_new_network_is_as_training_needs_it(
    init: str, dtype: str, hidden: tuple[int, ...]
) -> None:
    config = TrialConfig(init=init, dtype=dtype, hidden_units=hidden, activation="tanh")
    network = new_network(config, 5, 3, np.random.default_rng(1))
    wide = INITIALIZERS[init].draw((5, *hidden, 3), np.random.default_rng(1))
    assert network.sizes == (5, *hidden, 3)
    assert (network.activation, network.output, network.cost) == (
        "tanh",
        "sigmoid",
        "cross-entropy",
    )
    for weights, drawn in zip(network.weights, wide[0], strict=True):
        assert weights.flags.f_contiguous
        np.testing.assert_array_equal(weights, drawn.astype(dtype))
    for bias, drawn in zip(network.biases, wide[1], strict=True):
        assert bias.flags.c_contiguous
        np.testing.assert_array_equal(bias, drawn.astype(dtype))
    assert {a.dtype for a in (*network.weights, *network.biases)} == {np.dtype(dtype)}

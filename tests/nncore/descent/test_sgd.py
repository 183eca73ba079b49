"""The fused step against the readable one over a hundred steps, and both against plain loops and
the book.

It must work on the network's own arrays, allocate nothing on the way and leave the data alone.
"""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from nncore.arrays import layout
from nncore.components.activations import ACTIVATIONS
from nncore.components.costs import COSTS
from nncore.components.regularizers import REGULARIZERS
from nncore.config import TrialConfig
from nncore.datasets.dataset import Split, make_split
from nncore.descent.backprop import sgd_step
from nncore.descent.sgd import Sgd, gradient_units
from nncore.network import Network

PAIRS = [(cost.name, output) for cost in COSTS.values() for output in cost.outputs]
HIDDEN = [name for name, entry in ACTIVATIONS.items() if entry.hidden]
DEPTHS = {"none": (), "one": (4,), "two": (4, 3), "three": (4, 3, 5)}
N_IN, N_OUT = 5, 3


def random_split(n: int, n_in: int = N_IN, n_out: int = N_OUT, seed: int = 0) -> Split:
    rng = np.random.default_rng(seed)
    return make_split(rng.random((n, n_in), np.float32), rng.integers(0, n_out, n), n_out)


def random_network(
    hidden: tuple[int, ...] = (4,),
    activation: str = "sigmoid",
    cost: str = "cross-entropy",
    output: str = "sigmoid",
    dtype: str = "float64",
    ends: tuple[int, int] = (N_IN, N_OUT),
) -> Network:
    rng = np.random.default_rng(1)
    sizes = (ends[0], *hidden, ends[1])
    weights = [
        np.asfortranarray(rng.standard_normal(pair) / np.sqrt(pair[0]), dtype)
        for pair in pairwise(sizes)
    ]
    biases = [rng.standard_normal(n_out).astype(dtype) for n_out in sizes[1:]]
    return Network(weights, biases, activation, output, cost)


def arrays(network: Network) -> list[NDArray[np.floating]]:
    return [*network.weights, *network.biases]


def disagreement(
    network: Network,
    split: Split,
    *,
    mini_batch_size: int,
    decay: float = 0.95,
    regularizer: str = "l2",
    steps: int = 100,
    learning_rate: float = 0.2,
) -> float:
    """Train `network` fused and a float64 copy of it step by step; return how far they are apart.

    λ is such that 1 − ηλ/n = `decay` in the first epoch. The result is the largest difference of
    two arrays, relative to the largest entry, or to 1 if that is smaller.
    """
    n = len(split)
    lmbda = (1.0 - decay) * n / learning_rate
    descent = Sgd(
        network,
        TrialConfig(mini_batch_size=mini_batch_size, lmbda=lmbda, regularizer=regularizer),
        n,
    )
    readable = network.copy()
    readable.weights[:] = [w.astype(np.float64) for w in readable.weights]
    readable.biases[:] = [b.astype(np.float64) for b in readable.biases]
    order, rng, done, rate = np.arange(n), np.random.default_rng(2), 0, learning_rate
    while done < steps:
        rng.shuffle(order)
        descent.epoch(split, order, rate)
        for start in range(0, n, mini_batch_size):
            rows = order[start : start + mini_batch_size]
            sgd_step(
                readable,
                split.x[rows].astype(np.float64),
                split.y[rows].astype(np.float64),
                TrialConfig(learning_rate=rate, lmbda=lmbda, regularizer=regularizer),
                n,
            )
            done += 1
        rate *= 0.97
    pairs = list(zip(arrays(network), arrays(readable), strict=True))
    assert all(np.isfinite(expected).all() for _, expected in pairs)
    return max(float(np.abs(a - b).max()) / max(1.0, float(np.abs(b).max())) for a, b in pairs)


@pytest.mark.parametrize("regularizer", REGULARIZERS)
@pytest.mark.parametrize("hidden", DEPTHS.values(), ids=DEPTHS)
@pytest.mark.parametrize(("cost", "output"), PAIRS)
@pytest.mark.parametrize("activation", HIDDEN)
def test_fused_agrees_with_readable(
    activation: str, cost: str, output: str, hidden: tuple[int, ...], regularizer: str
) -> None:
    network, split = random_network(hidden, activation, cost, output), random_split(23)
    assert disagreement(network, split, mini_batch_size=4, regularizer=regularizer) < 1e-12


@pytest.mark.parametrize("regularizer", REGULARIZERS)
@pytest.mark.parametrize("decay", [1.0, 0.5, 0.0, -0.5, -1.0])
@pytest.mark.parametrize("mini_batch_size", [1, 4, 22, 23])
@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_fused_agrees_for_every_decay_also_where_it_is_not_positive(
    activation: str, mini_batch_size: int, decay: float, regularizer: str
) -> None:
    difference = disagreement(
        random_network((4, 3), activation),
        random_split(23),
        mini_batch_size=mini_batch_size,
        decay=decay,
        regularizer=regularizer,
    )
    assert difference < 1e-12


@pytest.mark.parametrize("mini_batch_size", [4, 22])
@pytest.mark.parametrize("regularizer", REGULARIZERS)
def test_fused_agrees_where_rows_are_multiplied_in_parts(
    monkeypatch: pytest.MonkeyPatch, regularizer: str, mini_batch_size: int
) -> None:
    monkeypatch.setattr(layout, "_small_kernels", lambda: True)
    monkeypatch.setattr(layout, "SMALL_PRODUCT", 60)  # 3 rows of 5 inputs by 4 units
    assert len(layout.row_parts(22, N_IN, 4)) == 8
    difference = disagreement(
        random_network((4, 3)),
        random_split(23),
        mini_batch_size=mini_batch_size,
        regularizer=regularizer,
    )
    assert difference < 1e-12


@pytest.mark.parametrize("mini_batch_size", [7, 100, 1000, 1500, 2350])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fused_agrees_over_many_gathered_blocks(mini_batch_size: int, dtype: str) -> None:
    network = random_network((3,), dtype=dtype)
    tolerance = 1e-12 if dtype == "float64" else 5e-5  # 336 steps, a rounding of 6e-8 in each term
    split = random_split(2350)
    assert disagreement(network, split, mini_batch_size=mini_batch_size, steps=1) < tolerance


@pytest.mark.parametrize("regularizer", REGULARIZERS)
@pytest.mark.parametrize(("cost", "output"), PAIRS)
@pytest.mark.parametrize("activation", HIDDEN)
def test_fused_in_float32_agrees_within_its_rounding(
    activation: str, cost: str, output: str, regularizer: str
) -> None:
    # Each of 100 steps rounds a dozen sums of terms up to 1 to 24 bits: 100 · 12 · 6e-8 at worst.
    network = random_network((4, 3), activation, cost, output, dtype="float32")
    difference = disagreement(
        network, random_split(23), mini_batch_size=4, regularizer=regularizer, learning_rate=0.1
    )
    assert difference < 7e-5
    assert {a.dtype for a in arrays(network)} == {np.dtype("float32")}


@pytest.mark.parametrize(("w", "b", "left"), [(0.6, 0.9, 0.09), (2.0, 2.0, 0.20)])
def test_the_single_neuron_of_chapter_3(w: float, b: float, left: float) -> None:
    """The book's neuron: input 1, target 0, quadratic, η 0.15; it prints the output after 300
    epochs.
    """
    network = Network([np.array([[w]])], [np.array([b])], "sigmoid", "sigmoid", "quadratic")
    split = Split(np.ones((1, 1), np.float32), np.zeros((1, 1), np.float32), np.zeros(1, np.int64))
    descent = Sgd(network, TrialConfig(mini_batch_size=1, lmbda=0.0, regularizer="l2"), 1)
    for _ in range(300):
        descent.epoch(split, np.array([0]), 0.15)
    assert round(float(network.feedforward(np.ones((1, 1)))[1][-1][0, 0]), 2) == left


@pytest.mark.parametrize("hidden", [(), (40,), (40, 30)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("regularizer", REGULARIZERS)
def test_the_networks_own_arrays_are_updated(
    hidden: tuple[int, ...], dtype: str, regularizer: str
) -> None:
    network, split = random_network(hidden, dtype=dtype), random_split(230)
    objects, before = arrays(network), network.copy()
    memory = [a.ctypes.data for a in objects]
    descent = Sgd(network, TrialConfig(mini_batch_size=4, lmbda=1.0, regularizer=regularizer), 230)
    descent.epoch(split, np.arange(230), 0.1)
    for now, held, address, old in zip(
        arrays(network), objects, memory, arrays(before), strict=True
    ):
        assert now is held
        assert now.ctypes.data == address
        assert not np.shares_memory(now, old)
        assert (now != old).all()
        assert now.flags.f_contiguous


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("regularizer", REGULARIZERS)
@pytest.mark.parametrize(
    ("cost", "output"), [("cross-entropy", "sigmoid"), ("quadratic", "softmax")]
)
def test_an_epoch_allocates_nothing_of_size(
    cost: str, output: str, regularizer: str, dtype: str
) -> None:
    network = random_network((100, 400), "tanh", cost, output, dtype, ends=(400, 100))
    split, order = random_split(2050, 400, 100), np.arange(2050)
    descent = Sgd(
        network, TrialConfig(mini_batch_size=400, lmbda=0.5, regularizer=regularizer), 2050
    )
    descent.epoch(split, order, 0.1)
    tracemalloc.start()
    try:
        descent.epoch(split, order, 0.1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # One temporary of weights or of a mini-batch's activations would take 160,000 bytes or more;
    # NumPy's own iterator may buffer 8,192 numbers while it broadcasts.
    assert peak < 100_000


def test_an_array_of_that_size_is_seen_by_tracemalloc() -> None:
    """A guard of the test above."""
    tracemalloc.start()
    try:
        held = np.empty((400, 100), np.float32)
        assert tracemalloc.get_traced_memory()[0] >= held.nbytes == 160_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_data_and_order_are_left_unchanged(dtype: str) -> None:
    split, order = random_split(57), np.random.default_rng(4).permutation(57)
    kept = Split(split.x.copy(), split.y.copy(), split.labels.copy())
    given = order.copy()
    for array in (split.x, split.y, split.labels, order):
        array.flags.writeable = False  # as the memory-mapped arrays of a data set are
    network = random_network((4,), "relu", dtype=dtype)
    descent = Sgd(network, TrialConfig(mini_batch_size=10, lmbda=1.0, regularizer="l2"), 57)
    for _ in range(3):
        descent.epoch(split, order, 0.5)
    np.testing.assert_array_equal(split.x, kept.x)
    np.testing.assert_array_equal(split.y, kept.y)
    np.testing.assert_array_equal(split.labels, kept.labels)
    np.testing.assert_array_equal(order, given)


def test_two_descents_do_not_share_working_memory() -> None:
    """Steps taken in turn on two networks give what each gives alone."""
    split, order = random_split(57), np.arange(57)

    def trained(together: bool) -> list[Network]:
        networks = [random_network((4,), name) for name in ("sigmoid", "tanh")]
        descents = [
            Sgd(network, TrialConfig(mini_batch_size=10, lmbda=1.0, regularizer="l2"), 57)
            for network in networks
        ]
        turns = [0, 1, 0, 1] if together else [0, 0, 1, 1]
        for k in turns:
            descents[k].epoch(split, order, 0.5)
        return networks

    for alone, mixed in zip(trained(False), trained(True), strict=True):
        for a, b in zip(arrays(alone), arrays(mixed), strict=True):
            np.testing.assert_array_equal(a, b)


def test_the_worked_example_of_gradient_units() -> None:
    """The factors in the docstring, worked out by hand; dropout at 1/2 doubles what passes it."""
    sigmoid = ACTIVATIONS["sigmoid"]
    assert gradient_units([sigmoid, sigmoid], cancels=True, dropout_gain=1.0) == [
        (1 / 8, 1 / 8),
        (1 / 4, 1 / 2),
    ]
    assert gradient_units([sigmoid, sigmoid], cancels=True, dropout_gain=2.0) == [
        (1 / 4, 1 / 4),
        (1 / 2, 1 / 2),
    ]
    assert gradient_units([sigmoid], cancels=False, dropout_gain=1.0) == [(1 / 8, 1 / 8)]

"""Cost, accuracy and penalty against plain computations, whatever the number of rows and chunks.

What is expected is worked out row by row with textbook formulas, or by hand.
"""

from math import exp, log

import numpy as np
import pytest

from nncore.components.activations import ACTIVATIONS
from nncore.datasets.dataset import Split, make_split
from nncore.network import CHUNK_ROWS, Network
from nncore.scoring import penalty, score

SIZES = [1, CHUNK_ROWS - 1, CHUNK_ROWS, CHUNK_ROWS + 1, 2 * CHUNK_ROWS + 345]


def random_split(n: int) -> Split:
    rng = np.random.default_rng(8)
    return make_split(rng.random((n, 4), np.float32), rng.integers(0, 3, n), 3)


def one_layer(output: str, cost: str, dtype: str = "float64") -> Network:
    rng = np.random.default_rng(9)
    weights = np.asfortranarray(rng.standard_normal((4, 3)), dtype)
    return Network([weights], [rng.standard_normal(3).astype(dtype)], "sigmoid", output, cost)


def plain_score(network: Network, split: Split) -> tuple[float, float]:
    """Return mean cost and accuracy of a network of one layer, one example after another."""
    w, b = network.weights[0].tolist(), network.biases[0].tolist()
    cost, right = 0.0, 0
    for x, label in zip(split.x.tolist(), split.labels.tolist(), strict=True):
        z = [sum(x[i] * w[i][j] for i in range(4)) + b[j] for j in range(3)]
        y = [float(j == label) for j in range(3)]
        if network.output == "softmax":
            a = [exp(value) / sum(map(exp, z)) for value in z]
            cost -= log(a[label])
        else:
            a = [1 / (1 + exp(-value)) for value in z]
            cost -= sum(t * log(p) + (1 - t) * log(1 - p) for p, t in zip(a, y, strict=True))
        right += a.index(max(a)) == label
    return cost / len(split), right / len(split)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize(
    ("output", "cost"), [("sigmoid", "cross-entropy"), ("softmax", "log-likelihood")]
)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-5)])
def test_score_is_the_mean_over_all_rows(
    output: str, cost: str, n: int, dtype: str, tolerance: float
) -> None:
    network, split = one_layer(output, cost, dtype), random_split(n)
    got = score(network, split)
    mean_cost, accuracy = plain_score(network, split)
    assert got.cost == pytest.approx(mean_cost, rel=tolerance)
    assert got.accuracy == accuracy
    assert type(got.cost) is type(got.accuracy) is float


def test_no_more_rows_at_once_than_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call has the same number of rows, but the last: so the bits do not depend on memory."""
    seen: list[int] = []
    linear = ACTIVATIONS["linear"]

    class Watched(Network):
        def outputs(self, x):  # type: ignore[no-untyped-def]
            seen.append(len(x))
            return super().outputs(x)

    network = Watched([np.eye(4, 3)], [np.zeros(3)], linear.name, linear.name, "quadratic")
    score(network, random_split(2 * CHUNK_ROWS + 345))
    assert seen == [CHUNK_ROWS, CHUNK_ROWS, 345]


def test_of_equal_outputs_the_first_is_predicted() -> None:
    network = Network([np.zeros((4, 3))], [np.zeros(3)], "sigmoid", "sigmoid", "cross-entropy")
    split = make_split(np.zeros((5, 4), np.float32), np.array([0, 0, 1, 2, 0]), 3)
    got = score(network, split)
    assert got.accuracy == 0.6
    assert got.cost == pytest.approx(3 * log(2), rel=1e-14)


def test_score_changes_neither_the_network_nor_the_split() -> None:
    network, split = one_layer("softmax", "log-likelihood"), random_split(50)
    kept = network.copy()
    for array in (split.x, split.y, split.labels):
        array.flags.writeable = False
    assert score(network, split) == score(network, split)
    np.testing.assert_array_equal(network.weights[0], kept.weights[0])
    np.testing.assert_array_equal(network.biases[0], kept.biases[0])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("regularizer", "value"),
    [
        ("l2", 2.0 / (2 * 5) * (9 + 16 + 1 + 4)),
        ("l1", 2.0 / 5 * (3 + 4 + 1 + 2)),
    ],
)
def test_penalty_by_hand_over_all_weights_and_no_bias(
    regularizer: str, value: float, dtype: str
) -> None:
    weights = [np.array([[3.0, -4.0]], dtype), np.array([[1.0], [-2.0]], dtype)]
    biases = [np.array([100.0, 100.0], dtype), np.array([100.0], dtype)]
    network = Network(weights, biases, "sigmoid", "sigmoid", "cross-entropy")
    got = penalty(network, regularizer, lmbda=2.0, training_size=5)
    assert got == pytest.approx(value, rel=1e-15)
    assert penalty(network, regularizer, lmbda=0.0, training_size=5) == 0.0


def test_penalty_of_many_float32_weights_is_summed_in_float64() -> None:
    """0.1 as float32 is 13421773/2²⁷ exactly, so the sums are known to the last digit."""
    network = Network(
        [np.full((1000, 300), 0.1, np.float32)], [np.zeros(300)], "sigmoid", "sigmoid", "quadratic"
    )
    tenth = 13421773 / 2**27
    assert penalty(network, "l1", 1.0, 1) == pytest.approx(300_000 * tenth, rel=1e-12)
    assert penalty(network, "l2", 1.0, 1) == pytest.approx(150_000 * tenth**2, rel=1e-12)

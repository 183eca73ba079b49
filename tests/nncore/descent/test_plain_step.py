"""One step of gradient descent written out in plain Python loops, the oracle of both steps in the
library.

It knows no arrays: sums over examples and units as chapter 2 writes them, index by index.
"""

from collections.abc import Callable
from math import cosh, exp, tanh

import numpy as np
import pytest

from nncore.config import TrialConfig
from nncore.datasets.dataset import Split
from nncore.descent.backprop import sgd_step
from nncore.descent.sgd import Sgd
from nncore.network import Network

Matrix = list[list[float]]
Function = Callable[[float], float]

X = [[0.5, -0.25], [0.125, 1.0], [-0.75, 0.375]]
Y = [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
WEIGHTS = [[[0.3, -0.2, 0.5], [0.1, 0.4, -0.6]], [[0.7, -0.1], [-0.3, 0.2], [0.25, 0.9]]]
BIASES = [[0.05, -0.15, 0.2], [0.1, -0.4]]
TRAINING_SIZE, LEARNING_RATE = 3, 0.7


def sigmoid(z: float) -> float:
    return 1 / (1 + exp(-z))


FUNCTIONS: dict[str, tuple[Function, Function]] = {
    "sigmoid": (sigmoid, lambda z: exp(-z) / (1 + exp(-z)) ** 2),
    "tanh": (tanh, lambda z: 1 / cosh(z) ** 2),
    "relu": (lambda z: max(z, 0.0), lambda z: 1.0 if z > 0 else 0.0),
    "linear": (lambda z: z, lambda z: 1.0),
}


def plain_step(
    activation: str, output: str, cost: str, regularizer: str, lmbda: float
) -> tuple[list[Matrix], Matrix]:
    """Return weights and biases after one step from `WEIGHTS` and `BIASES` on all of `X`."""
    functions = [FUNCTIONS[activation], FUNCTIONS[output]]
    widths = [2, 3, 2]
    weight_sums = [[[0.0] * widths[k + 1] for _ in range(widths[k])] for k in range(2)]
    bias_sums = [[0.0] * widths[k + 1] for k in range(2)]
    for x, y in zip(X, Y, strict=True):
        z: Matrix = []
        a: Matrix = [x]
        for k in range(2):
            z.append(
                [
                    sum(WEIGHTS[k][i][j] * a[k][i] for i in range(widths[k])) + BIASES[k][j]
                    for j in range(widths[k + 1])
                ]
            )
            a.append([functions[k][0](value) for value in z[k]])
        last = [
            (a[2][j] - y[j]) * (functions[1][1](z[1][j]) if cost == "quadratic" else 1.0)
            for j in range(2)
        ]
        hidden = [
            sum(WEIGHTS[1][i][j] * last[j] for j in range(2)) * functions[0][1](z[0][i])
            for i in range(3)
        ]
        for k, delta in enumerate((hidden, last)):
            for j, error in enumerate(delta):
                bias_sums[k][j] += error
                for i in range(widths[k]):
                    weight_sums[k][i][j] += a[k][i] * error
    return (
        [
            [
                [
                    w
                    - LEARNING_RATE
                    * (total / len(X) + lmbda / TRAINING_SIZE * pull(regularizer, w))
                    for w, total in zip(row, totals, strict=True)
                ]
                for row, totals in zip(WEIGHTS[k], weight_sums[k], strict=True)
            ]
            for k in range(2)
        ],
        [
            [
                b - LEARNING_RATE * total / len(X)
                for b, total in zip(BIASES[k], bias_sums[k], strict=True)
            ]
            for k in range(2)
        ],
    )


def pull(regularizer: str, w: float) -> float:
    return w if regularizer == "l2" else (1.0 if w > 0 else -1.0)


def start(activation: str, output: str, cost: str) -> Network:
    weights = [np.asfortranarray(w) for w in WEIGHTS]
    return Network(weights, [np.array(b) for b in BIASES], activation, output, cost)


@pytest.mark.parametrize("lmbda", [0.0, 0.3, 6.0])
@pytest.mark.parametrize("regularizer", ["l1", "l2"])
@pytest.mark.parametrize(
    ("activation", "output", "cost"),
    [
        ("sigmoid", "sigmoid", "cross-entropy"),
        ("sigmoid", "sigmoid", "quadratic"),
        ("tanh", "tanh", "quadratic"),
        ("relu", "linear", "quadratic"),
        ("linear", "sigmoid", "cross-entropy"),
    ],
)
def test_both_steps_are_the_plain_one(
    activation: str, output: str, cost: str, regularizer: str, lmbda: float
) -> None:
    weights, biases = plain_step(activation, output, cost, regularizer, lmbda)
    readable, fused = start(activation, output, cost), start(activation, output, cost)
    sgd_step(
        readable,
        np.array(X),
        np.array(Y),
        TrialConfig(learning_rate=LEARNING_RATE, lmbda=lmbda, regularizer=regularizer),
        TRAINING_SIZE,
    )
    split = Split(np.array(X, np.float32), np.array(Y, np.float32), np.array([0, 1, 0]))
    descent = Sgd(
        fused, TrialConfig(mini_batch_size=3, lmbda=lmbda, regularizer=regularizer), TRAINING_SIZE
    )
    descent.epoch(split, np.array([2, 0, 1]), LEARNING_RATE)
    for network in (readable, fused):
        for got, expected in zip(network.weights, weights, strict=True):
            np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)
        for b, plain in zip(network.biases, biases, strict=True):
            np.testing.assert_allclose(b, plain, rtol=0, atol=1e-12)

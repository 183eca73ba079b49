"""The book's algorithm as a plain rendition: one example at a time, one column after the other.

It draws from the global generators as the book's program does, and shares no code with the package.
"""

# ruff: noqa: NPY002  the book's program draws from the global generators

import math
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Example = tuple[Array, Array]
Parameters = tuple[list[Array], list[Array]]
Error = Callable[[Array, Array], Array]
"""Returns the error of the output layer for its outputs and the targets."""


def seed(number: int) -> None:
    random.seed(number)
    np.random.seed(number)


def states() -> tuple[Any, ...]:
    """Return the states of both global generators, in a form that compares."""
    name, key, *rest = np.random.get_state()
    return (random.getstate(), name, np.asarray(key).tolist(), *rest)


def problem(n: int, sizes: list[int], number: int = 0) -> list[Example]:
    """Return `n` examples of random columns and unit vectors."""
    rng = np.random.default_rng(number)
    labels = rng.integers(sizes[-1], size=n)
    return [(rng.random((sizes[0], 1)), np.eye(sizes[-1])[:, [k]]) for k in labels]


def labeled(examples: list[Example]) -> list[tuple[Array, int]]:
    return [(x, int(y.argmax())) for x, y in examples]


def plain_draw(sizes: list[int], scaled: bool = True) -> Parameters:
    biases = [np.random.randn(n, 1) for n in sizes[1:]]
    weights = [np.random.randn(n, m) / (m**0.5 if scaled else 1) for m, n in pairwise(sizes)]
    return weights, biases


def plain_shuffle(items: list[Any]) -> None:
    """Shuffle as Python 2 does."""
    place = len(items) - 1
    while place > 0:
        other = math.floor(random.random() * (place + 1))
        items[place], items[other] = items[other], items[place]
        place -= 1


def plain_output(parameters: Parameters, x: Array) -> list[Array]:
    outputs = [x]
    for w, b in zip(*parameters, strict=True):
        outputs.append(1 / (1 + np.exp(-(w @ outputs[-1] + b))))
    return outputs


def cross_entropy_error(a: Array, y: Array) -> Array:
    return a - y


def quadratic_error(a: Array, y: Array) -> Array:
    return (a - y) * a * (1 - a)


def plain_gradient(parameters: Parameters, x: Array, y: Array, error: Error) -> Parameters:
    """Return ∂C/∂w and ∂C/∂b of one example."""
    weights = parameters[0]
    outputs = plain_output(parameters, x)
    delta = error(outputs[-1], y)
    gradient: Parameters = ([], [])
    for k in reversed(range(len(weights))):
        gradient[0].insert(0, delta * outputs[k].T)
        gradient[1].insert(0, delta)
        delta = weights[k].T @ delta * outputs[k] * (1 - outputs[k])
    return gradient


def plain_step(
    parameters: Parameters, batch: list[Example], eta: float, decay: float, error: Error
) -> Parameters:
    weights, biases = [decay * w for w in parameters[0]], list(parameters[1])
    for x, y in batch:
        dw, db = plain_gradient(parameters, x, y, error)
        weights = [w - eta / len(batch) * g for w, g in zip(weights, dw, strict=True)]
        biases = [b - eta / len(batch) * g for b, g in zip(biases, db, strict=True)]
    return weights, biases


def plain_epoch(
    parameters: Parameters,
    examples: list[Example],
    size: int,
    eta: float,
    lmbda: float,
    error: Error,
) -> Parameters:
    plain_shuffle(examples)
    decay = 1 - eta * lmbda / len(examples)
    for start in range(0, len(examples), size):
        parameters = plain_step(parameters, examples[start : start + size], eta, decay, error)
    return parameters


def plain_penalty(parameters: Parameters, lmbda: float, n: int) -> float:
    squares = sum(float(v) ** 2 for w in parameters[0] for v in w.ravel())
    return lmbda / (2 * n) * squares


def plain_count(parameters: Parameters, examples: list[Example]) -> int:
    return sum(
        int(plain_output(parameters, x)[-1].argmax()) == int(y.argmax()) for x, y in examples
    )


def assert_parameters(net: Any, parameters: Parameters) -> None:
    arrays = (*parameters[0], *parameters[1])
    for got, wanted in zip((*net.weights, *net.biases), arrays, strict=True):
        assert got.shape == wanted.shape
        assert got.dtype == np.float64
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-10)

"""The computations of the book's programs, call by call, as these programs make them.

They are written in our own words: one example at a time, `numpy.dot`, σ and σ' anew for each layer,
and gradients that begin as arrays of zeros. `book_loop` has the algorithm in a leaner form.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Layers = list[tuple[Array, Array]]  # weights (n_out, n_in) and biases (n_out, 1) of each layer
Examples = list[tuple[Array, Any]]
OutputError = Callable[[Array, Array, Array], Array]  # of z, a and the target


def sigmoid(z: Array) -> Array:
    """Return σ(z)."""
    a: Array = 1.0 / (1.0 + np.exp(-z))
    return a


def sigmoid_prime(z: Array) -> Array:
    """Return σ'(z)."""
    slope: Array = sigmoid(z) * (1 - sigmoid(z))
    return slope


def cross_entropy_error(z: Array, a: Array, y: Array) -> Array:
    """Return the output error of the cross-entropy."""
    return a - y


def quadratic_error(z: Array, a: Array, y: Array) -> Array:
    """Return the output error of the quadratic cost."""
    return (a - y) * sigmoid_prime(z)


def cross_entropy(a: Array, y: Array) -> float:
    """Return the cross-entropy of one example."""
    return float(np.sum(np.nan_to_num(-y * np.log(a) - (1 - y) * np.log(1 - a))))


def feedforward(layers: Layers, a: Array) -> Array:
    """Return the outputs for the column `a`."""
    for w, b in layers:
        a = sigmoid(np.dot(w, a) + b)
    return a


def backprop(layers: Layers, x: Array, y: Array, output_error: OutputError) -> Layers:
    """Return the gradients of the weights and biases of each layer for one example."""
    gradients = [(np.zeros(w.shape), np.zeros(b.shape)) for w, b in layers]
    activations, zs = [x], []
    for w, b in layers:
        zs.append(np.dot(w, activations[-1]) + b)
        activations.append(sigmoid(zs[-1]))
    delta = output_error(zs[-1], activations[-1], y)
    gradients[-1] = (np.dot(delta, activations[-2].T), delta)
    for k in range(len(layers) - 2, -1, -1):
        delta = np.dot(layers[k + 1][0].T, delta) * sigmoid_prime(zs[k])
        gradients[k] = (np.dot(delta, activations[k].T), delta)
    return gradients


def step(layers: Layers, batch: Examples, eta: float, decay: float) -> Layers:
    """Return the layers after one step on the cross-entropy."""
    sums = [(np.zeros(w.shape), np.zeros(b.shape)) for w, b in layers]
    for x, y in batch:
        gradients = backprop(layers, x, y, cross_entropy_error)
        sums = [(s + dw, t + db) for (s, t), (dw, db) in zip(sums, gradients, strict=True)]
    rate = eta / len(batch)
    return [
        (decay * w - rate * dw, b - rate * db)
        for (w, b), (dw, db) in zip(layers, sums, strict=True)
    ]


def epoch(layers: Layers, examples: Examples, size: int, eta: float, lmbda: float) -> Layers:
    """Return the layers after one step on each mini-batch of `examples`, in their order."""
    decay = 1 - eta * (lmbda / len(examples))
    for start in range(0, len(examples), size):
        layers = step(layers, examples[start : start + size], eta, decay)
    return layers


def accuracy(layers: Layers, examples: Examples) -> int:
    """Return the number of examples whose largest output is that of their label."""
    results = [(np.argmax(feedforward(layers, x)), label) for x, label in examples]
    return sum(int(place == label) for place, label in results)


def total_cost(layers: Layers, examples: Examples, lmbda: float) -> float:
    """Return the mean cross-entropy over `examples`, plus the L2 penalty with their number as n."""
    n = len(examples)
    cost = sum(cross_entropy(feedforward(layers, x), y) / n for x, y in examples)
    return cost + 0.5 * (lmbda / n) * sum(float(np.linalg.norm(w)) ** 2 for w, _ in layers)


def new_layers(sizes: tuple[int, ...], rng: np.random.Generator) -> Layers:
    """Return layers with scaled Gaussian weights."""
    return [
        (rng.standard_normal((n_out, n_in)) / np.sqrt(n_in), rng.standard_normal((n_out, 1)))
        for n_in, n_out in pairwise(sizes)
    ]

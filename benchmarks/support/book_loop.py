"""The book's algorithm as the book teaches it: one example, one column vector at a time.

It is written from the equations of chapter 2 and is not the book's program. It multiplies with
`numpy.dot`, as the book does: `@` takes longer for a column times a row.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Layers = list[list[Vector]]  # [weights (n_out, n_in), biases (n_out, 1)] of each layer


def network(sizes: tuple[int, ...], rng: np.random.Generator) -> Layers:
    """Return layers with scaled Gaussian weights."""
    return [
        [rng.standard_normal((n_out, n_in)) / np.sqrt(n_in), rng.standard_normal((n_out, 1))]
        for n_in, n_out in pairwise(sizes)
    ]


def epoch(
    layers: Layers,
    examples: list[tuple[Vector, Vector]],
    size: int,
    learning_rate: float,
    lmbda: float,
    order: NDArray[np.int64],
) -> None:
    """Train once through `examples` in `order`: mini-batch descent on cross-entropy with L2."""
    decay = 1 - learning_rate * lmbda / len(examples)
    for start in range(0, len(order), size):
        batch = [examples[k] for k in order[start : start + size]]
        sums = [[np.zeros_like(w), np.zeros_like(b)] for w, b in layers]
        for x, y in batch:
            for total, gradient in zip(sums, _gradient(layers, x, y), strict=True):
                total[0] = total[0] + gradient[0]
                total[1] = total[1] + gradient[1]
        for layer, (dw, db) in zip(layers, sums, strict=True):
            layer[0] = decay * layer[0] - learning_rate / len(batch) * dw
            layer[1] = layer[1] - learning_rate / len(batch) * db


def _gradient(layers: Layers, x: Vector, y: Vector) -> Layers:
    activations = [x]
    for w, b in layers:
        activations.append(_sigmoid(np.dot(w, activations[-1]) + b))
    delta = activations[-1] - y
    gradients: Layers = []
    for k in reversed(range(len(layers))):
        gradients.append([np.dot(delta, activations[k].T), delta])
        if k:
            a = activations[k]
            delta = np.dot(layers[k][0].T, delta) * a * (1 - a)
    return gradients[::-1]


def _sigmoid(z: Vector) -> Vector:
    result: Vector = 1 / (1 + np.exp(-z))
    return result

"""Initial weights: Gaussian draws, divided by a number that depends on the scheme.

Draws follow the order of the book's code (all biases layer by layer, then all weights), so the
book's seeds give the book's networks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Protocol

from nncore.arrays.layout import Array


class NormalGenerator(Protocol):
    """A generator of normal draws, such as NumPy's `Generator` and `RandomState`."""

    def standard_normal(self, size: tuple[int, ...]) -> Array:
        """Return N(0, 1) draws of shape `size`."""


@dataclass(frozen=True)
class Initializer:
    """A scheme: weights N(0, 1)/`divisor(n_in, n_out)`; biases N(0, 1) if random, else 0."""

    name: str
    divisor: Callable[[int, int], float]
    random_biases: bool

    def draw(self, sizes: Sequence[int], rng: NormalGenerator) -> tuple[list[Array], list[Array]]:
        """Return float64 weights `(n_in, n_out)` and biases `(n_out,)` for layer widths `sizes`."""
        pairs = list(pairwise(sizes))
        biases = [rng.standard_normal((n_out, 1))[:, 0] for _, n_out in pairs]
        weights = [
            (rng.standard_normal((n_out, n_in)) / self.divisor(n_in, n_out)).T
            for n_in, n_out in pairs
        ]
        return weights, biases if self.random_biases else [0 * bias for bias in biases]


INITIALIZERS = {
    entry.name: entry
    for entry in (
        Initializer("glorot", lambda n_in, n_out: sqrt((n_in + n_out) / 2), random_biases=False),
        Initializer("he", lambda n_in, _: sqrt(n_in / 2), random_biases=False),
        Initializer("large", lambda _in, _out: 1.0, random_biases=True),
        Initializer("scaled", lambda n_in, _: sqrt(n_in), random_biases=True),
    )
}
"""Every scheme by its name in a config.

`large` N(0, 1) and `scaled` N(0, 1/n_in): Nielsen ch. 1 and ch. 3, "Weight initialization";
`glorot` N(0, 2/(n_in + n_out)): Glorot & Bengio 2010; `he` N(0, 2/n_in): He et al. 2015.
"""

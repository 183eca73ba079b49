"""What the networks of chapters 1 to 3 share: their parameters, feedforward, backprop, one step.

`network` and `network2` add the interfaces of their chapters.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from types import MethodType
from typing import Any, ClassVar

import numpy as np

from nncore.arrays.blas import one_blas_thread
from nncore.arrays.layout import Array
from nncore.book.costs import sigmoid
from nncore.book.epochs import Settings, fast_epochs, plain_epochs
from nncore.book.examples import (
    Example,
    Examples,
    Layers,
    as_list,
    check_columns,
    check_examples,
    check_sizes,
    checked_layers,
    labeled_split,
    vectorized_split,
)
from nncore.book.monitoring import count_right
from nncore.components.costs import COSTS
from nncore.components.initializers import INITIALIZERS
from nncore.datasets.dataset import Split
from nncore.errors import require
from nncore.network import Network as CoreNetwork

Gradient = tuple[list[Array], list[Array]]

ANY_COST = "quadratic"
"""Outputs and accuracies do not depend on the cost."""

FEW = 10
"""Up to this number of examples, one after the other takes less time than all of them as rows."""


@dataclass(frozen=True)
class Run:
    """A training run: its epochs, to be closed at the end; and what a fast run trains, on what."""

    epochs: Generator[int, None, None]
    core: CoreNetwork | None = None
    split: Split | None = None


class SigmoidNetwork:
    """A network of sigmoid layers in float64, with parameters in the book's shapes.

    `weights[k]` is `(n_out, n_in)` and `biases[k]` `(n_out, 1)`; both lists may be read, changed
    and assigned. Weights and orders are drawn from the global `numpy.random` and `random`, in the
    order of the book's program.

    Parameters
    ----------
    sizes
        The widths of the layers, inputs first.

    Raises
    ------
    InputError
        If `sizes` are not two or more whole numbers >= 1.
    """

    weights: list[Array]
    biases: list[Array]

    _ours: ClassVar[dict[str, Callable[..., Any]]]
    """The methods that a reader may replace, as this package defines them."""

    def __init__(self, sizes: Sequence[int]) -> None:
        check_sizes(sizes)
        self.num_layers = len(sizes)
        self.sizes = sizes

    def feedforward(self, a: Array) -> Array:
        """Return the outputs `(n_out, m)` for inputs `a` `(n_in, m)`, with a column per example.

        Raises `InputError` if `a` has another shape.
        """
        return _outputs(self._layers(), check_columns(a, self.sizes[0], "a"))

    def backprop(self, x: Array, y: Array) -> Gradient:
        """Return ∂C/∂b and ∂C/∂w, layer by layer, with C the sum of the costs of all columns.

        For one example, `x` is `(n_in, 1)` and `y` `(n_out, 1)`, and the gradients have the shapes
        of `biases` and `weights`. For a matrix `x` `(n_in, m)` of m examples, ∂C/∂w is the sum over
        the examples, and ∂C/∂b `(n_out, m)` has a column for each, as in the book's formulas.
        Nielsen ch. 2, BP1 to BP4.

        Raises `InputError` if `x` or `y` has another shape.
        """
        layers = self._layers()
        zs, activations = _forward(layers, check_columns(x, self.sizes[0], "x"))
        delta = self._output_error(zs[-1], activations[-1], y)  # BP1
        nabla_b, nabla_w = [delta], [np.dot(delta, activations[-2].T)]  # BP3, BP4
        for k in range(len(layers) - 1, 0, -1):
            a = activations[k]
            delta = np.dot(layers[k][0].T, delta) * (a * (1 - a))  # BP2
            nabla_b.append(delta)
            nabla_w.append(np.dot(delta, activations[k - 1].T))
        return nabla_b[::-1], nabla_w[::-1]

    def _output_error(self, z: Array, a: Array, y: Array) -> Array:
        """Return the error of the output layer, `(n_out, m)`."""
        raise NotImplementedError

    def _has_own_gradient(self) -> bool:
        """Return whether the reader has replaced a part of the gradient."""
        raise NotImplementedError

    def _step(self, mini_batch: Examples, eta: float, decay: float) -> None:
        """Set w ← decay·w − η ∂C/∂w and b ← b − η ∂C/∂b, with C the mean cost of `mini_batch`.

        The arrays are new ones, as in the book: those that the reader holds keep their values.
        """
        batch = as_list(mini_batch, "mini_batch")
        nabla_b, nabla_w = self._summed_gradient(batch)
        rate = eta / len(batch)
        self.weights = [decay * w - rate * g for w, g in zip(self.weights, nabla_w, strict=True)]
        self.biases = [b - rate * g for b, g in zip(self.biases, nabla_b, strict=True)]

    def _summed_gradient(self, batch: list[Example]) -> Gradient:
        """Return the sums of ∂C/∂b and of ∂C/∂w over the examples.

        A gradient of the reader's own is called for each example, as it may take columns only.
        """
        require(len(batch) > 0, "mini_batch", "hold one or more pairs (x, y)", batch)
        if not self._has_own_gradient():
            if len(batch) > 1:
                split = self._split(batch, "mini_batch", labeled=False)
                with one_blas_thread():
                    nabla_b, nabla_w = self.backprop(split.x.T, split.y.T)
                return [b.sum(axis=1, keepdims=True) for b in nabla_b], nabla_w
            self._check(batch, "mini_batch", labeled=False)
        x, y = batch[0]
        nabla_b, nabla_w = self.backprop(x, y)
        for x, y in batch[1:]:
            more_b, more_w = self.backprop(x, y)
            nabla_b = [total + more for total, more in zip(nabla_b, more_b, strict=True)]
            nabla_w = [total + more for total, more in zip(nabla_w, more_w, strict=True)]
        return nabla_b, nabla_w

    def _summed_cost(self, examples: list[Example], name: str) -> float:
        """Return the sum of the costs of a few examples for a cost of this package.

        The cost is computed from z, so it is correct where outputs saturate.
        """
        layers, value, total = self._layers(), COSTS[name].value, 0.0
        with np.errstate(all="ignore"):  # a network that diverged overflows; its cost shows it
            for x, y in examples:
                zs, activations = _forward(layers, x)
                total += float(value(zs[-1].T, activations[-1].T, np.transpose(y)).sum())
        return total

    def _count_right(self, data: Examples, name: str, labeled: bool) -> int:
        """Return how many examples have their largest output in the right place."""
        examples = as_list(data, name)
        if not examples:
            return 0
        outputs = self.feedforward
        if not self._replaces("feedforward"):
            if len(examples) > FEW:
                return count_right(self._core(ANY_COST), self._split(examples, name, labeled))
            self._check(examples, name, labeled)
            outputs = partial(_outputs, self._layers())
        right = 0
        for x, y in examples:
            label = y if labeled else np.asarray(y).argmax()
            right += int(np.asarray(outputs(x)).argmax() == label)
        return right

    def _replaces(self, *names: str) -> bool:
        """Return whether the reader has replaced one of the methods `names`.

        This can be done in a subclass, in the class itself, or on the instance.
        """
        return any(getattr(self, name) != MethodType(self._ours[name], self) for name in names)

    def _layers(self) -> Layers:
        return checked_layers(self.sizes, self.weights, self.biases)

    def _draw(self, initializer: str) -> None:
        self._bind(*INITIALIZERS[initializer].draw(self.sizes, np.random))

    def _bind(self, weights: list[Array], biases: list[Array]) -> None:
        """Set `weights` and `biases` to views of core arrays, in the book's shapes."""
        self.weights = [w.T for w in weights]
        self.biases = [b[:, np.newaxis] for b in biases]

    def _core(self, cost: str) -> CoreNetwork:
        """Return a core network that shares the arrays of this network."""
        layers = self._layers()
        weights, biases = [w.T for w, _ in layers], [b[:, 0] for _, b in layers]
        return CoreNetwork(weights, biases, "sigmoid", "sigmoid", cost)

    def _start(
        self,
        training: list[Example],
        settings: Settings,
        cost: str | None,
        update_mini_batch: Callable[[list[Example]], object],
    ) -> Run:
        """Return a training run that has not begun.

        `cost` is the name of the cost in the rest of this package, or None for a reader's own.
        """
        if cost is None or self._replaces(*self._ours) or not training:
            return Run(plain_epochs(training, settings, update_mini_batch))
        split = self._split(training, "training_data", labeled=False)
        config = settings.config(len(split))
        core = self._core(cost).copy()  # arrays that the user holds keep their values
        self._bind(core.weights, core.biases)
        return Run(fast_epochs(core, training, split, config, settings.epochs), core, split)

    def _split(self, examples: list[Example], name: str, labeled: bool) -> Split:
        """Return the rows of `examples`; `labeled` says whether they have the form of test data."""
        convert = labeled_split if labeled else vectorized_split
        return convert(examples, self.sizes[0], self.sizes[-1], name)

    def _check(self, examples: list[Example], name: str, labeled: bool) -> None:
        """Check what `_split` checks, in less time for a few examples."""
        check_examples(examples, self.sizes[0], self.sizes[-1], name, labeled)


def _forward(layers: Layers, x: Array) -> tuple[list[Array], list[Array]]:
    """Return z of each layer, and the inputs `x` followed by the outputs a of each layer."""
    zs, activations = [], [x]
    for w, b in layers:
        zs.append(np.dot(w, activations[-1]) + b)
        activations.append(sigmoid(zs[-1]))
    return zs, activations


def _outputs(layers: Layers, a: Array) -> Array:
    """Return the outputs `(n_out, m)` of `layers` for inputs `a` `(n_in, m)`."""
    for w, b in layers:
        a = sigmoid(np.dot(w, a) + b)
    return a

"""The parts of the book's own program that differ from this package, shuffle to report.

The published results were made with Python 2, whose shuffle Python 3 no longer has; an example is
a pair of a column x and either a column y, to train on, or a label, to evaluate on.
"""

import random
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, xlogy

from nncore.arrays.layout import Array
from nncore.datasets.base import Split, one_hot
from nncore.errors import InputError, require

Examples = Iterable[tuple[Any, Any]]


class BookShuffler:
    """Python 2's `random.shuffle` over the stream of `random.seed(seed)`.

    Without a seed it draws from the global `random`, as the book's program does.
    """

    def __init__(self, seed: int | None = None) -> None:
        # The book's stream, not a secret.
        self._random = random.random if seed is None else random.Random(seed).random  # noqa: S311

    def shuffle(self, x: NDArray[Any], /) -> None:
        """Shuffle `x`, `(n,)`, in place: from the last place down, swap with one not after it."""
        values = x.tolist()
        draw = self._random
        for i in range(len(values) - 1, 0, -1):
            j = int(draw() * (i + 1))
            values[i], values[j] = values[j], values[i]
        x[:] = values


def sigmoid(z: Array) -> Array:
    """Return σ(z) = 1/(1 + e^−z), element by element (Nielsen ch. 1, eq. 3)."""
    a: Array = expit(z)
    return a


def sigmoid_prime(z: Array) -> Array:
    """Return σ'(z) = σ(z)(1 − σ(z)), element by element."""
    gradient: Array = sigmoid(z) * (1 - sigmoid(z))
    return gradient


class QuadraticCost:
    """The quadratic cost, ½ ‖a − y‖² (Nielsen ch. 1, eq. 6)."""

    @staticmethod
    def fn(a: Array, y: Array) -> float:
        """Return the cost of outputs `a` for targets `y`, both `(n_out, 1)`."""
        return 0.5 * float(np.square(np.subtract(a, y)).sum())

    @staticmethod
    def delta(z: Array, a: Array, y: Array) -> Array:
        """Return the output error (a − y) σ'(z), `(n_out, 1)` (ch. 2, eq. 30)."""
        return (a - y) * sigmoid_prime(z)


class CrossEntropyCost:
    """The cross-entropy, −Σ [y ln a + (1 − y) ln(1 − a)] (Nielsen ch. 3, eq. 63)."""

    @staticmethod
    def fn(a: Array, y: Array) -> float:
        """Return the cost of outputs `a` for targets `y`, both `(n_out, 1)`; 0 ln 0 counts as 0.

        An output saturated on the wrong side costs the largest float, not infinity, as in the book.
        """
        log_likelihood = xlogy(y, a) + xlogy(np.subtract(1, y), np.subtract(1, a))
        return float(np.nan_to_num(-log_likelihood).sum())

    @staticmethod
    def delta(z: Array, a: Array, y: Array) -> Array:
        """Return the output error a − y, `(n_out, 1)`; `z` takes no part (ch. 3, eq. 66)."""
        return a - y


CORE_NAMES: dict[type, str] = {CrossEntropyCost: "cross-entropy", QuadraticCost: "quadratic"}
"""What the rest of this package calls each cost."""

COSTS = {cost.__name__: cost for cost in CORE_NAMES}
"""The costs by the names that saved networks know them by."""


def cost_class(cost: object) -> type:
    """Return the class of a cost given as a class or an instance.

    Raises
    ------
    InputError
        If it lacks the methods that the book asks of a cost.
    """
    kind = cost if isinstance(cost, type) else type(cost)
    is_cost = hasattr(cost, "fn") and hasattr(cost, "delta")
    require(is_cost, "cost", "be a class with `fn` and `delta`", kind.__name__)
    return kind


def core_cost(cost: object) -> str:
    """Return what the rest of this package calls a cost; `InputError` if it does not have it."""
    kind = cost if isinstance(cost, type) else type(cost)
    require(kind in CORE_NAMES, "cost", f"be {' or '.join(COSTS)}", kind.__name__)
    return CORE_NAMES[kind]


def plain(value: Any) -> Any:
    """Return a NumPy number, a 0-d array too, as plain Python, and anything else as it is."""
    return value.item() if isinstance(value, np.generic | np.ndarray) and not value.ndim else value


def check_sizes(sizes: Sequence[int]) -> None:
    """Raise `InputError` unless `sizes` are two or more widths, inputs first."""
    whole = np.ndim(sizes) == 1 and all(isinstance(n, int | np.integer) and n > 0 for n in sizes)
    require(whole and len(sizes) > 1, "sizes", "be a list of two or more widths >= 1", sizes)


def check_shapes(sizes: Sequence[int], weights: list[Array], biases: list[Array]) -> None:
    """Raise `InputError` unless weights are `(n_out, n_in)` and biases `(n_out, 1)` throughout."""
    shapes = [(n_out, n_in) for n_in, n_out in pairwise(sizes)]
    got = [np.shape(w) for w in weights]
    require(got == shapes, "weights", f"have the shapes {shapes}", got)
    shapes = [(n_out, 1) for n_out in sizes[1:]]
    got = [np.shape(b) for b in biases]
    require(got == shapes, "biases", f"have the shapes {shapes}", got)


class Report:
    """One data set's lines of the printed report, and the lists that they fill."""

    def __init__(self, name: str, cost: bool, accuracy: bool) -> None:
        self.name, self.cost, self.accuracy = name, cost, accuracy
        self.wanted = cost or accuracy
        self.costs: list[float] = []
        self.counts: list[int] = []

    def add(self, cost: float, count: int, size: int) -> None:
        """Print and keep what is wanted of an epoch's cost and of its `count` right of `size`."""
        if self.cost:
            self.costs.append(cost)
            say(f"Cost on {self.name} data: {cost}")
        if self.accuracy:
            self.counts.append(count)
            say(f"Accuracy on {self.name} data: {count} / {size}")


def say(line: str = "") -> None:
    """Print one line of the report."""
    print(line)  # noqa: T201  the book's program reports on the terminal


def vectorized_split(examples: Examples, n_in: int, n_out: int, name: str) -> Split:
    """Return the rows of pairs of x `(n_in, 1)` and y `(n_out, 1)`; the largest y is the label.

    Rows are float32 where all columns are, else float64.

    Raises
    ------
    InputError
        If there are no pairs or they are of other shapes; it calls them by `name`.
    """
    xs, ys = _unzip(examples, name)
    x, y = _rows(xs, n_in, f"x of {name}"), _rows(ys, n_out, f"y of {name}")
    return Split(x, y, y.argmax(axis=1))


def labelled_split(examples: Examples, n_in: int, n_out: int, name: str) -> Split:
    """Return the rows of pairs of x `(n_in, 1)` and a label 0 … n_out − 1.

    A label is a whole number of any type, 3.0 or a 0-d array too. Raises `InputError` as
    `vectorized_split` does.
    """
    xs, labels = _unzip(examples, name)
    key, rule = f"y of {name}", f"be a label 0 to {n_out - 1}"
    for label in map(plain, labels):
        number = isinstance(label, int | float)
        known = number and 0 <= label < n_out and label % 1 == 0
        require(known, key, rule, label if number else type(label).__name__)
    indices = np.array(labels, np.int64)
    return Split(_rows(xs, n_in, f"x of {name}"), one_hot(indices, n_out), indices)


def _unzip(examples: Examples, name: str) -> tuple[Sequence[Any], Sequence[Any]]:
    try:
        xs, ys = zip(*examples, strict=True)
    except (TypeError, ValueError) as error:
        raise InputError(f"`{name}` must hold one or more pairs (x, y): {error}") from error
    return xs, ys


def _rows(columns: Sequence[Any], size: int, name: str) -> Array:
    """Return columns `(size, 1)` as rows `(n, size)`, in one copy."""
    rule = f"have the shape {(size, 1)}"
    try:
        stacked, lengths = np.concatenate(columns), set(map(len, columns))
    except (TypeError, ValueError) as error:
        raise InputError(f"`{name}` must {rule}: {error}") from error
    # Arrays that could be stacked differ in length at most.
    got = [(length, *stacked.shape[1:]) for length in sorted(lengths)]
    require(got == [(size, 1)], name, rule, got)
    require(stacked.dtype.kind in "biuf", name, "hold numbers", stacked.dtype.name)
    rows = stacked.reshape(-1, size)
    return rows if rows.dtype == np.float32 else rows.astype(np.float64, copy=False)

"""The costs of the book's `network2`, as classes with `fn` and `delta`, and its sigmoid.

`own_name` returns the name under which the rest of this package knows a cost.
"""

import numpy as np
from scipy.special import expit, xlogy

from nncore.arrays.layout import Array
from nncore.errors import require


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
        """Return the cost of outputs `a` for targets `y`, both `(n_out, 1)`, with 0 ln 0 = 0.

        The cost of an output that saturates on the wrong side is the largest float, not infinity,
        as in the book.
        """
        log_likelihood = xlogy(y, a) + xlogy(np.subtract(1, y), np.subtract(1, a))
        return float(np.nan_to_num(-log_likelihood).sum())

    @staticmethod
    def delta(z: Array, a: Array, y: Array) -> Array:
        """Return the output error a − y, `(n_out, 1)`; independent of `z` (ch. 3, eq. 66)."""
        return a - y


OWN_COSTS = [
    (CrossEntropyCost.fn, CrossEntropyCost.delta, "cross-entropy"),
    (QuadraticCost.fn, QuadraticCost.delta, "quadratic"),
]
"""The functions of each cost, as this package defines them, and its name in the rest of it."""


def cost_class(cost: object) -> type:
    """Return the class of a cost that is given as a class or an instance.

    Raises
    ------
    InputError
        If it lacks `fn` or `delta`, the methods of the book's costs.
    """
    kind = cost if isinstance(cost, type) else type(cost)
    is_cost = hasattr(cost, "fn") and hasattr(cost, "delta")
    require(is_cost, "cost", "be a class with `fn` and `delta`", kind.__name__)
    return kind


def own_name(cost: object) -> str | None:
    """Return the name of a cost in the rest of this package; None for a reader's own cost.

    A subclass that keeps `fn` and `delta` is the same cost. Raises `InputError` as `cost_class`.
    """
    for fn, delta, name in OWN_COSTS:
        if getattr(cost, "fn", None) is fn and getattr(cost, "delta", None) is delta:
            return name
    cost_class(cost)
    return None

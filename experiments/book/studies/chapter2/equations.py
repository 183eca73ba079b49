"""BP1 to BP4, each for itself: both sides of every equation, one by finite differences.

Nielsen ch. 2, "The four fundamental equations behind backpropagation". The study `gradient_check`
checks their result, the gradient that the code computes.
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from experiments.book.arm_runs import Runs
from experiments.book.book_files import BookFiles
from experiments.book.exact_verdicts import value_in_range
from experiments.book.figures.colors import color_of
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict
from nncore.arrays.layout import Array
from results.drawing.style import dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZES = (6, 5, 4, 3)
STEP, SAME = 1e-5, 1e-6
EQUATIONS = {
    "BP1": "δ of the output layer = ∇C ⊙ σ′(z)",
    "BP2": "δ = Wᵀδ of the next layer ⊙ σ′(z)",
    "BP3": "∂C/∂b = δ",
    "BP4": "∂C/∂w = δ times the activation that enters",
}


def sigmoid(z: Array) -> Array:
    """Return σ(z)."""
    value: Array = 1 / (1 + np.exp(-z))
    return value


def slope(z: Array) -> Array:
    """Return σ′(z) = σ(z)(1 − σ(z))."""
    value: Array = sigmoid(z) * (1 - sigmoid(z))
    return value


def differences(function: Callable[[Array], float], point: Array) -> Array:
    """Return the derivatives of a function by each entry of `point`, by central differences."""
    derivatives = np.empty_like(point)
    for place in np.ndindex(point.shape):
        ends = []
        for change in (STEP, -STEP):
            moved = point.copy()
            moved[place] += change
            ends.append(function(moved))
        derivatives[place] = (ends[0] - ends[1]) / (2 * STEP)
    return derivatives


class Example:
    """A network of random weights `(n_out, n_in)`, an input, a target, and what each layer has."""

    def __init__(self) -> None:
        rng = np.random.default_rng(4)
        pairs = list(pairwise(SIZES))
        self.w = [rng.standard_normal((n_out, n_in)) for n_in, n_out in pairs]
        self.b = [rng.standard_normal(n_out) for _, n_out in pairs]
        self.y = np.eye(SIZES[-1])[1]
        self.z: list[Array] = []
        self.a = [rng.standard_normal(SIZES[0])]
        for w, b in zip(self.w, self.b, strict=True):
            self.z.append(w @ self.a[-1] + b)
            self.a.append(sigmoid(self.z[-1]))

    def cost_from(self, layer: int, z: Array) -> float:
        """Return the quadratic cost if the weighted inputs of `layer` were `z`."""
        for w, b in zip(self.w[layer + 1 :], self.b[layer + 1 :], strict=True):
            z = w @ sigmoid(z) + b
        return float(((sigmoid(z) - self.y) ** 2).sum() / 2)

    def delta(self, layer: int) -> Array:
        """Return δ = ∂C/∂z of a layer by its definition, equation 29."""
        return differences(lambda z: self.cost_from(layer, z), self.z[layer])

    def sides(self, equation: str, layer: int) -> tuple[Array, Array]:
        """Return both sides of an equation; the left one, and each δ, by finite differences."""
        delta, below = self.delta(layer), self.a[layer]
        match equation:
            case "BP1":
                return delta, (self.a[-1] - self.y) * slope(self.z[-1])
            case "BP2":
                return delta, (self.w[layer + 1].T @ self.delta(layer + 1)) * slope(self.z[layer])
            case "BP3":
                by_bias = differences(
                    lambda b: self.cost_from(layer, self.w[layer] @ below + b), self.b[layer]
                )
                return by_bias, delta
            case _:
                by_weight = differences(
                    lambda w: self.cost_from(layer, w @ below + self.b[layer]), self.w[layer]
                )
                return by_weight, np.outer(delta, below)


@cache
def layer_errors(equation: str) -> dict[int, float]:
    """Return ‖left − right‖/(‖left‖ + ‖right‖) of an equation for each layer that it is about."""
    example, last = Example(), len(SIZES) - 2
    layers = {"BP1": [last], "BP2": range(last)}.get(equation, range(last + 1))
    errors = {}
    for layer in layers:
        left, right = example.sides(equation, layer)
        norms = np.linalg.norm(left) + np.linalg.norm(right)
        errors[layer] = float(np.linalg.norm(left - right) / norms)
    return errors


def table(runs: Runs) -> list[dict[str, str]]:
    """Return each equation with its largest relative error."""
    return [
        {
            "equation": name,
            "it says": meaning,
            "largest relative error": f"{max(layer_errors(name).values()):.1e}",
        }
        for name, meaning in EQUATIONS.items()
    ]


def draw(ax: "Axes", runs: Runs, book: BookFiles) -> None:
    """Draw the error of each equation in each layer."""
    for name in EQUATIONS:
        errors, color = layer_errors(name), color_of(ax, name)
        layers = [2 + layer for layer in errors]  # the book counts the inputs as layer 1
        ax.semilogy(layers, list(errors.values()), "o", color=color, label=name)
    ax.set(xlabel="layer", ylabel="relative error")
    ax.set_xticks(range(2, 1 + len(SIZES)))
    dress(ax, "Both sides of each equation")


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Check that both sides of each equation agree in every layer."""
    return [
        value_in_range(
            f"{name}: largest relative error", max(layer_errors(name).values()), 0.0, SAME
        )
        for name in EQUATIONS
    ]


STUDY = Study(
    name="equations",
    question="Does each of the four equations of backpropagation hold for itself?",
    book_reports="Proves BP1 and BP2, and asks for proofs of BP3 and BP4.",
    minutes=0.0,
    panels=(draw,),
    check=check,
    table=table,
    notes="The errors δ are taken from their definition, ∂C/∂z, by central differences, so each "
    "equation is checked without the others. BP3 has no error at all, because a bias and its "
    "weighted input change the cost through one and the same sum. The network is drawn from one "
    "fixed seed, so the study needs no other seeds. See [gradient-check](gradient-check.md) for "
    "the gradient that the code computes.",
)

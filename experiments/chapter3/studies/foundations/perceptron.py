"""A sigmoid neuron with ever larger weights becomes a perceptron.

Nielsen ch. 1, "Sigmoid neurons", exercise: multiply weights and bias by c.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.chapter3.book_files import Book
from experiments.chapter3.figures.panels import COLOURS
from experiments.chapter3.runs import Runs
from experiments.chapter3.study import Study
from experiments.chapter3.verdicts import Verdict, lies
from nncore.arrays.layout import Array
from nncore.components.activations import ACTIVATIONS
from results.drawing.style import dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FACTORS = (1.0, 2.0, 5.0, 20.0, 100.0)
NEAR = 0.1  # a neuron with w·x + b = 0 is no perceptron for any c; this is left out


def sigmoid(z: Array) -> Array:
    """Return σ(z) by the code that trains."""
    return ACTIVATIONS["sigmoid"](z)


def distance(c: float) -> float:
    """Return the largest |σ(cz) − step(z)| over all |z| >= 0.1."""
    z = np.linspace(-5, 5, 10_001)
    z = z[np.abs(z) >= NEAR]
    return float(np.abs(sigmoid(c * z) - (z > 0)).max())


def draw(ax: "Axes", runs: Runs, book: Book) -> None:
    """Draw σ(cz) for growing c."""
    z = np.linspace(-3, 3, 601)
    for colour, c in zip(COLOURS, FACTORS, strict=False):
        ax.plot(z, sigmoid(c * z), color=colour, label=f"c = {c:g}")
    ax.set(xlabel="z", ylabel="σ(cz)")
    dress(ax, "Sigmoid neurons on their way to a perceptron")
    ax.legend(fontsize=7, frameon=False)


def table(runs: Runs) -> list[dict[str, str]]:
    """Return the distance from the step function for each c."""
    return [{"c": f"{c:g}", "largest |σ(cz) − step|": f"{distance(c):.2g}"} for c in FACTORS]


def check(runs: Runs) -> Sequence[Verdict]:
    """See that the distance falls with c, to nothing."""
    distances = np.array([distance(c) for c in FACTORS])
    ratios = distances[1:] / distances[:-1]
    return [
        lies("Each larger c is nearer", float(ratios.max()), 0.0, 1.0),
        lies("c = 100 is a step function", float(distances[-1]), 0.0, 1e-4),
    ]


STUDY = Study(
    name="perceptron",
    question="What becomes of a sigmoid neuron when its weights and bias grow?",
    found="As c → ∞, a network of sigmoid neurons behaves as one of perceptrons, unless w·x + b = "
    "0 for one of them.",
    minutes=0.0,
    panels=(draw,),
    check=check,
    table=table,
    notes="Nothing is random here, so there are no seeds.",
)

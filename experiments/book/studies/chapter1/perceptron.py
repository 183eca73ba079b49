"""A sigmoid neuron with ever larger weights becomes a perceptron.

Nielsen ch. 1, "Sigmoid neurons", exercise: multiply weights and bias by c.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.book.arm_runs import Runs
from experiments.book.book_files import BookFiles
from experiments.book.exact_verdicts import value_in_range
from experiments.book.figures.colors import color_of
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict
from nncore.arrays.layout import Array
from nncore.components.activations import ACTIVATIONS
from results.drawing.style import dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FACTORS = (1.0, 2.0, 5.0, 20.0, 100.0)
NEAR = 0.1  # with w·x + b = 0 no c makes the neuron a perceptron, so |z| < 0.1 is left out


def sigmoid(z: Array) -> Array:
    """Return σ(z), computed by the code that trains networks."""
    return ACTIVATIONS["sigmoid"](z)


def distance(c: float) -> float:
    """Return the largest |σ(cz) − step(z)| over all |z| >= 0.1."""
    z = np.linspace(-5, 5, 10_001)
    z = z[np.abs(z) >= NEAR]
    return float(np.abs(sigmoid(c * z) - (z > 0)).max())


def draw(ax: "Axes", runs: Runs, book: BookFiles) -> None:
    """Draw σ(cz) for growing c."""
    z = np.linspace(-3, 3, 601)
    for label, c in ((f"c = {c:g}", c) for c in FACTORS):
        ax.plot(z, sigmoid(c * z), color=color_of(ax, label), label=label)
    ax.set(xlabel="z", ylabel="σ(cz)")
    dress(ax, "A sigmoid neuron approaches a perceptron")


def table(runs: Runs) -> list[dict[str, str]]:
    """Return the distance from the step function for each c."""
    return [{"c": f"{c:g}", "largest |σ(cz) − step|": f"{distance(c):.2g}"} for c in FACTORS]


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Check that the distance falls with c, to nearly 0."""
    distances = np.array([distance(c) for c in FACTORS])
    ratios = distances[1:] / distances[:-1]
    return [
        value_in_range(
            "Largest ratio of successive distances as c grows",
            float(ratios.max()),
            0.0,
            1.0,
        ),
        value_in_range(
            "Distance from the step function at c = 100", float(distances[-1]), 0.0, 1e-4
        ),
    ]


STUDY = Study(
    name="perceptron",
    question="Does a sigmoid neuron become a perceptron when its weights and bias grow?",
    book_reports="As c → ∞, a network of sigmoid neurons behaves like a network of perceptrons, "
    "unless w·x + b = 0 for one of its neurons.",
    minutes=0.0,
    panels=(draw,),
    check=check,
    table=table,
    notes="This study has no randomness, so it has no seeds.",
)

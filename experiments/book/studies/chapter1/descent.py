"""Among steps of one length, −∇C is the best direction; steps of fixed length never settle.

Nielsen ch. 1, "Learning with gradient descent", exercises after eq. 15.
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
from nncore.config import TrialConfig
from nncore.descent.update_rule import new_state
from nncore.descent.updates import UPDATES
from results.drawing.style import dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CURVATURE = np.array([1.0, 6.0])
START = np.array([-2.0, 1.0])
RATES = {"gradient": 0.1, "fixed-length": 0.2}
STEPS = 60


def cost(v: Array) -> float:
    """Return C(v) = ½ Σ c v², a long valley."""
    return float((CURVATURE * v * v).sum() / 2)


def path(rule: str) -> Array:
    """Return the points that an update rule visits, `(STEPS + 1, 2)`."""
    config = TrialConfig(learning_rate=RATES[rule], step=rule)
    v, points = START.copy(), [START]
    for _ in range(STEPS):
        UPDATES[rule].readable([v], new_state([v]), [CURVATURE * v], config)
        points.append(v.copy())
    return np.array(points)


def best_direction(v: Array, length: float) -> float:
    """Return the angle in degrees between −∇C and the best of 3,600 short steps from `v`."""
    angles = np.linspace(0, 2 * np.pi, 3_600, endpoint=False)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    costs = [cost(v + length * direction) for direction in directions]
    downhill = -CURVATURE * v / np.linalg.norm(CURVATURE * v)
    cosine = float(np.clip(directions[int(np.argmin(costs))] @ downhill, -1, 1))
    return float(np.degrees(np.arccos(cosine)))


def draw_paths(ax: "Axes", runs: Runs, book: BookFiles) -> None:
    """Draw both paths down the valley."""
    x, y = np.meshgrid(np.linspace(-2.4, 0.8, 120), np.linspace(-0.8, 1.2, 120))
    ax.contour(x, y, (x**2 + 6 * y**2) / 2, levels=12, colors="#DDDDDD")
    for rule in RATES:
        points, color = path(rule), color_of(ax, rule)
        ax.plot(*points.T, "o-", color=color, markersize=3, linewidth=1, label=rule)
    ax.set(xlabel="$v_1$", ylabel="$v_2$")
    dress(ax, "Two ways down", grid="")


def draw_costs(ax: "Axes", runs: Runs, book: BookFiles) -> None:
    """Draw the cost after each step."""
    for rule in RATES:
        ax.semilogy([cost(v) for v in path(rule)], color=color_of(ax, rule), label=rule)
    ax.set(xlabel="step", ylabel="C")
    dress(ax, "Cost")


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Check that no direction is better than −∇C, and how far from the minimum each rule ends."""
    misses = [best_direction(v, 1e-4) for v in path("fixed-length")[:8]]
    ends = {rule: float(np.linalg.norm(path(rule)[-1])) for rule in RATES}
    length = RATES["fixed-length"]
    return [
        value_in_range(
            "Angle between the best short step and −∇C, in degrees", max(misses), 0, 0.1
        ),
        value_in_range("Steps −η∇C: final distance from the minimum", ends["gradient"], 0, 0.01),
        value_in_range(
            "Steps of fixed length: final distance from the minimum",
            ends["fixed-length"],
            length / 8,
            length,
        ),
    ]


STUDY = Study(
    name="descent",
    question="Is −∇C the best direction for a step of fixed length, and do such steps settle?",
    book_reports="By the Cauchy–Schwarz inequality, Δv = −ε∇C/‖∇C‖ decreases C most among all "
    "steps of length ε.",
    minutes=0.0,
    panels=(draw_paths, draw_costs),
    check=check,
    notes="This study has no randomness, so it has no seeds.",
)

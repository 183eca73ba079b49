"""Backpropagation, BP1 to BP4, against finite differences for each pair of output and cost.

Nielsen ch. 2, "The four fundamental equations behind backpropagation", and ch. 3, eq. 81 and 82.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from experiments.book.arm_runs import Runs
from experiments.book.book_files import BookFiles
from experiments.book.exact_verdicts import value_in_range
from experiments.book.figures.colors import color_of
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict
from nncore.config import TrialConfig
from nncore.descent.gradient_check import GradientCheck, gradient_check
from nncore.network import new_network
from results.drawing.style import GRAY, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAIRS = (
    ("sigmoid", "quadratic"),
    ("sigmoid", "cross-entropy"),
    ("softmax", "log-likelihood"),
    ("softmax", "quadratic"),
)
SAME = 1e-6


@cache
def checked(output: str, cost: str, hidden: str = "sigmoid") -> GradientCheck:
    """Return the relative errors of each layer for a [6, 5, 4, 3] network and five examples."""
    config = TrialConfig(
        hidden_units=(5, 4), activation=hidden, output=output, cost=cost, dtype="float64"
    )
    rng = np.random.default_rng(3)
    network = new_network(config, 6, 3, rng)
    x, y = rng.standard_normal((5, 6)), np.eye(3)[rng.integers(0, 3, 5)]
    return gradient_check(network, x, y, lmbda=0.7)


def table(runs: Runs) -> list[dict[str, str]]:
    """Return the largest relative error of each pair; BP1 and BP2 contribute to both columns."""
    return [
        {
            "output": output,
            "cost": cost,
            "weights (BP4)": f"{max(checked(output, cost).weights):.1e}",
            "biases (BP3)": f"{max(checked(output, cost).biases):.1e}",
        }
        for output, cost in PAIRS
    ]


def draw(ax: "Axes", runs: Runs, book: BookFiles) -> None:
    """Draw the error of each layer for each pair."""
    for output, cost in PAIRS:
        errors, label = checked(output, cost), f"{output}, {cost}"
        layers, color = range(1, 1 + len(errors.weights)), color_of(ax, label)
        ax.semilogy(layers, errors.weights, "o-", color=color, label=label)
        ax.semilogy(layers, errors.biases, "s--", color=color)
    ax.plot([], [], "o-", color=GRAY, label="weights")
    ax.plot([], [], "s--", color=GRAY, label="biases")
    ax.set(xlabel="layer", ylabel="relative error")
    ax.set_xticks([1, 2, 3])
    dress(ax, "Backpropagation against finite differences")


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Check that each pair's gradient agrees with the differences."""
    return [
        value_in_range(
            f"{output} with {cost}: largest relative error",
            checked(output, cost).largest,
            0.0,
            SAME,
        )
        for output, cost in PAIRS
    ]


STUDY = Study(
    name="gradient-check",
    question="Are the gradients of backpropagation correct, also for softmax with log-likelihood?",
    book_reports="Proves the four equations; this study compares their gradients with central "
    "differences.",
    minutes=0.0,
    panels=(draw,),
    check=check,
    table=table,
    notes="The network is drawn from one fixed seed, so the study needs no other seeds.",
)

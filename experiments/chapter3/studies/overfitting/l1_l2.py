"""L1 and L2 regularisation: how good the networks are, and what becomes of their weights.

Nielsen ch. 3, "Other techniques for regularization".
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.chapter3.arms import Arm
from experiments.chapter3.book_files import Book
from experiments.chapter3.figures.panels import COLOURS, bars
from experiments.chapter3.runs import ArmRuns, Runs
from experiments.chapter3.studies.settings import network
from experiments.chapter3.study import Study
from experiments.chapter3.verdicts import Verdict, higher
from nncore.arrays.layout import Array
from results.drawing.style import dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NONE, L2, L1 = "none", "L2, λ 5", "L1, λ 1"
SMALL = 0.01


def first_weights(arm: ArmRuns) -> list[Array]:
    """Return the weights of the first layer of each seed's network, flat."""
    return [model.network.weights[0].ravel() for model in arm.models]


def tail(arm: ArmRuns) -> Array:
    """Return the share of Σ|w| that the largest tenth of the weights holds, by seed."""
    shares = []
    for weights in first_weights(arm):
        sizes = np.sort(np.abs(weights))[::-1]
        shares.append(sizes[: len(sizes) // 10].sum() / sizes.sum())
    return np.array(shares)


def small(arm: ArmRuns) -> Array:
    """Return the share of weights below 0.01 in size, by seed."""
    return np.array([(np.abs(weights) < SMALL).mean() for weights in first_weights(arm)])


def histogram(ax: "Axes", runs: Runs, book: Book) -> None:
    """Draw how the weights of the first layer of all seeds are spread, counts on a log scale."""
    for colour, (name, arm) in zip(COLOURS, runs.items(), strict=False):
        weights = np.concatenate(first_weights(arm))
        ax.hist(
            weights,
            bins=np.linspace(-2, 2, 161).tolist(),
            histtype="step",
            density=True,
            color=colour,
            label=name,
        )
    ax.set_yscale("log")
    ax.set(xlabel="weight of the first layer", ylabel="density")
    dress(ax, "Weights at the best epoch")
    ax.legend(fontsize=7, frameon=False)


def check(runs: Runs) -> Sequence[Verdict]:
    """Compare the concentration of weights, and the accuracies with that of no regularisation."""
    best = {name: runs[name].best("validation_accuracy") for name in runs}
    return [
        higher("L1 leaves more weights near zero than L2", small(runs[L1]), small(runs[L2])),
        higher("L1 keeps more of Σ|w| in a tenth of the weights", tail(runs[L1]), tail(runs[L2])),
        higher("L2 is better than none", best[L2], best[NONE]),
        higher("L1 is better than none", best[L1], best[NONE]),
    ]


STUDY = Study(
    name="l1-l2",
    question="What do L1 and L2 regularisation do to the weights, and to the accuracy?",
    found="L1 concentrates the weight in few connections of high importance and drives the others "
    "toward zero; both reduce overfitting. No number.",
    minutes=0.3,
    arms=tuple(
        Arm(
            name=name,
            config=network(learning_rate=0.5, lmbda=lmbda, regularizer=regularizer),
            keeps_networks=True,
        )
        for name, regularizer, lmbda in ((NONE, "l2", 0.0), (L2, "l2", 5.0), (L1, "l1", 1.0))
    ),
    panels=(
        histogram,
        bars(
            lambda arm: arm.best("validation_accuracy"),
            title="Each seed's best epoch",
            ylabel="validation accuracy (%)",
            fraction=True,
        ),
    ),
    check=check,
)

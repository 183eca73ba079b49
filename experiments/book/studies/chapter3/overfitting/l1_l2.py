"""L1 and L2 regularization: the accuracy of the networks and the distribution of their weights.

Nielsen ch. 3, "Other techniques for regularization".
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.book.arm_runs import ArmRuns, Runs
from experiments.book.arms import NetworkArm
from experiments.book.book_files import BookFiles
from experiments.book.figures.colors import color_of
from experiments.book.figures.panels import seed_values
from experiments.book.studies.settings import network
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, difference_claim
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
    """Return the fraction of Σ|w| in the largest tenth of the weights, `(seeds,)`."""
    shares = []
    for weights in first_weights(arm):
        sizes = np.sort(np.abs(weights))[::-1]
        shares.append(sizes[: len(sizes) // 10].sum() / sizes.sum())
    return np.array(shares)


def small(arm: ArmRuns) -> Array:
    """Return the fraction of weights with |w| < 0.01, `(seeds,)`."""
    return np.array([(np.abs(weights) < SMALL).mean() for weights in first_weights(arm)])


def histogram(ax: "Axes", runs: Runs, book: BookFiles) -> None:
    """Draw a histogram of the first layer's weights over all seeds, density on a log scale."""
    for name, arm in runs.items():
        weights = np.concatenate(first_weights(arm))
        ax.hist(
            weights,
            bins=np.linspace(-2, 2, 161).tolist(),
            histtype="step",
            density=True,
            color=color_of(ax, name),
            label=name,
        )
    ax.set_yscale("log")
    ax.set(xlabel="weight of the first layer", ylabel="density")
    dress(ax, "Weights at the best epoch")


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare the concentration of the weights, and each accuracy with no regularization."""
    best = {name: runs[name].best("validation_accuracy") for name in runs}
    return [
        difference_claim(
            "L1 leaves more weights near zero than L2", small(runs[L1]), small(runs[L2])
        ),
        difference_claim(
            "L1 concentrates more of Σ|w| in a tenth of the weights than L2",
            tail(runs[L1]),
            tail(runs[L2]),
        ),
        difference_claim("L2 is better than no regularization", best[L2], best[NONE]),
        difference_claim("L1 is better than no regularization", best[L1], best[NONE]),
    ]


STUDY = Study(
    name="l1-l2",
    question="How do L1 and L2 regularization change the weights and the accuracy?",
    book_reports="L1 concentrates the weight in a few important connections and drives the others "
    "toward zero. Both reduce overfitting. The book gives no number.",
    minutes=0.3,
    arms=tuple(
        NetworkArm(
            name=name,
            config=network(learning_rate=0.5, lmbda=lmbda, regularizer=regularizer),
            keeps_networks=True,
        )
        for name, regularizer, lmbda in ((NONE, "l2", 0.0), (L2, "l2", 5.0), (L1, "l1", 1.0))
    ),
    panels=(
        histogram,
        seed_values(
            lambda arm: arm.best("validation_accuracy"),
            title="Each seed's best epoch",
            ylabel="validation accuracy (%)",
            fraction=True,
        ),
    ),
    check=check,
)

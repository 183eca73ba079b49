"""Early stopping after 5, 10, 20 or 50 epochs without improvement.

Nielsen ch. 3, "How to choose a neural network's hyper-parameters?", "Use early stopping".
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.book.arm_runs import Runs
from experiments.book.arms import NetworkArm
from experiments.book.book_files import BookFiles
from experiments.book.figures.colors import color_of
from experiments.book.figures.panels import curves
from experiments.book.intervals import mean_and_intervals, percent_interval
from experiments.book.studies.settings import network
from experiments.book.study import Study
from experiments.book.units import POINTS
from experiments.book.verdicts import ClaimVerdict, difference_claim, interval_in_range
from nncore.arrays.layout import Array
from nncore.components.stopping import Progress, no_improvement
from results.drawing.style import dress, percent_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PATIENCES = (5, 10, 20, 50)
ARM = "λ 5, η 0.5, until no improvement in 50"
LONG = network(learning_rate=0.5, lmbda=5.0, epochs=300, early_stopping=PATIENCES[-1])
"""Early stopping changes nothing before the stop, so this one setting shows all four rules."""


def stopped(curve: Sequence[float], patience: int) -> tuple[int, float]:
    """Return the epoch in which the rule stops, and the best accuracy until then."""
    progress = Progress()
    for value in curve:
        progress = progress.after(value)
        if no_improvement(progress, patience):
            break
    return progress.epoch, progress.best_value


def outcomes(runs: Runs, patience: int) -> tuple[Array, Array]:
    """Return epochs spent and best accuracy under a rule, each `(seeds,)`."""
    rows = runs[ARM].curve("validation_accuracy")
    ends = [stopped(row[np.isfinite(row)].tolist(), patience) for row in rows]
    epochs, accuracies = np.array(ends, dtype=float).T
    return epochs, accuracies


def draw_rules(ax: "Axes", runs: Runs, book: BookFiles) -> None:
    """Draw accuracy over epochs spent: a dot for each seed, a mark for the mean of each rule."""
    for patience in PATIENCES:
        epochs, accuracies = outcomes(runs, patience)
        label = f"no improvement in {patience}"
        color = color_of(ax, label)
        ax.plot(epochs, accuracies, "o", color=color, alpha=0.35, markersize=4)
        ax.plot(epochs.mean(), accuracies.mean(), "D", color=color, markersize=8, label=label)
    ax.yaxis.set_major_formatter(percent_ticks())
    ax.locator_params(axis="x", integer=True, min_n_ticks=1)
    ax.set(xlabel="epochs spent", ylabel="best validation accuracy (%)")
    dress(ax, "Epochs and accuracy of each rule")


def table(runs: Runs) -> list[dict[str, str]]:
    """Return a row for each rule: epochs and best accuracy, with their 95% confidence intervals."""
    rows = []
    for patience in PATIENCES:
        measured, accuracies = outcomes(runs, patience)
        epochs = mean_and_intervals(measured)
        rows.append(
            {
                "no improvement in": str(patience),
                "epochs": f"{epochs.mean:.1f} ± {epochs.confidence:.1f}",
                "validation accuracy": percent_interval(accuracies),
            }
        )
    return rows


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare the accuracy and the epochs of a patience of 10 with those of a patience of 50."""
    (ten_epochs, ten), (fifty_epochs, fifty) = (outcomes(runs, n) for n in (10, 50))
    return [
        interval_in_range("Accuracy lost by patience 10", fifty - ten, high=0.005, unit=POINTS),
        difference_claim("Patience 10 takes fewer epochs", fifty_epochs, ten_epochs, "epochs"),
    ]


STUDY = Study(
    name="early-stopping",
    question="How much patience does early stopping need?",
    book_reports="For MNIST, no-improvement-in-ten is a good rule for first experiments; later, "
    "more patience may help. The book gives no number.",
    minutes=0.2,
    arms=(NetworkArm(name=ARM, config=LONG),),
    panels=(draw_rules, curves("validation_accuracy", title="The runs", low=0.94)),
    check=check,
    table=table,
)

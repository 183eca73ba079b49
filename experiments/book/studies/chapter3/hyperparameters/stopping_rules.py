"""Another rule for early stopping: the mean accuracy of some epochs against that of as many before.

Nielsen ch. 3, "How to choose a neural network's hyper-parameters?", "Use early stopping", exercise.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.book.arm_runs import Runs
from experiments.book.arms import NetworkArm
from experiments.book.book_files import BookFiles
from experiments.book.figures.colors import color_of
from experiments.book.intervals import mean_and_intervals, percent_interval
from experiments.book.studies.chapter3.hyperparameters.early_stopping import ARM, LONG, outcomes
from experiments.book.study import Study
from experiments.book.units import POINTS
from experiments.book.verdicts import ClaimVerdict, interval_in_range
from nncore.arrays.layout import Array
from results.drawing.style import dress, percent_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WINDOWS = (5, 10, 20)
PATIENCE = 10


def stopped_by_means(curve: Sequence[float], window: int) -> tuple[int, float]:
    """Return the epoch in which the rule stops, and the best accuracy until then.

    It stops once the mean of the last `window` accuracies is not above that of the `window` before.
    """
    for end in range(2 * window, len(curve) + 1):
        before, last = curve[end - 2 * window : end - window], curve[end - window : end]
        if sum(last) <= sum(before):
            return end, max(curve[:end])
    return len(curve), max(curve)


def outcomes_by_means(runs: Runs, window: int) -> tuple[Array, Array]:
    """Return epochs spent and best accuracy under the rule, each `(seeds,)`."""
    rows = runs[ARM].curve("validation_accuracy")
    ends = [stopped_by_means(row[np.isfinite(row)].tolist(), window) for row in rows]
    epochs, accuracies = np.array(ends, dtype=float).T
    return epochs, accuracies


def _rules(runs: Runs) -> dict[str, tuple[Array, Array]]:
    by_means = {f"means of {n}": outcomes_by_means(runs, n) for n in WINDOWS}
    return {f"no improvement in {PATIENCE}": outcomes(runs, PATIENCE), **by_means}


def draw(ax: "Axes", runs: Runs, book: BookFiles) -> None:
    """Draw accuracy over epochs spent: a dot for each seed, a mark for the mean of each rule."""
    for rule, (epochs, accuracies) in _rules(runs).items():
        color = color_of(ax, rule)
        ax.plot(epochs, accuracies, "o", color=color, alpha=0.35, markersize=4)
        ax.plot(epochs.mean(), accuracies.mean(), "D", color=color, markersize=8, label=rule)
    ax.yaxis.set_major_formatter(percent_ticks())
    ax.locator_params(axis="x", integer=True, min_n_ticks=1)
    ax.set(xlabel="epochs spent", ylabel="best validation accuracy (%)")
    dress(ax, "Epochs and accuracy of each rule")


def table(runs: Runs) -> list[dict[str, str]]:
    """Return a row for each rule: epochs and best accuracy, with their 95% confidence intervals."""
    rows = []
    for rule, (measured, accuracies) in _rules(runs).items():
        epochs = mean_and_intervals(measured)
        rows.append(
            {
                "rule": rule,
                "epochs": f"{epochs.mean:.1f} ± {epochs.confidence:.1f}",
                "validation accuracy": percent_interval(accuracies),
            }
        )
    return rows


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare the best accuracy under each rule with that under no-improvement-in-ten."""
    _, ten = outcomes(runs, PATIENCE)
    return [
        interval_in_range(
            f"Accuracy lost by means of {window}, against no improvement in {PATIENCE}",
            ten - outcomes_by_means(runs, window)[1],
            high=0.005,
            unit=POINTS,
        )
        for window in WINDOWS
    ]


STUDY = Study(
    name="stopping-rules",
    question="Is there a good rule for early stopping other than no improvement in ten epochs?",
    book_reports="An exercise asks for another rule, a compromise between high validation accuracy "
    "and short training, and for three experiments that compare it. The book gives no number.",
    minutes=0.2,
    arms=(NetworkArm(name=ARM, config=LONG),),
    panels=(draw,),
    check=check,
    table=table,
    notes="The rule stops once the mean accuracy of the last n epochs is not above that of the n "
    "epochs before. A mean is less noisy than a maximum, so the rule notices a slow rise that has "
    "no new best epoch. This study expects it to lose at most half a percentage point.",
)

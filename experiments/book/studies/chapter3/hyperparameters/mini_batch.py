"""Mini-batches of 1 to 100 images: accuracy over epochs and over seconds of training.

Nielsen ch. 3, "How to choose a neural network's hyper-parameters?", "Mini-batch size".
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.book.arm_runs import Runs, epochs_to
from experiments.book.arms import NetworkArm
from experiments.book.book_files import BookFiles
from experiments.book.figures.colors import color_of
from experiments.book.figures.panels import curves
from experiments.book.studies.settings import network
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, difference_claim
from nncore.arrays.layout import Array
from results.drawing.style import dress, percent_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZES = (1, 5, 10, 20, 50, 100)
RATE = 0.025  # η per example of a mini-batch
GOAL = 0.95


def name(size: int) -> str:
    """Return the name of an arm."""
    return f"mini-batch {size}"


def seconds_to_goal(runs: Runs, size: int) -> Array:
    """Return the seconds of training until each seed reached 95%; NaN if it never did."""
    arm = runs[name(size)]
    epochs = epochs_to(arm.curve("validation_accuracy"), GOAL)
    seconds = arm.train_seconds()
    return np.array(
        [
            np.nan if np.isnan(epoch) else line[int(epoch) - 1]
            for epoch, line in zip(epochs, seconds, strict=True)
        ]
    )


def over_seconds(ax: "Axes", runs: Runs, book: BookFiles) -> None:
    """Draw the mean accuracy over the mean seconds of training."""
    for label, arm in runs.items():
        accuracy = arm.curve("validation_accuracy").mean(axis=0)
        seconds, color = arm.train_seconds().mean(axis=0), color_of(ax, label)
        ax.plot(seconds, accuracy, color=color, label=label)
    ax.set_xscale("log")
    ax.locator_params(axis="x", subs=(1, 2, 5))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter("")
    ax.yaxis.set_major_formatter(percent_ticks())
    ax.set(xlabel="seconds of training, one core", ylabel="validation accuracy (%)")
    dress(ax, "Over training time (depends on the machine)")


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Check that a size between the extremes is faster than both of them."""
    seconds = {size: seconds_to_goal(runs, size) for size in SIZES}
    between = min(SIZES[1:-1], key=lambda size: float(np.nan_to_num(seconds[size], nan=1e9).mean()))
    claim = f"Mini-batches of {between} reach 95% faster than"
    return [
        difference_claim(f"{claim} single images", seconds[1], seconds[between], "s"),
        difference_claim(
            f"{claim} mini-batches of {SIZES[-1]}", seconds[SIZES[-1]], seconds[between], "s"
        ),
    ]


STUDY = Study(
    name="mini-batch",
    question="Which mini-batch size learns fastest per second?",
    book_reports="The best size is a compromise. Mini-batches that are too small do not use matrix "
    "libraries well; with mini-batches that are too large the weights are not updated often "
    "enough. The book gives no number.",
    minutes=0.8,
    arms=tuple(
        NetworkArm(
            name=name(size),
            config=network(mini_batch_size=size, learning_rate=RATE * size, lmbda=5.0),
        )
        for size in SIZES
    ),
    panels=(
        curves("validation_accuracy", title="Over epochs", low=0.9),
        over_seconds,
    ),
    check=check,
    notes="η is 0.025 per example of the mini-batch, as the book proposes. The seconds depend on "
    "the machine and on how many runs share it. They differ between repetitions, unlike every "
    "other number of this study.",
)

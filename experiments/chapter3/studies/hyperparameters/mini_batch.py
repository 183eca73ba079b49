"""Mini-batches of 1 to 100: accuracy over epochs, and over the seconds that training takes.

Nielsen ch. 3, "How to choose a neural network's hyper-parameters?", "Mini-batch size".
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.chapter3.arms import Arm
from experiments.chapter3.book_files import Book
from experiments.chapter3.figures.panels import COLOURS, curves
from experiments.chapter3.runs import Runs, epochs_to
from experiments.chapter3.studies.settings import network
from experiments.chapter3.study import Study
from experiments.chapter3.verdicts import Verdict, higher
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
    """Return how long each seed trained until it reached 95 %, NaN if it never did."""
    arm = runs[name(size)]
    epochs = epochs_to(arm.curve("validation_accuracy"), GOAL)
    seconds = arm.train_seconds()
    return np.array(
        [
            np.nan if np.isnan(epoch) else line[int(epoch) - 1]
            for epoch, line in zip(epochs, seconds, strict=True)
        ]
    )


def over_seconds(ax: "Axes", runs: Runs, book: Book) -> None:
    """Draw the mean accuracy over the mean seconds of training."""
    for colour, (label, arm) in zip(COLOURS, runs.items(), strict=False):
        accuracy = arm.curve("validation_accuracy").mean(axis=0)
        ax.plot(arm.train_seconds().mean(axis=0), accuracy, color=colour, label=label)
    ax.set_xscale("log")
    ax.set_ylim(bottom=0.9)
    ax.yaxis.set_major_formatter(percent_ticks())
    ax.set(xlabel="seconds of training, one core", ylabel="validation accuracy (%)")
    dress(ax, "Over training time (depends on the machine)")
    ax.legend(fontsize=7, frameon=False)


def check(runs: Runs) -> Sequence[Verdict]:
    """See that the compromise is quicker than either end."""
    seconds = {size: seconds_to_goal(runs, size) for size in SIZES}
    between = min(SIZES[1:-1], key=lambda size: float(np.nan_to_num(seconds[size], nan=1e9).mean()))
    claim = f"To 95 %, mini-batches of {between} are quicker than"
    return [
        higher(f"{claim} single images", seconds[1], seconds[between], "s"),
        higher(f"{claim} {SIZES[-1]}", seconds[SIZES[-1]], seconds[between], "s"),
    ]


STUDY = Study(
    name="mini-batch",
    question="Which mini-batch size learns most per second?",
    found="A compromise: too small, and matrix libraries are not used well; too large, and the "
    "weights are not updated often enough. No number.",
    minutes=0.8,
    arms=tuple(
        Arm(
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
    notes="η grows with the mini-batch, 0.025 per example, as the book proposes. Seconds are those "
    "of the machine that ran, with as many runs at once as it had jobs: unlike all else here "
    "they differ from run to run.",
)

"""The speed of backpropagation for a whole mini-batch against one example at a time.

Nielsen ch. 2, "The code for backpropagation", problem "Fully matrix-based approach to
backpropagation over a mini-batch".
"""

from collections.abc import Sequence

from experiments.book.arm_runs import ArmRuns, Runs
from experiments.book.arms import SpeedArm
from experiments.book.exact_verdicts import value_in_range
from experiments.book.figures.panels import seed_values
from experiments.book.intervals import mean_and_intervals
from experiments.book.studies.settings import network
from experiments.book.study import Study
from experiments.book.training.speed import GRADIENT_DIFFERENCE, LOOP_SECONDS, MATRIX_SECONDS
from experiments.book.verdicts import ClaimVerdict, interval_in_range
from nncore.arrays.layout import Array

SIZES = (1, 10, 100)


def name(size: int) -> str:
    """Return the name of the arm with mini-batches of this size."""
    return f"mini-batches of {size}"


def speedup(runs: ArmRuns) -> Array:
    """Return how many times as long the epoch takes with one example at a time, `(seeds,)`."""
    ratio: Array = runs.last(LOOP_SECONDS) / runs.last(MATRIX_SECONDS)
    return ratio


def table(runs: Runs) -> list[dict[str, str]]:
    """Return the seconds of an epoch in both forms and their ratio, with 95% intervals."""
    rows = []
    for arm, own in runs.items():
        row = {"arm": arm}
        for label, values in (
            ("by example, s", own.last(LOOP_SECONDS)),
            ("matrix form, s", own.last(MATRIX_SECONDS)),
            ("times as fast", speedup(own)),
        ):
            mean, confidence, _ = mean_and_intervals(values)
            row[label] = f"{mean:.2f} ± {confidence:.2f}"
        rows.append(row)
    return rows


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Check that both forms give the same gradients, and that the matrix form is faster."""
    gaps = [runs[name(size)].last(GRADIENT_DIFFERENCE).max() for size in SIZES]
    return [
        value_in_range("Largest difference between the two gradients", float(max(gaps)), 0, 1e-9),
        interval_in_range(
            "Times as fast as one example at a time, mini-batches of 10 (the book: about 2)",
            speedup(runs[name(10)]),
            low=1.0,
        ),
        interval_in_range(
            "Times as fast as one example at a time, mini-batches of 100",
            speedup(runs[name(100)]),
            low=1.0,
        ),
    ]


STUDY = Study(
    name="matrix-form",
    question="How much faster is backpropagation for a whole mini-batch at once?",
    book_reports="On the author's laptop, the matrix form is about twice as fast as a loop over "
    "the examples of a mini-batch.",
    minutes=0.3,
    arms=tuple(
        SpeedArm(
            name=name(size),
            config=network(
                cost="quadratic",
                init="large",
                learning_rate=3.0,
                mini_batch_size=size,
                epochs=1,
                dtype="float64",
            ),
        )
        for size in SIZES
    ),
    panels=(seed_values(speedup, title="One epoch", ylabel="times as fast as by example"),),
    check=check,
    table=table,
    notes="Both forms are the same plain NumPy code. They compute the gradient of every "
    "mini-batch of one epoch in turns, so other work on the machine affects both. The ratio of the "
    "two times depends on the processor and its matrix library. So the book's number is shown for "
    "comparison, and the claim is only that the matrix form is faster.",
)

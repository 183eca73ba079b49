"""Quadratic cost against cross-entropy, with 30 and 100 hidden units.

Nielsen ch. 3, "The cross-entropy cost function" and "Using the cross-entropy to classify MNIST
digits".
"""

from collections.abc import Sequence

from experiments.book.arm_runs import Runs
from experiments.book.arms import NetworkArm
from experiments.book.figures.panels import curves, seed_values
from experiments.book.studies.settings import network
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, difference_claim, published_number

ETA = {"quadratic": 3.0, "cross-entropy": 0.5}
BOOK = {
    ("quadratic", 30): 0.9542,
    ("cross-entropy", 30): 0.9549,
    ("quadratic", 100): 0.9659,
    ("cross-entropy", 100): 0.9682,
}


def name(cost: str, units: int) -> str:
    """Return the name of an arm."""
    return f"{cost}, {units} hidden"


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare the book's four accuracies, and the two costs with each other."""
    best = {pair: runs[name(*pair)].best("test_accuracy") for pair in BOOK}
    verdicts = [published_number(name(*pair), BOOK[pair], best[pair]) for pair in BOOK]
    for units in (30, 100):
        claim = f"Cross-entropy is better with {units} hidden units"
        cross, quadratic = best["cross-entropy", units], best["quadratic", units]
        gap = BOOK["cross-entropy", units] - BOOK["quadratic", units]
        verdicts.append(difference_claim(claim, cross, quadratic, book=gap))
    return verdicts


STUDY = Study(
    name="cost-functions",
    question="Does the cross-entropy cost classify better than the quadratic cost?",
    book_reports="The best test accuracy in 30 epochs is 95.42% with the quadratic cost and 95.49% "
    "with the cross-entropy for 30 hidden units; for 100 hidden units it is 96.59% and 96.82%.",
    minutes=0.6,
    arms=tuple(
        NetworkArm(
            name=name(cost, units),
            config=network(
                cost=cost,
                learning_rate=ETA[cost],
                hidden_units=(units,),
                init="large",
                monitor_training=(cost, units) == ("cross-entropy", 30),  # shared: overfitting-full
            ),
            evaluation="test",
        )
        for cost, units in BOOK
    ),
    panels=(
        curves("test_accuracy", title="30 hidden units", arms=[name(c, 30) for c in ETA], low=0.9),
        curves(
            "test_accuracy", title="100 hidden units", arms=[name(c, 100) for c in ETA], low=0.5
        ),
        seed_values(
            lambda arm: arm.best("test_accuracy"),
            title="Best epoch, each seed",
            ylabel="test accuracy (%)",
            fraction=True,
        ),
    ),
    check=check,
    notes="With the quadratic cost, an output neuron that starts saturated hardly learns, and its "
    "digit is never recognized. Neurons with 100 large weights often start saturated. A run that "
    "loses one digit ends near 87%, a run that loses two near 77%.",
)

"""The spread of results between runs that differ only in their seed.

Nielsen ch. 3, "Regularization": some unregularized runs "get stuck".
"""

from collections.abc import Sequence
from dataclasses import replace

from experiments.book.arm_runs import Runs
from experiments.book.arms import NetworkArm
from experiments.book.figures.panels import curves, seed_values
from experiments.book.studies.settings import OVERFITTING_FULL
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, difference_claim, variance_ratio

WITHOUT, WITH = "λ 0", "λ 5"


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare the spread and the mean of the best test accuracies."""
    without, with_ = (runs[arm].best("test_accuracy") for arm in (WITHOUT, WITH))
    return [
        variance_ratio("Runs without regularization vary more", without, with_),
        difference_claim("λ 5 is better than λ 0", with_, without),
    ]


STUDY = Study(
    name="restarts",
    question="Do results vary more between seeds without regularization?",
    book_reports="Without regularization some runs got stuck in local minima, and results differed "
    "widely between runs. With regularization results were much easier to repeat. The book gives "
    "no number.",
    minutes=0.3,
    arms=(
        NetworkArm(name=WITHOUT, config=OVERFITTING_FULL, evaluation="test"),
        NetworkArm(name=WITH, config=replace(OVERFITTING_FULL, lmbda=5.0), evaluation="test"),
    ),
    panels=(
        curves("test_accuracy", title="Test accuracy", low=0.9),
        seed_values(
            lambda arm: arm.best("test_accuracy"),
            title="Best epoch, each seed",
            ylabel="test accuracy (%)",
            fraction=True,
        ),
    ),
    check=check,
)

"""Training on all 50,000 images reduces overfitting.

Nielsen ch. 3, "Overfitting and regularization".
"""

from collections.abc import Sequence

from experiments.book.arm_runs import Runs
from experiments.book.arms import NetworkArm
from experiments.book.figures.panels import curves
from experiments.book.studies.settings import OVERFITTING_FULL, counts
from experiments.book.study import Study
from experiments.book.units import POINTS
from experiments.book.verdicts import ClaimVerdict, published_number

ARM = "50,000 images, λ 0"


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare the accuracies on training and test data, and the gap between them."""
    train, test = runs[ARM].best("train_accuracy"), runs[ARM].best("test_accuracy")
    return [
        published_number("Best training accuracy", 0.9786, train),
        published_number("Best test accuracy", 0.9533, test),
        published_number("Gap between the two accuracies", 0.0253, train - test, POINTS),
    ]


STUDY = Study(
    name="overfitting-full",
    question="How much do more examples reduce overfitting?",
    book_reports="The accuracy is 97.86% on the training data and 95.33% on the test data: a gap "
    "of 2.53 percentage points instead of 17.73.",
    minutes=0.1,
    arms=(NetworkArm(name=ARM, config=OVERFITTING_FULL, evaluation="test"),),
    panels=(
        curves(
            "train_accuracy",
            title="Training accuracy",
            book=[(ARM, "overfitting_full", counts(3, 50_000))],
        ),
        curves(
            "test_accuracy",
            title="Test accuracy",
            book=[(ARM, "overfitting_full", counts(1, 10_000))],
        ),
    ),
    check=check,
    files=("overfitting_full",),
)

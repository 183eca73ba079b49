"""All 50,000 images leave far less room for overfitting.

Nielsen ch. 3, "Overfitting and regularization".
"""

from collections.abc import Sequence

from experiments.chapter3.arms import Arm
from experiments.chapter3.figures.panels import curves
from experiments.chapter3.runs import Runs
from experiments.chapter3.studies.settings import OVERFITTING_FULL, counts
from experiments.chapter3.study import Study
from experiments.chapter3.verdicts import Verdict, number

ARM = "50,000 images, λ 0"


def check(runs: Runs) -> Sequence[Verdict]:
    """Compare the accuracies on training and test data, and the gap between them."""
    train, test = runs[ARM].best("train_accuracy"), runs[ARM].best("test_accuracy")
    return [
        number("Best training accuracy", 0.9786, train),
        number("Best test accuracy", 0.9533, test),
        number("The gap between the two", 0.0253, train - test),
    ]


STUDY = Study(
    name="overfitting-full",
    question="How much of the overfitting do more examples take away?",
    found="97.86 % on the training data, 95.33 % on the test data: a gap of 2.53 points instead "
    "of 17.73.",
    minutes=0.1,
    arms=(Arm(name=ARM, config=OVERFITTING_FULL, evaluation="test"),),
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

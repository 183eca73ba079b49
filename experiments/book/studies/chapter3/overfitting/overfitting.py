"""A network that memorizes 1,000 images.

Nielsen ch. 3, "Overfitting and regularization".
"""

from collections.abc import Sequence

import numpy as np

from experiments.book.arm_runs import Runs
from experiments.book.arms import NetworkArm
from experiments.book.figures.panels import curves
from experiments.book.studies.settings import OVERFITTING, costs, counts
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, interval_in_range, published_number

ARM = "1,000 images, λ 0"


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare the accuracies, and the epoch in which the test cost is lowest."""
    arm = runs[ARM]
    turn = np.nanargmin(arm.curve("test_cost"), axis=1) + 1.0
    return [
        published_number("Best test accuracy", 0.8227, arm.best("test_accuracy")),
        interval_in_range(
            "Final training accuracy", arm.last("train_accuracy"), low=0.9995, unit="%"
        ),
        published_number("Epoch with the lowest test cost", 15, turn, ""),
    ]


STUDY = Study(
    name="overfitting",
    question="How does a network with too few examples and no regularization overfit?",
    book_reports="Test accuracy stops improving at 82.27% while training accuracy reaches 100%, "
    "and the test cost rises again after about epoch 15.",
    minutes=0.2,
    arms=(NetworkArm(name=ARM, config=OVERFITTING, training_size=1_000, evaluation="test"),),
    panels=(
        curves("train_cost", title="Training cost", book=[(ARM, "overfitting", costs(2))]),
        curves(
            "test_accuracy",
            title="Test accuracy",
            book=[(ARM, "overfitting", counts(1, 10_000))],
            low=0.7,
        ),
        curves("test_cost", title="Test cost", book=[(ARM, "overfitting", costs(0))]),
        curves(
            "train_accuracy",
            title="Training accuracy",
            book=[(ARM, "overfitting", counts(3, 1_000))],
        ),
    ),
    check=check,
    files=("overfitting",),
)

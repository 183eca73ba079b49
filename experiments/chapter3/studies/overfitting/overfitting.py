"""A network that learns 1,000 images by heart.

Nielsen ch. 3, "Overfitting and regularization".
"""

from collections.abc import Sequence

import numpy as np

from experiments.chapter3.arms import Arm
from experiments.chapter3.figures.panels import curves
from experiments.chapter3.runs import Runs
from experiments.chapter3.studies.settings import OVERFITTING, costs, counts
from experiments.chapter3.study import Study
from experiments.chapter3.verdicts import Verdict, holds, number

ARM = "1,000 images, λ 0"


def check(runs: Runs) -> Sequence[Verdict]:
    """Compare the accuracies, and the epoch in which the cost on test data turns up."""
    arm = runs[ARM]
    turn = np.nanargmin(arm.curve("test_cost"), axis=1) + 1.0
    return [
        number("Best test accuracy", 0.8227, arm.best("test_accuracy")),
        holds("Training accuracy at the end", arm.last("train_accuracy"), low=0.9995, unit="%"),
        number("The test cost is lowest in epoch", 15, turn, ""),
    ]


STUDY = Study(
    name="overfitting",
    question="What does a network do that has too few examples and no regularisation?",
    found="Test accuracy stops at 82.27 % while training accuracy reaches 100 %, and the cost on "
    "the test data turns up near epoch 15.",
    minutes=0.2,
    arms=(Arm(name=ARM, config=OVERFITTING, training_size=1_000, evaluation="test"),),
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

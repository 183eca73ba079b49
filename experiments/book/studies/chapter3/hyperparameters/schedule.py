"""A constant learning rate against a rate that is halved whenever accuracy stops improving.

Nielsen ch. 3, "How to choose a neural network's hyper-parameters?", exercise on the schedule.
"""

from collections.abc import Sequence
from dataclasses import replace

from experiments.book.arm_runs import Runs
from experiments.book.arms import NetworkArm
from experiments.book.figures.panels import curves, seed_values
from experiments.book.studies.chapter3.hyperparameters.early_stopping import LONG
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, difference_claim

CONSTANT, HALVED = "constant", "halved on a plateau"


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare the best accuracies."""
    constant, halved = (runs[arm].best("validation_accuracy") for arm in (CONSTANT, HALVED))
    return [
        difference_claim("Halving η on a plateau is better than a constant η", halved, constant)
    ]


STUDY = Study(
    name="schedule",
    question="Does halving the learning rate whenever accuracy stops improving help?",
    book_reports="An exercise asks to halve η on no-improvement-in-ten and to stop at η/128. The "
    "book gives no number.",
    minutes=0.7,
    arms=(
        NetworkArm(name=CONSTANT, config=LONG),
        NetworkArm(
            name=HALVED,
            config=replace(
                LONG, schedule="halve-on-plateau", schedule_patience=10, early_stopping=0
            ),
        ),
    ),
    panels=(
        curves("validation_accuracy", title="Validation accuracy", low=0.94),
        seed_values(
            lambda arm: arm.best("validation_accuracy"),
            title="Each seed's best epoch",
            ylabel="validation accuracy (%)",
            fraction=True,
        ),
    ),
    check=check,
)

"""Weight decay against overfitting, and the accuracy that the book's networks reach with it.

Nielsen ch. 3, "Regularization".
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from experiments.book.arm_runs import Runs
from experiments.book.arms import NetworkArm
from experiments.book.figures.panels import curves
from experiments.book.studies.settings import OVERFITTING, OVERFITTING_FULL, counts, network
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, difference_claim, published_number

SMALL, PLAIN, FULL = "1,000 images, λ 0.1", "1,000 images, λ 0", "50,000 images, λ 5"
WIDE, TUNED = "100 hidden, η 0.5, 30 epochs", "100 hidden, η 0.1, 60 epochs"
SCALED = f"{TUNED}, scaled weights"


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare the book's four accuracies, and λ 0.1 with λ 0 on 1,000 images."""
    small, plain = (runs[arm].best("test_accuracy") for arm in (SMALL, PLAIN))
    claim = "λ 0.1 is better than λ 0 on 1,000 images"
    return [
        published_number(SMALL, 0.871, small),
        difference_claim(claim, small, plain, book=0.871 - 0.8227),
        published_number(FULL, 0.9649, runs[FULL].best("test_accuracy")),
        published_number(WIDE, 0.9792, runs[WIDE].best("validation_accuracy")),
        published_number(TUNED, 0.9804, runs[TUNED].best("validation_accuracy")),
        published_number(SCALED, 0.9804, runs[SCALED].best("validation_accuracy")),
    ]


def _wide(name: str, **settings: Any) -> NetworkArm:
    return NetworkArm(name=name, config=network(hidden_units=(100,), lmbda=5.0, **settings))


STUDY = Study(
    name="regularization",
    question="Does L2 regularization reduce overfitting, and how accurate do the networks become?",
    book_reports="Test accuracy is 87.1% with 1,000 images and λ 0.1, and 96.49% with 50,000 "
    "images and λ 5. With 100 hidden units, validation accuracy is 97.92%, and 98.04% with η 0.1 "
    "for 60 epochs.",
    minutes=1.6,
    arms=(
        NetworkArm(
            name=SMALL,
            config=replace(OVERFITTING, lmbda=0.1),
            training_size=1_000,
            evaluation="test",
        ),
        NetworkArm(name=PLAIN, config=OVERFITTING, training_size=1_000, evaluation="test"),
        NetworkArm(name=FULL, config=replace(OVERFITTING_FULL, lmbda=5.0), evaluation="test"),
        _wide(WIDE, init="large", learning_rate=0.5),
        _wide(TUNED, init="large", learning_rate=0.1, epochs=60),
        _wide(SCALED, init="scaled", learning_rate=0.1, epochs=60),
    ),
    panels=(
        curves(
            "test_accuracy",
            title="1,000 images",
            arms=[SMALL, PLAIN],
            book=[
                (SMALL, "regularized", counts(1, 10_000)),
                (PLAIN, "overfitting", counts(1, 10_000)),
            ],
            low=0.7,
        ),
        curves(
            "test_accuracy",
            title="50,000 images",
            arms=[FULL],
            book=[(FULL, "regularized_full", counts(1, 10_000))],
        ),
        curves(
            "validation_accuracy",
            title="100 hidden units, λ 5",
            arms=[WIDE, TUNED, SCALED],
            low=0.95,
        ),
    ),
    check=check,
    notes="The book starts the network with 100 hidden units from large weights. It does not "
    "say this of the network tuned to 98.04%, so the study tries both starts. With the author's "
    "seeds and double precision, the same code gives exactly the book's 87.10% and the counts of "
    "all epochs (`nnsweep book replay regularization`). So only the seed makes the difference: "
    "the author's run is low compared with runs from our seeds.",
    files=("regularized", "overfitting", "regularized_full"),
)

"""Accuracy against the number of examples, for a network and a support vector machine.

Nielsen ch. 3, "Regularization", "More training data" in the section on other techniques.
"""

from collections.abc import Sequence
from typing import Any

from experiments.book.arm_runs import Runs
from experiments.book.arms import NetworkArm, SvmArm
from experiments.book.book_files import SIZES
from experiments.book.exact_verdicts import published_exact_number
from experiments.book.figures.panels import points
from experiments.book.studies.settings import network
from experiments.book.study import Study
from experiments.book.verdicts import (
    ClaimVerdict,
    difference_claim,
    published_number,
)

NETWORK, SVM = "network", "support vector machine"
BOOK = (0.6909, 0.7637, 0.8529, 0.8885, 0.9127, 0.9324, 0.9489, 0.9585, 0.9597)
BOOK_SVM = (0.2507, 0.4893, 0.7513, 0.8387, 0.8849, 0.9146, 0.9245, 0.9347, 0.9448)


def name(kind: str, size: int) -> str:
    """Return the name of an arm."""
    return f"{kind}, {size:,} images"


def _read(figure: Any) -> list[float]:
    return [percent / 100 for percent in figure]


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare nine numbers of each method with the book's, and the two methods on all images."""
    ours = {size: runs[name(NETWORK, size)].last("validation_accuracy") for size in SIZES}
    machine = {size: runs[name(SVM, size)].last("validation_accuracy") for size in SIZES}
    verdicts = [
        published_number(name("Network", size), book, ours[size])
        for size, book in zip(SIZES, BOOK, strict=True)
    ]
    verdicts += [
        published_exact_number(name("Support vector machine", size), book, float(machine[size][0]))
        for size, book in zip(SIZES, BOOK_SVM, strict=True)
    ]
    claim = "With all 50,000 images, the network is better than the support vector machine"
    largest = SIZES[-1]
    return [
        *verdicts,
        difference_claim(claim, ours[largest], 0 * ours[largest] + machine[largest]),
    ]


def _line(kind: str) -> list[tuple[str, float]]:
    return [(name(kind, size), float(size)) for size in SIZES]


STUDY = Study(
    name="more-data",
    question="How does accuracy grow with the training set, for a network and for another method?",
    book_reports="From 100 to 50,000 images, accuracy grows from 69.09% to 95.97% for the network "
    "and from 25.07% to 94.48% for the support vector machine.",
    minutes=1.1,
    arms=(
        *(
            NetworkArm(
                name=name(NETWORK, size),
                config=network(
                    init="large",
                    learning_rate=0.5,
                    lmbda=size * 0.0001,
                    epochs=1_500_000 // size,
                ),
                training_size=size,
                evaluation="end",
            )
            for size in SIZES
        ),
        *(SvmArm(name=name(SVM, size), training_size=size) for size in SIZES),
    ),
    panels=(
        points(
            "validation_accuracy",
            [(NETWORK, _line(NETWORK)), (SVM, _line(SVM))],
            title="Validation accuracy at the end",
            xlabel="training images",
            log=True,
            best=False,
            book=[(NETWORK, "more_data", _read), (SVM, "more_data_svm", _read)],
        ),
    ),
    check=check,
    notes="The support vector machine uses no random numbers, so it is fitted once for all seeds. "
    "That takes about six minutes on one core, in addition to the time that `list` shows. It has "
    "the default settings that scikit-learn had when the book was written, C = 1 and γ = 1/784.",
    files=("more_data", "more_data_svm"),
)

"""How accuracy grows with the number of examples, for a network and a support vector machine.

Nielsen ch. 3, "Regularization", "More training data" in the section on other techniques.
"""

from collections.abc import Sequence
from typing import Any

from experiments.chapter3.arms import Arm
from experiments.chapter3.book_files import SIZES
from experiments.chapter3.figures.panels import points
from experiments.chapter3.runs import Runs
from experiments.chapter3.studies.settings import network
from experiments.chapter3.study import Study
from experiments.chapter3.verdicts import Verdict, higher, number, same

NETWORK, SVM = "network", "support vector machine"
BOOK = (0.6909, 0.7637, 0.8529, 0.8885, 0.9127, 0.9324, 0.9489, 0.9585, 0.9597)
BOOK_SVM = (0.2507, 0.4893, 0.7513, 0.8387, 0.8849, 0.9146, 0.9245, 0.9347, 0.9448)


def name(kind: str, size: int) -> str:
    """Return the name of an arm."""
    return f"{kind}, {size:,} images"


def _read(figure: Any) -> list[float]:
    return [percent / 100 for percent in figure]


def check(runs: Runs) -> Sequence[Verdict]:
    """Compare the book's nine numbers of each kind, and the two kinds on all images."""
    ours = {size: runs[name(NETWORK, size)].last("validation_accuracy") for size in SIZES}
    machine = {size: runs[name(SVM, size)].last("validation_accuracy") for size in SIZES}
    verdicts = [
        number(name("Network", size), book, ours[size])
        for size, book in zip(SIZES, BOOK, strict=True)
    ]
    verdicts += [
        same(name("Support vector machine", size), book, float(machine[size][0]))
        for size, book in zip(SIZES, BOOK_SVM, strict=True)
    ]
    claim = "The network is better than the machine on all images"
    largest = SIZES[-1]
    return [*verdicts, higher(claim, ours[largest], 0 * ours[largest] + machine[largest])]


def _line(kind: str) -> list[tuple[str, float]]:
    return [(name(kind, size), float(size)) for size in SIZES]


STUDY = Study(
    name="more-data",
    question="How does accuracy grow with the training set, and is it the same for another method?",
    found="From 69.09 % with 100 images to 95.97 % with 50,000 for the network, from 25.07 to "
    "94.48 % for the support vector machine.",
    minutes=1.1,
    arms=(
        *(
            Arm(
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
        *(Arm(name=name(SVM, size), training_size=size, classifier="svm") for size in SIZES),
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
    notes="The machine uses no random number and is fitted once, which takes about six minutes of "
    "one core beside what `list` says. scikit-learn's defaults have changed since; with those "
    "of the book's time, C = 1 and γ = 1/784, its nine numbers are the book's.",
    files=("more_data", "more_data_svm"),
)

"""Two classifiers that are no networks: the mean darkness of a digit, and a support vector machine.

Nielsen ch. 1, "Implementing our network to classify digits".
"""

from collections.abc import Sequence

from experiments.book.arm_runs import Runs
from experiments.book.arms import DarknessArm, NetworkArm, SvmArm
from experiments.book.exact_verdicts import published_exact_number
from experiments.book.figures.panels import seed_values
from experiments.book.studies.settings import first_network
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, difference_claim

DARKNESS, SVM, NETWORK = "mean darkness", "support vector machine", "network, 30 hidden"
BOOK = {DARKNESS: 0.2225, SVM: 0.9435}


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare both numbers with the book's, and the network with the machine."""
    ours = {name: float(runs[name].last("test_accuracy")[0]) for name in BOOK}
    network = runs[NETWORK].best("test_accuracy")
    return [
        *(published_exact_number(name.capitalize(), BOOK[name], ours[name]) for name in BOOK),
        difference_claim(
            "The network is better than the support vector machine",
            network,
            0 * network + ours[SVM],
            book=0.9542 - BOOK[SVM],
        ),
    ]


STUDY = Study(
    name="baselines",
    question="How accurate are simpler classifiers than the network?",
    book_reports="Guessing gives about 10%. Guessing the digit whose mean darkness is nearest is "
    "right for 2,225 of 10,000 test images, 22.25%, and a support vector machine with default "
    "settings for 9,435, 94.35%. Tuned, such a machine reaches 98.5%.",
    minutes=0.1,
    arms=(
        DarknessArm(name=DARKNESS),
        SvmArm(name=SVM, evaluation="test"),
        NetworkArm(name=NETWORK, config=first_network(30), evaluation="test"),
    ),
    panels=(
        seed_values(
            lambda arm: arm.best("test_accuracy"),
            title="Test accuracy",
            ylabel="test accuracy (%)",
            fraction=True,
        ),
    ),
    check=check,
    notes="The first two use no random numbers, so they are fitted once for all seeds. The support "
    "vector machine takes about five minutes on one core, in addition to the time that `list` "
    "shows. It has the default settings that scikit-learn had when the book was written, C = 1 and "
    "γ = 1/784; with today's γ its accuracy differs.",
)

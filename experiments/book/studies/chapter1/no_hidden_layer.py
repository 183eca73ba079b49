"""A network with 784 inputs and 10 outputs, without a hidden layer.

Nielsen ch. 1, "Implementing our network to classify digits", exercise.
"""

from collections.abc import Sequence

from experiments.book.arm_runs import Runs, best_validated
from experiments.book.arms import NetworkArm
from experiments.book.figures.panels import curves, seed_values
from experiments.book.studies.settings import first_network, network
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, difference_claim

RATES = (0.3, 1.0, 3.0, 10.0)
CROSS_ENTROPY = "no hidden, cross-entropy"
HIDDEN = "30 hidden, η 3"


def name(rate: float) -> str:
    """Return the name of the arm without a hidden layer and with this learning rate."""
    return f"no hidden, η {rate:g}"


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare 30 hidden units with none at its best learning rate, and with the cross-entropy."""
    tuned = best_validated([runs[name(rate)] for rate in RATES])
    hidden = runs[HIDDEN].best("test_accuracy")
    claims = {
        "30 hidden units are better than none with its best η": tuned,
        "30 hidden units are better than none with the cross-entropy": runs[CROSS_ENTROPY],
    }
    return [
        difference_claim(claim, hidden, without.best("test_accuracy"))
        for claim, without in claims.items()
    ]


STUDY = Study(
    name="no-hidden-layer",
    question="How accurate is a network without a hidden layer?",
    book_reports="An exercise asks for the accuracy of a [784, 10] network. The book gives no "
    "number; this study expects it to be lower than with 30 hidden units.",
    minutes=0.4,
    arms=(
        *(
            NetworkArm(name=name(rate), config=first_network(0, rate), evaluation="test")
            for rate in RATES
        ),
        NetworkArm(
            name=CROSS_ENTROPY,
            config=network(hidden_units=(), learning_rate=0.1),
            evaluation="test",
        ),
        NetworkArm(name=HIDDEN, config=first_network(30), evaluation="test"),
    ),
    panels=(
        curves("test_accuracy", title="Test accuracy", low=0.5),
        seed_values(
            lambda arm: arm.best("test_accuracy"),
            title="Best epoch, each seed",
            ylabel="test accuracy (%)",
            fraction=True,
        ),
    ),
    check=check,
    notes="The best learning rate is the one with the highest validation accuracy. With the "
    "quadratic cost and large weights, output neurons that start saturated lose their digits, as "
    "in [first-network](first-network.md). With the cross-entropy and the smaller weights of "
    "chapter 3, at η 0.1, they do not, so that arm shows what a network without a hidden layer can "
    "reach.",
)

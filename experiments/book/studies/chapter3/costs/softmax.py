"""A softmax layer with log-likelihood against sigmoid outputs with cross-entropy.

Nielsen ch. 3, "Softmax".
"""

from collections.abc import Sequence

from experiments.book.arm_runs import ArmRuns, Runs, best_validated
from experiments.book.arms import NetworkArm
from experiments.book.figures.panels import curves, points
from experiments.book.studies.settings import network
from experiments.book.study import Study
from experiments.book.units import POINTS
from experiments.book.verdicts import ClaimVerdict, interval_in_range

PAIRS = {"sigmoid": "cross-entropy", "softmax": "log-likelihood"}
ETAS = (0.1, 0.25, 0.5)


def name(output: str, eta: float) -> str:
    """Return the name of an arm."""
    return f"{output}, η {eta:g}"


def tuned(runs: Runs, output: str) -> ArmRuns:
    """Return the runs with the learning rate that validates best for this output layer."""
    return best_validated([runs[name(output, eta)] for eta in ETAS])


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare the two output layers, each with its own best learning rate."""
    best = {output: tuned(runs, output).best("validation_accuracy") for output in PAIRS}
    claim = "Softmax minus sigmoid, each with its best η"
    return [interval_in_range(claim, best["softmax"] - best["sigmoid"], -0.01, 0.01, POINTS)]


STUDY = Study(
    name="softmax",
    question="Is softmax with log-likelihood as good as sigmoid outputs with cross-entropy?",
    book_reports="Both work well in many situations. The book gives no number; this study expects "
    "their accuracies to be within one percentage point of each other.",
    minutes=0.6,
    arms=tuple(
        NetworkArm(
            name=name(output, eta),
            config=network(output=output, cost=cost, learning_rate=eta, lmbda=5.0),
        )
        for output, cost in PAIRS.items()
        for eta in ETAS
    ),
    panels=(
        points(
            "validation_accuracy",
            [(output, [(name(output, eta), eta) for eta in ETAS]) for output in PAIRS],
            title="Best epoch",
            xlabel="learning rate η",
            log=True,
        ),
        curves(
            "validation_accuracy",
            title="η 0.25",
            arms=[name(output, 0.25) for output in PAIRS],
            labels=list(PAIRS),
            low=0.9,
        ),
    ),
    check=check,
)

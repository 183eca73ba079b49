"""Sigmoid, tanh and rectified linear hidden units, each with its own best learning rate.

Nielsen ch. 3, "Other models of artificial neuron".
"""

from collections.abc import Sequence

from experiments.chapter3.arm_runs import ArmRuns, Runs, best_validated
from experiments.chapter3.arms import NetworkArm
from experiments.chapter3.figures.panels import curves, points
from experiments.chapter3.studies.settings import network
from experiments.chapter3.study import Study
from experiments.chapter3.verdicts import ClaimVerdict, difference_claim

INITS = {"sigmoid": "scaled", "tanh": "scaled", "relu": "he"}
ETAS = (0.01, 0.02, 0.05, 0.25)


def name(activation: str, eta: float) -> str:
    """Return the name of an arm."""
    return f"{activation}, η {eta:g}"


def tuned(runs: Runs, activation: str) -> ArmRuns:
    """Return the runs with the learning rate that validates best for these units."""
    return best_validated([runs[name(activation, eta)] for eta in ETAS])


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare tanh and rectified linear units with sigmoid units."""
    best = {kind: tuned(runs, kind).best("validation_accuracy") for kind in INITS}
    return [
        difference_claim("tanh is better than sigmoid", best["tanh"], best["sigmoid"]),
        difference_claim("ReLU is better than sigmoid", best["relu"], best["sigmoid"]),
    ]


STUDY = Study(
    name="activations",
    question="Are tanh or rectified linear units better than sigmoid units?",
    book_reports="There is some evidence that tanh units are better, and much evidence for "
    "rectified linear units in image recognition, but no theory that decides. The book gives no "
    "number.",
    minutes=1.1,
    arms=tuple(
        NetworkArm(
            name=name(activation, eta),
            config=network(
                activation=activation,
                init=init,
                output="softmax",
                cost="log-likelihood",
                learning_rate=eta,
                lmbda=5.0,
            ),
        )
        for activation, init in INITS.items()
        for eta in ETAS
    ),
    panels=(
        curves(
            "validation_accuracy",
            title="η 0.05",
            arms=[name(kind, 0.05) for kind in INITS],
            low=0.9,
        ),
        points(
            "validation_accuracy",
            [(kind, [(name(kind, eta), eta) for eta in ETAS]) for kind in INITS],
            title="Best epoch",
            xlabel="learning rate η",
            log=True,
        ),
    ),
    check=check,
)

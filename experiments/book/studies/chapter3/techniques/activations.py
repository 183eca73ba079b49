"""Sigmoid, tanh and rectified linear hidden units, each with its own learning rate and λ.

Nielsen ch. 3, "Other models of artificial neuron".
"""

from collections.abc import Sequence

from experiments.book.arm_runs import ArmRuns, Runs, best_validated, held_out_best
from experiments.book.arms import NetworkArm
from experiments.book.figures.panels import points
from experiments.book.intervals import percent_interval
from experiments.book.studies.settings import network
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, difference_claim

INITS = {"sigmoid": "scaled", "tanh": "scaled", "relu": "he"}
ETAS = (0.01, 0.03, 0.1, 0.3)
LMBDAS = (1.0, 3.0, 10.0, 30.0, 100.0)


def name(activation: str, eta: float, lmbda: float) -> str:
    """Return the name of an arm."""
    return f"{activation}, η {eta:g}, λ {lmbda:g}"


def settings(runs: Runs, activation: str) -> list[ArmRuns]:
    """Return the runs of these units with every learning rate and λ."""
    return [runs[name(activation, eta, lmbda)] for eta in ETAS for lmbda in LMBDAS]


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare tanh and rectified linear units with sigmoid units, each with its own setting."""
    best = {kind: held_out_best(settings(runs, kind)) for kind in INITS}
    return [
        difference_claim("tanh is better than sigmoid", best["tanh"], best["sigmoid"]),
        difference_claim("ReLU is better than sigmoid", best["relu"], best["sigmoid"]),
    ]


def table(runs: Runs) -> list[dict[str, str]]:
    """Return the setting that validates best for each kind of unit, and what it is worth."""
    rows = []
    for kind in INITS:
        chosen = best_validated(settings(runs, kind))
        accuracy = held_out_best(settings(runs, kind))
        rows.append(
            {
                "hidden units": kind,
                "best setting": chosen.arm.name.partition(", ")[2],
                "accuracy on seeds that did not choose it": percent_interval(accuracy),
            }
        )
    return rows


STUDY = Study(
    name="activations",
    question="Are tanh or rectified linear units better than sigmoid units?",
    book_reports="There is some evidence that tanh units are better, and much evidence for "
    "rectified linear units in image recognition, but no theory that decides. The book gives no "
    "number.",
    minutes=5.0,
    arms=tuple(
        NetworkArm(
            name=name(activation, eta, lmbda),
            config=network(
                activation=activation,
                init=init,
                output="softmax",
                cost="log-likelihood",
                learning_rate=eta,
                lmbda=lmbda,
            ),
        )
        for activation, init in INITS.items()
        for eta in ETAS
        for lmbda in LMBDAS
    ),
    panels=tuple(
        points(
            "validation_accuracy",
            [(f"λ {lmbda:g}", [(name(kind, eta, lmbda), eta) for eta in ETAS]) for lmbda in LMBDAS],
            title=f"{kind}, best epoch",
            xlabel="learning rate η",
            log=True,
        )
        for kind in INITS
    ),
    check=check,
    table=table,
    notes="Each kind of unit has the same four learning rates and five λ to choose from, and the "
    "initialization that suits it: He's for rectified linear units, scaled for the others. For "
    "each seed, the setting is chosen by the mean validation accuracy of the other seeds, so that "
    "no run takes part in the choice by which it is judged; a single seed chooses for itself. The "
    "choices of ten seeds share most of their runs, so the intervals do not contain the "
    "uncertainty of the choice itself.",
)

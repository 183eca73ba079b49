"""Momentum from none to 0.99, and in the form of Nesterov.

Nielsen ch. 3, "Other approaches to artificial neural nets", "Momentum-based gradient descent".
"""

from collections.abc import Sequence

from experiments.chapter3.arms import Arm
from experiments.chapter3.panels import bars, curves
from experiments.chapter3.runs import Runs, epochs_to
from experiments.chapter3.studies.settings import network
from experiments.chapter3.study import Study
from experiments.chapter3.verdicts import Verdict, higher

ARMS = {
    "μ 0": (0.0, False),
    "μ 0.5": (0.5, False),
    "μ 0.9": (0.9, False),
    "μ 0.99": (0.99, False),
    "μ 0.9, Nesterov": (0.9, True),
}
GOAL = 0.95


def check(runs: Runs) -> Sequence[Verdict]:
    """See that momentum learns faster, and that too much of it does not."""
    epochs = {name: epochs_to(runs[name].curve("validation_accuracy"), GOAL) for name in ARMS}
    last = {name: runs[name].last("validation_accuracy") for name in ARMS}
    claim = "To 95 % in fewer epochs than without"
    return [
        higher(f"μ 0.9: {claim}", epochs["μ 0"], epochs["μ 0.9"], "epochs"),
        higher(f"Nesterov's: {claim}", epochs["μ 0"], epochs["μ 0.9, Nesterov"], "epochs"),
        higher("μ 0.9 ends higher than μ 0.99", last["μ 0.9"], last["μ 0.99"]),
    ]


STUDY = Study(
    name="momentum",
    question="Does momentum learn faster, and how much of it is too much?",
    found="An exercise: momentum often speeds learning up; μ above 1 would be a disaster.",
    minutes=0.6,
    arms=tuple(
        Arm(
            name=name,
            config=network(learning_rate=0.05, lmbda=5.0, momentum=mu, nesterov=nesterov),
        )
        for name, (mu, nesterov) in ARMS.items()
    ),
    panels=(
        curves("validation_accuracy", title="Validation accuracy, η 0.05", low=0.85),
        bars(
            lambda arm: epochs_to(arm.curve("validation_accuracy"), GOAL),
            title="Epochs to 95 %, each seed",
            ylabel="epochs",
        ),
    ),
    check=check,
)

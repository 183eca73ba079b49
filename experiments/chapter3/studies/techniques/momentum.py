"""Momentum from none to 0.99, and in the form of Nesterov.

Nielsen ch. 3, "Other approaches to artificial neural nets", "Momentum-based gradient descent".
"""

from collections.abc import Sequence
from typing import Any

from experiments.chapter3.arms import Arm
from experiments.chapter3.figures.panels import bars, curves
from experiments.chapter3.runs import Runs, epochs_to
from experiments.chapter3.studies.settings import network
from experiments.chapter3.study import Study
from experiments.chapter3.verdicts import Verdict, higher

ARMS: dict[str, dict[str, Any]] = {
    "μ 0": {},
    "μ 0.5": {"momentum": 0.5},
    "μ 0.9": {"momentum": 0.9},
    "μ 0.99": {"momentum": 0.99},
    "μ 0.9, Nesterov": {"momentum": 0.9, "nesterov": True},
    "μ 0, η 0.5": {"learning_rate": 0.5},
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
    minutes=0.7,
    arms=tuple(
        Arm(
            name=name,
            config=network(**{"learning_rate": 0.05, "lmbda": 5.0, **settings}),
        )
        for name, settings in ARMS.items()
    ),
    panels=(
        curves("validation_accuracy", title="Validation accuracy, η 0.05 unless named", low=0.85),
        bars(
            lambda arm: epochs_to(arm.curve("validation_accuracy"), GOAL),
            title="Epochs to 95 %, each seed",
            ylabel="epochs",
        ),
    ),
    check=check,
    notes="In the long run a step with μ 0.9 is 1/(1 − μ) = 10 times as long; so η 0.5 without "
    "momentum stands beside it, and what momentum adds to a longer step is their difference.",
)

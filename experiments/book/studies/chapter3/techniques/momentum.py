"""Momentum from 0 to 0.99, and Nesterov's form of it.

Nielsen ch. 3, "Other approaches to artificial neural nets", "Momentum-based gradient descent".
"""

from collections.abc import Sequence
from typing import Any

from experiments.book.arm_runs import Runs, epochs_to
from experiments.book.arms import NetworkArm
from experiments.book.figures.panels import curves, seed_values
from experiments.book.studies.settings import network
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, difference_claim

ARMS: dict[str, dict[str, Any]] = {
    "μ 0": {},
    "μ 0.5": {"momentum": 0.5},
    "μ 0.9": {"momentum": 0.9},
    "μ 0.99": {"momentum": 0.99},
    "μ 0.9, Nesterov": {"momentum": 0.9, "nesterov": True},
    "μ 0, η 0.5": {"learning_rate": 0.5},
}
GOAL = 0.95


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Check that momentum learns faster, and that too much momentum ends lower."""
    epochs = {name: epochs_to(runs[name].curve("validation_accuracy"), GOAL) for name in ARMS}
    last = {name: runs[name].last("validation_accuracy") for name in ARMS}
    claim = "95% in fewer epochs than μ 0"
    return [
        difference_claim(f"μ 0.9 reaches {claim}", epochs["μ 0"], epochs["μ 0.9"], "epochs"),
        difference_claim(
            f"Nesterov's momentum reaches {claim}",
            epochs["μ 0"],
            epochs["μ 0.9, Nesterov"],
            "epochs",
        ),
        difference_claim("μ 0.9 ends higher than μ 0.99", last["μ 0.9"], last["μ 0.99"]),
    ]


STUDY = Study(
    name="momentum",
    question="Does momentum speed up learning, and how much momentum is too much?",
    book_reports="Momentum often speeds up learning. An exercise asks why μ above 1 would be a "
    "disaster.",
    minutes=0.7,
    arms=tuple(
        NetworkArm(
            name=name,
            config=network(**{"learning_rate": 0.05, "lmbda": 5.0, **settings}),
        )
        for name, settings in ARMS.items()
    ),
    panels=(
        curves("validation_accuracy", title="Validation accuracy, η 0.05 unless named", low=0.85),
        seed_values(
            lambda arm: epochs_to(arm.curve("validation_accuracy"), GOAL),
            title="Epochs to 95%, each seed",
            ylabel="epochs",
        ),
    ),
    check=check,
    notes="With μ 0.9 a step eventually becomes 1/(1 − μ) = 10 times as long. The arm with η 0.5 "
    "and no momentum has steps of that length from the start, so it shows how much of the effect "
    "is due to longer steps.",
)

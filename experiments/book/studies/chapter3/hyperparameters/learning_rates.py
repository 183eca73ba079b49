"""Three learning rates: too low, suitable, and so high that steps jump across the valley.

Nielsen ch. 3, "How to choose a neural network's hyper-parameters?", "Learning rate".
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from experiments.book.arm_runs import ArmRuns, Runs
from experiments.book.arms import NetworkArm
from experiments.book.figures.panels import curves
from experiments.book.studies.settings import network
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, difference_claim, published_number
from nncore.arrays.layout import Array

ETAS = (0.025, 0.25, 2.5)


def name(eta: float) -> str:
    """Return the name of an arm."""
    return f"η {eta:g}"


def _read(place: int, figure: Any) -> Sequence[float]:
    costs: Sequence[float] = figure[place][2]
    return costs


def rises(arm: ArmRuns) -> Array:
    """Return the fraction of epochs in which the training cost rose, `(seeds,)`."""
    share: Array = (np.diff(arm.curve("train_objective"), axis=1) > 0).mean(axis=1)
    return share


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare the final costs, and how often each cost rises."""
    slow, middle, fast = (runs[name(eta)] for eta in ETAS)
    last = {eta: runs[name(eta)].last("train_objective") for eta in ETAS}
    book = (0.3392, 0.3388, 0.8607)
    return [
        *(
            published_number(f"Training cost after the last epoch, η {eta:g}", value, last[eta], "")
            for eta, value in zip(ETAS, book, strict=True)
        ),
        difference_claim(
            "The cost rises more often with η 2.5 than with 0.25", rises(fast), rises(middle)
        ),
        difference_claim(
            "The cost rises more often with η 0.25 than with 0.025", rises(middle), rises(slow)
        ),
        difference_claim(
            "The cost ends higher with η 2.5 than with 0.25", last[2.5], last[0.25], ""
        ),
    ]


STUDY = Study(
    name="learning-rates",
    question="How does the training cost behave when the learning rate is low, suitable, or too "
    "high?",
    book_reports="With η 0.025 it falls until the end. With η 0.25 it falls and then fluctuates "
    "slightly. With η 2.5 it oscillates from the start.",
    minutes=0.3,
    arms=tuple(
        NetworkArm(
            name=name(eta),
            config=network(learning_rate=eta, lmbda=5.0, monitor_training=True),
        )
        for eta in ETAS
    ),
    panels=(
        curves(
            "train_objective",
            title="Training cost",
            book=[
                (name(eta), "multiple_eta", partial(_read, place)) for place, eta in enumerate(ETAS)
            ],
        ),
        curves("validation_accuracy", title="Validation accuracy", low=0.9),
    ),
    check=check,
    files=("multiple_eta",),
)

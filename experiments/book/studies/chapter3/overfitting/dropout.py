"""Dropout at several rates, for networks of 100 and 400 hidden units, with and without L2.

Nielsen ch. 3, "Other techniques for regularization".
"""

from collections.abc import Sequence

from experiments.book.arm_runs import Runs
from experiments.book.arms import NetworkArm
from experiments.book.figures.panels import points
from experiments.book.studies.settings import network
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, difference_claim

RATES = {100: (0.0, 0.25, 0.5), 400: (0.0, 0.5)}
SETTINGS = {100: (10, 0.25), 400: (100, 1.0)}  # mini-batch size and η
LMBDAS = (0.0, 5.0)


def name(units: int, lmbda: float, rate: float) -> str:
    """Return the name of an arm."""
    return f"{units} hidden, λ {lmbda:g}, dropout {rate:g}"


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare a dropout rate of 0.5 with none, for each width and λ."""
    verdicts = []
    for units in RATES:
        for lmbda in LMBDAS:
            half, none = (
                runs[name(units, lmbda, rate)].best("validation_accuracy") for rate in (0.5, 0.0)
            )
            claim = f"Dropout 0.5 is better than none with {units} hidden units, λ {lmbda:g}"
            verdicts.append(difference_claim(claim, half, none))
    return verdicts


STUDY = Study(
    name="dropout",
    question="Does dropout improve larger networks, with and without L2 regularization?",
    book_reports="Dropout was successful on many problems, above all with large, deep networks. "
    "Hinton et al. raised the MNIST accuracy from 98.4% to 98.7%, and further with L2. The author "
    "gives no number of his own.",
    minutes=2.7,
    arms=tuple(
        NetworkArm(
            name=name(units, lmbda, rate),
            config=network(
                hidden_units=(units,),
                mini_batch_size=SETTINGS[units][0],
                learning_rate=SETTINGS[units][1],
                lmbda=lmbda,
                dropout=rate,
            ),
        )
        for units, rates in RATES.items()
        for lmbda in LMBDAS
        for rate in rates
    ),
    panels=tuple(
        points(
            "validation_accuracy",
            [
                (f"λ {lmbda:g}", [(name(units, lmbda, rate), rate) for rate in rates])
                for lmbda in LMBDAS
            ],
            title=f"{units} hidden units, best epoch",
            xlabel="dropout rate",
        )
        for units, rates in RATES.items()
    ),
    check=check,
    notes="We chose η with one seed and λ 0: with 100 hidden units 0.25 is the best of 0.1, 0.25 "
    "and 0.5; with 400 hidden units 0.5 and 1 are equally good and 2.5 is far worse. All arms "
    "train for 30 epochs, and dropout learns more slowly.",
)

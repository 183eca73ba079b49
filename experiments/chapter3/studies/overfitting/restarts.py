"""How far apart runs end that differ in nothing but their seed.

Nielsen ch. 3, "Regularization": some unregularised runs "get stuck".
"""

from collections.abc import Sequence
from dataclasses import replace

from experiments.chapter3.arms import Arm
from experiments.chapter3.figures.panels import bars, curves
from experiments.chapter3.runs import Runs
from experiments.chapter3.studies.settings import OVERFITTING_FULL
from experiments.chapter3.study import Study
from experiments.chapter3.verdicts import Verdict, higher, wider

WITHOUT, WITH = "λ 0", "λ 5"


def check(runs: Runs) -> Sequence[Verdict]:
    """Compare the spreads of the best test accuracies, and their means."""
    without, with_ = (runs[arm].best("test_accuracy") for arm in (WITHOUT, WITH))
    return [
        wider("Runs without regularisation scatter wider", without, with_),
        higher("λ 5 is better than none", with_, without),
    ]


STUDY = Study(
    name="restarts",
    question="Do unregularised networks get stuck apart, and regularised ones end together?",
    found="Without regularisation some runs got stuck in local minima and results differed widely; "
    "with it they were much easier to repeat. No number.",
    minutes=0.3,
    arms=(
        Arm(name=WITHOUT, config=OVERFITTING_FULL, evaluation="test"),
        Arm(name=WITH, config=replace(OVERFITTING_FULL, lmbda=5.0), evaluation="test"),
    ),
    panels=(
        curves("test_accuracy", title="Test accuracy", low=0.9),
        bars(
            lambda arm: arm.best("test_accuracy"),
            title="Each seed's best",
            ylabel="test accuracy (%)",
            fraction=True,
        ),
    ),
    check=check,
)

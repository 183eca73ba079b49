"""Grid, random search, two that learn, and the book's one hyperparameter at a time.

Nielsen ch. 3, "How to choose a neural network's hyper-parameters?", "Automated techniques";
Bergstra & Bengio 2012, Snoek et al. 2012.
"""

from collections.abc import Sequence

from experiments.chapter3.arms import Arm
from experiments.chapter3.figures.panels import bars, curves
from experiments.chapter3.runs import Runs
from experiments.chapter3.studies.settings import network
from experiments.chapter3.study import Study
from experiments.chapter3.verdicts import Verdict, higher

SAMPLERS = {
    "grid": "grid",
    "random": "random",
    "TPE": "tpe",
    "CMA-ES": "cmaes",
    "one at a time": "coordinate",
}
TRIALS, EPOCHS = 36, 10


def check(runs: Runs) -> Sequence[Verdict]:
    """Compare the best values found, seed by seed."""
    found = {name: runs[name].last("validation_accuracy") for name in SAMPLERS}
    pairs = (
        ("random", "grid"),
        ("TPE", "random"),
        ("CMA-ES", "random"),
        ("one at a time", "random"),
        ("TPE", "one at a time"),
    )
    return [
        higher(f"{better} finds more than {worse}", found[better], found[worse])
        for better, worse in pairs
    ]


STUDY = Study(
    name="search-methods",
    question="Which way to search finds the best network for an equal number of epochs?",
    found="The book names grid search, cites Bergstra & Bengio 2012 for random search and Snoek et "
    "al. 2012 for a Bayesian approach; no number.",
    minutes=0.6,
    arms=tuple(
        Arm(
            name=name,
            config=network(epochs=EPOCHS),
            data="mnist-5k",
            sampler=sampler,
            trials=TRIALS,
        )
        for name, sampler in SAMPLERS.items()
    ),
    panels=(
        curves(
            "validation_accuracy",
            title=f"Best so far, {EPOCHS} epochs per trial",
            xlabel="trials",
            low=0.85,
        ),
        bars(
            lambda arm: arm.last("validation_accuracy"),
            title=f"After {TRIALS} trials, each seed",
            ylabel="validation accuracy (%)",
            fraction=True,
        ),
    ),
    check=check,
    notes="Run it with ten seeds or more. η from 0.01 to 10, λ from 0.01 to 100, mini-batches of 4 "
    "to 128, all three on a log scale, 10 to 100 hidden units. What is compared is the best "
    "validation accuracy, which flatters all methods alike.",
)

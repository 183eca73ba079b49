"""Grid and random search, TPE, CMA-ES, and the book's tuning of one hyperparameter at a time.

Nielsen ch. 3, "How to choose a neural network's hyper-parameters?", "Automated techniques";
Bergstra & Bengio 2012, Snoek et al. 2012.
"""

from collections.abc import Sequence

from experiments.chapter3.arm_runs import Runs
from experiments.chapter3.arms import SearchArm
from experiments.chapter3.figures.panels import curves, seed_values
from experiments.chapter3.study import Study
from experiments.chapter3.verdicts import ClaimVerdict, difference_claim

SAMPLERS = {
    "grid": "grid",
    "random": "random",
    "TPE": "tpe",
    "CMA-ES": "cmaes",
    "one at a time": "coordinate",
}
TRIALS, EPOCHS = 36, 10


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare the best values of the searches, seed by seed."""
    best = {name: runs[name].last("validation_accuracy") for name in SAMPLERS}
    pairs = (
        ("random", "grid"),
        ("TPE", "random"),
        ("CMA-ES", "random"),
        ("one at a time", "random"),
        ("TPE", "one at a time"),
    )
    return [
        difference_claim(f"{better} beats {worse}", best[better], best[worse])
        for better, worse in pairs
    ]


STUDY = Study(
    name="search-methods",
    question="Which search method finds the best network within the same number of epochs?",
    book_reports="Describes grid search and cites Bergstra & Bengio 2012 for random search and "
    "Snoek et al. 2012 for a Bayesian approach. The book gives no number.",
    minutes=0.6,
    arms=tuple(
        SearchArm(name=name, sampler=sampler, trials=TRIALS, epochs=EPOCHS)
        for name, sampler in SAMPLERS.items()
    ),
    panels=(
        curves(
            "validation_accuracy",
            title=f"Best so far, {EPOCHS} epochs per trial",
            xlabel="trials",
            low=0.85,
        ),
        seed_values(
            lambda arm: arm.last("validation_accuracy"),
            title=f"After {TRIALS} trials, each seed",
            ylabel="validation accuracy (%)",
            fraction=True,
        ),
    ),
    check=check,
    notes="The searches cover η from 0.01 to 10, λ from 0.01 to 100 and mini-batches of 4 to 128, "
    "all on a log scale, and 10 to 100 hidden units. The study compares the best validation "
    "accuracies; they are biased upward by selection, which affects every method. Use ten seeds "
    "or more, because the best values of single searches differ by about as much as the methods "
    'do. The arm "one at a time" is the sampler `coordinate`.',
)

"""Grid and random search, TPE, CMA-ES, and the book's tuning of one hyperparameter at a time.

Nielsen ch. 3, "How to choose a neural network's hyper-parameters?", "Automated techniques";
Bergstra & Bengio 2012, Snoek et al. 2012.
"""

from collections.abc import Sequence

from experiments.book.arm_runs import ArmRuns, Runs
from experiments.book.arms import SearchArm
from experiments.book.figures.panels import curves, seed_values
from experiments.book.intervals import percent_interval
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, difference_claim
from nncore.arrays.layout import Array

SAMPLERS = {
    "grid": "grid",
    "random": "random",
    "TPE": "tpe",
    "CMA-ES": "cmaes",
    "one at a time": "coordinate",
}
TRIALS, EPOCHS, FRESH_SEEDS = 36, 10, 5


def winners(search: ArmRuns) -> Array:
    """Return the accuracy of the winner of each search on fresh seeds, `(seeds,)`."""
    return search.last("winner_accuracy")


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare the winners of the searches on fresh seeds, search by search."""
    accuracy = {name: winners(runs[name]) for name in SAMPLERS}
    pairs = (
        ("random", "grid"),
        ("TPE", "random"),
        ("CMA-ES", "random"),
        ("one at a time", "random"),
        ("TPE", "one at a time"),
    )
    return [
        difference_claim(f"{better} beats {worse}", accuracy[better], accuracy[worse])
        for better, worse in pairs
    ]


def table(runs: Runs) -> list[dict[str, str]]:
    """Return the winners' accuracy on fresh seeds, and how far the search's best value is above."""
    return [
        {
            "search": name,
            "winner on fresh seeds": percent_interval(winners(runs[name])),
            "selection bias, points": percent_interval(
                runs[name].last("validation_accuracy") - winners(runs[name]), unit=""
            ),
        }
        for name in SAMPLERS
    ]


STUDY = Study(
    name="search-methods",
    question="Which search method finds the best network within the same number of epochs?",
    book_reports="Describes grid search and cites Bergstra & Bengio 2012 for random search and "
    "Snoek et al. 2012 for a Bayesian approach. The book gives no number.",
    minutes=0.7,
    arms=tuple(
        SearchArm(name=name, sampler=sampler, trials=TRIALS, epochs=EPOCHS, fresh_seeds=FRESH_SEEDS)
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
            winners,
            title="Winners on fresh seeds",
            ylabel="validation accuracy (%)",
            fraction=True,
        ),
    ),
    check=check,
    table=table,
    notes="The searches cover η from 0.01 to 10, λ from 0.01 to 100 and mini-batches of 4 to 128, "
    "all on a log scale, and 10 to 100 hidden units. The best value of a search is too high on "
    f"average, so the winner of each search is trained again on {FRESH_SEEDS} fresh seeds, and the "
    "methods are compared by that. Use ten seeds or more, because single searches differ by about "
    'as much as the methods do. The arm "one at a time" is the sampler `coordinate`.',
)

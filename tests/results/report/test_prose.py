"""What a run says of importance: a first is named only where it is clear."""

import pandas as pd

from results.analysis.findings import Findings
from results.analysis.importance import Importance
from results.frames import read_run
from results.report.prose import opening_sentences

NAN = float("nan")
AGREES = {"rate": [0.9, NAN, NAN], "cost": [0.1, NAN, NAN]}


def _importance_words(write_run, *toml, **tables):
    found = Findings(read_run(write_run(*toml)))
    made = [
        Importance(
            method, pd.DataFrame(rows, index=["share", "low", "high"], dtype="float64").T, ""
        )
        for method, rows in tables.items()
    ]
    found.__dict__["importance"] = tuple(made)  # in the place of what is computed when asked for
    return next(sentence for sentence in opening_sentences(found) if "most important" in sentence)


def test_a_clear_first_is_named_with_its_spread(write_run):
    clear = {"rate": [0.8, 0.6, 0.9], "cost": [0.2, 0.1, 0.4]}
    assert _importance_words(write_run, PED=clear, forest=AGREES) == (
        "The most important hyperparameter is rate (80%, bootstrap spread 60% to 90%)."
    )


def test_no_first_is_named_where_spreads_overlap_and_methods_may_disagree(write_run):
    unclear = {"cost": [0.6, 0.1, 0.7], "init": [0.3, 0.1, 0.5], "rate": [0.1, 0.0, 0.6]}
    assert _importance_words(write_run, PED=unclear, forest=AGREES) == (
        "No hyperparameter is clearly the most important: the spreads of "
        "cost (60%, bootstrap spread 10% to 70%) and rate (10%, bootstrap spread 0% to 60%) "
        "overlap. By forest, which considers all trials, the most important is rate (90%)."
    )


def test_if_trials_compete_importance_is_said_to_rest_on_a_selection(write_run):
    """Of the five trials, one failed; none of the four others is pruned."""
    toml = (write_run() / "sweep.toml").read_text()
    toml = toml.replace("generation = 8", 'generation = 5\npruner = "promotion"')
    clear = {"rate": [0.8, 0.6, 0.9], "cost": [0.2, 0.1, 0.4]}
    assert _importance_words(write_run, toml, PED=clear, forest=AGREES).endswith(
        "60% to 90%). This is based on the 4 trials that were not pruned, which do not represent "
        "the space: the pruner chose them by their values."
    )

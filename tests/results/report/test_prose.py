"""What a run says of importance: a first, or a group with it, is named only where it is clear."""

import pandas as pd
import pytest

from results.analysis.findings import Findings
from results.analysis.importance import BETTER_HALF, WHOLE, Importance
from results.frames import read_run
from results.report.prose import opening_sentences

SHARES = {"rate": [0.5, 0.3, 0.7], "cost": [0.3, 0.1, 0.5], "init": [0.2, 0.1, 0.4]}
TABLE = pd.DataFrame(SHARES, index=["share", "low", "high"], dtype="float64").T
RATE, COST, INIT = (
    "rate (50%, 95% interval 30% to 70%)",
    "cost (30%, 95% interval 10% to 50%)",
    "init (20%, 95% interval 10% to 40%)",
)


def _importance_words(write_run, better, whole=(), *toml, ahead=False):
    found = Findings(read_run(write_run(*toml)))
    made = (
        Importance(BETTER_HALF, TABLE, "", tuple(better), ahead),
        Importance(WHOLE, TABLE, "", tuple(whole)),
    )
    found.__dict__["importance"] = made  # in the place of what is computed when asked for
    return next(one for one in opening_sentences(found) if one.startswith("Over the better half"))


@pytest.mark.parametrize(
    ("leaders", "ahead", "words"),
    [
        (["rate"], True, f"the most important hyperparameter is {RATE}."),
        (
            ["rate", "cost"],
            True,
            f"{RATE} and {COST} are more important than the other hyperparameters.",
        ),
        (["rate", "cost"], False, f"the most important hyperparameter is {RATE} or {COST}."),
        (
            ["rate", "cost", "init"],
            False,
            f"the most important hyperparameter is {RATE}, {COST} or {INIT}.",
        ),
        (
            [],
            False,
            "no hyperparameter is clearly the most important; the largest shares are those of "
            f"{RATE} and {COST}.",
        ),
    ],
)
def test_a_first_or_a_group_is_named_with_its_shares(write_run, leaders, ahead, words):
    said = _importance_words(write_run, leaders, ahead=ahead)
    assert said == f"Over the better half of the space, {words}"


def test_the_whole_space_is_named_where_it_has_another_first(write_run):
    said = _importance_words(write_run, ["rate"], ["cost"])
    assert said.endswith(f". Over the whole space, the most important hyperparameter is {COST}.")
    assert "whole" not in _importance_words(write_run, ["rate"], ["rate"])
    assert "whole" not in _importance_words(write_run, ["rate"], [])


def test_if_trials_compete_importance_is_said_to_rest_on_a_selection(write_run):
    """Of the five trials, one failed; none of the four others is pruned."""
    toml = (write_run() / "sweep.toml").read_text()
    toml = toml.replace("generation = 8", 'generation = 5\npruner = "promotion"')
    assert _importance_words(write_run, ["rate"], ["rate"], toml).endswith(
        "30% to 70%). This is based on the 4 trials that were not pruned, which do not represent "
        "the space: the pruner chose them by their values."
    )

"""The median of each choice, against values worked out by hand."""

import pytest

from results.analysis.positions import choice_medians
from sweeps.space.dimensions import Choices

COST = Choices(choices=["quadratic", "cross-entropy", "log-likelihood"])


def test_a_median_is_given_for_each_choice_with_three_trials(make_trials):
    values = [0.7, 0.8, 0.9, 0.6, 0.95, 0.92]
    cost = ["quadratic", "quadratic", "cross-entropy", "quadratic", "cross-entropy"]
    medians = choice_medians(make_trials(values, cost=[*cost, "cross-entropy"]), "cost", COST)

    assert medians.to_dict() == {0: 0.7, 1: 0.92}


@pytest.mark.parametrize(("pruner", "median"), [("median", 0.9), ("none", 0.8)])
def test_trials_that_a_pruner_stopped_do_not_count(make_trials, pruner, median):
    trials = make_trials([0.8, 0.9, 0.95, 0.7, 0.75], cost=["cross-entropy"] * 5)
    trials.loc[[3, 4], ["state", "stop_reason"]] = "pruned"

    assert choice_medians(trials, "cost", COST, pruner).to_dict() == {1: median}


@pytest.mark.parametrize(
    "cost", [["quadratic", "quadratic", None], [None] * 3, ["quadratic", "cross-entropy"] * 2]
)
def test_fewer_than_three_trials_of_a_choice_give_no_median(make_trials, cost):
    trials = make_trials([0.5] * len(cost), cost=cost)

    assert choice_medians(trials, "cost", COST).empty

"""Statistics against small tables worked out by hand."""

import math

import pandas as pd
import pytest

from results.analysis.trials import (
    best_at,
    best_at_epochs,
    best_so_far,
    best_trial,
    bulk_limits,
    completed,
    epochs_spent,
    learned,
    mean_curves,
    top_trials,
)


def test_best_so_far_climbs_over_the_trials_with_a_value(make_trials):
    frame = best_so_far(make_trials([0.5, None, 0.75, 0.25, 0.75, 1.0]))
    assert frame.columns.tolist() == ["number", "score", "best"]
    assert frame["number"].tolist() == [0, 2, 3, 4, 5]
    assert frame["score"].tolist() == [0.5, 0.75, 0.25, 0.75, 1.0]
    assert frame["best"].tolist() == [0.5, 0.75, 0.75, 0.75, 1.0]


def test_best_so_far_goes_by_number_not_by_row(make_trials):
    frame = best_so_far(make_trials([0.5, 0.25, 0.75]).iloc[::-1])
    assert frame["best"].tolist() == [0.5, 0.5, 0.75]


def test_nothing_is_best_before_a_trial_has_learned(make_trials):
    frame = best_so_far(make_trials([0.0, 0.5, 0.0, 0.75], diverged=[0, 2]))
    assert frame["score"].tolist() == [0.0, 0.5, 0.0, 0.75]
    assert math.isnan(frame["best"].iloc[0])
    assert frame["best"].tolist()[1:] == [0.5, 0.5, 0.75]
    assert best_so_far(make_trials([0.0, 0.0], diverged=[0, 1]))["best"].isna().all()


def test_trials_that_learned_have_a_best_epoch(make_trials):
    trials = make_trials([0.5, 0.5, 0.5, None, 0.5])
    trials["best_epoch"] = pd.Series([1, 0, None, 4, 9], dtype="Int64")
    assert learned(trials)["number"].tolist() == [0, 4]


@pytest.mark.parametrize(
    ("values", "diverged", "number"),
    [
        ([0.5, 0.75, 0.75], [], 1),
        ([0.5, None, 0.25], [], 0),
        # diverged, but only after it had learned
        ([0.5, 0.75], [1], 1),
        # trial 1 truly reached 0, trial 0 reached nothing
        ([0.0, 0.0], [0], 1),
    ],
)
def test_the_best_trial(make_trials, values, diverged, number):
    trials = make_trials(values, diverged=diverged)
    assert best_trial(trials)["number"] == number
    assert best_trial(trials.iloc[::-1])["number"] == number


@pytest.mark.parametrize(("values", "diverged"), [([], []), ([None], []), ([0.0, 0.0], [0, 1])])
def test_without_a_trial_that_learned_there_is_no_best(make_trials, values, diverged):
    assert best_trial(make_trials(values, diverged=diverged)) is None


def test_pruned_trials_and_those_without_a_value_have_not_completed(make_trials):
    trials = make_trials([0.5, 0.6, math.nan])
    trials.loc[0, "state"] = "pruned"
    assert completed(trials)["number"].tolist() == [1]


def test_top_trials_go_by_value_then_number(make_trials):
    trials = make_trials([0.5, 0.75, None, 0.75, 0.9])
    assert top_trials(trials, 3)["number"].tolist() == [4, 1, 3]
    assert top_trials(trials, 9)["number"].tolist() == [4, 1, 3, 0]
    assert top_trials(trials.iloc[::-1], 3)["number"].tolist() == [4, 1, 3]


def test_top_trials_take_pruned_ones_for_what_they_reached(make_trials):
    trials = make_trials([0.5, 0.75, 0.9])
    trials.loc[2, "state"] = "pruned"
    assert top_trials(trials, 3)["number"].tolist() == [2, 1, 0]
    assert best_so_far(trials)["best"].tolist() == [0.5, 0.75, 0.9]
    assert best_trial(trials)["number"] == 2


def test_no_trials_give_frames_without_rows(make_trials):
    assert best_so_far(make_trials([])).columns.tolist() == ["number", "score", "best"]
    assert top_trials(make_trials([None]), 3).empty


def test_epochs_are_spent_by_trials_of_every_state_and_by_every_replicate(make_trials):
    trials = make_trials([0.5, None, 0.75, 0.6]).assign(
        state=["complete", "failed", "pruned", "complete"],
        epochs=pd.Series([4, None, 2, 3], dtype="Int64"),
    )
    assert epochs_spent(trials).to_dict() == {0: 4, 1: 4, 2: 6, 3: 9}
    assert epochs_spent(trials.iloc[::-1], replicates=3).to_dict() == {0: 12, 1: 12, 2: 18, 3: 27}
    assert epochs_spent(trials.iloc[:0]).empty


def test_the_best_at_a_budget_counts_all_trials_and_takes_those_with_a_value(make_trials):
    trials = make_trials([0.5, None, 0.4, 0.75, 0.6]).assign(
        state=["complete", "failed", "pruned", "pruned", "complete"], epochs=[4, 0, 2, 3, 1]
    )
    assert [best_at(trials, count) for count in (1, 3, 4, 5, 9)] == [0.5, 0.5, 0.75, 0.75, 0.75]
    assert math.isnan(best_at(trials, 0))
    # a trial counts once it has ended: after 4, 4, 6, 9 and 10 epochs
    assert math.isnan(best_at_epochs(trials, 3))
    assert [best_at_epochs(trials, epochs) for epochs in (4, 8, 9)] == [0.5, 0.5, 0.75]
    assert best_at_epochs(trials, 17, replicates=2) == 0.5
    assert best_at_epochs(trials, 18, replicates=2) == 0.75


def _epochs(rows: list[tuple[int, int, int, float, float]]) -> pd.DataFrame:
    columns = ["trial", "replicate", "epoch", "train_cost", "validation_accuracy"]
    return pd.DataFrame(rows, columns=columns)


def test_mean_curves_are_means_over_replicates():
    rows = [
        (0, 0, 1, 1.0, 0.5),
        (0, 0, 2, 0.5, 0.75),
        (0, 1, 1, 3.0, 0.25),
        (0, 1, 2, 1.0, 0.25),
        (1, 0, 1, 8.0, 0.125),
    ]
    curves = mean_curves(_epochs(rows))
    assert curves.columns.tolist() == ["trial", "epoch", "train_cost", "validation_accuracy"]
    assert curves.to_numpy().tolist() == [
        [0, 1, 2.0, 0.375],
        [0, 2, 0.75, 0.5],
        [1, 1, 8.0, 0.125],
    ]


def test_a_replicate_without_a_number_leaves_no_mean():
    curves = mean_curves(_epochs([(0, 0, 1, math.nan, 0.5), (0, 1, 1, 2.0, 0.25)]))
    assert math.isnan(curves["train_cost"].iloc[0])
    assert curves["validation_accuracy"].iloc[0] == 0.375


def test_an_infinite_cost_has_an_infinite_mean():
    curves = mean_curves(_epochs([(0, 0, 1, math.inf, 0.5), (0, 1, 1, 2.0, 0.25)]))
    assert curves["train_cost"].iloc[0] == math.inf


def test_mean_curves_of_nothing():
    assert mean_curves(_epochs([])).empty


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        # all inside: from the worst to the best
        ([0.5, 0.6, 0.7], 0.5, 0.7),
        # median 0.9, best 0.95: not below 0.9 − 4 · 0.05
        ([0.1, 0.88, 0.9, 0.92, 0.95], 0.7, 0.95),
        # half diverged: median 0.5, best 0.9: all inside
        ([0.1, 0.1, 0.9, 0.9], 0.1, 0.9),
        ([0.9, 0.9, 0.9], 0.9, 0.9),
        # an outlier under equals: four half points below them
        ([0.0, 0.9, 0.9, 0.9], 0.88, 0.9),
        ([0.5], 0.5, 0.5),
    ],
)
def test_bulk_limits(values, low, high):
    assert bulk_limits(pd.Series(values)) == pytest.approx((low, high), abs=1e-12)

"""Search value against fresh-seed value: the numbers, and the figure through its artists."""

import numpy as np
import pytest

from nncore.components.metrics import ACCURACY, METRICS
from results.analysis.confirmation import judge
from results.analysis.fresh_values import fresh_limits, fresh_scores, fresh_text
from results.figures.fresh_values import NO_MEAN, plot_fresh_values
from sweeps.confirmation import Candidate
from sweeps.records.confirmed_networks import Confirmed
from sweeps.trial import StopReason

VALUES = {3: (0.95, [0.93, 0.94]), 4: (0.925, [0.92, 0.92])}


def _verdict(values, metric=ACCURACY):
    rows = [
        Confirmed(trial, seed, value, 1, 1, StopReason.MAX_EPOCHS)
        for trial, (_, on_seeds) in values.items()
        for seed, value in enumerate(on_seeds)
    ]
    candidates = [Candidate(trial, {}, found, found) for trial, (found, _) in values.items()]
    return judge(candidates, rows, 1, 5, metric)


def _lines(ax):
    return {line.get_label(): line for line in ax.lines}


def test_each_confirmed_trial_has_its_scores():
    frame = fresh_scores(_verdict(VALUES))
    assert frame[["trial", "search", "mean"]].to_numpy().tolist() == [
        [3, 0.95, pytest.approx(0.935)],
        [4, 0.925, pytest.approx(0.92)],
    ]
    # two values half a point from their mean: 0.5 tan(0.4825 pi) = 9.09 points; none above 100%
    assert frame.loc[0, ["low", "high"]].tolist() == pytest.approx([0.8441, 1.0], abs=1e-4)
    assert frame.loc[1, ["low", "high"]].isna().all()  # no spread
    assert frame["scores"].tolist() == [[0.93, 0.94], [0.92, 0.92]]
    assert fresh_limits(frame) == (0.92, 0.95)


def test_of_a_loss_lower_is_better_and_the_interval_stays_ordered():
    loss = METRICS["log_loss"]
    frame = fresh_scores(_verdict({1: (0.2, [0.3, 0.4]), 2: (0.5, [0.6, 0.6])}, loss))
    assert frame["search"].tolist() == [-0.2, -0.5]
    assert frame["mean"].tolist() == pytest.approx([-0.35, -0.6])
    assert frame.loc[0, "low"] < -0.35 < frame.loc[0, "high"]


def test_a_trial_without_a_mean_is_left_out():
    rmse = METRICS["rmse"]
    frame = fresh_scores(_verdict({1: (0.2, [0.3, 0.4]), 2: (0.5, [0.6, np.nan])}, rmse))
    assert frame["trial"].tolist() == [1]


def test_the_dots_are_where_the_values_are(ax):
    verdict = _verdict(VALUES)
    plot_fresh_values(fresh_scores(verdict), ax, verdict.winner, fresh_text(verdict))
    lines = _lines(ax)
    assert lines["winner: trial 3"].get_xydata().tolist() == [[0.95, pytest.approx(0.935)]]
    assert lines["mean of a trial"].get_xydata().tolist() == [[0.925, pytest.approx(0.92)]]
    assert lines["one seed"].get_ydata().tolist() == [0.93, 0.94, 0.92, 0.92]
    same = lines["as in the search"].get_xydata()
    assert np.array_equal(same[:, 0], same[:, 1])
    assert ax.get_xlim() == ax.get_ylim()
    (intervals,) = ax.collections
    low, high = ax.get_ylim()
    drawn = intervals.get_segments()[0][:, 1].tolist()
    assert drawn == [low, high]  # both ends lie outside, and are cut there
    assert [text.get_text() for text in ax.texts] == ["3", "4"]
    assert ax.get_ylabel() == "accuracy on 2 fresh seeds (%)"
    title = "Trial 3: 95.00% in the search, 93.50% on 2 fresh seeds"
    assert ax.get_title(loc="left") == title


def test_without_a_mean_the_figure_says_so(ax):
    rmse = METRICS["rmse"]
    verdict = _verdict({1: (0.2, [np.nan, np.nan])}, rmse)
    plot_fresh_values(fresh_scores(verdict), ax, 1, fresh_text(verdict), rmse)
    assert [text.get_text() for text in ax.texts] == [NO_MEAN]

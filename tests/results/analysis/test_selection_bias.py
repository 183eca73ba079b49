"""What a choice among noisy values adds to the best of them, by hand and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.analysis.selection_bias import lead_over, selection_bias, winner_estimate
from results.analysis.uncertainty import mean_interval, paired_difference
from tests.support.simulation import LEAST, SHAPES, SIMULATIONS

accuracies = st.lists(st.integers(0, 750).map(lambda right: right / 750), min_size=2, max_size=12)


def test_selection_bias_is_the_overestimate_of_the_search():
    found = selection_bias(0.95, [0.93, 0.94])
    low, high = mean_interval([0.93, 0.94])
    assert found["mean"] == pytest.approx(0.015)
    assert found["ci"] == pytest.approx((0.95 - high, 0.95 - low))
    assert found["in_search_estimate"] == 0.95


def test_the_optimism_of_choosing_one_of_two_by_hand():
    # differences 1, 2, 3 give t^2 = 12; 1/12 of the lead over the common mean, 2/2, is chance
    winner, other = [5.0, 7.0, 9.0], [4.0, 5.0, 6.0]
    found = winner_estimate(winner, [other])
    assert found["optimism"] == pytest.approx(1 / 12)
    assert found["mean"] == pytest.approx(7 - 1 / 12)
    low, high = mean_interval(winner)
    assert found["ci"] == pytest.approx((low - 1 / 12, high))


def test_a_lead_that_chance_explains_is_taken_off_whole():
    # the differences are 3, -2, 0.5: t is below 1
    found = winner_estimate([0.93, 0.90, 0.91], [[0.90, 0.92, 0.905]])
    assert found["mean"] == pytest.approx((2.74 + 2.725) / 6)


def test_a_collapsed_network_does_not_count():
    # Without a limit, the spread of the last candidate would take off 0.098. The middle standard
    # error is that of the runner-up, whose deviation is 0.02: 0.02 / sqrt(3) = 0.011547, and the
    # largest of three normal values has the mean 0.8463; Blom's formula gives 0.8694.
    winner, runner_up, collapsed = [0.92, 0.93, 0.94], [0.93, 0.91, 0.89], [0.92, 0.10, 0.91]
    found = winner_estimate(winner, [runner_up, collapsed])
    assert found["optimism"] == pytest.approx(0.8694 * 0.011547, rel=1e-3)


@given(accuracies, st.integers(-2, 2))
def test_noise_that_all_candidates_share_makes_no_optimism(values, shift):
    others = [[value - 0.25 for value in values], [value - 0.5 for value in values]]
    found = winner_estimate([value + shift for value in values], [])
    assert (found["optimism"], found["mean"]) == (0.0, pytest.approx(np.mean(values) + shift))
    assert winner_estimate(values, others)["optimism"] == pytest.approx(0.0, abs=1e-12)


def test_a_winner_without_spread_has_no_interval():
    found = winner_estimate([0.9, 0.9, 0.9], [[0.8, 0.9, 0.7]])
    assert all(map(math.isnan, found["ci"]))
    assert 0 < found["optimism"] < 0.05
    assert found["mean"] == 0.9 - found["optimism"]


def test_a_corrected_interval_keeps_to_possible_means():
    found = winner_estimate([0.02, 0.0, 0.01], [[0.0, 0.01, 0.01]], (0.0, 1.0))
    assert found["ci"][0] == 0.0


@pytest.mark.parametrize(("k", "n"), [(2, 5), (5, 20), (10, 5)])
@pytest.mark.parametrize("gap", [0.0, 0.5])
@pytest.mark.parametrize("shape", ["normal", "gamma"])
def test_the_winners_interval_holds_its_mean(shape, gap, k, n):
    true = -gap * np.arange(k) / math.sqrt(n)
    draws = SHAPES[shape](np.random.default_rng(4), (SIMULATIONS, k, n)) + true[:, np.newaxis]
    held = 0
    for scores in draws:
        best = int(scores.mean(axis=1).argmax())
        low, high = winner_estimate(scores[best], np.delete(scores, best, axis=0))["ci"]
        held += low <= true[best] <= high
    assert held >= LEAST


def test_the_runner_up_may_have_been_lucky_too():
    winner, runner_up = np.array([0.97, 0.96, 0.98]), np.array([0.94, 0.93, 0.92])
    alone, rest = paired_difference(winner, runner_up), [[0.92, 0.94, 0.90]]
    found = lead_over(winner, runner_up, rest)
    optimism = winner_estimate(runner_up, rest)["optimism"]
    assert optimism > 0
    assert found == alone | {"ci": pytest.approx((alone["ci"][0], alone["ci"][1] + optimism))}
    assert lead_over(winner, runner_up, []) == alone

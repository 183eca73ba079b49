"""Intervals, tests and corrections against scipy, hand-worked numbers and simulated coverage."""

import math

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from results.analysis.uncertainty import (
    distinguishable,
    example_interval,
    holm,
    mean_interval,
    paired_difference,
    paired_example_interval,
    wilson_interval,
)
from tests.support.simulation import LEAST, SHAPES, SIMULATIONS


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


accuracies = st.lists(st.integers(0, 750).map(lambda right: right / 750), min_size=2, max_size=12)


def test_the_interval_of_symmetric_values_is_students():
    values = [0.90, 0.92, 0.94, 0.96, 0.98]
    expected = scipy.stats.t.interval(0.965, 4, loc=0.94, scale=scipy.stats.sem(values))
    assert mean_interval(values) == pytest.approx(expected)


def test_the_interval_of_two_values_by_hand():
    # one degree of freedom is Cauchy's distribution: the quantile of p is tan(pi (p - 1/2))
    half = 0.01 * math.tan(math.pi * 0.4825)
    assert mean_interval([0.92, 0.94]) == pytest.approx((0.93 - half, 0.93 + half))


def test_a_skewed_interval_solves_halls_equation():
    values = np.array([0.95, 0.96, 0.955, 0.96, 0.93, 0.965, 0.95, 0.94])
    n, quantile = len(values), scipy.stats.t.ppf(0.9825, 7)
    skewness = scipy.stats.skew(values, bias=False)

    def excess(t: float) -> float:  # Hall's g, as in the paper
        by_root, by_n = skewness / math.sqrt(n), skewness**2 / n
        return t + by_root * (t**2 / 3 + 1 / 6) + by_n * t**3 / 27 - quantile

    farther = scipy.optimize.brentq(excess, 0, 50)
    low, high = mean_interval(values)
    error = scipy.stats.sem(values)
    assert quantile < farther < 2.5 * quantile
    assert low == pytest.approx(values.mean() - farther * error)
    assert high == pytest.approx(values.mean() + quantile * error)  # the short side is Student's


def test_an_end_is_at_most_two_and_a_half_times_as_far_as_students():
    values = [0.0, 0.4, 1.0]  # Hall's high end would be 3.3 times as far
    half = scipy.stats.t.ppf(0.9825, 2) * scipy.stats.sem(values)
    assert mean_interval(values) == pytest.approx((1.4 / 3 - half, 1.4 / 3 + 2.5 * half))


@pytest.mark.parametrize("values", [[], [0.5], [0.5, 0.5, 0.5], [0.1 + 0.2, 0.3]])
def test_values_without_spread_have_no_interval(values):
    assert all(map(math.isnan, mean_interval(values)))


def test_an_interval_ends_where_no_mean_can_be():
    low, high = mean_interval([0.99, 0.995, 0.985], (0.0, 1.0))
    assert (low, high) == (mean_interval([0.99, 0.995, 0.985])[0], 1.0)


@given(accuracies, st.integers(-3, 3), st.sampled_from([-100.0, -1.0, 0.5]))
def test_an_interval_moves_and_scales_with_the_values(values, shift, scale):
    low, high = mean_interval(values)
    moved = mean_interval([scale * (value + shift) for value in values])
    ends = sorted([scale * (low + shift), scale * (high + shift)])
    assert moved == pytest.approx(ends, rel=1e-7, abs=1e-9, nan_ok=True)


shapes = pytest.mark.parametrize("shape", SHAPES)


@shapes
@pytest.mark.parametrize("n", [5, 20])
def test_intervals_hold_the_mean(shape, n):
    draws = SHAPES[shape](np.random.default_rng(1), (SIMULATIONS, n))
    intervals = [mean_interval(values) for values in draws if np.ptp(values)]
    held = sum(low <= 1e-12 and high >= -1e-12 for low, high in intervals)
    assert held >= LEAST - (SIMULATIONS - len(intervals))


@pytest.mark.parametrize(
    ("p_values", "expected"),
    [
        # in order: 0.005·4, 0.01·3, 0.03·2, and 0.04·1, which may not come below 0.06
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.5, 0.6], [1.0, 1.0]),
        ([0.02], [0.02]),
        ([], []),
        # a test that could not be made is none
        ([0.01, math.nan, 0.04], [0.02, math.nan, 0.04]),
    ],
)
def test_holms_correction_by_hand(p_values, expected):
    assert holm(p_values) == pytest.approx(expected, nan_ok=True)


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_keeps_the_order_and_never_makes_a_p_value_smaller(p_values):
    corrected = holm(p_values)
    assert all(p <= c <= 1 for p, c in zip(p_values, corrected, strict=True))
    ranked = [c for _, c in sorted(zip(p_values, corrected, strict=True))]
    assert ranked == sorted(ranked)


def test_a_paired_difference_is_students():
    one, other = np.random.default_rng(2).normal(size=(2, 9))
    found, expected = paired_difference(one, other), scipy.stats.ttest_rel(one, other)
    assert found["pairs"] == 9
    assert found["mean"] == pytest.approx(np.mean(one) - np.mean(other))
    assert found["ci"] == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert found["p_value"] == pytest.approx(expected.pvalue)


def test_a_paired_difference_by_hand():
    # differences 1, 2, 3: mean 2, standard error 1/sqrt(3), t = sqrt(12) with 2 degrees of freedom,
    # for which p = 1 - t / sqrt(t^2 + 2)
    found = paired_difference([4.0, 4.0, 4.0], [3.0, 2.0, 1.0])
    assert found["p_value"] == pytest.approx(1 - math.sqrt(12 / 14))
    half = 4.302653 / math.sqrt(3)
    assert found["ci"] == pytest.approx((2 - half, 2 + half))


@pytest.mark.parametrize(("pairs", "sure"), [(5, False), (6, True)])
def test_equal_differences_have_no_interval_and_the_p_value_of_the_sign_test(pairs, sure):
    # 0.3 - 0.2 and 0.2 - 0.1 differ in the last bit
    found = paired_difference([0.3, 0.2] + [0.3] * (pairs - 2), [0.2, 0.1] + [0.2] * (pairs - 2))
    assert found["mean"] == pytest.approx(0.1)
    assert all(map(math.isnan, found["ci"]))
    expected = scipy.stats.binomtest(pairs, pairs).pvalue
    assert found["p_value"] == pytest.approx(expected) == pytest.approx(2 / 2**pairs)
    assert distinguishable(found) is sure


def test_values_that_are_all_equal_do_not_differ():
    assert paired_difference([0.5, 0.6], [0.5, 0.6])["p_value"] == 1.0


@pytest.mark.parametrize("values", [[], [0.5]])
def test_fewer_than_two_pairs_have_no_test(values):
    found = paired_difference(values, values)
    assert math.isnan(found["p_value"])
    assert not distinguishable(found)


def test_an_incomplete_pair_is_an_error():
    with pytest.raises(ValueError, match="pairs must be complete, got 2 and 1 values"):
        paired_difference([0.5, 0.6], [0.5])


@given(accuracies, st.randoms(use_true_random=False))
def test_a_difference_is_distinguishable_if_its_interval_excludes_zero(values, random):
    found = paired_difference(values, random.sample(values, len(values)))
    low, high = found["ci"]
    if not math.isnan(low):
        assert distinguishable(found) is (low > 0 or high < 0)


@shapes
def test_equal_candidates_are_called_different_in_at_most_five_percent(shape):
    pairs = SHAPES[shape](np.random.default_rng(3), (SIMULATIONS, 2, 5))
    false = sum(distinguishable(paired_difference(*pair)) for pair in pairs)
    assert false <= scipy.stats.binom.ppf(0.999, SIMULATIONS, 0.05)


def test_wilsons_interval_is_newcombes_worked_example():
    # 81 of 263, and 0 of 20: table I of Newcombe, Statistics in Medicine, 1998, method 3
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_no_examples_have_no_interval():
    assert all(map(math.isnan, wilson_interval(0, 0)))
    assert all(map(math.isnan, example_interval(lambda rows: 0.5, 0, rng())))


def test_the_interval_over_examples_is_scipys():
    costs = np.random.default_rng(3).exponential(size=150)  # skewed
    expected = scipy.stats.bootstrap(
        (costs,), np.mean, n_resamples=20_000, method="BCa", rng=rng()
    ).confidence_interval
    found = example_interval(lambda rows: float(costs[rows].mean()), 150, rng())
    assert found == pytest.approx(tuple(expected), abs=0.012)
    percentile = scipy.stats.bootstrap(
        (costs,), np.mean, n_resamples=20_000, method="percentile", rng=rng()
    ).confidence_interval
    assert found != pytest.approx(tuple(percentile), abs=0.012)


def test_the_difference_over_examples_is_paired():
    right = np.random.default_rng(3).random((2, 300)) < 0.9
    right[1, 100:] = right[0, 100:]  # only a hundred examples can differ
    one, other = (lambda rows, r=r: float(r[rows].mean()) for r in right)
    expected = scipy.stats.bootstrap(
        tuple(right.astype(float)),
        lambda a, b, axis: np.mean(a - b, axis=axis),
        paired=True,
        method="BCa",
        rng=rng(),
    ).confidence_interval
    found = paired_example_interval(one, other, 300, rng())
    assert found == pytest.approx(tuple(expected), abs=4e-3)


def test_groups_of_many_examples_correct_as_single_ones_do():
    costs = np.random.default_rng(3).exponential(size=900)
    expected = scipy.stats.bootstrap(
        (costs,), np.mean, n_resamples=20_000, method="BCa", rng=rng()
    ).confidence_interval
    found = example_interval(lambda rows: float(costs[rows].mean()), 900, rng())
    assert found == pytest.approx(tuple(expected), abs=0.006)


def test_resamples_in_which_a_metric_is_not_defined_are_left_out():
    def some(rows: np.ndarray) -> float:  # defined for 65% of the resamples
        return float(rows.mean()) if 0 in rows else math.nan

    low, high = example_interval(some, 9, rng())
    assert 1 < low < 3 < 4 < high < 7
    assert all(map(math.isnan, example_interval(lambda rows: math.nan, 9, rng())))


def test_examples_without_any_spread_have_no_interval():
    assert all(map(math.isnan, example_interval(lambda rows: 1.0, 50, rng())))
    same = paired_example_interval(np.mean, np.mean, 50, rng())
    assert all(map(math.isnan, same))


def test_strata_keep_their_sizes():
    strata, seen = np.array(["b", "a", "b", "b", "a"]), []
    example_interval(lambda rows: seen.append(rows) or 0.0, 5, rng(), strata=strata)
    assert {tuple(sorted(strata[rows])) for rows in seen} == {("a", "a", "b", "b", "b")}
    assert len({tuple(sorted(rows)) for rows in seen}) == 3 * 10  # multisets of 2 and of 3


def test_values_of_networks_that_diverged_have_no_interval() -> None:
    for diverged in (math.inf, -math.inf, math.nan):
        assert all(map(math.isnan, mean_interval([1.0, diverged, 3.0])))
        found = paired_difference([1.0, diverged, 3.0], [1.0, diverged, 2.0])
        assert found["pairs"] == 3
        assert all(map(math.isnan, (found["mean"], *found["ci"], found["p_value"])))

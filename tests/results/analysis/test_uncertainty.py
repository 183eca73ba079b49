"""Intervals, tests and corrections against scipy, plain enumeration, and tables by hand."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from results.analysis.uncertainty import (
    bootstrap_interval,
    distinguishable,
    example_interval,
    holm,
    paired_difference,
    paired_example_interval,
    selection_bias,
    wilcoxon_p,
    wilson_interval,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


VALUES = [0.91, 0.93, 0.925, 0.94, 0.9, 0.935, 0.92]
accuracies = st.lists(st.integers(0, 750).map(lambda right: right / 750), min_size=2, max_size=12)


def test_the_interval_is_scipys_percentile_interval():
    expected = scipy.stats.bootstrap(
        (VALUES,), np.mean, n_resamples=10_000, method="percentile", rng=rng()
    ).confidence_interval
    assert bootstrap_interval(VALUES, rng()) == pytest.approx(tuple(expected), abs=3e-4)


def test_the_mean_of_two_values_is_one_the_other_or_between():
    assert bootstrap_interval([0.0, 1.0], rng()) == (0.0, 1.0)
    assert bootstrap_interval([0.5, 0.5, 0.5], rng()) == (0.5, 0.5)


@pytest.mark.parametrize("values", [[], [0.5]])
def test_fewer_than_two_values_have_no_interval(values):
    assert all(map(math.isnan, bootstrap_interval(values, rng())))


@given(accuracies, st.integers(-3, 3))
def test_an_interval_lies_within_the_values_and_moves_with_them(values, shift):
    low, high = bootstrap_interval(values, rng())
    assert min(values) - 1e-12 <= low <= high <= max(values) + 1e-12
    moved = bootstrap_interval([value + shift for value in values], rng())
    assert moved == pytest.approx((low + shift, high + shift), abs=1e-9)


def test_of_ten_normal_values_about_ninety_percent_of_intervals_hold_the_mean():
    draws = np.random.default_rng(1).normal(size=(300, 10))
    intervals = [bootstrap_interval(values, rng()) for values in draws]
    held = np.mean([low <= 0 <= high for low, high in intervals])
    assert 0.86 <= held <= 0.95


def enumerated_p(differences: list[float]) -> float:
    """Return the p-value by counting all 2ⁿ signs of the ranks, tied ranks shared."""
    known = [d for d in differences if d]
    ranks = scipy.stats.rankdata(np.abs(known))
    total = ranks.sum()
    observed = sum(rank for rank, d in zip(ranks, known, strict=True) if d > 0)
    extreme = min(observed, total - observed)
    sums = [
        sum(rank for rank, positive in zip(ranks, signs, strict=True) if positive)
        for signs in itertools.product((False, True), repeat=len(known))
    ]
    return min(1.0, 2 * sum(one <= extreme + 1e-9 for one in sums) / len(sums))


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ([1, 2, 3, 4, 5, 6], 2 / 64),
        ([1, 2, 3, 4, 5], 2 / 32),  # too few to come below 5 %
        # rank sum 1 of −: below or equal are {} and {1}
        ([-1, 2, 3, 4, 5, 6], 4 / 64),
        ([0, 0, 0], 1.0),
        ([0.0, 0.1], 1.0),
    ],
)
def test_p_values_by_hand(differences, expected):
    assert wilcoxon_p(differences) == pytest.approx(expected)


def test_no_pairs_have_no_p_value():
    assert math.isnan(wilcoxon_p([]))


@given(st.lists(st.integers(-4, 4), min_size=2, max_size=7).filter(any))
def test_p_values_with_ties_and_zeros_are_those_of_plain_enumeration(counts):
    assert wilcoxon_p([count / 750 for count in counts]) == pytest.approx(enumerated_p(counts))


def test_differences_that_are_equal_on_paper_are_ties():
    # 0.3 − 0.2 and 0.2 − 0.1 differ in the last bit
    assert wilcoxon_p([0.3 - 0.2, 0.1 - 0.2, 0.4, 0.5]) == pytest.approx(
        enumerated_p([0.1, -0.1, 0.4, 0.5])
    )


def test_many_pairs_are_scipys():
    differences = np.random.default_rng(2).normal(0.3, 1, 40)
    assert wilcoxon_p(differences) == scipy.stats.wilcoxon(differences).pvalue


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


def test_a_paired_difference_is_taken_seed_by_seed():
    found = paired_difference([0.9, 0.8, 0.7], [0.85, 0.75, 0.65], rng())
    assert found["pairs"] == 3
    assert found["mean"] == pytest.approx(0.05)
    assert found["ci"] == pytest.approx((0.05, 0.05))  # always the same: nothing to vary
    assert found["p_value"] == pytest.approx(2 / 8)


def test_an_incomplete_pair_is_an_error():
    with pytest.raises(ValueError, match="pairs must be complete, got 2 and 1 values"):
        paired_difference([0.5, 0.6], [0.5], rng())


@pytest.mark.parametrize(
    ("ci", "p_value", "expected"),
    [
        ((0.01, 0.02), 0.03, True),
        ((-0.02, -0.01), 0.03, True),
        ((-0.01, 0.02), 0.03, False),
        ((0.01, 0.02), 0.06, False),
        ((0.0, 0.02), 0.03, False),
        ((math.nan, math.nan), math.nan, False),
    ],
)
def test_distinguishable_takes_both_the_interval_and_the_test(ci, p_value, expected):
    assert distinguishable({"ci": ci, "p_value": p_value}) is expected


def test_selection_bias_is_the_overestimate_of_the_search():
    found = selection_bias(0.95, [0.93, 0.94], rng())
    assert found["mean"] == pytest.approx(0.015)
    assert found["ci"] == pytest.approx((0.01, 0.02))
    assert found["in_search_estimate"] == 0.95


def test_wilsons_interval_is_newcombes_worked_example():
    # 81 of 263, and 0 of 20: table I of Newcombe, Statistics in Medicine, 1998, method 3
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_no_examples_have_no_interval():
    assert all(map(math.isnan, wilson_interval(0, 0)))
    assert all(map(math.isnan, example_interval(lambda rows: 0.5, 0, rng())))


def test_the_interval_over_examples_is_scipys():
    right = np.random.default_rng(3).random(300) < 0.9
    expected = scipy.stats.bootstrap(
        (right,), np.mean, n_resamples=10_000, method="percentile", rng=rng()
    ).confidence_interval
    found = example_interval(lambda rows: float(right[rows].mean()), 300, rng())
    assert found == pytest.approx(tuple(expected), abs=5e-3)


def test_the_difference_over_examples_is_paired():
    right = np.random.default_rng(3).random((2, 300)) < 0.9
    right[1, 10:] = right[0, 10:]  # only ten examples can differ
    one, other = (lambda rows, r=r: float(r[rows].mean()) for r in right)
    expected = scipy.stats.bootstrap(
        tuple(right.astype(float)),
        lambda a, b: np.mean(a - b),
        paired=True,
        vectorized=False,
        method="percentile",
        rng=rng(),
    ).confidence_interval
    found = paired_example_interval(one, other, 300, rng())
    assert found == pytest.approx(tuple(expected), abs=2e-3)


def test_examples_without_any_spread_have_no_interval():
    assert all(map(math.isnan, example_interval(lambda rows: 1.0, 50, rng())))
    same = paired_example_interval(np.mean, np.mean, 50, rng())
    assert all(map(math.isnan, same))


def test_strata_keep_their_sizes():
    strata, seen = np.array(["b", "a", "b", "b", "a"]), []
    example_interval(lambda rows: seen.append(rows) or 0.0, 5, rng(), strata=strata)
    assert {tuple(sorted(strata[rows])) for rows in seen} == {("a", "a", "b", "b", "b")}
    assert len({tuple(sorted(rows)) for rows in seen}) == 3 * 10  # multisets of 2 and of 3

"""Verdicts on hand-made numbers; Student's t and Fisher's F come from printed tables."""

from math import sqrt

import numpy as np
import pytest

from experiments.book.exact_verdicts import published_exact_number, value_in_range
from experiments.book.units import POINTS
from experiments.book.verdicts import (
    NOT_REPRODUCED,
    REPRODUCED,
    UNDECIDED,
    difference_claim,
    interval_in_range,
    published_number,
    study_status,
    variance_ratio,
)

FIVE = np.array([0.95, 0.96, 0.94, 0.95, 0.95])  # mean 0.95, s = sqrt(0.0002/4)
S = sqrt(0.0002 / 4)
T4 = 2.776  # Student's t, 97.5 %, 4 degrees of freedom


def test_the_book_s_number_must_lie_in_the_prediction_interval() -> None:
    prediction = T4 * S * sqrt(1.2)
    assert published_number("a", 0.95 + 0.99 * prediction, FIVE).status == REPRODUCED
    assert published_number("a", 0.95 - 0.99 * prediction, FIVE).status == REPRODUCED
    assert published_number("a", 0.95 + 1.01 * prediction, FIVE).status == NOT_REPRODUCED
    assert published_number("a", 0.95, FIVE[:1]).status == UNDECIDED


def test_a_number_is_undecided_if_some_runs_failed() -> None:
    """Seven runs at 0.966 and three at 0.6: the prediction interval 0.856 ± 0.419 passes 1."""
    verdict = published_number("a", 0.966, np.array([0.966] * 7 + [0.6] * 3))
    assert verdict.status == UNDECIDED
    assert verdict.sentence.endswith(": undecided, our runs are too far apart.")


def test_a_sentence_has_both_numbers_and_their_distance() -> None:
    sentence = published_number("Best test accuracy", 0.99, FIVE).sentence
    assert sentence == (
        "Best test accuracy: the book reports 99.00%; ours is 95.00% ± 0.88 (mean of 5 seeds, 95% "
        "confidence interval), 95% of single runs lie within ± 2.15: not reproduced, the book's "
        "number is 4.00 percentage points above our mean."
    )


def test_differences_are_paired_by_seed() -> None:
    """All pairs differ by 0.01 ± a little, though the runs themselves lie 0.1 apart."""
    less = np.array([0.80, 0.85, 0.90])
    more = less + np.array([0.010, 0.011, 0.009])
    assert difference_claim("a", more, less).status == REPRODUCED
    assert difference_claim("a", less, more).status == NOT_REPRODUCED
    assert difference_claim("a", more[::-1], less).status == UNDECIDED
    assert difference_claim("a", more[:1], less[:1]).status == UNDECIDED


def test_pairs_without_a_value_are_left_out() -> None:
    verdict = difference_claim(
        "a", np.array([5.0, np.nan, 6.0, 7.0]), np.array([1.0, 1.0, 2.0, 3.1]), "s"
    )
    assert (verdict.seeds, verdict.status) == (3, REPRODUCED)
    assert difference_claim("a", np.array([np.nan]), np.array([1.0])).status == UNDECIDED


def test_the_variance_ratio_is_judged_by_fisher_s_f() -> None:
    """F(97.5 %; 4, 4) = 9.605: variances must differ by more for five runs each."""
    assert variance_ratio("a", 3.2 * FIVE, FIVE).status == REPRODUCED  # 10.24 times the variance
    assert variance_ratio("a", 3.0 * FIVE, FIVE).status == UNDECIDED  # 9 times
    assert variance_ratio("a", FIVE, 3.2 * FIVE).status == NOT_REPRODUCED
    assert variance_ratio("a", 3.2 * FIVE, FIVE).low == pytest.approx(3.2 / sqrt(9.605), rel=1e-3)
    assert variance_ratio("a", FIVE[:1], FIVE[:1]).status == UNDECIDED


def test_the_prediction_interval_must_lie_in_the_range() -> None:
    assert interval_in_range("a", FIVE, 0.9, 1.0).status == REPRODUCED
    assert interval_in_range("a", FIVE, 0.94, 1.0).status == UNDECIDED
    assert interval_in_range("a", FIVE, 0.96, 1.0).status == NOT_REPRODUCED
    assert interval_in_range("a", FIVE[:1], 0.94, 1.0).status == REPRODUCED


def test_a_natural_limit_is_not_given_as_a_bound() -> None:
    """The prediction interval of runs near 100% passes it, which must not decide the verdict."""
    near = np.array([1.0, 1.0, 0.9996])
    assert interval_in_range("a", near, 0.999, 1.0).status == UNDECIDED
    least = interval_in_range("a", near, low=0.99, unit="%")
    assert least.status == REPRODUCED
    assert "expected at least 99.00%: reproduced" in least.sentence
    most = interval_in_range("a", 1 - near, high=0.00001, unit="%")
    assert most.status == NOT_REPRODUCED
    assert "expected at most 0.00%" in most.sentence


def test_numbers_without_randomness() -> None:
    assert published_exact_number("a", 0.9448, 0.9448).status == REPRODUCED
    assert published_exact_number("a", 0.9448, 0.9449).status == NOT_REPRODUCED
    assert value_in_range("a", 0.2, 0.1, 0.3).status == REPRODUCED
    assert value_in_range("a", 0.2, 0.3, 0.4).status == NOT_REPRODUCED


def test_a_study_is_reproduced_if_all_its_claims_are() -> None:
    good, bad = value_in_range("a", 1, 0, 2), value_in_range("a", 3, 0, 2)
    open_ = published_number("a", 0.5, FIVE[:1])
    assert study_status([good, good]) == "reproduced"
    assert study_status([good, bad]) == "1 of 2 claims reproduced, 1 not reproduced"
    assert study_status([good, bad, open_]) == (
        "1 of 3 claims reproduced, 1 not reproduced, 1 undecided"
    )


def test_differences_have_percentage_points() -> None:
    less = np.array([0.80, 0.85, 0.90])
    more = less + np.array([0.010, 0.011, 0.009])
    assert difference_claim("More", more, less, book=0.02).sentence == (
        "More: the difference is 1.00 ± 0.25 percentage points (mean of 3 seeds, 95% confidence "
        "interval) (the book: 2.00 percentage points): reproduced."
    )
    gap = published_number("Gap", 0.02, more - less, POINTS)
    assert gap.sentence.startswith("Gap: the book reports 2.00 percentage points; ours is 1.00 ± ")

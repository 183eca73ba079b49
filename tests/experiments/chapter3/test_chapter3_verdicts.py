"""Verdicts from numbers made by hand: Student's t and Fisher's F are those of printed tables."""

from math import sqrt

import numpy as np
import pytest

from experiments.chapter3.verdicts import (
    NOT_REPRODUCED,
    REPRODUCED,
    UNDECIDED,
    higher,
    holds,
    lies,
    number,
    same,
    spread,
    summary,
    wider,
)

FIVE = np.array([0.95, 0.96, 0.94, 0.95, 0.95])  # mean 0.95, s = sqrt(0.0002/4)
S = sqrt(0.0002 / 4)
T4 = 2.776  # Student's t, 97.5 %, 4 degrees of freedom


def test_spread_is_by_student_s_t() -> None:
    mean, interval, reach = spread(FIVE)
    assert mean == pytest.approx(0.95)
    assert interval == pytest.approx(T4 * S / sqrt(5), rel=1e-3)
    assert reach == pytest.approx(T4 * S * sqrt(1.2), rel=1e-3)


def test_one_run_has_no_spread() -> None:
    mean, interval, reach = spread(np.array([0.5]))
    assert mean == 0.5
    assert np.isnan([interval, reach]).all()


def test_the_book_s_number_must_lie_where_single_runs_lie() -> None:
    reach = T4 * S * sqrt(1.2)
    assert number("a", 0.95 + 0.99 * reach, FIVE).status == REPRODUCED
    assert number("a", 0.95 - 0.99 * reach, FIVE).status == REPRODUCED
    assert number("a", 0.95 + 1.01 * reach, FIVE).status == NOT_REPRODUCED
    assert number("a", 0.95, FIVE[:1]).status == UNDECIDED


def test_runs_of_which_some_fail_decide_nothing() -> None:
    """Seven at 0.966 and three at 0.6 have 95 % of single runs within 0.856 ± 0.419: beyond 1."""
    verdict = number("a", 0.966, np.array([0.966] * 7 + [0.6] * 3))
    assert verdict.status == UNDECIDED
    assert verdict.sentence.endswith(": undecided, our runs lie too far apart to tell.")


def test_a_sentence_has_the_book_s_number_ours_and_by_how_much() -> None:
    sentence = number("Best test accuracy", 0.99, FIVE).sentence
    assert sentence == (
        "Best test accuracy: the book has 99.00 %, ours is 95.00 ± 0.88 % (mean of 5 seeds, "
        "95 % interval), 95 % of single runs ± 2.15: not reproduced, the book lies 4.00 above our "
        "mean."
    )


def test_better_is_better_in_pairs() -> None:
    """All pairs differ by 0.01 ± a little, though the runs themselves lie 0.1 apart."""
    less = np.array([0.80, 0.85, 0.90])
    more = less + np.array([0.010, 0.011, 0.009])
    assert higher("a", more, less).status == REPRODUCED
    assert higher("a", less, more).status == NOT_REPRODUCED
    assert higher("a", more[::-1], less).status == UNDECIDED
    assert higher("a", more[:1], less[:1]).status == UNDECIDED


def test_pairs_without_a_value_do_not_count() -> None:
    verdict = higher("a", np.array([5.0, np.nan, 6.0, 7.0]), np.array([1.0, 1.0, 2.0, 3.1]), "s")
    assert (verdict.seeds, verdict.status) == (3, REPRODUCED)
    assert higher("a", np.array([np.nan]), np.array([1.0])).status == UNDECIDED


def test_wider_is_fisher_s_f() -> None:
    """F(97.5 %; 4, 4) = 9.605: variances must differ by more for five runs each."""
    assert wider("a", 3.2 * FIVE, FIVE).status == REPRODUCED  # 10.24 times the variance
    assert wider("a", 3.0 * FIVE, FIVE).status == UNDECIDED  # 9 times
    assert wider("a", FIVE, 3.2 * FIVE).status == NOT_REPRODUCED
    assert wider("a", 3.2 * FIVE, FIVE).low == pytest.approx(3.2 / sqrt(9.605), rel=1e-3)
    assert wider("a", FIVE[:1], FIVE[:1]).status == UNDECIDED


def test_holds_asks_for_all_runs_to_lie_inside() -> None:
    assert holds("a", FIVE, 0.9, 1.0).status == REPRODUCED
    assert holds("a", FIVE, 0.94, 1.0).status == UNDECIDED
    assert holds("a", FIVE, 0.96, 1.0).status == NOT_REPRODUCED
    assert holds("a", FIVE[:1], 0.94, 1.0).status == REPRODUCED


def test_a_bound_that_nature_sets_is_not_asked_for() -> None:
    """Runs near 100 % reach beyond it by their own spread; that decides nothing."""
    near = np.array([1.0, 1.0, 0.9996])
    assert holds("a", near, 0.999, 1.0).status == UNDECIDED
    least = holds("a", near, low=0.99, unit="%")
    assert least.status == REPRODUCED
    assert "expected at least 99.00 %: reproduced" in least.sentence
    most = holds("a", 1 - near, high=0.00001, unit="%")
    assert most.status == NOT_REPRODUCED
    assert "expected at most 0.00 %" in most.sentence


def test_numbers_without_randomness() -> None:
    assert same("a", 0.9448, 0.9448).status == REPRODUCED
    assert same("a", 0.9448, 0.9449).status == NOT_REPRODUCED
    assert lies("a", 0.2, 0.1, 0.3).status == REPRODUCED
    assert lies("a", 0.2, 0.3, 0.4).status == NOT_REPRODUCED


def test_a_study_is_reproduced_if_all_its_claims_are() -> None:
    good, bad = lies("a", 1, 0, 2), lies("a", 3, 0, 2)
    open_ = number("a", 0.5, FIVE[:1])
    assert summary([good, good]) == "reproduced"
    assert summary([good, bad]) == "1 of 2 claims reproduced, 1 not reproduced"
    assert summary([good, bad, open_]) == (
        "1 of 3 claims reproduced, 1 not reproduced, 1 undecided"
    )

"""Intervals of hand-made numbers, with Student's t from a printed table."""

from math import sqrt

import numpy as np
import pytest

from experiments.book.intervals import mean_and_intervals

FIVE = np.array([0.95, 0.96, 0.94, 0.95, 0.95])  # mean 0.95, s = sqrt(0.0002/4)
S = sqrt(0.0002 / 4)
T4 = 2.776  # Student's t, 97.5%, 4 degrees of freedom


def test_the_intervals_are_by_student_s_t() -> None:
    mean, confidence, prediction = mean_and_intervals(FIVE)
    assert mean == pytest.approx(0.95)
    assert confidence == pytest.approx(T4 * S / sqrt(5), rel=1e-3)
    assert prediction == pytest.approx(T4 * S * sqrt(1.2), rel=1e-3)


def test_one_run_has_no_interval() -> None:
    mean, confidence, prediction = mean_and_intervals(np.array([0.5]))
    assert mean == 0.5
    assert np.isnan([confidence, prediction]).all()

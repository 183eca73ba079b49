"""The scales of the values: there and back, standardized, rising, and their slopes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from results.analysis.value_scale import OFFSETS, value_scales

VALUES = np.array([0.98, 0.97, 0.975, 0.96, 0.9, 0.1, 0.97])


@settings(max_examples=50)
@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=30).filter(lambda v: np.ptp(v) > 1e-3))
def test_values_go_there_and_back_and_are_standardized(values):
    given_values = np.array(values)
    for scale in value_scales(given_values):
        z = scale.bent(given_values)
        assert (z.mean(), z.std()) == pytest.approx((0, 1), abs=1e-6)
        order = np.argsort(given_values)
        assert (np.diff(z[order]) >= -1e-9).all()
        back = scale.straight(z)
        np.testing.assert_allclose(back, given_values, atol=1e-6 * np.ptp(given_values))


def test_the_smaller_the_offset_the_closer_the_worst_value():
    worst = [scale.bent(VALUES).min() for scale in value_scales(VALUES)]
    assert [scale.offset for scale in value_scales(VALUES)] == list(OFFSETS)
    assert worst == sorted(worst)
    # by hand, for the offset 1: the gaps to 0.98 in units of 0.98 − 0.97
    z = -np.log(1 + np.array([0, 1, 0.5, 2, 8, 88, 1]))
    assert value_scales(VALUES)[1].bent(VALUES) == pytest.approx((z - z.mean()) / z.std())


def test_no_value_is_worse_than_the_worst_of_all_trials():
    for scale in value_scales(VALUES):
        assert scale.straight(np.array([-50.0])).item() == 0.1


def test_slopes_are_those_of_finite_differences():
    step = 1e-7
    found = []
    for scale in value_scales(VALUES):
        slopes = (scale.bent(VALUES + step) - scale.bent(VALUES - step)) / (2 * step)
        found.append(np.log(slopes).sum() - scale.log_slopes(VALUES))
    assert found == pytest.approx([found[0]] * len(found), rel=1e-4)  # the same on every scale


def test_values_of_which_most_are_the_best_have_a_unit():
    scales = value_scales(np.array([0.9, 0.9, 0.9, 0.8]))
    assert all(math.isfinite(scale.unit) and scale.unit > 0 for scale in scales)

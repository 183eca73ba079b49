"""Functions over the space: mean 0, variance 1, uncorrelated. Points that fill the space."""

import numpy as np
import pandas as pd
import pytest

from results.analysis.space_basis import effects_at, uniform_points
from sweeps.space.dimensions import Choices, Range

SPACE = {
    "rate": Range(low=0.01, high=10.0, log=True),
    "momentum": Range(low=0.0, high=0.9),
    "units": Range(low=10, high=100, step=10),
    "width": Range(low=4, high=700, log=True),
    "batch": Choices(choices=[50, 5, 10]),
    "cost": Choices(choices=["a", "b", "c", "d", "e", "f"]),
    "schedule": Choices(choices=["constant", "step", "exponential", "cosine"]),
    "decay": Range(low=0.5, high=0.9, when={"schedule": ["step", "exponential"]}),
    "single": Choices(choices=[3]),
}
POINTS = uniform_points(SPACE, 2048, 0)


def _of(values, dimension):
    return effects_at(pd.DataFrame({"x": pd.Series(values, dtype=object)}), "x", dimension, 1.0)


@pytest.mark.parametrize(
    ("name", "count"),
    # four for an ordered axis, all but one for choices
    [("rate", 4), ("momentum", 4), ("units", 4), ("batch", 2), ("cost", 5), ("decay", 4)],
)
def test_functions_have_mean_0_and_variance_1_over_the_space_and_are_uncorrelated(name, count):
    active = POINTS[name].notna().mean()
    effects = effects_at(POINTS, name, SPACE[name], active)
    assert effects.values.shape == (2048, count)
    np.testing.assert_allclose(effects.values.mean(axis=0), 0, atol=0.02)
    products = effects.values.T @ effects.values / len(POINTS)
    np.testing.assert_allclose(products, np.eye(count), atol=0.03)
    assert effects.weights.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    "values", [["a", "b"], ["a", "b", "c"], [1, 2, 3, 4, 5], [10 * k for k in range(1, 11)]]
)
def test_over_all_values_of_a_dimension_this_holds_exactly(values):
    dimension = Choices(choices=values)
    if len(values) == 10:
        dimension = Range(low=10, high=100, step=10)
    functions = _of(values, dimension).values
    np.testing.assert_allclose(functions.mean(axis=0), 0, atol=1e-12)
    products = functions.T @ functions / len(values)
    np.testing.assert_allclose(products, np.eye(functions.shape[1]), atol=1e-12)


def test_choices_are_alike_and_a_smooth_effect_of_an_ordered_axis_is_likelier():
    assert _of(["a"], SPACE["cost"]).weights.tolist() == [0.2] * 5
    weights = _of([1.0], SPACE["rate"]).weights
    assert (weights / weights[0]).tolist() == pytest.approx([1, 1 / 8, 1 / 27, 1 / 64])


def test_choices_that_are_numbers_lie_in_their_order():
    # 5, 10, 50 in the middles of thirds, whatever their order in the file
    first = _of([5, 10, 50], SPACE["batch"]).values[:, 0]
    assert first.tolist() == pytest.approx(np.sqrt(2) * np.cos(np.pi * np.array([1, 3, 5]) / 6))


def test_where_a_hyperparameter_does_not_exist_its_functions_are_0():
    frame = pd.DataFrame({"decay": [0.5, None, 0.9]}, dtype=object)
    values = effects_at(frame, "decay", SPACE["decay"], 0.5).values
    assert (values[1] == 0).all()
    assert values[0].tolist() == pytest.approx([2.0] * 4)  # √2 cos(0) / √0.5
    assert values[2].tolist() == pytest.approx([-2.0, 2.0, -2.0, 2.0])


def test_a_single_value_has_no_functions():
    effects = _of([3, 3], SPACE["single"])
    assert effects.values.shape == (2, 0)
    assert effects.weights.shape == (0,)


def test_points_fill_the_space_evenly_on_its_own_scales():
    share = POINTS["cost"].value_counts(normalize=True)
    assert share.to_dict() == pytest.approx(dict.fromkeys("abcdef", 1 / 6), abs=0.01)
    assert POINTS["units"].value_counts(normalize=True).max() == pytest.approx(0.1, abs=0.01)
    assert sorted(POINTS["units"].unique()) == list(range(10, 101, 10))
    assert POINTS["rate"].astype(float).median() == pytest.approx(10**-0.5, rel=0.02)
    assert POINTS["width"].map(lambda width: type(width) is int).all()
    has = POINTS["schedule"].isin(["step", "exponential"])
    assert (POINTS["decay"].notna() == has).all()
    assert POINTS["decay"].dropna().astype(float).mean() == pytest.approx(0.7, abs=0.01)

"""The surfaces on which searches are compared have the best values that they claim."""

import math

import numpy as np
import pytest

from benchmarks.advice import SHAPES, SPACE, Planted, judged, plant, search
from benchmarks.pruners import warmup
from benchmarks.support.surfaces import (
    FORMULAS,
    UNIT_AXES,
    recorded_curves,
    recorded_surface,
    regret,
    search_config,
)
from sweeps.scores import new_proposer
from sweeps.space.dimensions import Params

# Where the functions have their optima, from the literature, in coordinates of the unit cube.
OPTIMA = {
    "bowl": (0.21 / 0.9, 0.67 / 0.9),
    "Branin": ((math.pi + 5) / 15, 2.275 / 15),
    "Ackley 4": (1 / 3, 1 / 3, 1 / 3, 1 / 3),
    "Hartmann 6": (0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573),
}


@pytest.mark.parametrize("name", OPTIMA)
def test_the_best_value_is_at_the_known_optimum(name: str) -> None:
    surface = FORMULAS[name]
    params = {
        axis: low + at * (high - low)
        for at, (axis, (low, high)) in zip(OPTIMA[name], UNIT_AXES.items(), strict=False)
    }
    assert surface.value(params) == pytest.approx(surface.best, abs=1e-5)
    for axis, (low, high) in zip(surface.space, UNIT_AXES.values(), strict=False):
        aside = params[axis] + 0.01 * (high - low)
        assert surface.value({**params, axis: aside}) < surface.best


def test_the_other_formulas_have_a_best_value_of_1() -> None:
    valley = {"learning_rate": 10**-1.3, "lmbda": 10**0.6}
    along = {"learning_rate": 10 ** (-1.3 + 0.3 * 0.5), "lmbda": 10**1.1}
    assert FORMULAS["valley"].value(valley) == pytest.approx(1.0)
    assert FORMULAS["valley"].value(along) == pytest.approx(1.0 - 0.25 / 90)
    best = {"learning_rate": 10**-0.5, "hidden_units": 70, "activation": "relu"}
    decayed = {**best, "schedule": "exponential", "schedule_decay": 0.9}
    assert FORMULAS["conditional"].value(decayed) == pytest.approx(1.0)
    assert FORMULAS["conditional"].value({**best, "schedule": "constant"}) == pytest.approx(0.94)


def sampled(name: str, count: int) -> list[Params]:
    proposer = new_proposer(search_config(name))
    return [proposer.ask() for _ in range(count)]


def test_a_recorded_surface_is_near_its_trials() -> None:
    surface, curves = recorded_surface("digits"), recorded_curves("digits")
    assert len(curves) == 400
    assert max(map(len, curves)) == 30
    values = [max(curve) for curve in curves]
    assert np.quantile(values, 0.9) < surface.best < 1.0
    assert all(surface.value(params) <= surface.best for params in sampled("digits", 200))


def test_regret_falls_with_the_number_of_trials() -> None:
    few, many = (
        regret(FORMULAS["bowl"], seed=3, trials=trials, generation=4, sampler="random")
        for trials in (4, 40)
    )
    assert 0 < many < few


def test_a_planted_best_value_lies_beyond_the_end_that_is_named() -> None:
    ends = set()
    for seed in range(20):
        planted = plant(np.random.default_rng(seed), inside=False)
        assert planted.beyond is not None
        name, end = planted.beyond
        best = dict(zip(SPACE, planted.best, strict=True))
        assert best.pop(name) == (1.2 if end == "high" else -0.2)
        assert all(0 <= at <= 1 for at in best.values())
        ends.add(end)
    assert ends == {"low", "high"}
    assert plant(np.random.default_rng(0), inside=True).beyond is None


def test_a_search_crowds_at_the_end_beyond_which_the_best_value_lies() -> None:
    planted = Planted((0.5, 0.5, 0.5, 1.2, 0.5), (0.1, 0.1, 0.1, 0.6, 0.1), ("momentum", "high"))
    trials = search(planted, "bowl", "tpe", 40, 5)
    assert (trials.sort_values("score")["momentum"].tail(5) > 0.7 * 0.9).all()
    assert all(shape(0.0) == 0.0 < min(shape(0.1), shape(-0.1)) for shape in SHAPES.values())


def test_advice_is_judged_by_where_the_best_value_is() -> None:
    """Of a strong slope toward an end beyond the range, TPE's trials leave no doubt."""
    results = [judged(False, "bowl", "tpe", 100, seed) for seed in range(6)]
    assert sum(result.right for result in results) >= 4
    assert not any(result.far and not result.false for result in results)


def test_a_warm_up_as_long_as_the_trials_saves_and_loses_nothing() -> None:
    rng = np.random.default_rng(0)
    curves = [tuple(np.sort(rng.uniform(size=10))) for _ in range(80)]
    assert warmup(curves, 10) == (0.0, 0.0, 1.0, 0.0)
    saved, single, kept, lost = warmup(curves, 0)
    assert 0 < saved < 1
    assert 0 < single < 1
    assert 0 < kept < 1
    assert lost > 0

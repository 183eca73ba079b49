"""The effects of an ablation by hand, by SciPy, and in simulations whose effects are known."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.ablation import RESPONSES, Response, Tally, simulate, true_effects
from nncore.errors import InputError
from results.analysis.ablation import effects, read_ablation, significant, winner_of
from results.analysis.findings import Findings
from results.analysis.uncertainty import holm
from results.frames import read_run
from sweeps.ablation.design import estimated_arms
from tests.support.records import ablation, effect


def arm(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


VALUES = {
    arm(): [0.90, 0.91, 0.92],
    arm(0): [0.93, 0.95, 0.94],
    arm(1): [0.91, 0.92, 0.93],
    arm(0, 1): [0.92, 0.95, 0.95],
}


def test_each_effect_is_the_paired_difference_that_scipy_finds() -> None:
    found = effects((1, 0), VALUES)
    pairs = [
        (found.steps, [(arm(1), arm()), (arm(0, 1), arm(1))]),
        (found.alone, [(arm(1), arm()), (arm(0), arm())]),
        (found.in_winner, [(arm(0, 1), arm(0)), (arm(0, 1), arm(1))]),
    ]
    for family, arms in pairs:
        for one, (with_it, without) in zip(family, arms, strict=True):
            assert one.mean == pytest.approx(np.mean(VALUES[with_it]) - np.mean(VALUES[without]))
            if math.isnan(one.ci[0]):  # all differences are 0.01
                continue
            test = scipy.stats.ttest_rel(VALUES[with_it], VALUES[without])
            assert one.p_value == pytest.approx(test.pvalue)
            assert one.ci == pytest.approx(tuple(test.confidence_interval()))
        assert [one.p_holm for one in family] == holm([one.p_value for one in family])
    assert found.total.mean == pytest.approx(0.03)
    assert math.isnan(found.total.p_holm)
    assert math.isnan(found.steps[0].ci[0])
    assert found.steps[0].p_value == 0.25  # the sign test of three


@given(st.permutations(range(4)), st.integers(0, 10_000))
def test_the_steps_add_up_to_the_total(path: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = {one: rng.random(3).tolist() for one in estimated_arms(tuple(path))}
    found = effects(tuple(path), values)
    assert sum(one.mean for one in found.steps) == pytest.approx(found.total.mean)
    assert found.steps[0].mean == found.alone[0].mean
    assert found.steps[-1].mean == found.in_winner[-1].mean


def test_true_effects_by_hand() -> None:
    response = Response((0.02, 0.01), arm(0, 1), -0.005)
    found = true_effects(response, (1, 0))
    assert found["steps"] == pytest.approx([0.01, 0.015])
    assert found["alone"] == pytest.approx([0.01, 0.02])
    assert found["in the winner"] == pytest.approx([0.005, 0.015])


RUNS = 200


@pytest.fixture(scope="module", params=[("planted", "normal"), ("planted", "gamma 2")])
def tallies(request: pytest.FixtureRequest) -> dict[str, Tally]:
    name, noise = request.param
    return simulate(RESPONSES[name], noise, 5, RUNS)


@pytest.mark.parametrize("kind", ["steps", "alone", "in the winner"])
def test_intervals_hold_the_true_effects_and_null_effects_are_not_called(
    tallies: dict[str, Tally], kind: str
) -> None:
    """93% and 5%; the bounds are those that a share just as good misses once in 1,000 times."""
    tally = tallies[kind]
    # Effects of one ablation share arms: they count as one draw for the bound.
    least = scipy.stats.binom.ppf(0.001, RUNS, 0.93) / RUNS
    most = scipy.stats.binom.ppf(0.999, RUNS, 0.05) / RUNS
    assert np.mean(tally.held) >= least
    assert np.mean(tally.null_called) <= 0.05
    assert np.mean(tally.any_null_called) <= most
    assert np.mean(tally.real_called) > 0.4


def test_seeds_that_chose_the_path_would_flatter_its_first_step() -> None:
    found = simulate(RESPONSES["8 nulls"], "normal", 5, RUNS)
    assert np.mean(found["first, reused"].held) < np.mean(found["steps"].held) - 0.01


def test_the_winner_is_the_best_trial_of_an_unconfirmed_run(write_run) -> None:
    found = winner_of(Findings(read_run(write_run())))
    assert (found.trial, found.confirmed) == (3, False)
    assert found.params["learning_rate"] == 1.0
    with pytest.raises(InputError, match="must have a trial that learned, got none"):
        winner_of(Findings(read_run(write_run(trials=[], epochs=[]))))


def test_a_record_reads_back(tmp_path) -> None:
    assert read_ablation(tmp_path) is None
    ablation().write(tmp_path / "ablation.json")
    assert read_ablation(tmp_path) == ablation()
    ablation(metric="luck").write(tmp_path / "ablation.json")
    with pytest.raises(InputError, match=r"ablation\.json` must name a known metric, got 'luck'"):
        read_ablation(tmp_path)


def test_significance_is_that_of_the_corrected_p_value() -> None:
    assert significant(effect(0.1, 0.04))
    assert not significant(effect(0.1, 0.06))
    assert significant(effect(0.1, None))  # p = 0.01

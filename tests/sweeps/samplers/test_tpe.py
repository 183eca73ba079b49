"""TPE proposes what Optuna's own sampler does, also where an estimate replaces Optuna's density.

The oracle is a study of Optuna, which holds all trials and fits them anew for each proposal.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.samplers import TPESampler
from optuna.trial import TrialState

from sweeps.config import parse_config
from sweeps.samplers import tpe
from sweeps.samplers.log_density import can_estimate, log_density
from sweeps.samplers.optuna_samplers import seed_of
from sweeps.samplers.protocol import Search
from sweeps.samplers.tpe import TpeSampler
from sweeps.space.dimensions import Choices, Dimension, Params, Range, Space, exists
from sweeps.space.distributions import distributions
from sweeps.trial import Result

optuna.logging.set_verbosity(optuna.logging.WARNING)

MIXED = {
    "learning_rate": {"low": 0.01, "high": 10.0, "log": True},
    "lmbda": {"low": 0.0, "high": 5.0},
    "hidden_units": {"low": 10, "high": 100, "step": 10},
    "mini_batch_size": {"low": 1, "high": 200, "log": True},
    "cost": {"choices": ["quadratic", "cross-entropy"]},
    "init": {"choices": ["large", "scaled"]},
    "epochs": {"choices": [20]},
}
CONDITIONAL = {
    **MIXED,
    "momentum": {"low": 0.0, "high": 0.9, "step": 0.1, "when": {"cost": "quadratic"}},
    "dropout": {"low": 0.1, "high": 0.5, "when": {"init": "large"}},
}
ONLY_CHOICES = {
    "cost": {"choices": ["quadratic", "cross-entropy"]},
    "init": {"choices": ["large", "scaled"]},
    "mini_batch_size": {"choices": [5, 10, 20]},
}


class Oracle(TPESampler):
    """Optuna's sampler, told which dimensions all trials have."""

    together: dict[str, Any]

    def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
        return self.together


class OptunaStudy:
    """A study of Optuna that is asked and told as a sampler is."""

    def __init__(self, space: Space, seed: int) -> None:
        self.space, self.seed = space, seed
        self.given = distributions(space)
        self.study = optuna.create_study(direction="maximize")
        self.running: list[optuna.Trial] = []

    def ask(self, number: int) -> Params:
        sampler = Oracle(seed=seed_of(self.seed, number), constant_liar=True)
        sampler.together = {
            name: self.given[name]
            for name in sorted(self.space)
            if not self.space[name].when and not self.given[name].single()
        }
        self.study.sampler = sampler
        trial = self.study.ask()
        self.running.append(trial)
        params: Params = {}
        for name, one in self.given.items():
            if exists(self.space[name], params):
                params[name] = self.space[name].member(trial._suggest(name, one))
        return params

    def add(self, params: Params) -> None:
        known = {name: self.given[name] for name in params}
        self.study.enqueue_trial(params)
        trial = self.study.ask(known)
        self.running.append(trial)

    def tell(self, results: list[Result]) -> None:
        for trial, result in zip(self.running, results, strict=True):
            if result.value is None:
                self.study.tell(trial, state=TrialState.FAIL)
            elif result.state == "pruned":
                trial.report(result.value, result.epochs)
                self.study.tell(trial, state=TrialState.PRUNED)
            else:
                self.study.tell(trial, result.value)
        self.running = []


def space_of(tables: dict[str, Any]) -> Space:
    return parse_config({"sweep": {"name": "tpe", "trials": 4}, "space": tables}).space


def drawn_results(rng: np.random.Generator, count: int) -> Iterator[Result]:
    """Yield results of all kinds, with many equal values."""
    for kind in rng.choice(["complete", "pruned", "failed"], count, p=[0.5, 0.4, 0.1]):
        value = None if kind == "failed" else round(float(rng.random()), 1)
        yield Result(kind, value, int(rng.integers(1, 5)))


def asked_side_by_side(tables: dict[str, Any], trials: int, generation: int) -> Iterator[bool]:
    space = space_of(tables)
    ours, oracle = TpeSampler(Search(space, 3, generation, ())), OptunaStudy(space, 3)
    rng = np.random.default_rng(0)
    for first in range(0, trials, generation):
        for number in range(first, first + generation):
            found, wanted = ours.ask(number), oracle.ask(number)
            yield repr(found) == repr(wanted)
        results = list(drawn_results(rng, generation))
        ours.tell(results)
        oracle.tell(results)


@pytest.mark.parametrize("tables", [MIXED, CONDITIONAL, ONLY_CHOICES])
@pytest.mark.parametrize("few", [tpe.FEW, 0])
def test_the_points_are_optunas_to_the_last_bit(
    tables: dict[str, Any], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `FEW` of 0 the estimate decides from the start, where it can."""
    monkeypatch.setattr(tpe, "FEW", few)
    same = list(asked_side_by_side(tables, trials=64, generation=8))
    assert same == [True] * 64


def test_candidates_that_are_almost_equal_are_compared_by_optunas_density(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of sizes never tried, which are equally good, it takes the first; an estimate may not."""
    noise = np.random.default_rng(1)

    def slightly_wrong(*arguments: Any) -> Any:
        density = log_density(*arguments)
        return density + noise.uniform(-0.4e-6, 0.4e-6, len(density))

    monkeypatch.setattr(tpe, "FEW", 0)
    monkeypatch.setattr(tpe, "log_density", slightly_wrong)
    space = space_of({"mini_batch_size": {"choices": [5, 10, 20, 50, 100, 200]}})
    ours, oracle = TpeSampler(Search(space, 3, 12, ())), OptunaStudy(space, 3)
    for sampler in (ours, oracle):
        for _ in range(12):
            sampler.add({"mini_batch_size": 5})
        sampler.tell([Result("complete", 0.5, 10)] * 12)
    points = [ours.ask(number) for number in range(12, 24)]
    assert points == [oracle.ask(number) for number in range(12, 24)]
    assert len({params["mini_batch_size"] for params in points}) > 2


def test_after_many_trials_the_points_are_still_optunas() -> None:
    space = space_of(CONDITIONAL)
    ours, oracle = TpeSampler(Search(space, 3, 1200, ())), OptunaStudy(space, 3)
    source = OptunaStudy(space, 9)  # without results, its points are random
    for number in range(1200):
        params = source.ask(number)
        ours.add(params)
        oracle.add(params)
    results = list(drawn_results(np.random.default_rng(2), 1200))
    ours.tell(results)
    oracle.tell(results)
    for number in range(1200, 1206):
        assert ours.ask(number) == oracle.ask(number)


DIMENSIONS: dict[str, Dimension] = {
    "log": Range(low=0.01, high=10.0, log=True),
    "plain": Range(low=-2.0, high=5.0),
    "steps": Range(low=10, high=100, step=10),
    "whole": Range(low=1, high=5000),
    "log whole": Range(low=1, high=5000, log=True),
    "fine": Range(low=0.0, high=1.0, step=0.00001),
    "choices": Choices(choices=["a", "b", "c"]),
}


@given(
    names=st.lists(st.sampled_from([*DIMENSIONS]), min_size=1, max_size=4, unique=True),
    count=st.integers(1, 150),
    distinct=st.integers(1, 150),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_estimate_is_optunas_density(
    names: list[str], count: int, distinct: int, seed: int
) -> None:
    """Points may be equal, or at the ends of a range; samples may be anywhere."""
    rng = np.random.default_rng(seed)
    dimensions = {name: DIMENSIONS[name] for name in names}
    given = distributions(dimensions)

    def values(name: str, size: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        one = dimensions[name]
        if one.count is not None:
            indices = rng.integers(0, one.count, size)
            return np.array([given[name].to_internal_repr(one.nth(int(k))) for k in indices], float)
        low, high = one.ends
        return rng.choice([low, high, *rng.uniform(low, high, 4)], size)

    pools = {name: values(name, distinct) for name in names}
    points = {name: rng.choice(pool, count) for name, pool in pools.items()}
    samples = {name: values(name, 5) for name in names}
    sampler = TPESampler()
    parameters = sampler._parzen_estimator_parameters
    oracle = sampler._parzen_estimator_cls(points, given, parameters)
    estimate = log_density(points, dimensions, parameters.weights(count), samples)
    assert np.allclose(estimate, oracle.log_pdf(samples), rtol=0, atol=1e-8)


def test_a_range_of_very_many_steps_is_left_to_optuna() -> None:
    """There the mass of one step is a difference of almost equal numbers."""
    assert can_estimate(DIMENSIONS["fine"]) is False
    assert can_estimate(Range(low=0.0, high=1.0, step=0.0001))
    assert can_estimate(DIMENSIONS["log"])
    assert can_estimate(DIMENSIONS["choices"])

"""Proposals: start points first, blind to what came too late, true to Optuna and to the book."""

import math
import sys
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState
from scipy.stats import qmc

from nncore.errors import InputError
from sweeps.config import SweepConfig, parse_config
from sweeps.samplers.catalogue import SAMPLERS
from sweeps.samplers.optuna_samplers import population, seed_of
from sweeps.samplers.proposer import Proposer
from sweeps.scores import new_proposer
from sweeps.space.dimensions import Params
from sweeps.space.distributions import distributions
from sweeps.trial import Result

SPACE: dict[str, Any] = {
    "learning_rate": {"low": 0.01, "high": 10.0, "log": True},
    "lmbda": {"low": 0.0, "high": 1.0, "step": 0.25},
    "hidden_units": {"low": 10, "high": 100, "step": 10},
    "epochs": {"low": 1, "high": 64, "log": True},
    "cost": {"choices": ["quadratic", "cross-entropy"]},
}


def sweep(sampler: str = "tpe", start: Any = (), space: Any = SPACE, **section: Any) -> SweepConfig:
    named = {"name": "a", "trials": 16, "sampler": sampler, "seed": 5, "generation": 4}
    return parse_config({"sweep": {**named, **section}, "space": space, "start": list(start)})


def complete(value: float) -> Result:
    return Result("complete", value, 10)


def value(params: Params) -> float:
    return 1 - abs(math.log10(params["learning_rate"])) / 3


def run(proposer: Proposer, generations: int, size: int) -> list[Params]:
    points = []
    for _ in range(generations):
        generation = [proposer.ask() for _ in range(size)]
        proposer.tell([complete(value(params)) for params in generation])
        points += generation
    return points


def gone_on(past: list[Params], results: list[Result]) -> Proposer:
    """Return a proposer that has taken in generations of four which an earlier run proposed."""
    proposer = new_proposer(sweep())
    for first in range(0, len(past), 4):
        for params in past[first : first + 4]:
            proposer.add(params)
        proposer.tell(results[first : first + 4])
    return proposer


def test_a_generation_sees_the_parameters_of_its_own_lower_numbers() -> None:
    """With what was proposed before it in its generation changed, a proposal changes."""
    past = run(new_proposer(sweep()), 4, 4)
    proposals = []
    for first in (past[0], past[5]):
        proposer = gone_on(past, [complete(value(params)) for params in past])
        proposer.add(first)
        proposals.append([proposer.ask() for _ in range(3)])
    assert proposals[0] != proposals[1]


def test_a_failed_trial_teaches_nothing_but_counts() -> None:
    past = run(new_proposer(sweep()), 4, 4)
    following = []
    for last in (complete(0.0), Result("failed", None, 0)):
        proposer = gone_on(past, [*(complete(value(params)) for params in past[:-1]), last])
        following.append([proposer.ask() for _ in range(4)])
    assert len(following[0]) == len(following[1]) == 4
    assert following[0] != following[1]


def test_tpe_finds_the_hill() -> None:
    """After its random start, TPE proposes nearer to the best learning rate than chance does."""
    points = run(new_proposer(sweep(generation=8, seed=1)), 8, 8)
    distance = [abs(math.log10(params["learning_rate"])) for params in points]
    start, end = distance[:10], distance[-24:]
    assert sum(end) / len(end) < 0.5 * sum(start) / len(start)


START = [
    {"learning_rate": 3, "lmbda": 0, "hidden_units": 30, "epochs": 9, "cost": "quadratic"},
    {"learning_rate": 0.5, "lmbda": 1, "hidden_units": 100, "epochs": 64, "cost": "quadratic"},
]


@pytest.mark.parametrize("sampler", ["tpe", "random", "qmc", "cmaes", "gp", "coordinate"])
def test_start_points_come_first_and_are_learnt_from(sampler: str) -> None:
    config = sweep(sampler, START)
    points = run(new_proposer(config), 2, 4)
    assert points[:2] == START  # λ of 0 and η of 3 as floats, below
    assert [type(value) for value in points[0].values()] == [float, float, int, int, str]
    resumed = new_proposer(config)
    for params in points[:1]:
        resumed.add(params)
    assert [resumed.ask() for _ in range(3)] == points[1:4]


def test_start_points_do_not_shift_the_points_of_a_sequence() -> None:
    for sampler in ("random", "qmc"):
        with_start = run(new_proposer(sweep(sampler, START)), 2, 4)
        assert with_start[2:] == run(new_proposer(sweep(sampler)), 2, 4)[:6]


def test_qmc_spreads_as_a_sobol_sequence_does() -> None:
    """Its 16 points lie as evenly as SciPy's, and each of 16 equal parts of an axis has one."""
    space = {name: {"low": 0.0, "high": 1.0} for name in ("lmbda", "shift", "elastic")}
    points = run_drawn(new_proposer(sweep("qmc", space=space)), 16)
    rows = np.array([list(params.values()) for params in points])
    for axis in rows.T:
        assert sorted((16 * axis).astype(int)) == list(range(16))
    assert qmc.discrepancy(rows) < 0.7 * qmc.discrepancy(np.random.default_rng(1).random((16, 3)))


def run_drawn(proposer: Proposer, count: int) -> list[Params]:
    return [proposer.ask() for _ in range(count)]


def test_random_points_cover_a_logarithmic_range_evenly_in_magnitude() -> None:
    points = run_drawn(new_proposer(sweep("random")), 2000)
    decades = [math.floor(math.log10(params["learning_rate"])) for params in points]
    assert all(abs(decades.count(decade) - 2000 / 3) < 90 for decade in (-2, -1, 0))
    widths = [params["hidden_units"] for params in points]
    assert all(abs(widths.count(width) - 200) < 60 for width in range(10, 101, 10))


def test_cmaes_learns_from_whole_generations() -> None:
    """Hansen's 4 + 3 ln d, rounded to generations: none of their trials is left over."""
    assert [population(6, generation) for generation in (1, 2, 4, 8, 16)] == [9, 8, 8, 8, 16]
    assert population(2, 3) == 6


def test_dimensions_left_to_chance_are_named() -> None:
    when = {"low": 0.0, "high": 0.9, "when": {"cost": "quadratic"}}
    single = {"choices": [10]}
    space = {**SPACE, "momentum": when, "mini_batch_size": single}
    assert SAMPLERS["cmaes"].left_to_chance(sweep(space=space).space) == ["cost", "momentum"]
    assert SAMPLERS["tpe"].left_to_chance(sweep(space=space).space) == []


def test_cmaes_refuses_a_past_that_it_would_not_have_proposed() -> None:
    points = run(new_proposer(sweep("cmaes")), 1, 4)
    proposer = new_proposer(sweep("cmaes"))
    proposer.add(points[0])
    with pytest.raises(
        InputError, match="trial 1 in the storage must equal what the sampler proposes"
    ):
        proposer.add({**points[1], "learning_rate": 0.5})


def test_gp_names_the_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(InputError, match=r"needs PyTorch.*pip install .*\[gp\]'"):
        SAMPLERS["gp"].load()
    SAMPLERS["tpe"].load()


def test_tpe_proposes_the_points_of_a_study_of_optuna() -> None:
    """One by one, with complete, pruned and failed trials: the same points, to the last bit."""
    results = [
        Result("complete", 0.5 + 0.02 * (k % 9), 10)
        if k % 3 == 0
        else Result("pruned", 0.3, 1 + k % 4)
        if k % 3 == 1
        else Result("failed", None, 0)
        for k in range(24)
    ]
    config = sweep(generation=1, trials=24)
    proposer = new_proposer(config)
    study = optuna.create_study(direction="maximize")
    for number, result in enumerate(results):
        study.sampler = optuna.samplers.TPESampler(seed=seed_of(5, number))
        trial = study.ask(distributions(config.space))
        assert proposer.ask() == trial.params
        proposer.tell([result])
        if result.state == "complete":
            study.tell(trial, result.value)
        elif result.value is None:
            study.tell(trial, state=TrialState.FAIL)
        else:
            trial.report(result.value, result.epochs)
            study.tell(trial, state=TrialState.PRUNED)

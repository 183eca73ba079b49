"""One suite for every sampler: in the space, the same for the same past, however often it resumes.

What a sampler proposes may hang on the sweep and on earlier generations, and on nothing else.
"""

import math
from functools import cache
from typing import Any, get_args

import pytest

from sweeps.config import SweepConfig, parse_config
from sweeps.config.sections import SweepSection
from sweeps.samplers.proposer import Proposer
from sweeps.scores import new_proposer
from sweeps.space.dimensions import Params, exists
from sweeps.trial import Result

SAMPLERS = get_args(SweepSection.model_fields["sampler"].annotation)

NUMBERS = {
    "learning_rate": {"low": 0.01, "high": 10.0, "log": True},
    "lmbda": {"low": 0.0, "high": 1.0, "step": 0.25},
    "epochs": {"low": 1, "high": 64, "log": True},
    "dropout": {"low": 0.0, "high": 0.5},
    "cost": {"choices": ["quadratic", "cross-entropy"]},
}
CONDITIONS = {
    "output": {"choices": ["sigmoid", "softmax"]},
    "cost": {"choices": ["quadratic", "cross-entropy"], "when": {"output": "sigmoid"}},
    "momentum": {"low": 0.0, "high": 0.9, "step": 0.1},
    "nesterov": {"choices": [True, False], "when": {"output": "softmax", "momentum": [0.5, 0.9]}},
}
LAYERS = {
    "hidden_layers": {"low": 0, "high": 3},
    "hidden_units": {"low": 10, "high": 100, "step": 10},
    "dropout": {"low": 0.0, "high": 0.5, "step": 0.1, "when": {"hidden_layers": [1, 2, 3]}},
    "mini_batch_size": {"choices": [5, 10, 20]},
}
LISTS = {
    "hidden_units": {"choices": [[30], [100, 50], []]},
    "init": {"choices": ["large", "scaled"]},
    "lmbda": {"low": 0.0, "high": 5.0, "step": 1.0},
}
SPACES: dict[str, dict[str, Any]] = {
    "numbers": NUMBERS,
    "conditions": CONDITIONS,
    "layers": LAYERS,
    "lists": LISTS,
}

# A Gaussian process takes a while for each point that it proposes from ten results on.
GENERATIONS = {"gp": 4}


def sweep(sampler: str, space: str = "numbers", **section: Any) -> SweepConfig:
    dimensions = SPACES[space]
    if sampler == "grid" and space == "numbers":  # a grid has no ranges of all numbers
        steps = {"learning_rate": {"low": 0.5, "high": 8.0, "step": 0.5}}
        dimensions = {**NUMBERS, **steps, "dropout": {"low": 0.0, "high": 0.5, "step": 0.25}}
    training = {"cost": "log-likelihood"} if space == "conditions" else {}
    named = {"name": "a", "trials": 20, "sampler": sampler, "seed": 5, "generation": 4}
    tables = {"sweep": {**named, **section}, "training": training, "space": dimensions}
    return parse_config(tables)


def result(number: int, params: Params) -> Result:
    """Return a made-up result, now and then that of a failed or of a pruned trial."""
    if number % 7 == 3:
        return Result("failed", None, 0)
    value = sum(abs(math.sin(3 * v)) for v in params.values() if isinstance(v, int | float))
    if number % 5 == 4:
        return Result("pruned", 0.5 * value / len(params), 1 + number % 3)
    return Result("complete", value / len(params), 10)


def generations(sampler: str) -> int:
    return GENERATIONS.get(sampler, 5)


def run(proposer: Proposer, count: int, size: int = 4, first: int = 0) -> list[Params]:
    points: list[Params] = []
    for _ in range(count):
        generation = [proposer.ask() for _ in range(size)]
        begun = first + len(points)
        proposer.tell([result(begun + k, params) for k, params in enumerate(generation)])
        points += generation
    return points


@cache
def whole_run(sampler: str, space: str) -> list[Params]:
    return run(new_proposer(sweep(sampler, space)), generations(sampler))


everywhere = pytest.mark.parametrize("space", SPACES)
each = pytest.mark.parametrize("sampler", SAMPLERS)


@each
@everywhere
def test_proposals_lie_in_the_space_with_its_types(sampler: str, space: str) -> None:
    config = sweep(sampler, space)
    for params in whole_run(sampler, space):
        for name, dimension in config.space.items():
            assert (name in params) == exists(dimension, params)
            if name in params:
                value = dimension.member(params[name])
                assert type(value) is type(params[name])
                near = isinstance(value, float) and math.isclose(value, params[name])
                assert near or value == params[name]
        config.trial_config(params)
        assert list(params) == [name for name in config.space if name in params]


@each
@everywhere
def test_same_seed_same_proposals(sampler: str, space: str) -> None:
    again = run(new_proposer(sweep(sampler, space)), generations(sampler))
    assert again == whole_run(sampler, space)


@pytest.mark.parametrize("sampler", [s for s in SAMPLERS if s != "coordinate"])
def test_another_seed_gives_others(sampler: str) -> None:
    points = [run(new_proposer(sweep(sampler, seed=seed)), 2) for seed in (3, 4)]
    assert points[0] != points[1]


@each
@everywhere
def test_a_sampler_that_resumes_goes_on_as_if_it_had_never_stopped(
    sampler: str, space: str
) -> None:
    """However many trials are told and added already, the rest is the same as without a break."""
    config, count = sweep(sampler, space), generations(sampler)
    whole, last = whole_run(sampler, space), 4 * (count - 1)
    breaks = ((0, 3), (4, 1), (last, 2)) if sampler != "gp" else ((last, 2),)
    for past, added in breaks:
        resumed = new_proposer(config)
        for number, params in enumerate(whole[: past + added]):
            resumed.add(params)
            if number < past and number % 4 == 3:
                resumed.tell([result(n, whole[n]) for n in range(number - 3, number + 1)])
        rest = [resumed.ask() for _ in range(4 - added)]
        assert rest == whole[past + added : past + 4]
        resumed.tell([result(past + k, whole[past + k]) for k in range(4)])
        left = count - 1 - past // 4
        assert run(resumed, left, first=past + 4) == whole[past + 4 :]


@each
def test_more_trials_begin_with_the_fewer(sampler: str) -> None:
    """The number of trials decides nothing but where the proposals end."""
    few, many = (run(new_proposer(sweep(sampler, trials=n)), 3) for n in (12, 20))
    assert few == many


@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "gp", "coordinate"])
def test_what_learns_heeds_its_results(sampler: str) -> None:
    """With other values for the same points, later proposals are others."""
    following = []
    for best in ("low", "high"):
        proposer = new_proposer(sweep(sampler, seed=1))
        for _ in range(3):
            points = [proposer.ask() for _ in range(4)]
            values = [math.log10(params["learning_rate"]) / 4 + 0.5 for params in points]
            accuracies = values if best == "high" else [1 - value for value in values]
            proposer.tell([Result("complete", value, 5) for value in accuracies])
        following.append([proposer.ask()["learning_rate"] for _ in range(4)])
    assert sum(following[0]) < sum(following[1])


@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "gp"])
def test_pruned_trials_teach(sampler: str) -> None:
    """That trials were pruned at low accuracies changes what is proposed next."""
    following = []
    for pruned in (0.1, None):
        proposer = new_proposer(sweep(sampler, seed=1))
        for _ in range(3):
            points = [proposer.ask() for _ in range(4)]
            good = Result("complete", 0.9, 5)
            bad = Result("failed", None, 0) if pruned is None else Result("pruned", pruned, 2)
            proposer.tell([good if p["learning_rate"] > 0.3 else bad for p in points])
        following.append([proposer.ask() for _ in range(4)])
    assert following[0] != following[1]

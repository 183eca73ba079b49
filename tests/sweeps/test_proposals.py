"""Proposals: inside the space, the same for the same past, and blind to what came too late."""

import math
from collections.abc import Callable

import pytest

from sweeps.config import SweepConfig
from sweeps.proposals import Proposer
from sweeps.space import Choices, Range, Space

SPACE: Space = {
    "learning_rate": Range(low=0.01, high=10.0, log=True),
    "lmbda": Range(low=0.0, high=1.0, step=0.25),
    "hidden_units": Range(low=10, high=100, step=10),
    "epochs": Range(low=1, high=64, log=True),
    "cost": Choices(choices=["quadratic", "cross-entropy"]),
}


def value(params: dict) -> float:
    return 1 - abs(math.log10(params["learning_rate"])) / 3


def run(proposer: Proposer, generations: int, size: int) -> list[dict]:
    points = []
    for _ in range(generations):
        generation = [proposer.propose() for _ in range(size)]
        proposer.report([value(params) for params in generation])
        points += generation
    return points


def test_proposals_lie_in_the_space_with_its_types() -> None:
    for params in run(Proposer(SPACE, 3), 5, 8):
        assert list(params) == list(SPACE)
        assert isinstance(params["learning_rate"], float)
        assert 0.01 <= params["learning_rate"] <= 10
        assert params["lmbda"] in (0, 0.25, 0.5, 0.75, 1)
        assert type(params["hidden_units"]) is type(params["epochs"]) is int
        assert params["hidden_units"] in range(10, 101, 10)
        assert 1 <= params["epochs"] <= 64
        assert params["cost"] in ("quadratic", "cross-entropy")


def test_same_seed_same_proposals_and_another_seed_others() -> None:
    assert run(Proposer(SPACE, 3), 4, 4) == run(Proposer(SPACE, 3), 4, 4)
    assert run(Proposer(SPACE, 3), 1, 4) != run(Proposer(SPACE, 4), 1, 4)


@pytest.mark.parametrize("told", [0, 4, 12, 16])
@pytest.mark.parametrize("entered", [0, 1, 3])
def test_a_proposer_that_resumes_goes_on_as_if_it_had_never_stopped(
    told: int, entered: int
) -> None:
    whole = run(Proposer(SPACE, 5), 6, 4)
    resumed = Proposer(SPACE, 5)
    for params in whole[:told]:
        resumed.add(params, value(params))
    for params in whole[told : told + entered]:
        resumed.enter(params)
    rest = [resumed.propose() for _ in range(4 - entered)]
    assert rest == whole[told + entered : told + 4]
    resumed.report([value(params) for params in whole[told : told + 4]])
    assert run(resumed, (20 - told) // 4, 4) == whole[told + 4 :]


def test_a_generation_sees_the_parameters_of_its_own_lower_numbers() -> None:
    """With what was proposed before it in its generation changed, a proposal changes."""
    past = run(Proposer(SPACE, 5), 4, 4)
    proposals = []
    for first in (past[0], past[5]):
        proposer = Proposer(SPACE, 5)
        for params in past:
            proposer.add(params, value(params))
        proposer.enter(first)
        proposals.append([proposer.propose() for _ in range(3)])
    assert proposals[0] != proposals[1]


def test_a_failed_trial_teaches_nothing_but_counts() -> None:
    past = run(Proposer(SPACE, 5), 4, 4)
    following = []
    for last in (0.0, None):
        proposer = Proposer(SPACE, 5)
        for params in past[:-1]:
            proposer.add(params, value(params))
        proposer.add(past[-1], last)
        following.append([proposer.propose() for _ in range(4)])
    assert len(following[0]) == len(following[1]) == 4
    assert following[0] != following[1]


def test_tpe_finds_the_hill(small: Callable[..., SweepConfig]) -> None:
    """After its random start, TPE proposes nearer to the best learning rate than chance does."""
    points = run(Proposer(SPACE, 1), 8, 8)
    distance = [abs(math.log10(params["learning_rate"])) for params in points]
    start, end = distance[:10], distance[-24:]
    assert sum(end) / len(end) < 0.5 * sum(start) / len(start)

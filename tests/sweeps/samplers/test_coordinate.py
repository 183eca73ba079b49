"""The book's strategy on surfaces that can be worked by hand: one line after the other, finer."""

from typing import Any

import pytest

from sweeps.config import parse_config
from sweeps.samplers.proposer import Proposer
from sweeps.scores import new_proposer
from sweeps.space.dimensions import Params
from sweeps.trial import Result

BOTH = {
    "lmbda": {"low": 0.01, "high": 100.0, "log": True},
    "learning_rate": {"low": 0.01, "high": 100.0, "log": True},
}


def proposer(space: Any, generation: int, start: Any = ()) -> Proposer:
    section = {"name": "a", "sampler": "coordinate", "generation": generation}
    return new_proposer(parse_config({"sweep": section, "space": space, "start": list(start)}))


def generation(of: Proposer, size: int) -> list[Params]:
    return [of.ask() for _ in range(size)]


def results(values: list[float]) -> list[Result]:
    return [Result("complete", value, 1) for value in values]


def test_the_learning_rate_comes_first_over_orders_of_magnitude() -> None:
    """The default η = 0.5 with λ midway, then η at the low end, midway and at the high end."""
    first = generation(proposer(BOTH, 4), 4)
    assert [params["learning_rate"] for params in first] == pytest.approx([0.5, 0.01, 1.0, 100.0])
    assert [params["lmbda"] for params in first] == pytest.approx([1.0] * 4)


def test_each_line_runs_through_the_best_point_so_far() -> None:
    of = proposer(BOTH, 4)
    generation(of, 4)
    of.tell(results([0.5, 0.2, 0.9, 0.1]))
    second = generation(of, 4)
    assert [params["learning_rate"] for params in second[:2]] == pytest.approx([1.0, 1.0])
    assert [params["lmbda"] for params in second[:2]] == pytest.approx([0.01, 100.0 ** (-1 / 3)])


def test_a_later_round_looks_between_the_neighbours_of_the_best_value() -> None:
    of = proposer({"learning_rate": {"low": 0.0001, "high": 1.0, "log": True}}, 4)
    generation(of, 4)  # 0.5, the default, and 0.0001, 0.01 and 1
    of.tell(results([0.1, 0.2, 0.9, 0.1]))
    second = [params["learning_rate"] for params in generation(of, 4)]
    assert second == pytest.approx([10 ** (-4 + 0.8 * k) for k in (1, 2, 3, 4)])


def test_start_points_are_where_it_begins() -> None:
    start = {"learning_rate": 20.0, "lmbda": 3.0}
    first = generation(proposer(BOTH, 4, [start]), 4)
    assert first[0] == start
    assert [params["lmbda"] for params in first] == [3.0] * 4


def test_no_point_is_tried_twice_and_a_finite_space_is_seen_whole() -> None:
    space = {
        "cost": {"choices": ["quadratic", "cross-entropy"]},
        "init": {"choices": ["large", "scaled"]},
        "mini_batch_size": {"low": 1, "high": 3},
    }
    of = proposer(space, 5)
    points = []
    for _ in range(2):
        points += generation(of, 5)
        of.tell(results([params["mini_batch_size"] / 10 for params in points[-5:]]))
    assert len({tuple(params.values()) for params in points[:6]}) == 6


def test_it_converges_on_a_point_that_is_no_step_of_any_line() -> None:
    of = proposer({"momentum": {"low": 0.0, "high": 0.9}, "dropout": {"low": 0.0, "high": 0.9}}, 4)
    best: Params = {}
    for _ in range(12):
        points = generation(of, 4)
        values = [1 - (p["momentum"] - 0.21) ** 2 - (p["dropout"] - 0.67) ** 2 for p in points]
        of.tell(results(values))
        best = max([*points, best or points[0]], key=lambda p: -abs(p["momentum"] - 0.21))
    assert best["momentum"] == pytest.approx(0.21, abs=0.01)


def test_where_two_lines_in_one_generation_both_improve_their_best_are_tried_together() -> None:
    of = proposer(BOTH, 7)
    first = generation(of, 7)  # the default, a line of η and one of λ
    by_line = [("default", 0.5), ("η", 0.6), ("η", 0.7), ("η", 0.1)]
    of.tell(results([value for _, value in by_line] + [0.1, 0.8, 0.2]))
    combined = of.ask()
    assert combined["learning_rate"] == first[2]["learning_rate"]
    assert combined["lmbda"] == first[5]["lmbda"]


def test_a_combination_that_disappoints_is_left_again() -> None:
    of = proposer(BOTH, 7)
    first = generation(of, 7)
    of.tell(results([0.5, 0.6, 0.7, 0.1, 0.1, 0.8, 0.2]))
    generation(of, 7)
    of.tell(results([0.3] * 7))
    following = of.ask()
    shared = [name for name in BOTH if following[name] == first[5][name]]
    assert shared, "the next line runs through the best point"


def test_failed_trials_are_no_place_to_go() -> None:
    of = proposer(BOTH, 4)
    first = generation(of, 4)
    of.tell([Result("failed", None, 0), *results([0.1, 0.2, 0.1])])
    assert generation(of, 1)[0]["learning_rate"] == first[2]["learning_rate"]

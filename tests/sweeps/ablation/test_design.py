"""The greedy path and its arms, against paths worked out by hand."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.components.metrics import METRICS
from sweeps.ablation.changes import Arm
from sweeps.ablation.design import (
    Values,
    alone,
    estimated_arms,
    greedy_path,
    number_of_networks,
    path_arms,
    without_one,
)


def arm(*numbers: int) -> Arm:
    return frozenset(numbers)


MEANS = {
    arm(0): 0.91,
    arm(1): 0.93,
    arm(2): 0.92,
    arm(1, 0): 0.95,  # 0 after 1 is better than 2 after 1, though 2 alone is better than 0 alone
    arm(1, 2): 0.94,
}


def test_the_best_mean_over_the_seeds_is_made_first() -> None:
    asked: list[Sequence[Arm]] = []

    def measure(arms: Sequence[Arm]) -> Values:
        asked.append(arms)
        return {one: [MEANS[one] - 0.2, MEANS[one] + 0.2] for one in arms}

    assert greedy_path(3, measure) == (1, 0, 2)
    assert asked == [[arm(0), arm(1), arm(2)], [arm(1, 0), arm(1, 2)]]


def test_the_path_of_a_loss_goes_down_and_ties_keep_their_order() -> None:
    def measure(arms: Sequence[Arm]) -> Values:
        return {one: [0.5 if one == arm(1) else 0.3] for one in arms}

    assert greedy_path(3, measure, METRICS["log_loss"]) == (0, 1, 2)
    assert greedy_path(3, measure) == (1, 0, 2)


def test_one_change_needs_no_choice() -> None:
    assert greedy_path(1, lambda arms: pytest.fail("asked")) == (0,)


def test_the_arms_of_a_path() -> None:
    path = (2, 0, 1)
    assert path_arms(path) == [arm(), arm(2), arm(2, 0), arm(0, 1, 2)]
    assert alone(path) == [arm(2), arm(0), arm(1)]
    assert without_one(path) == [arm(0, 1), arm(1, 2), arm(0, 2)]
    assert estimated_arms(path) == [
        *path_arms(path),
        arm(0),
        arm(1),
        arm(0, 1),
        arm(1, 2),
    ]


@pytest.mark.parametrize(("changes", "arms"), [(1, 2), (2, 2 + 4), (3, 5 + 8), (6, 20 + 17)])
def test_the_number_of_networks_by_hand(changes: int, arms: int) -> None:
    assert number_of_networks(changes, 5) == 5 * arms


@given(st.permutations(range(5)))
def test_every_path_takes_as_many_networks(order: list[int]) -> None:
    asked: list[Arm] = []

    def measure(arms: Sequence[Arm]) -> Values:
        asked.extend(arms)
        return {one: [float(sum(2.0 ** -order.index(number) for number in one))] for one in arms}

    path = greedy_path(5, measure)
    assert list(path) == order
    assert len(asked) + len(estimated_arms(path)) == number_of_networks(5, 1)

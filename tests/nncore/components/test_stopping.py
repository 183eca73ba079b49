"""The rule of early stopping and the schedules by tables of values.

Each table is a training run: the accuracies met and what must be known after them.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.components.schedules import SCHEDULES, ScheduleState
from nncore.components.stopping import Progress, no_improvement


def after(values: list[float]) -> Progress:
    progress = Progress()
    for value in values:
        progress = progress.after(value)
    return progress


@pytest.mark.parametrize(
    ("values", "epoch", "best_epoch", "best_value"),
    [
        ([], 0, 0, 0.0),
        ([0.0], 1, 1, 0.0),
        ([0.0, 0.0], 2, 1, 0.0),
        ([0.3], 1, 1, 0.3),
        ([0.3, 0.2], 2, 1, 0.3),
        ([0.3, 0.3], 2, 1, 0.3),
        ([0.3, 0.4], 2, 2, 0.4),
        ([0.3, 0.4, 0.4, 0.1], 4, 2, 0.4),
        ([0.3, 0.4, 0.1, 0.5], 4, 4, 0.5),
        ([-2.0, -3.0, -1.0], 3, 3, -1.0),
    ],
)
def test_progress(values: list[float], epoch: int, best_epoch: int, best_value: float) -> None:
    assert after(values) == Progress(epoch, best_epoch, best_value)


@pytest.mark.parametrize(
    ("values", "patience", "stops"),
    [
        ([], 1, False),
        ([0.5], 1, False),
        ([0.5, 0.5], 1, True),
        ([0.5, 0.6], 1, False),
        ([0.5, 0.4], 2, False),
        ([0.5, 0.4, 0.4], 2, True),
        ([0.5, 0.4, 0.6], 2, False),
        ([0.5, 0.4, 0.6, 0.6, 0.6], 2, True),
        ([0.5, 0.4, 0.3, 0.2, 0.1], 0, False),
        ([0.5] + [0.1] * 9, 10, False),
        ([0.5] + [0.1] * 10, 10, True),
        ([0.5] + [0.1] * 11, 10, True),
    ],
)
def test_no_improvement_in_n(values: list[float], patience: int, stops: bool) -> None:
    assert no_improvement(after(values), patience) is stops


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=1, max_size=20))
def test_the_best_is_the_first_of_the_largest(values: list[float]) -> None:
    progress = after(values)
    assert progress.epoch == len(values)
    assert progress.best_value == max(values)
    assert progress.best_epoch == values.index(max(values)) + 1


def test_progress_is_not_changed_by_what_follows() -> None:
    progress = after([0.3])
    progress.after(0.9)
    assert progress == Progress(1, 1, 0.3)


@pytest.mark.parametrize("accuracy", [None, 0.0, 0.97])
def test_the_constant_schedule_keeps_the_learning_rate(accuracy: float | None) -> None:
    state = ScheduleState(initial=0.5, learning_rate=0.25, epochs=9, decay=0.5, patience=1)
    assert SCHEDULES["constant"](state, accuracy) == state

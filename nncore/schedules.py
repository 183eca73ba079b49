"""How the learning rate moves from epoch to epoch: pure rules over the validation accuracy.

A rule takes the state and the newest accuracy and returns the next state, or None to end training.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class ScheduleState:
    """The learning rate η of the coming epoch."""

    learning_rate: float


def constant(state: ScheduleState, validation_accuracy: float | None) -> ScheduleState | None:
    """Keep η as it is, for ever."""
    return state


Schedule = Callable[[ScheduleState, float | None], ScheduleState | None]

SCHEDULES: dict[str, Schedule] = {"constant": constant}
"""Every schedule by its name in a config."""

"""How the learning rate moves from epoch to epoch: pure rules over the validation accuracy.

A rule takes the state and the newest accuracy and returns the next state, or None to end training.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import cos, pi

from nncore.components.stopping import Progress, no_improvement

SMALLEST = 1 / 128
"""The last learning rate of halve-on-plateau, as a part of the first."""


@dataclass(frozen=True, kw_only=True)
class ScheduleState:
    """The learning rate η of the coming epoch, and what it depends on.

    `initial` is the first η; `epochs` the planned number of epochs and `epoch` how many are over;
    `decay` and `patience` are the settings of the rules that have any; `progress` is that of the
    validation accuracy since η last changed.
    """

    initial: float
    learning_rate: float
    epochs: int
    decay: float
    patience: int
    epoch: int = 0
    progress: Progress = field(default_factory=Progress)


Schedule = Callable[[ScheduleState, float | None], ScheduleState | None]


def constant(state: ScheduleState, validation_accuracy: float | None) -> ScheduleState:
    """Keep η."""
    return state


def exponential(state: ScheduleState, validation_accuracy: float | None) -> ScheduleState:
    """Multiply η by `decay` after each epoch: η₀ · decay^epoch."""
    epoch = state.epoch + 1
    return replace(state, epoch=epoch, learning_rate=state.initial * state.decay**epoch)


def cosine(state: ScheduleState, validation_accuracy: float | None) -> ScheduleState:
    """Let η fall along half a cosine to 0 after the last epoch: η₀/2 · (1 + cos(π epoch/epochs)).

    Loshchilov & Hutter 2017, eq. 5, without restarts.
    """
    epoch = state.epoch + 1
    share = (1 + cos(pi * epoch / state.epochs)) / 2
    return replace(state, epoch=epoch, learning_rate=state.initial * share)


def halve_on_plateau(
    state: ScheduleState, validation_accuracy: float | None
) -> ScheduleState | None:
    """Halve η after `patience` epochs without improvement; after η₀/128 has had its turn, end.

    Nielsen ch. 3, "How to choose a neural network's hyper-parameters?", exercise on the learning
    schedule. Without a validation accuracy, η stays.
    """
    if validation_accuracy is None:
        return state
    progress = state.progress.after(validation_accuracy)
    if not no_improvement(progress, state.patience):
        return replace(state, progress=progress)
    if state.learning_rate <= state.initial * SMALLEST:
        return None
    # The best value stays the one to beat; the epochs without improvement are counted anew.
    waited = replace(progress, best_epoch=progress.epoch)
    return replace(state, learning_rate=state.learning_rate / 2, progress=waited)


SCHEDULES: dict[str, Schedule] = {
    "constant": constant,
    "cosine": cosine,
    "exponential": exponential,
    "halve-on-plateau": halve_on_plateau,
}
"""Every schedule by its name in a config."""

"""Learning-rate schedules: pure rules that may read the score on validation data.

A rule takes the state and the newest score, of which a greater one is better, and returns the next
state, or None to end training.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import cos, pi

from nncore.components.stopping import Progress, no_improvement

SMALLEST = 1 / 128
"""The last learning rate of halve-on-plateau, as a fraction of the first."""


@dataclass(frozen=True, kw_only=True)
class ScheduleState:
    """The learning rate η of the next epoch, and the values that decide it.

    Parameters
    ----------
    initial
        η of the first epoch.
    learning_rate
        η of the next epoch.
    epochs, epoch
        The planned number of epochs, and the number of finished epochs, both without a warm-up.
    decay, patience
        The settings of the exponential schedule and of halve-on-plateau.
    progress
        The progress of the score since η last changed.
    """

    initial: float
    learning_rate: float
    epochs: int
    decay: float
    patience: int
    epoch: int = 0
    progress: Progress = field(default_factory=Progress)


Schedule = Callable[[ScheduleState, float | None], ScheduleState | None]


def constant(state: ScheduleState, score: float | None) -> ScheduleState:
    """Keep η."""
    return state


def exponential(state: ScheduleState, score: float | None) -> ScheduleState:
    """Multiply η by `decay` after each epoch: η₀ · decay^epoch."""
    epoch = state.epoch + 1
    return replace(state, epoch=epoch, learning_rate=state.initial * state.decay**epoch)


def cosine(state: ScheduleState, score: float | None) -> ScheduleState:
    """Lower η along half a cosine, to 0 after the last epoch: η₀/2 · (1 + cos(π epoch/epochs)).

    Loshchilov & Hutter 2017, eq. 5, without restarts.
    """
    epoch = state.epoch + 1
    share = (1 + cos(pi * epoch / state.epochs)) / 2
    return replace(state, epoch=epoch, learning_rate=state.initial * share)


def halve_on_plateau(state: ScheduleState, score: float | None) -> ScheduleState | None:
    """Halve η after `patience` epochs without improvement; end after such a plateau at η₀/128.

    Nielsen ch. 3, "How to choose a neural network's hyper-parameters?", exercise on the learning
    schedule. Without a score, η does not change.
    """
    if score is None:
        return state
    progress = state.progress.after(score)
    if not no_improvement(progress, state.patience):
        return replace(state, progress=progress)
    if state.learning_rate <= state.initial * SMALLEST:
        return None
    # The best value is kept; the count of epochs without improvement starts again.
    waited = replace(progress, best_epoch=progress.epoch)
    return replace(state, learning_rate=state.learning_rate / 2, progress=waited)


def warmed_up(learning_rate: float, epoch: int, warmup: int) -> float:
    """Return η of `epoch`, counted from 1: lower in the first `warmup` epochs, unchanged after.

    It rises in equal steps, of which the last leads to the first epoch after the warm-up; Goyal et
    al. 2017, sec. 2.2.
    """
    if epoch > warmup:
        return learning_rate
    return learning_rate * epoch / (warmup + 1)


SCHEDULES: dict[str, Schedule] = {
    "constant": constant,
    "cosine": cosine,
    "exponential": exponential,
    "halve-on-plateau": halve_on_plateau,
}
"""Every schedule by its name in a config."""

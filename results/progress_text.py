"""How far a sweep is, as text: the same words in `run`, `show`, `list`, `show --watch` and reports.

A finished trial that waits for one of lower number counts as finished, and is named as waiting.
"""

from typing import TYPE_CHECKING

from results.number_text import parameter_text, value_text

if TYPE_CHECKING:
    from sweeps.progress import SweepProgress
    from sweeps.space.dimensions import Params

WAITING = "waiting for an earlier trial"


def result_text(progress: "SweepProgress") -> str:
    """Return how many trials have finished, how they ended, and the best of them.

    For example: "12 of 40 trials finished, 3 pruned, 2 waiting for an earlier trial; best
    validation accuracy 95.07% (trial 7)".
    """
    best = no_best_text(progress.done, progress.failed)
    if progress.best_value is not None:
        value = value_text(progress.metric, progress.best_value)
        best = f"best validation {progress.metric.title} {value} (trial {progress.best_number})"
    return "; ".join(filter(None, [", ".join([finished_text(progress), *ended(progress)]), best]))


def finished_text(progress: "SweepProgress") -> str:
    """Return how many of the trials have finished: "12 of 40 trials finished"."""
    return f"{progress.done} of {progress.trials} trials finished"


def ended(progress: "SweepProgress") -> list[str]:
    """Return the counts of `counted` and of trials that are not in the tables yet, in full."""
    counts = counted(progress)
    if progress.waiting:
        counts[-1] = f"{progress.waiting} {WAITING}"
    if progress.undecided:
        counts.append(f"{progress.undecided} in a generation that is not decided yet")
    return counts


def counted(progress: "SweepProgress") -> list[str]:
    """Return how many trials were pruned, failed, repeated and wait, leaving out counts of 0."""
    counts = {
        "pruned": progress.pruned,
        "failed": progress.failed,
        "repeated": progress.repeated,
        "waiting": progress.waiting,
    }
    return [f"{count} {kind}" for kind, count in counts.items() if count]


def no_best_text(done: int, failed: int) -> str:
    """Return why none of `done` trials is the best; so many `failed`. "" if there are none."""
    if not done:
        return ""
    return "no trial completed" if done == failed else "no trial learned"


def settings_text(params: "Params") -> str:
    """Return the hyperparameters of a trial in one line: "learning_rate 0.5, init scaled"."""
    return ", ".join(f"{name} {parameter_text(value)}" for name, value in params.items())

"""The status of a run as lines: what trains now, how fast, until when, and the best so far.

`nnsweep show` prints them once, and `nnsweep show --watch` again and again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from results.number_text import duration, format_number, value_text
from results.progress_text import result_text, settings_text

if TYPE_CHECKING:
    from sweeps.config import SweepConfig
    from sweeps.run_status import RunStatus
    from sweeps.space.dimensions import Params
    from sweeps.under_way import TrialReport

SHOWN = 4  # trials in a line
RESUMING = "the same `nnsweep run` command resumes it"
ENDS = {
    "finished": "the run has finished",
    "stopped": f"the run was stopped; {RESUMING}",
    "killed": f"the run was killed; {RESUMING}",
}


def head_line(status: "RunStatus", config: "SweepConfig") -> str:
    """Return the sweep, how many trials have finished, and the best of them."""
    from nncore.errors import one_line

    return one_line(f"{status.name} on {config.data.name}: {result_text(status.progress)}")


def status_lines(
    status: "RunStatus", config: "SweepConfig", best: "Params", now: datetime
) -> list[str]:
    """Return the lines on a run that is under way at the time `now`, or on how it ended.

    `best` are the hyperparameters of its best trial, as far as they are known.
    """
    lines = [head_line(status, config)]
    if best:
        lines.append(f"best so far, trial {status.progress.best_number}: {settings_text(best)}")
    if not status.is_running:
        return [*lines, *_about_end(status)]
    lines += ["", ", ".join(_speed(status, now))]
    if status.training:
        lines += ["training now:", *(_trial_line(one, config, now) for one in status.training)]
    else:
        lines.append(
            "training now: not known, because no worker has reported to this folder yet "
            "(workers on other machines report only if they share it)"
        )
    return [*lines, *_about_ignored(status)]


def beat_line(status: "RunStatus", config: "SweepConfig", now: datetime) -> str:
    """Return the status of a run that is under way in one line."""
    training = training_text(status.training)
    parts = [head_line(status, config), f"training {training}" if training else ""]
    return "; ".join(filter(None, [*parts, ", ".join(_speed(status, now))]))


def training_text(trials: Sequence["TrialReport"]) -> str:
    """Return which trials train now, in few words: "trial 13 at epoch 4, trial 14 at epoch 1"."""
    shown = [f"trial {one.number} at epoch {one.epoch}" for one in trials[:SHOWN]]
    more = [f"{len(trials) - SHOWN} more"] if len(trials) > SHOWN else []
    return ", ".join([*shown, *more])


def _speed(status: "RunStatus", now: datetime) -> list[str]:
    """Return since when a run is under way, its epochs per second and the time left."""
    if status.started is None:
        return ["running, since when is not known"]
    since = duration(max(0.0, (now - status.started).total_seconds()))
    facts = [f"running since {status.started.astimezone():%Y-%m-%d %H:%M:%S} ({since})"]
    rate, left = status.epochs_per_second(now), status.seconds_left(now)
    if rate:
        facts.append(f"{format_number(rate)} epochs per second")
    return [*facts, f"{'?' if left is None else duration(left)} left"]


def _trial_line(trial: "TrialReport", config: "SweepConfig", now: datetime) -> str:
    searched = "epochs" in config.space
    of = "" if searched else f" of {config.most_epochs}"
    epoch = f"epoch {trial.epoch}{of}" if trial.epoch else "in its first epoch"
    since = ""
    if trial.started:
        since = f"  for {duration(max(0.0, (now - trial.started).total_seconds()))}"
    value = value_text(config.metric, trial.value) if trial.epoch else ""
    return f"  trial {trial.number:<6} {epoch:<18} {value:>8}{since}".rstrip()


def _about_end(status: "RunStatus") -> list[str]:
    """Return how a run ended; of one that was killed, which trials were training."""
    lines = ["", ENDS[status.state]]
    if status.state == "killed" and status.report and status.report.trials:
        lost = training_text(status.report.trials)
        lines.append(f"it was training {lost}; a resume trains them from their first epoch")
    return [*lines, *_about_ignored(status)]


def _about_ignored(status: "RunStatus") -> list[str]:
    from nncore.errors import named

    files = status.report.ignored if status.report else ()
    return [f"ignored: {named(path)} is no report of a trial" for path in files[:3]]

"""What a new sweep takes over from an old run: known results for its sampler, or start points.

Results are comparable if they come from the same data, metric and replicates, and from trials with
the fixed settings of the new sweep. They become part of the config, so the old run may vanish.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from nncore.config import TrialConfig
from nncore.datasets import DataSet
from nncore.errors import InputError
from sweeps.config import SweepConfig, load_config
from sweeps.config.known import KnownResult, settings_hash
from sweeps.environment import data_facts
from sweeps.records.environment_record import EnvironmentRecord
from sweeps.records.file_names import CONFIG, ENVIRONMENT
from sweeps.records.is_run import check_run
from sweeps.records.run_folder import RunFolder
from sweeps.space.dimensions import Params, exists
from sweeps.space.hidden_layers import setting_of, subject


@dataclass(frozen=True)
class TakenOver:
    """A sweep that begins with what an old run knows.

    `config` is the new sweep with `known` results or, if there are none, with `start` points, so
    many of each. `left_out` trials of the old run are neither, and `reasons` are the settings that
    make its values incomparable.
    """

    config: SweepConfig
    known: int
    start: int
    left_out: int
    reasons: list[str]


@dataclass(frozen=True)
class _OldTrial:
    """A trial of an old run with a value: its config, and its result without a point."""

    config: TrialConfig
    found: KnownResult


def take_over(config: SweepConfig, dataset: DataSet, folder: Path) -> TakenOver:
    """Return the sweep `config` on `dataset` with the results of the run in `folder`.

    If no value is comparable, the best complete trials in the space become start points, as many
    as a generation has, after those that the sweep has itself. Repeated and failed trials teach
    nothing and are left out.

    Raises
    ------
    InputError
        If `folder` is not a run, or none of its trials is in the space.
    """
    check_run(folder)
    former = load_config(folder / CONFIG)
    trials = list(_old_trials(folder, former))
    points = [point_of(config, trial.config) for trial in trials]
    inside = [
        (trial, point) for trial, point in zip(trials, points, strict=True) if point is not None
    ]
    if not inside:
        raise InputError(
            f"`{folder}` must have a trial in the space of the new sweep, got none of {len(trials)}"
        )
    reasons = _differences(config, dataset, folder, former)
    if not reasons:
        equal = [(t, point) for t, point in inside if config.trial_config(point) == t.config]
        known = [_known(config, trial.found, point) for trial, point in equal]
        if known:
            there = {_identity(one) for one in config.known}
            new = [one for one in known if _identity(one) not in there]
            taken = config.model_copy(update={"known": [*config.known, *new]})
            return TakenOver(taken, len(known), 0, len(trials) - len(known), [])
        reasons = _differing_settings(config, inside)
    start = _best_points(config, former, inside)
    if not start:
        raise InputError(
            f"`{folder}` must have comparable values or a new start point, but "
            f"{' and '.join(reasons)} differ, and no other trial is complete"
        )
    taken = config.model_copy(update={"start": [*config.start, *start]})
    return TakenOver(taken, 0, len(start), len(trials) - len(start), reasons)


def point_of(config: SweepConfig, trial: TrialConfig) -> Params | None:
    """Return the point of the space at which a trial has the searched settings of `trial`.

    None if there is no such point. The settings that are not searched may differ.
    """
    settings, params = asdict(trial), Params()
    for name, dimension in config.space.items():
        if exists(dimension, params):
            try:
                params[name] = dimension.member(setting_of(name, settings, config.space))
            except ValueError:
                return None
    searched = config.trial_config(params)
    same = all(getattr(searched, name) == settings[name] for name in map(subject, params))
    return params if same else None


def _known(config: SweepConfig, found: KnownResult, point: Params) -> KnownResult:
    """Return a comparable result as `config` keeps it, at `point` of its space."""
    changed = {"params": point, "settings": settings_hash(config, point)}
    return found.model_copy(update=changed)


def _identity(known: KnownResult) -> tuple[object, ...]:
    """Return what tells known results apart, if a sweep file has some of the run already."""
    return known.run, known.trial, known.value, frozenset(known.params.items())


def _old_trials(folder: Path, former: SweepConfig) -> Iterator[_OldTrial]:
    """Yield the trials that the old run knew at its start, then its own, each with a value."""
    for one in former.known:
        yield _OldTrial(former.trial_config(one.params), one)
    for number, (params, result) in enumerate(RunFolder(folder, former).recorded(former.space)):
        if result.value is None or result.repeated:
            continue
        found = KnownResult(
            run=former.sweep.name,
            trial=number,
            state=result.state.value,
            value=result.value,
            epochs=result.epochs,
            params={},
        )
        yield _OldTrial(former.trial_config(params), found)


def _differences(
    config: SweepConfig, dataset: DataSet, folder: Path, former: SweepConfig
) -> list[str]:
    """Return why no value of the old run is comparable; nothing if the trials decide."""
    pairs = {
        "the data set": (
            EnvironmentRecord.read(folder / ENVIRONMENT).latest.data.sha256,
            data_facts(dataset)["sha256"],
        ),
        "`data.folds`": (former.data.folds, config.data.folds),
        "`data.group`": (former.data.group, config.data.group),
        "`sweep.metric`": (former.sweep.metric, config.sweep.metric),
        "`sweep.replicates`": (former.sweep.replicates, config.sweep.replicates),
    }
    return [key for key, (was, now) in pairs.items() if was != now]


def _differing_settings(config: SweepConfig, inside: list[tuple[_OldTrial, Params]]) -> list[str]:
    """Return the settings, not searched now, that trials of the old run had different."""
    differing: dict[str, None] = {}
    for trial, point in inside:
        now, was = asdict(config.trial_config(point)), asdict(trial.config)
        differing |= dict.fromkeys(f"`training.{key}`" for key in now if now[key] != was[key])
    return list(differing)


def _best_points(
    config: SweepConfig, former: SweepConfig, inside: list[tuple[_OldTrial, Params]]
) -> list[Params]:
    """Return the points of the best complete trials, best first, that are no start points yet."""
    worst = former.metric.worst
    complete = [
        one for one in inside if one[0].found.state == "complete" and one[0].found.value != worst
    ]
    complete.sort(key=lambda one: -former.metric.score(float(one[0].found.value)))
    points: list[Params] = []
    for _, point in complete:
        if point not in (*config.start, *points):
            points.append(point)
    return points[: config.sweep.generation]

"""The effects of an ablation: what each change is worth along the path, alone and in the winner.

`sweeps.ablation` trains; here its values become differences with intervals and p-values.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nncore.components.metrics import METRICS
from nncore.errors import InputError, shown
from results.analysis.findings import Findings
from results.analysis.uncertainty import SIGNIFICANT, Interval, holm, paired_difference
from results.frames import Run, params_of
from sweeps.ablation.arms import Ablation
from sweeps.ablation.changes import Arm, Changes
from sweeps.ablation.design import Steps, Values, alone, path_arms, without_one
from sweeps.records.ablation_record import AblationRecord, ChangeRecord, Effect
from sweeps.records.file_names import ABLATION_RECORD
from sweeps.records.record_format import read_if_there
from sweeps.space.dimensions import Params


@dataclass(frozen=True)
class Winner:
    """The trial whose changes are measured: the certified one, or the search's best."""

    trial: int
    params: Params
    confirmed: bool


@dataclass(frozen=True)
class Difference:
    """A paired difference; `ci` is (NaN, NaN) without spread, `p_holm` NaN without a family."""

    mean: float
    ci: Interval
    p_value: float
    p_holm: float = math.nan


@dataclass(frozen=True)
class Effects:
    """The effects of the changes in the order of the path; each list is a family of tests."""

    steps: list[Difference]
    alone: list[Difference]
    in_winner: list[Difference]
    total: Difference


def winner_of(findings: Findings) -> Winner:
    """Return the certified trial of a run, or the search's best trial if none is certified.

    Raises `InputError` if no trial has learned anything.
    """
    trial = findings.shipped
    if trial is None:
        raise InputError(f"`{findings.run.folder}` must have a trial that learned, got none")
    return Winner(
        int(trial["number"]),
        params_of(trial, findings.run.config.space),
        confirmed=findings.certified is not None,
    )


def effects(path: Steps, values: Values) -> Effects:
    """Return the effects of the changes on a path from the values of its `estimated_arms`."""
    along, defaults, winner = path_arms(path), frozenset[int](), frozenset(path)
    return Effects(
        steps=_family(along[1:], along[:-1], values),
        alone=_family(alone(path), [defaults] * len(path), values),
        in_winner=_family([winner] * len(path), without_one(path), values),
        total=_difference(values[winner], values[defaults]),
    )


def _family(with_it: Sequence[Arm], without: Sequence[Arm], values: Values) -> list[Difference]:
    found = [_difference(values[a], values[b]) for a, b in zip(with_it, without, strict=True)]
    corrected = holm([one.p_value for one in found])
    return [replace(one, p_holm=p) for one, p in zip(found, corrected, strict=True)]


def _difference(one: Sequence[float], other: Sequence[float]) -> Difference:
    found = paired_difference(one, other)
    return Difference(found["mean"], found["ci"], found["p_value"])


def ablation_record(
    run: Run, winner: Winner, changes: Changes, ablation: Ablation, seeds: int
) -> AblationRecord:
    """Return the record of an ablation whose networks are all trained."""
    assert ablation.path is not None
    values = ablation.estimated
    found = effects(ablation.path, values)
    means = [float(np.mean(values[arm])) for arm in path_arms(ablation.path)]
    rows = zip(ablation.path, means[1:], found.steps, found.alone, found.in_winner, strict=True)
    return AblationRecord(
        sweep_seed=run.config.sweep.seed,
        metric=run.metric.name,
        trial=winner.trial,
        confirmed=winner.confirmed,
        seeds=seeds,
        networks=len(ablation.rows),
        same=list(changes.same),
        held=changes.after(changes.held),
        default_value=means[0],
        total=_effect(found.total),
        changes=[
            ChangeRecord(
                before=changes.before(changes.groups[number]),
                after=changes.after(changes.groups[number]),
                value=value,
                step=_effect(step),
                alone=_effect(by_itself),
                in_winner=_effect(in_winner),
            )
            for number, value, step, by_itself, in_winner in rows
        ],
    )


def _effect(found: Difference) -> Effect:
    return Effect(
        mean=found.mean,
        ci=None if math.isnan(found.ci[0]) else found.ci,
        p_value=found.p_value,
        p_holm=None if math.isnan(found.p_holm) else found.p_holm,
    )


def significant(effect: Effect) -> bool:
    """Return whether the p-value of an effect is below 5%, corrected if it is one of several."""
    return (effect.p_value if effect.p_holm is None else effect.p_holm) < SIGNIFICANT


def read_ablation(folder: Path) -> AblationRecord | None:
    """Return the record of a run's ablation, or None if there was none yet.

    Raises `InputError` if the file holds anything else.
    """
    record = read_if_there(AblationRecord, folder / ABLATION_RECORD)
    if record is not None and record.metric not in METRICS:
        raise InputError(
            f"`{folder / ABLATION_RECORD}` must name a known metric, got {shown(record.metric)}"
        )
    return record

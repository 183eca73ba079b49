"""The run folder of a study: the tables of a sweep, with arms instead of points.

`trials.csv` and `epochs.csv` depend only on settings and seeds; times are in `timings.csv`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from experiments.book.arm_runs import ArmOutcome, Runs
from experiments.book.arms import (
    SEED,
    Arm,
    DarknessArm,
    NetworkArm,
    SearchArm,
    SpeedArm,
    SvmArm,
    describe_arm,
    parse_arm,
    scored_on,
)
from experiments.book.study import Study
from experiments.book.training.outcome_store import OutcomeStore
from experiments.book.training.study_runner import ARMS, StudyRunner, read_arm
from experiments.book.verdicts import ClaimVerdict
from nncore.errors import InputError
from sweeps.environment import environment
from sweeps.records.atomic_files import read_json, replace_file, write_json
from sweeps.records.csv_rows import csv_lines
from sweeps.records.epoch_rows import CURVE_COLUMNS
from sweeps.records.run_folder import TIMING_COLUMNS, TRIAL_COLUMNS
from sweeps.trial import TrialState

TEST_COLUMNS = ("test_cost", "test_accuracy")
STUDY_TIMING_COLUMNS = (*TIMING_COLUMNS, "train_seconds")
DESCRIPTION = "study.json"


def write_tables(
    study: Study, runs: Runs, runner: StudyRunner, folder: Path, *, quick: bool
) -> None:
    """Write the tables of a finished study, and `study.json`, from which `read_study` reads it.

    Parameters
    ----------
    study
        Its arms are the rows, in their order.
    runs
        The runs of all its arms.
    runner
        Trained the runs; it knows their data sets and cache keys.
    folder
        The run folder, which exists.
    quick
        Whether the study is in its quick form.
    """
    differing = _differing_settings(study.arms)
    trials: list[Sequence[Any]] = []
    epochs: list[Sequence[Any]] = []
    timings: list[Sequence[Any]] = []
    curve_columns = CURVE_COLUMNS + TEST_COLUMNS * study.scores_test
    for arm in study.arms:
        settings = [_settings(arm).get(name, "") for name in differing]
        for seed, outcome in enumerate(runs[arm.name].outcomes):
            number = len(trials)
            trials.append((*_trial_row(number, outcome), arm.name, seed, *settings))
            epochs += [(number, seed, *row) for row in _epoch_rows(outcome, curve_columns)]
            timings.append(_timing_row(number, outcome))
    _write_csv(folder / "epochs.csv", ("trial", "replicate", *curve_columns), epochs)
    _write_csv(folder / "timings.csv", STUDY_TIMING_COLUMNS, timings)
    _write_csv(folder / "trials.csv", (*TRIAL_COLUMNS, "arm", "replicate", *differing), trials)
    facts = [environment(dataset, SEED) for _, dataset in sorted(runner.datasets.items())]
    write_json(folder / "environment.json", facts)
    described = [
        {
            "arm": describe_arm(arm),
            "n_train": runs[arm.name].n_train,
            "runs": runner.cache_keys(arm),
        }
        for arm in study.arms
    ]
    about = {"study": study.name, "seeds": runner.seeds, "quick": quick, "arms": described}
    write_json(folder / DESCRIPTION, about)


def write_verdicts(verdicts: Sequence[ClaimVerdict], folder: Path) -> None:
    """Write the verdict on each claim to `verdicts.json`; NaN becomes null."""
    plain = [
        {key: None if value != value else value for key, value in asdict(verdict).items()}
        for verdict in verdicts
    ]
    write_json(folder / "verdicts.json", plain)


def read_study(folder: Path) -> tuple[Runs, dict[str, Any]]:
    """Return the runs of a study and its description.

    Parameters
    ----------
    folder
        The run folder of the study; outcomes are stored beside it.

    Returns
    -------
    Runs, dict
        The runs by arm, and the content of `study.json`.

    Raises
    ------
    InputError
        If `folder` is not the run folder of a study, or a stored outcome is missing.
    """
    if not (folder / DESCRIPTION).exists():
        raise InputError(f"`{folder}` must be the run folder of a study, but has no {DESCRIPTION}")
    about = read_json(folder / DESCRIPTION)
    try:
        arms = [
            (parse_arm(entry["arm"]), entry["runs"], entry["n_train"]) for entry in about["arms"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"`{folder / DESCRIPTION}` must have the format that this version writes, "
            f"got: {error!r}"
        ) from error
    store = OutcomeStore(folder.parent / ARMS)
    runs = {}
    for arm, cache_keys, n_train in arms:
        arm_runs = read_arm(arm, cache_keys, store, n_train)
        if arm_runs is None:
            raise InputError(f"`{folder.parent / ARMS}` must hold all runs of arm {arm.name!r}")
        runs[arm.name] = arm_runs
    return runs, about


def _settings(arm: Arm) -> Mapping[str, Any]:
    """Return the settings of `arm` under the names of their columns in `trials.csv`."""
    match arm:
        case NetworkArm() | SpeedArm():
            return {
                "data": arm.data,
                "training_size": arm.training_size,
                "evaluation": arm.evaluation if isinstance(arm, NetworkArm) else "end",
                "classifier": "network",
                **asdict(arm.config),
                "hidden_units": " ".join(map(str, arm.config.hidden_units)),
            }
        case SvmArm() | DarknessArm():
            return {
                "data": arm.data,
                "training_size": arm.training_size,
                "evaluation": scored_on(arm),
                "classifier": "svm" if isinstance(arm, SvmArm) else "darkness",
            }
        case SearchArm():
            return {"data": arm.data, "sampler": arm.sampler, "trials": arm.trials}


def _differing_settings(arms: Sequence[Arm]) -> list[str]:
    """Return the settings in which the arms differ, in the order of their definition."""
    settings = [_settings(arm) for arm in arms]
    names = dict.fromkeys(name for arm in settings for name in arm)
    for column in TRIAL_COLUMNS:  # `epochs` is the number of trained epochs in this table
        names.pop(column, None)
    return [name for name in names if len({repr(arm.get(name, "")) for arm in settings}) > 1]


def _trial_row(number: int, outcome: ArmOutcome) -> tuple[Any, ...]:
    """Return the values of `TRIAL_COLUMNS`; only finished runs are stored."""
    row = {
        "number": number,
        "state": TrialState.COMPLETE,
        "value": outcome.value,
        "best_epoch": outcome.best_step,
        "epochs": outcome.steps[-1],
        "stop_reason": outcome.stop_reason,
    }
    return tuple(row[column] for column in TRIAL_COLUMNS)


def _epoch_rows(outcome: ArmOutcome, columns: Sequence[str]) -> Iterable[Sequence[Any]]:
    """Return the values of `columns` for each step; empty where a value was not measured."""
    unmeasured = (None,) * len(outcome.steps)
    # A run without gradient steps has the learning rate 0.0, as in tables of earlier versions.
    curves = {"learning_rate": (0.0,) * len(outcome.steps), **outcome.curves}
    curves["epoch"] = outcome.steps
    return zip(*(curves.get(column, unmeasured) for column in columns), strict=True)


def _timing_row(number: int, outcome: ArmOutcome) -> tuple[Any, ...]:
    """Return the values of `STUDY_TIMING_COLUMNS`."""
    trained = float(sum(seconds or 0.0 for seconds in outcome.curves.get("train_seconds", ())))
    row = {
        "number": number,
        "started": outcome.started,
        "seconds": round(outcome.seconds, 3),
        "worker": outcome.worker,
        "train_seconds": round(trained, 3),
    }
    return tuple(row[column] for column in STUDY_TIMING_COLUMNS)


def _write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    replace_file(path, csv_lines([header, *rows]))

"""The run folder of a study: the tables of a sweep, with an arm where a sweep has a point.

`trials.csv` and `epochs.csv` depend on settings and seeds alone; the clock is in `timings.csv`.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from experiments.chapter3.arms import SEED, Arm
from experiments.chapter3.runs import Runs
from experiments.chapter3.study import Study
from experiments.chapter3.training.engine import ARMS, Plan, read_arm
from experiments.chapter3.verdicts import Verdict
from nncore.config import trial_config
from nncore.errors import InputError
from sweeps.environment import environment
from sweeps.records.atomic_files import read_json, replace_file
from sweeps.records.outcomes import Outcomes
from sweeps.records.run_folder import CURVE_COLUMNS, TIMING_COLUMNS, TRIAL_COLUMNS
from sweeps.trial import TrialOutcome

TEST_COLUMNS = ("test_cost", "test_accuracy")
DESCRIPTION = "study.json"


def write_tables(study: Study, runs: Runs, plan: Plan, folder: Path, *, quick: bool) -> None:
    """Write the tables of a finished study, and `study.json`, from which `read_study` reads it."""
    differing = _differing(study.arms)
    trials: list[tuple[Any, ...]] = []
    epochs: list[tuple[Any, ...]] = []
    timings: list[tuple[Any, ...]] = []
    curve_columns = CURVE_COLUMNS + TEST_COLUMNS * study.scores_test
    for arm in study.arms:
        settings = [_flat(arm).get(name, "") for name in differing]
        for seed, outcome in enumerate(runs[arm.name].outcomes):
            number, records = len(trials), outcome.curves[0]
            row = (number, *(getattr(outcome, column) for column in TRIAL_COLUMNS[1:]))
            trials.append((*row, arm.name, seed, *settings))
            epochs += [
                (number, seed, *(getattr(record, column) for column in curve_columns))
                for record in records
            ]
            timings.append(_timing(number, outcome))
    _write(folder / "epochs.csv", ("trial", "replicate", *curve_columns), epochs)
    _write(folder / "timings.csv", (*TIMING_COLUMNS, "train_seconds"), timings)
    _write(folder / "trials.csv", (*TRIAL_COLUMNS, "arm", "replicate", *differing), trials)
    facts = [environment(dataset, SEED) for _, dataset in sorted(plan.datasets.items())]
    _write_json(folder / "environment.json", facts)
    described = [
        {"arm": asdict(arm), "n_train": runs[arm.name].n_train, "runs": plan.keys(arm)}
        for arm in study.arms
    ]
    about = {"study": study.name, "seeds": plan.seeds, "quick": quick, "arms": described}
    _write_json(folder / DESCRIPTION, about)


def write_verdicts(verdicts: Sequence[Verdict], folder: Path) -> None:
    """Write what became of each claim, as JSON."""
    plain = [
        {key: None if value != value else value for key, value in asdict(verdict).items()}
        for verdict in verdicts
    ]
    _write_json(folder / "verdicts.json", plain)


def read_study(folder: Path) -> tuple[Runs, dict[str, Any]]:
    """Return the runs of the study whose run folder is `folder`, and its `study.json`.

    Raises
    ------
    InputError
        If it is none, or an outcome that it names is missing.
    """
    if not (folder / DESCRIPTION).exists():
        raise InputError(f"`{folder}` must be the run folder of a study, got no {DESCRIPTION}")
    about = read_json(folder / DESCRIPTION)
    try:
        arms = [(_arm(entry["arm"]), entry["runs"], entry["n_train"]) for entry in about["arms"]]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"`{folder / DESCRIPTION}` must be as a run of the study wrote it, got: {error!r}"
        ) from error
    outcomes = Outcomes(folder.parent / ARMS)
    runs = {arm.name: read_arm(arm, keys, outcomes, size) for arm, keys, size in arms}
    for name, found in runs.items():
        if found is None:
            raise InputError(f"`{folder.parent / ARMS}` must hold all runs of arm {name!r}")
    return {name: found for name, found in runs.items() if found is not None}, about


def _arm(plain: dict[str, Any]) -> Arm:
    return Arm(**{**plain, "config": trial_config(plain["config"])})


def _flat(arm: Arm) -> dict[str, Any]:
    settings = {**arm.content(), **arm.content().get("config", {})}
    settings.pop("config", None)
    units = settings.get("hidden_units", ())
    return {**settings, "hidden_units": " ".join(map(str, units))}


def _differing(arms: Sequence[Arm]) -> list[str]:
    """Return the settings in which the arms differ, in the order of their definition."""
    flat = [_flat(arm) for arm in arms]
    names = dict.fromkeys(name for settings in flat for name in settings)
    for column in TRIAL_COLUMNS:  # `epochs` there are those that were trained
        names.pop(column, None)
    return [name for name in names if len({repr(settings.get(name)) for settings in flat}) > 1]


def _timing(number: int, outcome: TrialOutcome) -> tuple[Any, ...]:
    trained = sum(record.train_seconds for record in outcome.curves[0])
    seconds = round(outcome.seconds, 3)
    return number, outcome.started, seconds, outcome.worker, round(trained, 3)


def _write(path: Path, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    replace_file(path, text.getvalue().encode())


def _write_json(path: Path, content: Any) -> None:
    replace_file(path, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())

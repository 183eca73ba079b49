"""The training that `nnsweep train --from RUN` asks for: a trial of a run, as it was or changed.

Options that are typed replace the settings of the trial; everything else is that of the run.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from experiments.cli import exit_codes
from experiments.cli.options import data_source
from sweeps.records.file_names import EPOCHS

if TYPE_CHECKING:
    from nncore.datasets import DataSet, DataSource
    from sweeps.config import SweepConfig
    from sweeps.records.environment_record import EnvironmentRecord
    from sweeps.retraining import Training
    from sweeps.trial import TrialOutcome


@dataclass(frozen=True)
class TrialOfRun:
    """A trial of the run in `folder`, and its training.

    `changed` says in which settings the training differs from the trial, `environment` in which
    facts this machine differs from that of the run.
    """

    folder: Path
    number: int
    training: "Training"
    searched: frozenset[str]
    changed: list[str]
    environment: list[str]

    def notes(self) -> list[str]:
        """Return the lines to print before the training."""
        notes, trial = [], f"trial {self.number} of {self.folder}"
        if (seeds := len(self.training.seeds)) > 1:
            parts = "folds" if isinstance(self.training.data, tuple) else "seeds"
            notes.append(f"note: {trial} has {seeds} {parts}; the lines show the first")
        if self.training.recorded not in (None, self.number):
            notes.append(f"note: {trial} repeats trial {self.training.recorded}")
        if self.changed:
            notes.append(f"note: not {trial} itself: {'; '.join(self.changed)}")
        elif self.environment:
            listed = "; ".join(self.environment)
            notes.append(f"note: the last digits may differ from {trial}: {listed}")
        return notes

    def compare(self, outcome: "TrialOutcome") -> int:
        """Say whether `outcome` is what the run recorded, and return the exit code.

        It is 1 if the epochs differ although nothing that could change them does.
        """
        from sweeps.retraining import same_epochs

        if self.changed:
            return 0
        where = f"trial {self.training.recorded} in {self.folder / EPOCHS}"
        if same_epochs(self.folder, self.training, outcome):
            typer.echo(f"the epochs equal those of {where}, to the last bit", err=True)
            return 0
        typer.echo(f"nnsweep: the epochs differ from those of {where}", err=True)
        return 0 if self.environment else exit_codes.FAILED


def trial_of_run(
    folder: Path, number: int | None, settings: Mapping[str, Any], data: Mapping[str, Any]
) -> TrialOfRun:
    """Return trial `number` of the run in `folder`, or the trial that the run stands for.

    `settings` are hyperparameters, and the `seed`, that replace those of the trial; `data` are
    arguments of `data_source` that replace the data of the run.

    Raises
    ------
    InputError
        If there is no such run or trial, if the trial failed, or if the data have changed.
    """
    from nncore.config import trial_config
    from nncore.datasets import load_dataset
    from nncore.errors import InputError
    from results.analysis.findings import Findings
    from results.frames import read_run
    from sweeps.environment import data_facts
    from sweeps.records.data_file import find_data
    from sweeps.retraining import trial_again
    from sweeps.space.hidden_layers import subject
    from sweeps.sweep import check_metric
    from sweeps.training_data import check_trial, fold_datasets

    run = read_run(folder)
    config, found = run.config, Findings(run)
    if number is None:
        if found.shipped is None:
            raise InputError(f"`{folder}` must have a trial that learned, got none")
        number = int(found.shipped["number"])
    former = find_data(folder, config.data.source)
    dataset = load_dataset(_other_data(former, data) if data else former)
    trained = trial_again(folder, config, dataset.source, number)
    seed = settings.get("seed", config.sweep.seed)
    others = {key: value for key, value in settings.items() if key != "seed"}
    training = replace(
        trained,
        config=trial_config({**asdict(trained.config), **others}),
        seeds=tuple((seed, replicate) for _, replicate in trained.seeds),
    )
    changed = _changes(trained, training)
    record = found.environment
    if record and record.latest.data.sha256 != data_facts(dataset)["sha256"]:
        if not data:
            message = f"`{folder}` must have the data of its trials, but the content of"
            raise InputError(f"{message} {config.data.name} has changed; --data names other data")
        changed.append(f"data = {dataset.name} (was {config.data.name})")
    if changed:
        training = replace(training, ends_after=None, recorded=None)
    parts = fold_datasets(config, dataset)
    check_trial(training.config, parts)
    for part in parts:
        check_metric(config.metric, part)
    searched = frozenset(map(subject, config.space))
    facts = _differences(record, dataset, config) if record else []
    return TrialOfRun(folder, number, training, searched, changed, facts)


def _other_data(former: "DataSource", options: Mapping[str, Any]) -> "DataSource":
    """Return the data of the run with `options`; of a file, settings that are not given stay."""
    from nncore.datasets.data_source import TABLES, file_kind, is_file_name

    name = options.get("data", former.path or former.name)
    kept: dict[str, Any] = {}
    if former.is_file and is_file_name(name):
        kept = {"split": ",".join(map(repr, former.split)), "scale": former.scale}
        kept["image"] = former.image and ",".join(map(str, former.image))
        if former.is_table and file_kind(name) in TABLES:
            kept |= {"label": former.label, "ignore": list(former.ignore), "group": former.group}
            kept["target"] = list(former.target)
            kept["kept"] = _reading_of_table(former, name)
    plain = dict.fromkeys(("label", "target", "ignore", "group", "split", "scale", "image"))
    given = {key: value for key, value in options.items() if key != "data"}
    return data_source(name, **{**plain, **kept, **given})


def _reading_of_table(former: "DataSource", name: str) -> dict[str, Any]:
    """Return the settings of a table that have no option, as far as they fit the file `name`."""
    from nncore.datasets.data_source import ARFF, PLAIN_DIALECT, PLAIN_TABLE, file_kind

    others = {"label", "ignore", "group"}
    if file_kind(name) == ARFF:
        others |= PLAIN_DIALECT.keys()
    settings = {key: getattr(former, key) for key in PLAIN_TABLE if key not in others}
    return {key: value for key, value in settings.items() if value != PLAIN_TABLE[key]}


def _changes(trained: "Training", training: "Training") -> list[str]:
    """Return "key = value (was …)" for each setting of `training` that differs from `trained`."""
    now = asdict(training.config) | {"seed": training.seeds[0][0]}
    was = asdict(trained.config) | {"seed": trained.seeds[0][0]}
    return [f"{key} = {now[key]} (was {was[key]})" for key in now if now[key] != was[key]]


def _differences(
    record: "EnvironmentRecord", dataset: "DataSet", config: "SweepConfig"
) -> list[str]:
    """Return the facts of this machine, except the data, that differ from those of the run."""
    from sweeps.environment import differences, environment

    here = environment(dataset, config.sweep.seed, metric=config.metric)
    then = record.latest.facts
    return differences(then, {**here, "data": then["data"]})

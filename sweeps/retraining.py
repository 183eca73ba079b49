"""Trains one trial of a run again, by itself, to the bits that the run recorded.

It needs the run folder and the data alone: seeds, folds, metric and the number of epochs are those
of the trial. A training can also be written as a sweep file, from which a search can start.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nncore.components.metrics import ACCURACY, Metric
from nncore.config import TrialConfig
from nncore.datasets import DataSource
from nncore.datasets.data_source import PLAIN, file_path
from nncore.errors import InputError
from sweeps.config import SweepConfig, parse_config
from sweeps.records.csv_rows import csv_lines
from sweeps.records.epoch_rows import epoch_rows, lines_of_trial
from sweeps.records.file_names import EPOCHS, ERRORS
from sweeps.records.run_folder import RunFolder
from sweeps.space.hidden_layers import WIDTHS
from sweeps.training_data import TrialData, trial_data
from sweeps.trial import OnEpoch, Seed, TrialOutcome, TrialState, evaluate


@dataclass(frozen=True)
class Training:
    """A training outside a sweep: the arguments of `evaluate`, and the trial that it repeats.

    `ends_after` is the number of epochs after which it ends in any case, and `recorded` the trial
    whose rows in `epochs.csv` it gives again; both are None for a training of its own.
    """

    config: TrialConfig
    data: TrialData
    seeds: tuple[Seed, ...]
    metric: Metric = ACCURACY
    ends_after: int | None = None
    recorded: int | None = None

    def run(self, on_epoch: OnEpoch | None = None) -> TrialOutcome:
        """Return the outcome; `on_epoch` is called with each record of replicate 0."""
        return evaluate(
            self.config, self.data, self.seeds, on_epoch, prune=self._ends, metric=self.metric
        )

    def _ends(self, scores: Sequence[float]) -> bool:
        return len(scores) == self.ends_after


def trial_again(folder: Path, config: SweepConfig, source: DataSource, number: int) -> Training:
    """Return the training of trial `number` of the run in `folder` on its data, `source`.

    It ends after as many epochs as the trial had, because a pruner or a timeout may have ended the
    trial. If the trial repeats an earlier one, which alone was trained, it is that training.

    Raises
    ------
    InputError
        If the run has no such trial, or the trial failed.
    """
    recorded = RunFolder(folder, config).recorded(config.space)
    if not recorded:
        raise InputError(f"`{folder}` must have a finished trial, got none")
    if not 0 <= number < len(recorded):
        rule = f"be the number of a finished trial in {folder}, which are 0 to {len(recorded) - 1}"
        message = f"`trial` must {rule}, got {number}"
        raise InputError(message, argument="trial")
    params, result = recorded[number]
    if result.state == TrialState.FAILED:
        message = f"`trial` must be a trial that did not fail, got {number}"
        raise InputError(f"{message}; its error is in {folder / ERRORS}", argument="trial")
    trained = config.trial_config(params)
    if result.repeated:
        number = next(
            earlier
            for earlier, (point, its_result) in enumerate(recorded)
            if its_result.value is not None and config.trial_config(point) == trained
        )
    return Training(
        trained,
        trial_data(config, source),
        tuple((config.sweep.seed, replicate) for replicate in range(config.sweep.replicates)),
        config.metric,
        ends_after=recorded[number][1].epochs,
        recorded=number,
    )


def same_epochs(folder: Path, training: Training, outcome: TrialOutcome) -> bool:
    """Return whether `outcome` has the rows of its trial in `epochs.csv`, to the last bit."""
    assert training.recorded is not None
    rows = csv_lines(epoch_rows(training.recorded, outcome, training.metric)).splitlines()
    return rows == lines_of_trial(folder / EPOCHS, training.recorded)


def one_trial_sweep(name: str, training: Training, searched: Collection[str]) -> SweepConfig:
    """Return the sweep `name` whose only trial is `training`.

    The hyperparameters `searched`, at least one, are in [space] with one choice each, and all
    others in [training].
    """
    widths = list(training.config.hidden_units)
    settings = {**asdict(training.config), WIDTHS: widths[0] if len(widths) == 1 else widths}
    folds = None if isinstance(training.data, DataSource) else len(training.data)
    source = training.data if isinstance(training.data, DataSource) else training.data[0]
    of_file = {key: value for key in PLAIN if (value := getattr(source, key)) != PLAIN[key]}
    return parse_config(
        {
            "sweep": {
                "name": name,
                "trials": 1,
                "seed": training.seeds[0][0],
                "metric": training.metric.name,
                "replicates": len(training.seeds),
            },
            "data": {"name": _place(source), **of_file, "folds": folds},
            "training": {key: value for key, value in settings.items() if key not in searched},
            "space": {key: {"choices": [settings[key]]} for key in settings if key in searched},
        }
    )


def _place(source: DataSource) -> str:
    """Return the name of a data set as it was typed, or the path of a file that moved since."""
    moved = source.path and file_path(source.name) != Path(source.path)
    return source.path if moved else source.name

"""Opens the test set for the winner of a confirmation, once, and certifies its networks.

The winner's networks become one ensemble, `confirmed.npz`; `confirmation.json` records its scores
and its hash.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from numpy.typing import NDArray

from nncore.components.metrics import Metric
from nncore.datasets import DataSet
from nncore.errors import InputError
from nncore.model import Ensemble, Model, mean_outputs
from nncore.shipped_model import file_sha256
from sweeps.baselines import fit_baselines
from sweeps.config import SweepConfig
from sweeps.confirmation import data_by_seed, kept_networks
from sweeps.records.atomic_files import replace_with
from sweeps.records.confirmation_record import (
    ConfirmationRecord,
    OpenedTestSet,
    TestSetScores,
    Verdict,
)
from sweeps.records.confirmed_networks import KeptNetworks
from sweeps.records.file_names import CONFIRMATION_RECORD, CONFIRMED_MODEL
from sweeps.records.record_format import read_if_there
from sweeps.records.run_folder import open_folder

Outputs = NDArray[Any]
"""The outputs for the test set, `(m, n_classes)`."""


@dataclass(frozen=True, eq=False)
class BaselineOutputs:
    """The outputs of a baseline on validation and on test rows."""

    on_validation: Outputs
    on_test: Outputs


@dataclass(frozen=True, eq=False)
class OutputsOnTestSet:
    """What the networks of a confirmation answer on the test set; `labels` `(m,)` are the truth.

    `networks` holds the outputs of the winner's networks in the order of the seeds, None for one
    without a best epoch. `ensemble` and `runner_up` hold the mean outputs of the winner's and of
    the runner-up's networks, None if there are none. `baselines` holds the outputs of each
    baseline, and `validation_labels` the truth of its validation rows. `overlap` is that of the
    verdict.
    """

    classes: tuple[str, ...]
    labels: NDArray[Any]
    networks: list[Outputs | None]
    ensemble: Outputs | None
    runner_up: Outputs | None
    baselines: dict[str, BaselineOutputs]
    validation_labels: NDArray[Any]
    overlap: float = 0.0


ScoreOutputs = Callable[[OutputsOnTestSet, Metric], TestSetScores]


def check_unopened(path: Path, *, again: bool) -> None:
    """Raise `InputError` if the test set was opened for this run before, unless `again`."""
    record = read_if_there(ConfirmationRecord, path / CONFIRMATION_RECORD)
    if record and not again:
        opened = record.test_set
        raise InputError(
            f"the test set of {path} must be opened only once; it was opened at {opened.opened_at} "
            f"for trial {opened.trial} (`again` overrides this, and each opening is recorded)",
            argument="again",
        )


def open_test_set(
    config: SweepConfig,
    dataset: DataSet,
    path: Path,
    verdict: Verdict,
    score_outputs: ScoreOutputs,
    *,
    again: bool = False,
) -> ConfirmationRecord:
    """Score the winner's networks on the test set, certify their ensemble and return the record.

    This is the only place in a sweep that uses the test set. The scores are shown to nobody before
    they are in `confirmation.json`, so a kill on the way opens nothing. `confirmed.npz` is written
    just before it, and counts only with the record that names its hash: after a kill at any
    instant, the next call completes the work, and no network passes for certified that is not.

    Parameters
    ----------
    config, dataset
        The sweep and its data set.
    path
        The run folder of the sweep, in which `train_again` has trained the candidates.
    verdict
        The verdict over the rows of `train_again`.
    score_outputs
        Computes the scores from the outputs, as `results.analysis.certified_scores` does.
    again
        Whether to open the test set even if it was opened before.

    Returns
    -------
    ConfirmationRecord
        The verdict with `test_set`, the scores of the winner's networks, and `history`, every
        opening of the test set.

    Raises
    ------
    InputError
        If the test set was opened before, unless `again`, or the folder is in use.
    """
    with open_folder(path, config):
        check_unopened(path, again=again)
        return _open_test_set(config, dataset, path, verdict, score_outputs)


def restore_confirmed(config: SweepConfig, path: Path) -> bool:
    """Make `confirmed.npz` again if it is lost or damaged, and return whether that was done.

    It is made from the networks in the folder `confirmation` and counts only if it has the recorded
    hash, so the test set stays closed.

    Raises `InputError` if a file of the confirmation is damaged, or the folder is in use.
    """
    record = read_if_there(ConfirmationRecord, path / CONFIRMATION_RECORD)
    file = path / CONFIRMED_MODEL
    certified = record.test_set.sha256 if record else None
    if record is None or certified is None or (file.is_file() and file_sha256(file) == certified):
        return False
    with open_folder(path, config):
        if _write_confirmed(file, _kept_models(path, record)) == certified:
            return True
        file.unlink(missing_ok=True)
        return False


def can_restore(path: Path, record: ConfirmationRecord) -> bool:
    """Return whether the networks of the `record` in `path` give `confirmed.npz` as certified."""
    with TemporaryDirectory() as folder:
        try:
            made = _write_confirmed(Path(folder, CONFIRMED_MODEL), _kept_models(path, record))
        except InputError:  # a network is damaged
            return False
    return made == record.test_set.sha256


def _kept_models(path: Path, record: ConfirmationRecord) -> list[Model | None]:
    kept = kept_networks(path, splits=record.splits)
    return [kept.network(record.winner, seed) for seed in record.seeds]


def _open_test_set(
    config: SweepConfig,
    dataset: DataSet,
    path: Path,
    verdict: Verdict,
    score_outputs: ScoreOutputs,
) -> ConfirmationRecord:
    kept = kept_networks(path, splits=verdict.splits)
    every = data_by_seed(dataset, max(verdict.seeds) + 1, splits=verdict.splits)
    datasets = [every[seed] for seed in verdict.seeds]
    models = _models(kept, verdict.winner, verdict.seeds)
    before = read_if_there(ConfirmationRecord, path / CONFIRMATION_RECORD)
    winner = next(one for one in verdict.candidates if one.trial == verdict.winner)
    baselines = _baseline_outputs(
        datasets[0], config.trial_config(winner.params).class_weight
    )  # of the first data set only: with many examples a fit takes a minute
    outputs = _outputs(datasets, models, _runner_up(kept, verdict), baselines, verdict.overlap)
    scores = score_outputs(outputs, verdict.judged_by)
    opened = OpenedTestSet(
        **dict(scores),
        trial=verdict.winner,
        opened_at=datetime.now(UTC).isoformat(timespec="seconds"),
        sha256=_write_confirmed(path / CONFIRMED_MODEL, models),
    )
    history = [*(before.history if before else ()), opened]
    record = ConfirmationRecord(**dict(verdict), test_set=opened, history=history)
    record.write(path / CONFIRMATION_RECORD)
    kept.drop_networks_but(verdict.winner)
    return record


def _models(kept: KeptNetworks, trial: int, seeds: Sequence[int]) -> list[Model | None]:
    """Return the networks of a trial by seed, None for one that never had a best epoch."""
    for seed in seeds:
        row = kept.row(trial, seed)
        if row is None or kept.lacks_network(row):
            rule = f"trial {trial} must be confirmed on seed {seed} first"
            raise InputError(f"{rule}, got no network")
    return [kept.network(trial, seed) for seed in seeds]


def _runner_up(kept: KeptNetworks, verdict: Verdict) -> list[Model | None]:
    """Return the runner-up's networks by seed; none if an earlier opening has deleted them."""
    if verdict.runner_up is None:
        return []
    rows = [kept.row(verdict.runner_up, seed) for seed in verdict.seeds]
    if any(row is None or kept.lacks_network(row) for row in rows):
        return []
    return _models(kept, verdict.runner_up, verdict.seeds)


def _outputs(
    datasets: Sequence[DataSet],
    winner: Sequence[Model | None],
    runner_up: Sequence[Model | None],
    baselines: dict[str, BaselineOutputs],
    overlap: float,
) -> OutputsOnTestSet:
    """Return the outputs of networks by seed; `datasets` has the data set of each seed."""

    def answers(models: Sequence[Model | None]) -> list[Outputs | None]:
        pairs = zip(models, datasets, strict=False)  # the runner-up may have no networks
        return [m.outputs(data.test.x, data.scaling) if m else None for m, data in pairs]

    def together(outputs: Sequence[Outputs | None]) -> Outputs | None:
        known = [one for one in outputs if one is not None]
        return mean_outputs(known) if known else None

    networks = answers(winner)
    return OutputsOnTestSet(
        classes=datasets[0].classes,
        labels=datasets[0].test.labels,
        networks=networks,
        ensemble=together(networks),
        runner_up=together(answers(runner_up)),
        baselines=baselines,
        validation_labels=datasets[0].validation.labels,
        overlap=overlap,
    )


def _baseline_outputs(dataset: DataSet, class_weight: str) -> dict[str, BaselineOutputs]:
    return {
        name: BaselineOutputs(predict(dataset.validation.x), predict(dataset.test.x))
        for name, predict in fit_baselines(dataset, class_weight).items()
    }


def _write_confirmed(path: Path, models: Sequence[Model | None]) -> str | None:
    """Write the ensemble and return its hash; without one, delete that of an earlier opening."""
    learned = tuple(model for model in models if model)
    if not learned:
        path.unlink(missing_ok=True)
        return None
    replace_with(path, Ensemble(learned).save)
    return file_sha256(path)

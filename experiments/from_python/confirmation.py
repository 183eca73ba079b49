"""Confirms a run: the best trials on fresh seeds, the verdict, and the test set, opened once.

`sweeps` trains and certifies, `results` judges and scores; here the two meet.
"""

from collections.abc import Sequence
from pathlib import Path

from nncore.arguments import as_path
from nncore.datasets import DataSet, load_dataset
from nncore.errors import require
from results.analysis.certified_scores import score_outputs
from results.analysis.confirmation import best_candidates, judge
from results.frames import Run, read_run
from sweeps.certification import check_unopened, open_test_set
from sweeps.confirmation import Candidate, OnConfirmation, train_again
from sweeps.errors import OutageError
from sweeps.records.confirmation_record import ConfirmationRecord
from sweeps.records.confirmed_networks import Confirmed
from sweeps.records.data_file import find_data
from sweeps.records.file_names import CONFIRMED_NETWORKS, SPLIT_NETWORKS
from sweeps.workers.local import IN_THIS_PROCESS
from sweeps.workers.tasks import Workers


def confirm(
    folder: str | Path,
    *,
    top: int = 3,
    seeds: int = 10,
    splits: bool = False,
    dataset: DataSet | None = None,
    workers: Workers = IN_THIS_PROCESS,
    again: bool = False,
    anyway: bool = False,
    on_progress: OnConfirmation = lambda progress: None,
) -> ConfirmationRecord:
    """Train the best trials of a run on fresh seeds, and test the winner once.

    The best value of a search is too good on average. The fresh seeds give an unbiased mean for
    each trial; the trial with the best mean on validation data is scored on the test set.

    Parameters
    ----------
    folder
        The run folder.
    top
        The number of best trials to train again, >= 1.
    seeds
        The number of fresh seeds for each of them, >= 2.
    splits
        Whether each seed also trains on a fresh split of the training and validation rows.
    dataset
        The data set; by default the one that the run names.
    workers
        Where the trainings run, as for `run_sweep`.
    again
        Whether to open the test set even if it was opened before; each opening is recorded.
    anyway
        Whether to continue in a different environment.
    on_progress
        Called at the start and after each training.

    Returns
    -------
    ConfirmationRecord
        The content of `confirmation.json`: the candidates with their means and intervals, the
        `winner`, its lead, the `selection_bias`, and the `test_set` scores.

    Raises
    ------
    InputError
        If `folder` is no run folder, no trial has learned, or the test set was opened before.
    OutageError
        If a training failed; finished networks are kept, and the next call trains the others.

    Examples
    --------
    >>> import nnsweep
    >>> record = nnsweep.confirm("runs/first", top=2, seeds=2)
    >>> record.winner in [candidate.trial for candidate in record.candidates]
    True
    >>> len(record.test_set.values)
    2
    """
    path = as_path(folder, "folder")
    whole = isinstance(top, int) and not isinstance(top, bool)
    require(whole and top >= 1, "top", "be a whole number >= 1", top)
    run = read_run(path)
    candidates = best_candidates(run, top)
    check_unopened(path, again=again)
    if dataset is None:
        dataset = load_dataset(find_data(path, run.config.data.source))
    rows = train_again(
        run.config,
        dataset,
        path,
        candidates,
        seeds,
        splits=splits,
        workers=workers,
        anyway=anyway,
        on_progress=on_progress,
    )
    total = len(candidates) * seeds
    if len(rows) < total:
        errors = path / (SPLIT_NETWORKS if splits else CONFIRMED_NETWORKS)
        raise OutageError(
            f"{len(rows)} of {total} networks trained; the test set was not opened; for the errors "
            f"see {errors}/*.txt"
        )
    return certify(run, dataset, candidates, rows, splits=splits, again=again)


def certify(
    run: Run,
    dataset: DataSet,
    candidates: Sequence[Candidate],
    rows: Sequence[Confirmed],
    *,
    splits: bool,
    again: bool,
) -> ConfirmationRecord:
    """Return the record of a confirmation, made of the complete `rows` of `train_again`.

    Raises `InputError` if the test set was opened before, unless `again`.
    """
    config = run.config
    verdict = judge(
        candidates,
        rows,
        config.sweep.seed,
        len(run.trials),
        config.metric,
        overlap=len(dataset.validation) / len(dataset.train) if splits else 0.0,
        grouped=config.data.group is not None,
    )
    return open_test_set(config, dataset, run.folder, verdict, score_outputs, again=again)

"""Trains the best trials again, on fresh seeds; `sweeps.certification` then tests the winner.

The best value of a search is subject to selection bias. Each network here is trained by itself and
saved as soon as it is finished, so a kill loses only the networks that are being trained. The
results do not depend on the workers.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from nncore.components.metrics import Metric
from nncore.datasets import DataSet
from nncore.errors import InputError, shown
from sweeps.config import SweepConfig
from sweeps.environment import environment
from sweeps.records.confirmed_networks import Confirmed, KeptNetworks, write_confirmed
from sweeps.records.file_names import CONFIRMATION_TABLE, CONFIRMED_NETWORKS, SPLIT_NETWORKS
from sweeps.records.run_folder import check_folder, open_folder
from sweeps.space.dimensions import Params
from sweeps.training_data import check_trial, fresh_splits
from sweeps.trial import Seed, TrialState
from sweeps.workers.local import IN_THIS_PROCESS
from sweeps.workers.tasks import Runner, StopRequested, TrialTask, Workers, with_expected_seconds

FRESH = 2**32
"""The first fresh seed. A sweep has fewer replicates, so it has used none of them."""


@dataclass(frozen=True)
class Candidate:
    """A trial to confirm, with its values in the search, as fractions.

    `search_value` is its value there. `in_search_estimate` is the mean over the replicates of each
    replicate's own best value: the value that the search predicts for a single seed. With one
    replicate they are the same.
    """

    trial: int
    params: Params
    search_value: float
    in_search_estimate: float


@dataclass(frozen=True)
class ConfirmationProgress:
    """The number of networks trained, of all, and the latest of them, None at the start."""

    done: int
    total: int
    latest: Confirmed | None


Pair = tuple[int, int]
"""A trial and the number of a fresh seed."""

OnConfirmation = Callable[[ConfirmationProgress], None]


def fresh_seed(config: SweepConfig, number: int) -> Seed:
    """Return fresh seed `number`, counted from 0; no replicate of the sweep uses any of them."""
    return config.sweep.seed, FRESH + number


def train_again(
    config: SweepConfig,
    dataset: DataSet,
    path: Path,
    candidates: Sequence[Candidate],
    seeds: int,
    *,
    splits: bool = False,
    workers: Workers = IN_THIS_PROCESS,
    anyway: bool = False,
    on_progress: OnConfirmation = lambda progress: None,
    stop_requested: StopRequested = lambda: False,
) -> list[Confirmed]:
    """Train each candidate on fresh seeds and return a row for each pair, in their order.

    Once all pairs are trained, the rows are written to `confirmation.csv`, and `open_test_set` can
    score the winner's networks.

    Parameters
    ----------
    config, dataset
        The sweep and its data set.
    path
        The run folder of the sweep.
    candidates
        The trials to train.
    seeds
        The number of fresh seeds for each of them, at least 2: one has no confidence interval.
    splits
        Whether seed i trains on fresh split i of the training and validation rows, the same for all
        candidates. Otherwise all seeds train on the ordinary split, even if the sweep has folds.
    workers
        Where the trainings run, as in `run_sweep`.
    anyway
        Whether to continue in a different environment.
    on_progress
        Called at the start and after each training.
    stop_requested
        Once it returns true, no training is started and the running ones are finished.

    Returns
    -------
    list of Confirmed
        Fewer rows than pairs if a stop was requested or a training failed. The next call trains the
        missing pairs.

    Raises
    ------
    InputError
        If there are fewer than 2 seeds, the run folder is in use, was made in a different
        environment or from other data (unless `anyway`), or the workers are not available.
    OutageError
        If the data or the cluster is gone. Finished networks are kept.
    """
    if isinstance(seeds, bool) or not isinstance(seeds, int) or seeds < 2:
        raise InputError(
            f"`seeds` must be a whole number >= 2, got {shown(seeds)}", argument="seeds"
        )
    here = environment(dataset, config.sweep.seed, metric=config.metric)
    with open_folder(path, config):
        check_folder(path, config, here, anyway=anyway)
        parts = data_by_seed(dataset, seeds, splits=splits)
        for candidate in candidates:
            check_trial(config.trial_config(candidate.params), parts)
        work = _Work(config, parts, kept_networks(path, splits=splits), candidates, seeds)
        with workers.start(parts, here, stop_requested) as run:
            work.train(run, [pair for pair in work.pairs if not work.kept.row(*pair)], on_progress)
            rows = work.rows()
            if len(rows) == len(work.pairs):
                write_confirmed(path / CONFIRMATION_TABLE, rows)
                best = winner(rows, config.metric)
                work.train(run, work.without_network(best), on_progress)
                lacking = work.without_network(best)
                rows = [row for row in rows if (row.trial, row.seed) not in lacking]
    return rows


def kept_networks(path: Path, *, splits: bool) -> KeptNetworks:
    """Return the networks of a run's confirmation; those on fresh splits are kept apart."""
    return KeptNetworks(path / (SPLIT_NETWORKS if splits else CONFIRMED_NETWORKS))


def data_by_seed(dataset: DataSet, seeds: int, *, splits: bool) -> list[DataSet]:
    """Return the data set that each fresh seed trains on."""
    return fresh_splits(dataset, seeds) if splits else [dataset] * seeds


def ranking(rows: Sequence[Confirmed], metric: Metric) -> list[int]:
    """Return the trials by mean value over the seeds, best first; ties keep their order.

    A mean is infinite if a seed diverged and the worst value is infinite; fewer such seeds are
    better, and then the mean of the others.
    """
    scores: dict[int, list[float]] = {}
    for row in rows:
        scores.setdefault(row.trial, []).append(metric.score(row.value))
    finite = {trial: [s for s in of if math.isfinite(s)] for trial, of in scores.items()}

    def order(trial: int) -> tuple[int, float]:
        known = finite[trial]
        return len(scores[trial]) - len(known), -fmean(known) if known else 0.0

    return sorted(scores, key=order)


def winner(rows: Sequence[Confirmed], metric: Metric) -> int:
    """Return the trial with the best mean value; validation data alone decide."""
    return ranking(rows, metric)[0]


class _Work:
    """The trainings of one confirmation, finished and missing.

    `datasets` has the data set of each fresh seed.
    """

    def __init__(
        self,
        config: SweepConfig,
        datasets: Sequence[DataSet],
        kept: KeptNetworks,
        candidates: Sequence[Candidate],
        seeds: int,
    ) -> None:
        self._config = config
        self._datasets = datasets
        self._params = {candidate.trial: candidate.params for candidate in candidates}
        self.kept = kept
        self.pairs = [(c.trial, seed) for c in candidates for seed in range(seeds)]

    def rows(self) -> list[Confirmed]:
        """Return the rows of the finished pairs, in the order of the pairs."""
        return [row for pair in self.pairs if (row := self.kept.row(*pair))]

    def without_network(self, trial: int) -> list[Pair]:
        """Return the pairs of a trial whose networks an earlier confirmation has deleted."""
        own = [row for row in self.rows() if row.trial == trial]
        return [(trial, row.seed) for row in own if self.kept.lacks_network(row)]

    def train(self, run: Runner, pairs: Sequence[Pair], on_progress: OnConfirmation) -> None:
        """Train `pairs`, and keep each network when it is finished."""
        done, total = len(self.pairs) - len(pairs), len(self.pairs)
        if pairs:
            on_progress(ConfirmationProgress(done, total, None))
        for place, outcome in run(self._tasks(pairs)):
            trial, seed = pairs[place]
            if outcome.state == TrialState.FAILED:
                self.kept.keep_error(trial, seed, outcome.error)
                continue
            self.kept.keep(trial, seed, outcome)
            done += 1
            on_progress(ConfirmationProgress(done, total, self.kept.row(trial, seed)))

    def _tasks(self, pairs: Sequence[Pair]) -> Iterator[TrialTask]:
        tasks = (
            TrialTask(
                place,
                self._config.trial_config(self._params[trial]),
                self._datasets[seed].source,
                (fresh_seed(self._config, seed),),
                metric=self._config.sweep.metric,
            )
            for place, (trial, seed) in enumerate(pairs)
        )
        return with_expected_seconds(tasks, self._datasets[0])

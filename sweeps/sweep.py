"""The loop: propose a generation, run it, tell its results in trial order, until all are done.

Every step can be cut off at any instant; the next call on the same folder goes on from there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nncore.config import WARPS
from nncore.datasets import DataSet
from nncore.errors import require
from nncore.training import check_images
from sweeps.config import SweepConfig
from sweeps.effort import expected_seconds
from sweeps.environment import environment
from sweeps.parallel import Runner, Task, runner
from sweeps.proposals import Proposer
from sweeps.run_folder import RunFolder, check_folder, open_folder
from sweeps.space import Params
from sweeps.storage import Storage
from sweeps.trial import TrialOutcome


def check_data(config: SweepConfig, dataset: DataSet) -> None:
    """Raise `InputError` if some trial of the sweep could not train on `dataset`."""
    size = len(dataset.train)
    first = config.trial_config({name: d.ends[0] for name, d in config.space.items()})
    searched = config.space.get("mini_batch_size")
    largest = max(searched.ends) if searched else first.mini_batch_size
    rule = f"be <= {size}, the size of the training set of {dataset.name}"
    require(largest <= size, "mini_batch_size", rule, largest)
    warps = {name: max(d.ends) for name, d in config.space.items() if name in WARPS}
    strongest = {name: d.ends[0] for name, d in config.space.items()} | warps
    check_images(config.trial_config(strongest), dataset.image_shape)


@dataclass(frozen=True)
class TrialDone:
    """A trial that has just finished."""

    number: int
    outcome: TrialOutcome


@dataclass(frozen=True)
class SweepProgress:
    """How far a sweep is: trials done of all, how many of them failed, the best, and the latest.

    `best_value` is a fraction; both bests are None before the first complete trial. `latest` is
    None at the start of a run.
    """

    done: int
    trials: int
    failed: int
    best_number: int | None
    best_value: float | None
    latest: TrialDone | None


OnProgress = Callable[[SweepProgress], None]


def run_sweep(
    config: SweepConfig,
    dataset: DataSet,
    path: Path,
    *,
    jobs: int = 1,
    anyway: bool = False,
    on_progress: OnProgress = lambda progress: None,
    stop_requested: Callable[[], bool] = lambda: False,
) -> SweepProgress:
    """Run the sweep in the run folder `path` until it has `config.sweep.trials`, or go on with it.

    `jobs` worker processes change the time, never the bytes of `trials.csv` and `epochs.csv`.
    `on_progress` is called at the start and after each trial; once `stop_requested()` is true no
    trial is started and those that run are finished. `anyway` resumes in another environment.

    Returns
    -------
    SweepProgress
        Where the sweep stands now.

    Raises
    ------
    InputError
        Before anything is written: if the config does not fit the data or the folder.
    WorkerDiedError
        If a worker process dies; the next run goes on from there.
    """
    check_data(config, dataset)
    found = environment(dataset, config.sweep.seed)
    check_folder(path, config, found, anyway=anyway)
    with open_folder(path, config) as folder:
        if not folder.begun:
            folder.begin(config, found)
        storage = Storage(folder.journal, config.sweep.name, config.space)
        entered = len(storage.trials())
        rule = f"be >= {entered}, the trials that {path} has begun"
        require(config.sweep.trials >= entered, "sweep.trials", rule, config.sweep.trials)
        folder.begin(config, found)
        with runner(jobs, stop_requested) as run:
            return _Loop(config, dataset, folder, storage, on_progress).run(run)


def _check_journal(folder: RunFolder, told: int) -> None:
    # A result is told before it is recorded: fewer told than recorded means a journal that is lost.
    rule = f"hold the {folder.recorded()} trials of trials.csv; put it back, or take another folder"
    require(folder.recorded() <= told, str(folder.journal), rule, told)


class _Loop:
    """The state of a running sweep: what was proposed, told, written down, and what waits."""

    def __init__(
        self,
        config: SweepConfig,
        dataset: DataSet,
        folder: RunFolder,
        storage: Storage,
        on_progress: OnProgress,
    ) -> None:
        self._config = config
        self._dataset = dataset
        self._folder = folder
        self._storage = storage
        self._on_progress = on_progress
        self._proposer = Proposer(config.space, config.sweep.seed)
        self._params: list[Params] = [trial.params for trial in storage.trials()]
        self._values = [trial.value for trial in storage.trials() if trial.told]
        _check_journal(folder, len(self._values))
        self._rows = folder.trim(len(self._values))
        self._waiting = folder.kept()
        for number in [n for n in self._waiting if n < self._rows]:  # killed before it was dropped
            del self._waiting[number]
            folder.drop(number)

    def run(self, run: Runner) -> SweepProgress:
        """Run generation after generation; return early, between trials, if `run` does."""
        self._on_progress(self._progress(None))
        total, size = self._config.sweep.trials, self._config.sweep.generation
        for first in range(0, total, size):
            numbers = range(first, min(first + size, total))
            if numbers.stop <= self._rows and len(numbers) == size:
                for number in numbers:
                    self._proposer.add(self._params[number], self._values[number])
                continue
            self._propose(numbers)
            self._settle()
            for number, outcome in run(self._tasks(numbers)):
                self._folder.keep(number, outcome, with_model=self._is_best(outcome.value))
                self._waiting[number] = outcome
                self._settle()
                self._on_progress(self._progress(TrialDone(number, outcome)))
            if self._rows < numbers.stop:
                break
            self._proposer.report(self._values[first : numbers.stop])
        return self._progress(None)

    def _propose(self, numbers: range) -> None:
        """Propose and enter the trials of a generation; those that are stored already stand."""
        for number in numbers:
            if number < len(self._params):
                self._proposer.enter(self._params[number])
            else:
                self._params.append(self._proposer.propose())
                self._storage.enter(self._params[number])

    def _tasks(self, numbers: range) -> list[Task]:
        """Return what is still to be run of a generation, longest expected first."""
        sweep, n_in = self._config.sweep, self._dataset.train.x.shape[1]
        n_out, size = len(self._dataset.classes), len(self._dataset.train)
        seeds = tuple((sweep.seed, replicate) for replicate in range(sweep.replicates))
        tasks = [
            Task(n, self._config.trial_config(self._params[n]), self._dataset.source, seeds)
            for n in numbers
            if n >= self._rows and n not in self._waiting
        ]
        return sorted(tasks, key=lambda t: -expected_seconds(t.config, n_in, n_out, size))

    def _settle(self) -> None:
        """Tell and record the waiting outcomes whose turn has come.

        The order of writes matters: the best weights, the storage, the tables, and only then is the
        kept outcome dropped, so that a kill between any two is repaired by doing the rest again.
        """
        while (number := self._rows) in self._waiting:
            outcome = self._waiting.pop(number)
            if number == len(self._values):
                if self._is_best(outcome.value):
                    self._folder.promote(number)
                self._storage.tell(number, outcome.value)
                self._values.append(outcome.value)
            self._folder.add(number, self._params[number], outcome)
            self._rows += 1
            self._folder.drop(number)

    def _is_best(self, value: float | None) -> bool:
        """Return whether `value` beats every trial told so far; of equals the first is best."""
        told = [v for v in self._values if v is not None]
        return value is not None and (not told or value > max(told))

    def _progress(self, latest: TrialDone | None) -> SweepProgress:
        values = dict(enumerate(self._values))
        values |= {number: outcome.value for number, outcome in self._waiting.items()}
        known = {number: value for number, value in values.items() if value is not None}
        best = min(known, key=lambda number: (-known[number], number), default=None)
        return SweepProgress(
            done=len(values),
            trials=self._config.sweep.trials,
            failed=len(values) - len(known),
            best_number=best,
            best_value=None if best is None else known[best],
            latest=latest,
        )

"""The loop: propose a generation, run it, tell its results in trial order, until all are done.

Every step can be cut off at any instant; the next run on the same folder goes on from there.
"""

from collections.abc import Callable, Iterator

from nncore.datasets import DataSet
from sweeps.config import SweepConfig
from sweeps.progress import OnProgress, SweepEnd, SweepProgress, Tally, TrialDone
from sweeps.pruners.history import History
from sweeps.pruners.rules import Table
from sweeps.records.optuna_study import Storage
from sweeps.records.run_folder import RunFolder
from sweeps.samplers.proposer import Proposer
from sweeps.space.dimensions import Params
from sweeps.trial import TrialOutcome
from sweeps.workers.cost_model import expected_seconds
from sweeps.workers.tasks import Runner, Task


class Loop:
    """The state of a running sweep: what was proposed, told, written down, and what waits.

    Trials below `_rows` are in the tables, the best of them with the value `_best`; the first
    `len(_results)` are told, more of them where tables were lost; `_waiting` holds outcomes whose
    turn has not come. `_curves` are those of trials that the pruner is yet to hear of.
    """

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
        self._proposer = Proposer(config)
        self._history = History(config)
        self._params: list[Params] = [trial.params for trial in storage.trials()]
        self._results = [trial.result for trial in storage.trials() if trial.result]
        self._rows = folder.trim(len(self._results))
        self._tally = Tally(config.sweep.trials, config.sweep.generation, config.sweep.epoch_budget)
        self._best: float | None = None
        for number, result in enumerate(self._results[: self._rows]):
            self._tally.add(number, result)
            self._count_for_best(result.value)
        self._curves = dict(enumerate(folder.mean_curves()))
        self._waiting: dict[int, TrialOutcome] = {}
        for number, outcome in folder.kept().items():
            if number < self._rows:  # killed before it was dropped
                folder.drop(number)
            else:
                self._wait(number, outcome)

    def run(self, run: Runner, stop_requested: Callable[[], bool]) -> SweepProgress:
        """Run generation after generation; return early, between trials, if `run` does.

        Nor is another generation proposed, whose trials would count as begun, after a stop.
        """
        self._on_progress(self._tally.progress())
        budget, spent = self._config.sweep.epoch_budget, 0
        for numbers in self._generations():
            if budget is not None and spent >= budget:
                return self._tally.progress(end=SweepEnd.EPOCH_BUDGET)
            if len(self._params) < numbers.stop and stop_requested():
                return self._tally.progress(end=SweepEnd.STOPPED)
            self._propose(numbers)
            pruning = self._history.table()
            self._settle()
            for number, outcome in run(self._tasks(numbers, pruning)):
                self._folder.keep(number, outcome, with_model=self._is_best(outcome.value))
                self._wait(number, outcome)
                self._settle()
                self._on_progress(self._tally.progress(TrialDone(number, outcome)))
            if self._rows < numbers.stop:
                return self._tally.progress(end=SweepEnd.STOPPED)
            self._close(numbers)
            spent += sum(self._results[number].epochs for number in numbers)
        return self._tally.progress(end=SweepEnd.TRIALS)

    def _generations(self) -> Iterator[range]:
        total, size = self._config.sweep.trials, self._config.sweep.generation
        for first in range(0, total, size):
            yield range(first, min(first + size, total))

    def _propose(self, numbers: range) -> None:
        """Propose and enter the trials of a generation; those that are stored already stand."""
        for number in numbers:
            if number < len(self._params):
                self._proposer.enter(self._params[number])
            else:
                self._params.append(self._proposer.propose())
                self._storage.enter(self._params[number])

    def _tasks(self, numbers: range, pruning: Table | None) -> list[Task]:
        """Return what is still to be run of a generation, longest expected first."""
        sweep, n_in = self._config.sweep, self._dataset.train.x.shape[1]
        n_out, size = len(self._dataset.classes), len(self._dataset.train)
        seeds = tuple((sweep.seed, replicate) for replicate in range(sweep.replicates))
        tasks = [
            Task(
                n,
                self._config.trial_config(self._params[n]),
                self._dataset.source,
                seeds,
                pruning,
                sweep.trial_timeout,
            )
            for n in numbers
            if n >= self._rows and n not in self._waiting
        ]
        return sorted(tasks, key=lambda t: -expected_seconds(t.config, n_in, n_out, size))

    def _wait(self, number: int, outcome: TrialOutcome) -> None:
        """Take in a finished trial, whose turn to be told and recorded may not have come."""
        self._waiting[number] = outcome
        self._curves[number] = outcome.mean_curve
        self._tally.add(number, outcome.result)

    def _settle(self) -> None:
        """Tell and record the waiting outcomes whose turn has come.

        The order of writes matters: the best weights, the storage, the tables, and only then is the
        kept outcome dropped, so that a kill between any two is repaired by doing the rest again.
        """
        # One that waits may not have been proposed again yet, where the storage was lost.
        while (number := self._rows) in self._waiting and number < len(self._params):
            outcome = self._waiting.pop(number)
            if self._is_best(outcome.value):
                self._folder.promote(number)
            if number == len(self._results):
                self._storage.tell(number, outcome.result)
                self._results.append(outcome.result)
            self._folder.add(number, self._params[number], outcome)
            self._rows += 1
            self._count_for_best(outcome.value)
            self._folder.drop(number)

    def _count_for_best(self, value: float | None) -> None:
        if self._is_best(value):
            self._best = value

    def _is_best(self, value: float | None) -> bool:
        """Return whether `value` beats all trials in the tables; of equals the first is best."""
        return value is not None and (self._best is None or value > self._best)

    def _close(self, numbers: range) -> None:
        """Let the sampler and the pruner hear of a generation that is over."""
        self._proposer.report([self._results[number] for number in numbers])
        for number in numbers:
            self._history.add(number, self._results[number], self._curves.pop(number))

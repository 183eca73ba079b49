"""The loop of a sweep: propose a generation, run it, and record its trials in their order.

A kill may interrupt any step; the next run on the same folder continues from there.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from nncore.config import TrialConfig
from nncore.datasets import DataSet
from sweeps.config import SweepConfig
from sweeps.generations import generations
from sweeps.progress import OnProgress, RungProgress, SweepEnd, SweepProgress, Tally, TrialDone
from sweeps.pruners.competition import Competition
from sweeps.pruners.rules import Curve, PrunerSnapshot, Rung
from sweeps.records.file_names import BEST_MODEL
from sweeps.records.run_folder import RunFolder
from sweeps.scores import in_scores, new_proposer, new_pruner_history
from sweeps.space.dimensions import Params
from sweeps.study.optuna_study import OptunaStudy
from sweeps.training_data import trial_data
from sweeps.trial import Result, TrialOutcome, TrialState
from sweeps.under_way import Reports
from sweeps.workers.tasks import (
    FinishedTrial,
    Runner,
    StopRequested,
    TrialTask,
    repeat_of,
    with_expected_seconds,
)

LOG = logging.getLogger(__name__)


class Loop:
    """The state of a running sweep.

    `_params` and `_configs` hold the parameters and configs of all proposed trials, `_results` the
    results in the study; the proposer has the first `_proposed` trials. The first `_recorded_count`
    trials are in the tables, and `_best` is their best value; `_first` has, for each of their
    configs, the first trial with a value. The study can be ahead of the tables if tables were lost.
    `_unsaved` is the best trial if its weights were lost or damaged: it is trained again.
    `_waiting` holds the outcomes of finished trials that wait for a trial of lower number,
    `_curves` the mean curves of trials that are not yet in the pruner's history. `_told` are the
    results of finished generations as the sampler heard them.
    """

    def __init__(
        self,
        config: SweepConfig,
        dataset: DataSet,
        folder: RunFolder,
        study: OptunaStudy,
        reports: Reports,
        on_progress: OnProgress,
    ) -> None:
        self._config = config
        self._dataset = dataset
        self._folder = folder
        self._study = study
        self._reports = reports
        self._on_progress = on_progress
        self._metric = config.metric
        self._proposer = new_proposer(config)
        self._history = new_pruner_history(config)
        self._params: list[Params] = [trial.params for trial in study.trials()]
        self._configs = [config.trial_config(params) for params in self._params]
        self._proposed = 0
        self._results = [trial.result for trial in study.trials() if trial.result]
        self._recorded_count = folder.trim(len(self._results))
        section = config.sweep
        sizes = config.generation_sizes
        self._tally = Tally(section.trials, sizes, section.epoch_budget, config.metric)
        self._best: float | None = None
        self._first: dict[TrialConfig, int] = {}
        best_number = None
        for number, result in enumerate(self._results[: self._recorded_count]):
            self._tally.add(number, result)
            best_number = number if self._is_best(result.value) else best_number
            self._update_known(number, result)
        # The worst value has no weights: the trial diverged in its first epoch.
        learned = self._best not in (None, self._metric.worst)
        self._unsaved = best_number if learned and not folder.has_best() else None
        if self._unsaved is not None:
            LOG.warning(
                "%s is missing or damaged: trial %d is trained again", BEST_MODEL, self._unsaved
            )
        self._curves = dict(enumerate(folder.mean_curves()))
        self._waiting: dict[int, TrialOutcome] = {}
        self._told: list[Result] = []
        self._competition = Competition(config.brackets, config.metric)
        for number, outcome in folder.kept().items():
            if number < self._recorded_count:  # a kill came before it was dropped
                folder.drop(number)
            elif not self._lacks_network(number, outcome):
                self._competition.take(number, outcome)
        self._finish()

    def run(self, run_tasks: Runner, stop_requested: StopRequested) -> SweepProgress:
        """Run generation after generation; return earlier if a stop is requested.

        After a stop no generation is proposed, because its trials would count as begun.
        """
        before = self._progress()
        self._reports.begin(before.done, before.epochs)
        self._on_progress(before)
        budget, spent = self._config.sweep.epoch_budget, 0
        for numbers in generations(self._config.generation_sizes, self._config.sweep.trials):
            if budget is not None and spent >= budget:
                return self._progress(end=SweepEnd.EPOCH_BUDGET)
            if len(self._params) < numbers.stop and stop_requested():
                return self._progress(end=SweepEnd.STOPPED)
            self._run_generation(numbers, run_tasks)
            if self._recorded_count < numbers.stop:
                return self._progress(end=SweepEnd.STOPPED)
            self._end_generation(numbers)
            spent += sum(self._results[number].epochs for number in numbers)
        return self._progress(end=SweepEnd.TRIALS)

    def _propose(self, until: int) -> None:
        """Propose the trials below `until` and store them, except those in the study already."""
        for number in range(self._proposed, until):
            if number < len(self._params):
                self._proposer.add(self._params[number])
            else:
                self._params.append(self._proposer.ask())
                self._configs.append(self._config.trial_config(self._params[number]))
                self._study.add(self._params[number])
            self._proposed += 1

    def _run_generation(self, numbers: range, run_tasks: Runner) -> None:
        """Propose and run the trials of a generation, fewer of them if a stop is requested.

        A trial is proposed when the workers take it. All are before the first starts if they
        compete, or if the workers take all at once. Of equal trials only the first is run. If it
        fails, the next of them is run after it.
        """
        snapshot = self._history.snapshot()
        if self._config.brackets:
            self._propose(numbers.stop)
            self._competition.begin(numbers, self._competing(numbers))
        self._report([*self._finish(), *self._record_in_order()])
        while True:
            due = list(self._competition.due.values())
            tasks = self._tasks(numbers, snapshot)
            first = next(tasks, None)
            self._report(self._record_in_order())  # trials that were proposed and repeat others
            if first is None:
                return
            begun, finished, trained = [first.number], 0, 0
            for number, outcome in run_tasks(chain([first], _noted(tasks, begun))):
                finished += 1
                if number < self._recorded_count:
                    self._save_again(number, outcome)
                    continue
                trained += 1
                ended = self._competition.take(number, outcome)
                params, best = self._params[number], self._is_best(ended.value)
                self._folder.keep(number, params, ended, with_model=best)
                self._reports.drop(number)
                done = self._finish()
                self._report([*done, *self._record_in_order()])
                if not done:
                    reached = RungProgress(next(iter(due), None), trained, len(due))
                    self._on_progress(self._progress(rung=reached))
            if finished < len(begun) or self._proposed < numbers.stop:
                return

    def _report(self, finished: Sequence[FinishedTrial]) -> None:
        for number, outcome in finished:
            done = TrialDone(number, outcome, self._params[number])
            self._on_progress(self._progress(done))

    def _progress(
        self,
        latest: TrialDone | None = None,
        end: SweepEnd | None = None,
        rung: RungProgress | None = None,
    ) -> SweepProgress:
        undecided = self._competition.undecided
        counted = self._tally.progress(latest, end, rung)
        return replace(counted, waiting=len(self._waiting), undecided=undecided)

    def _competing(self, numbers: range) -> dict[int, tuple[Result, Curve] | None]:
        """Return the trials of a generation that compete, with what is recorded of them.

        A trial that equals an earlier one does not; if that one fails, it is trained to its end
        after the others.
        """
        competing: dict[int, tuple[Result, Curve] | None] = {}
        seen = set[TrialConfig]()
        for number in numbers:
            config = self._configs[number]
            if config not in seen and self._first.get(config, number) >= numbers.start:
                recorded = number < self._recorded_count
                known = (self._results[number], self._curves[number]) if recorded else None
                competing[number] = known
            seen.add(config)
        return competing

    def _tasks(self, numbers: range, snapshot: PrunerSnapshot | None) -> Iterator[TrialTask]:
        """Return the tasks of the trials of a generation to run next."""
        sweep = self._config.sweep
        seeds = tuple((sweep.seed, replicate) for replicate in range(sweep.replicates))
        data, timeout = trial_data(self._config, self._dataset.source), sweep.trial_timeout
        tasks = (
            TrialTask(
                number=n,
                config=self._configs[n],
                data=data,
                seeds=seeds,
                pruning=pruning,
                timeout=timeout,
                metric=sweep.metric,
                report=self._reports.path(n),
            )
            for n, pruning in self._to_train(numbers, snapshot)
        )
        return with_expected_seconds(tasks, self._dataset)

    def _to_train(
        self, numbers: range, snapshot: PrunerSnapshot | None
    ) -> Iterator[tuple[int, PrunerSnapshot | None]]:
        """Propose the trials of a generation, and yield those to train, each with what prunes it.

        They are not finished, and equal to no earlier one. Those that compete come first.
        """
        if self._unsaved is not None and self._unsaved in numbers:
            result = self._results[self._unsaved]
            pruned = result.state == TrialState.PRUNED
            yield self._unsaved, _until(result.epochs) if pruned else snapshot
        due = dict(self._competition.due)  # a trial that reaches its rung is due no longer
        for number, rung in due.items():
            yield number, _until(rung) if rung else snapshot
        if due:
            return
        earlier = set[TrialConfig]()
        first = max(numbers.start, self._recorded_count)
        self._propose(min(first, numbers.stop))
        for number in range(first, numbers.stop):
            self._propose(number + 1)
            if self._configs[number] in self._first or self._configs[number] in earlier:
                continue
            outcome = self._waiting.get(number)
            if outcome is None:
                yield number, snapshot
            if outcome is None or outcome.value is not None:
                earlier.add(self._configs[number])

    def _lacks_network(self, number: int, outcome: TrialOutcome) -> bool:
        """Return whether a kept outcome, which would be the best, lost its weights."""
        learned = self._is_best(outcome.value) and outcome.best_epoch > 0
        return learned and not self._folder.has_kept_network(number)

    def _save_again(self, number: int, outcome: TrialOutcome) -> None:
        """Save the weights of the best trial, trained again, unless there is a better one now."""
        self._reports.drop(number)
        if number != self._unsaved:
            return
        if outcome.model and outcome.result == self._results[number]:
            self._folder.save_best(outcome.model)
        else:  # a timeout, or a different environment
            LOG.warning("trial %d gave another result: %s is not made again", number, BEST_MODEL)
        self._unsaved = None

    def _finish(self) -> list[FinishedTrial]:
        """Return the trials that are finished now; with a competition, once it is decided."""
        finished = self._competition.finished()
        for number, outcome in finished:
            self._add_finished(number, outcome)
        return finished

    def _add_finished(self, number: int, outcome: TrialOutcome) -> None:
        """Add a finished trial; it may have to wait until the trials before it are recorded."""
        self._waiting[number] = outcome
        self._curves[number] = outcome.mean_curve
        self._tally.add(number, outcome.result)

    def _record_in_order(self) -> list[FinishedTrial]:
        """Record outcomes up to the first unfinished trial, and return the repeated trials.

        The order of the writes matters: first the best weights, then the study, then the tables;
        only then is the kept outcome dropped. A kill between two writes is repaired by repeating
        the rest. A repeat is decided here, from the recorded trials alone, so it depends neither on
        the workers nor on kills.
        """
        repeated: list[FinishedTrial] = []
        # A waiting trial may not have been proposed again yet, if the study was lost.
        while (number := self._recorded_count) < len(self._params):
            original = self._first.get(self._configs[number])
            if number not in self._waiting and original is not None:
                self._add_finished(number, repeat_of(self._results[original]))
                repeated.append((number, self._waiting[number]))
            if number not in self._waiting:
                break
            outcome = self._waiting.pop(number)
            if self._is_best(outcome.value):
                self._folder.promote(number)
                self._unsaved = None
            if number == len(self._results):
                self._study.tell(number, outcome.result, outcome.course)
                self._results.append(outcome.result)
            self._folder.add(number, self._params[number], outcome)
            self._recorded_count += 1
            self._update_known(number, outcome.result)
            self._folder.drop(number)
        return repeated

    def _update_known(self, number: int, result: Result) -> None:
        """Update the best value and the first trials by config with the recorded trial `number`."""
        if self._is_best(result.value):
            self._best = result.value
        if result.value is not None:
            self._first.setdefault(self._configs[number], number)

    def _is_best(self, value: float | None) -> bool:
        """Return whether `value` beats all values in the tables; of ties the first is best."""
        if value is None or self._best is None:
            return value is not None
        return self._metric.score(value) > self._metric.score(self._best)

    def _end_generation(self, numbers: range) -> None:
        """Tell the sampler and the pruner's history the results of a finished generation.

        The sampler learns from a repeated trial as if it had trained. For the pruner, equal trials
        count once.
        """
        self._told += map(self._result_to_tell, numbers)
        self._proposer.tell(self._told[numbers.start :])
        for number in numbers:
            curve = [self._metric.score(value) for value in self._curves.pop(number)]
            self._history.add(number, in_scores(self._results[number], self._metric), curve)

    def _result_to_tell(self, number: int) -> Result:
        """Return the result of a recorded trial, or of the one that it repeated, in scores."""
        result = self._results[number]
        if result.repeated:
            return self._told[self._first[self._configs[number]]]
        return in_scores(self._competition.result_to_tell(number, result), self._metric)


def _until(rung: int) -> PrunerSnapshot:
    """Return what prunes a trial at a rung, and not before."""
    return PrunerSnapshot(0, Rung(rung))


def _noted(tasks: Iterable[TrialTask], begun: list[int]) -> Iterator[TrialTask]:
    """Yield the tasks, and append the number of each to `begun` when it is taken."""
    for task in tasks:
        begun.append(task.number)
        yield task

"""A sweep whose trials compete: those of the plain algorithm, and the same bytes in every way."""

import csv
import itertools
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from nncore.datasets import DataSet
from nncore.model_file import load_model
from nncore.scoring import score
from results import read_run
from sweeps.config import SweepConfig, parse_config
from sweeps.environment import Environment
from sweeps.progress import SweepProgress
from sweeps.records.outcomes import Outcomes
from sweeps.retraining import same_epochs, trial_again
from sweeps.scores import new_proposer
from sweeps.sweep import run_sweep
from sweeps.trial import TrialOutcome, TrialState, evaluate
from sweeps.workers.local import LocalWorkers
from sweeps.workers.tasks import FinishedTrial, Runner, StopRequested, TrialTask, run_task

SIZE, RUNGS, EPOCHS = 9, (1, 3), 9


def config(**sections: Any) -> SweepConfig:
    """Return a quick sweep with trials that diverge, stop early, and differ by epoch 1."""
    sweep = {"name": "promoted", "trials": 18, "seed": 2, "pruner": "promotion", "generation": SIZE}
    return parse_config(
        {
            "sweep": {**sweep, **sections.get("sweep", {})},
            "pruner": sections.get("pruner", {}),
            "data": {"name": "digits", **sections.get("data", {})},
            "training": {
                "epochs": EPOCHS,
                "early_stopping": 3,
                "monitor_training": False,
                **sections.get("training", {}),
            },
            "space": sections.get(
                "space",
                {
                    "learning_rate": {"low": 0.05, "high": 4.0, "log": True},
                    "lmbda": {"choices": [0.1, 1.0, 200000.0]},
                    "mini_batch_size": {"choices": [20, 50, 500]},
                    "hidden_units": {"low": 10, "high": 40, "step": 10},
                },
            ),
        }
    )


def rows(folder: Path, name: str = "trials.csv") -> list[dict[str, str]]:
    return list(csv.DictReader((folder / name).read_text().splitlines()))


def tables(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in ("trials.csv", "epochs.csv", "best.npz")]


@pytest.fixture(scope="module")
def whole(digits: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sweep in one go on one worker, checked to have what these tests need."""
    folder = tmp_path_factory.mktemp("promoted") / "whole"
    run_sweep(config(), digits, folder)
    trials = rows(folder)
    assert {"diverged", "pruned", "max_epochs"} <= {row["stop_reason"] for row in trials}
    assert {"1", "3"} == {row["epochs"] for row in trials if row["state"] == "pruned"}
    return folder


def halved(outcomes: Sequence[TrialOutcome]) -> list[tuple[str, int, float]]:
    """Return state, epochs and value of each trial of a bracket: a loop over whole trainings."""
    curves = [outcome.mean_curve for outcome in outcomes]
    epochs, inside = [outcome.epochs for outcome in outcomes], list(range(len(outcomes)))
    pruned = set[int]()
    for rung in RUNGS:
        inside.sort(key=lambda k: (-max(curves[k][:rung], default=-1.0), k))
        for k in inside[len(inside) // 3 :]:
            if epochs[k] > rung:
                epochs[k] = rung
                pruned.add(k)
        inside = inside[: len(inside) // 3]
    return [
        (
            "pruned" if k in pruned else "complete",
            epochs[k],
            max(curves[k][: epochs[k]], default=0.0),
        )
        for k in range(len(outcomes))
    ]


def test_the_trials_are_those_of_successive_halving_over_whole_trainings(
    whole: Path, digits: DataSet
) -> None:
    """The oracle trains every proposed trial to its end and lets a plain loop cut them."""
    asked, expected = config(), list[tuple[str, int, float]]()
    trials = rows(whole)
    for first in (0, SIZE):
        points = [
            {name: float(row[name]) if "." in row[name] else int(row[name]) for name in asked.space}
            for row in trials[first : first + SIZE]
        ]
        outcomes = [evaluate(asked.trial_config(p), digits, [(2, 0)]) for p in points]
        expected += halved(outcomes)
    assert [(r["state"], int(r["epochs"]), float(r["value"])) for r in trials] == expected


def test_same_bytes_for_four_jobs(whole: Path, digits: DataSet, tmp_path: Path) -> None:
    run_sweep(config(), digits, tmp_path / "run", workers=LocalWorkers(4))
    assert tables(tmp_path / "run") == tables(whole)


def run_in_parts(asked: SweepConfig, dataset: DataSet, folder: Path, trainings: int) -> int:
    """Run the sweep, stopped after each few trainings; return the number of stops."""
    for stops in itertools.count():
        started = itertools.count()
        result = run_sweep(
            asked, dataset, folder, stop_requested=lambda n=started: next(n) > trainings
        )
        if result.end == "trials":
            return stops
        assert stops < 100
    raise AssertionError


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"sweep": {"sampler": "random", "metric": "log_loss"}, "data": {"folds": 2}},
        {"sweep": {"sampler": "cmaes"}},
        {
            "sweep": {"sampler": "coordinate", "trials": 9 + 5 + 3},
            "pruner": {"hyperband": True},
        },
        {
            "sweep": {"sampler": "grid"},
            "space": {
                "learning_rate": {"choices": [0.05, 0.2, 1.0]},
                "lmbda": {"choices": [0.1, 200000.0]},
                "hidden_units": {"choices": [10, 20, 40]},
            },
        },
    ],
    ids=["tpe", "random, log loss, folds", "cmaes", "coordinate, hyperband", "grid"],
)
def test_same_bytes_after_stops_within_brackets(
    sections: dict[str, Any], digits: DataSet, tmp_path: Path
) -> None:
    asked = config(**{"training": {"output": "softmax", "cost": "log-likelihood"}, **sections})
    run_sweep(asked, digits, tmp_path / "whole")
    assert {"pruned", "complete"} <= {row["state"] for row in rows(tmp_path / "whole")}
    assert run_in_parts(asked, digits, tmp_path / "run", 4) >= 4
    assert tables(tmp_path / "run") == tables(tmp_path / "whole")


def test_raising_trials_gives_the_bytes_of_a_longer_run(
    whole: Path, digits: DataSet, tmp_path: Path
) -> None:
    for trials in (9, 18):
        run_sweep(config(sweep={"trials": trials}), digits, tmp_path / "run")
    assert tables(tmp_path / "run") == tables(whole)


@pytest.mark.parametrize("name", ["epochs.csv", "timings.csv"])
@pytest.mark.parametrize("part", [0.3, 0.8])
def test_a_table_that_was_cut_within_a_bracket_changes_nothing(
    name: str, part: float, whole: Path, digits: DataSet, tmp_path: Path
) -> None:
    table = shutil.copytree(whole, tmp_path / "run") / name
    lines = table.read_bytes().splitlines(keepends=True)
    table.write_bytes(b"".join(lines[: int(part * len(lines))]))
    run_sweep(config(), digits, tmp_path / "run")
    assert tables(tmp_path / "run") == tables(whole)


def test_a_kept_outcome_of_a_rung_is_not_trained_again(
    whole: Path, digits: DataSet, tmp_path: Path
) -> None:
    """Stopped after the first rung: the nine outcomes are kept, and three trials train on."""
    workers = Rungs()
    started = itertools.count()
    run_sweep(
        config(),
        digits,
        tmp_path / "run",
        workers=workers,
        stop_requested=lambda: next(started) > 1,
    )
    assert workers.ran == [(number, 1) for number in range(SIZE)]
    assert rows(tmp_path / "run") == []
    kept = Outcomes(tmp_path / "run" / "pending")
    assert {kept.outcome(name).epochs for name in kept} == {1}  # type: ignore[union-attr]
    again = Rungs()
    run_sweep(config(), digits, tmp_path / "run", workers=again)
    assert [rung for _, rung in again.ran][:4] == [3, 3, 3, None]
    assert tables(tmp_path / "run") == tables(whole)
    assert list((tmp_path / "run" / "pending").iterdir()) == []


class Rungs:
    """Workers in this process that note each training with its rung, in the order of the numbers.

    Those in `failing` have no seed and fail. Stops are asked for once for each round of trainings.
    """

    def __init__(self, failing: Sequence[tuple[int, int | None]] = ()) -> None:
        self.failing = failing
        self.ran: list[tuple[int, int | None]] = []

    def start(
        self, datasets: Sequence[DataSet], environment: Environment, stop_requested: StopRequested
    ) -> AbstractContextManager[Runner]:
        self._stop_requested = stop_requested
        return nullcontext(self._run)

    def _run(self, tasks: Sequence[TrialTask]) -> Iterator[FinishedTrial]:
        if self._stop_requested():
            return
        for task in sorted(tasks, key=lambda task: task.number):
            rung = task.pruning.rule.epoch if task.pruning else None  # type: ignore[union-attr]
            self.ran.append((task.number, rung))
            fails = self.ran[-1] in self.failing
            yield run_task(TrialTask(task.number, task.config, task.data, ()) if fails else task)

    def parallel_trials(self) -> int:
        return 1


def test_another_trial_takes_the_place_of_one_that_fails(
    whole: Path, digits: DataSet, tmp_path: Path
) -> None:
    plain = Rungs()
    run_sweep(config(sweep={"trials": 9}), digits, tmp_path / "plain", workers=plain)
    going_on = [number for number, rung in plain.ran if rung == 3]
    winner = plain.ran[-1][0]
    firsts = [float(row["value"]) for row in rows(tmp_path / "plain") if row["epochs"] == "1"]
    staying = [int(row["number"]) for row in rows(tmp_path / "plain") if row["epochs"] == "1"]
    reserve = staying[firsts.index(max(firsts))]
    failing = Rungs([(winner, 3)])
    result = run_sweep(config(sweep={"trials": 9}), digits, tmp_path / "run", workers=failing)
    rounds = [number for number, rung in failing.ran if rung == 3]
    assert rounds == [*going_on, reserve]
    assert (result.failed, result.done) == (1, 9)
    trials = rows(tmp_path / "run")
    assert trials[winner]["state"] == "failed"
    assert (trials[reserve]["state"], trials[reserve]["epochs"]) == ("pruned", "3")
    assert failing.ran[-1][0] in set(going_on) - {winner}


def test_equal_trials_compete_once_and_one_that_equals_a_failed_trial_trains_after_the_others(
    digits: DataSet, tmp_path: Path
) -> None:
    """Nine proposals over four points; the repeats take the result that their first has at last."""
    asked = config(
        sweep={"sampler": "random", "trials": 9},
        space={"hidden_units": {"choices": [10, 20]}, "learning_rate": {"choices": [0.05, 1.0]}},
    )
    plain = Rungs()
    run_sweep(asked, digits, tmp_path / "plain", workers=plain)
    trials = rows(tmp_path / "plain")
    points = [(row["hidden_units"], row["learning_rate"]) for row in trials]
    firsts = sorted(points.index(point) for point in set(points))
    assert plain.ran[: len(firsts)] == [(number, 1) for number in firsts]
    for row, point in zip(trials, points, strict=True):
        first = trials[points.index(point)]
        assert (row["value"], row["state"]) == (first["value"], first["state"])
        assert (row is first) == (row["stop_reason"] != "repeated")
    repeated = next(number for number in firsts if points.count(points[number]) > 1)
    second = points.index(points[repeated], repeated + 1)
    failing = Rungs([(repeated, 1)])
    run_sweep(asked, digits, tmp_path / "run", workers=failing)
    assert failing.ran[-1] == (second, None)
    trials = rows(tmp_path / "run")
    assert trials[repeated]["state"] == "failed"
    assert (trials[second]["state"], trials[second]["epochs"]) != ("failed", "0")
    assert run_in_parts(asked, digits, tmp_path / "parts", 2) > 0
    assert tables(tmp_path / "parts") == tables(tmp_path / "plain")


def test_lost_weights_of_the_best_trial_are_made_again_even_if_it_was_pruned(
    digits: DataSet, tmp_path: Path
) -> None:
    """With hyperband, a bracket may end with a trial that is worse than one pruned before."""
    asked = config(
        pruner={"min_resource": 3},
        training={"early_stopping": 0, "learning_rate": 1.0},
        space={"schedule": {"choices": ["constant"]}, "hidden_units": {"low": 10, "high": 60}},
    )
    run_sweep(asked, digits, tmp_path / "run")
    best = (tmp_path / "run" / "best.npz").read_bytes()
    (tmp_path / "run" / "best.npz").unlink()
    workers = Rungs()
    run_sweep(asked, digits, tmp_path / "run", workers=workers)
    assert len(workers.ran) == 1
    assert (tmp_path / "run" / "best.npz").read_bytes() == best


def test_each_training_of_a_trial_has_a_row_of_times(whole: Path) -> None:
    """Also of a trial that another run had begun; the report adds them up."""
    trials, timings = rows(whole), rows(whole, "timings.csv")
    numbers = [int(row["number"]) for row in timings]
    assert numbers == sorted(numbers)
    going_on = {"1": 1, "3": 2}
    for row in trials:
        expected = going_on[row["epochs"]] if row["state"] == "pruned" else None
        assert expected in (None, numbers.count(int(row["number"])))
    full = next(row for row in trials if row["stop_reason"] == "max_epochs")
    assert numbers.count(int(full["number"])) == 3


def test_the_best_network_is_that_of_the_best_value(whole: Path, digits: DataSet) -> None:
    best = max(float(row["value"]) for row in rows(whole))
    assert score(load_model(whole / "best.npz").network, digits.validation).accuracy == best


def test_a_promoted_and_a_pruned_trial_can_be_trained_again(whole: Path, digits: DataSet) -> None:
    asked = config()
    for reason in ("pruned", "max_epochs"):
        number = next(int(r["number"]) for r in rows(whole) if r["stop_reason"] == reason)
        training = trial_again(whole, asked, digits.source, number)
        assert same_epochs(whole, training, training.run())


def test_the_sampler_hears_the_rung_of_each_trial(
    whole: Path, digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resume tells it the same, from the tables alone."""
    told: list[list[Any]] = []
    real = new_proposer

    def noting(asked: SweepConfig) -> Any:
        proposer = real(asked)
        tell = proposer.tell
        proposer.tell = lambda results: (told.append(list(results)), tell(results))  # type: ignore[method-assign]
        return proposer

    monkeypatch.setattr("sweeps.loop.new_proposer", noting)
    shutil.copytree(whole, tmp_path / "run")
    run_sweep(config(), digits, tmp_path / "run")
    run_sweep(config(), digits, tmp_path / "new")
    assert told[:2] == told[2:]
    for result, row in zip(itertools.chain(*told[:2]), rows(whole), strict=True):
        assert result.value == float(row["value"])
        if row["state"] == "pruned":
            assert (result.state, result.epochs) == (TrialState.PRUNED, int(row["epochs"]))
        if row["stop_reason"] == "diverged":
            assert (result.state, result.epochs) == (TrialState.PRUNED, 1)
    assert sum(result.state == TrialState.COMPLETE for result in told[0]) == 1


def test_the_progress_says_how_many_trials_have_reached_a_rung(
    digits: DataSet, tmp_path: Path
) -> None:
    heard: list[SweepProgress] = []
    run_sweep(config(sweep={"trials": 9}), digits, tmp_path / "run", on_progress=heard.append)
    rungs = [(p.rung.epoch, p.rung.reached, p.rung.trials) for p in heard if p.rung]
    assert rungs[:SIZE] == [(1, k, 9) for k in range(1, 10)]
    assert rungs[SIZE:] == [(3, k, 3) for k in range(1, 4)]
    assert all(p.latest is None and p.done == 0 for p in heard if p.rung)
    done = [p.latest.number for p in heard if p.latest]
    assert done == list(range(9))
    assert heard[-1].done == 9


def test_a_budget_of_epochs_ends_with_a_bracket(digits: DataSet, tmp_path: Path) -> None:
    asked = config(sweep={"trials": 17, "epoch_budget": 30}, pruner={"hyperband": True})
    assert asked.generation_sizes == (9, 5, 3)
    result = run_sweep(asked, digits, tmp_path / "run")
    assert (result.end, result.done) == ("epoch_budget", 14)
    assert read_run(tmp_path / "run").budget_spent

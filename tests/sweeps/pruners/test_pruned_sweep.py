"""A sweep with pruning keeps the promises of one without: same bytes, however it is run."""

import csv
import itertools
import shutil
from pathlib import Path
from typing import Any

import pytest

from nncore.datasets import DataSet, load_dataset
from nncore.model_file import load_model
from nncore.scoring import score
from sweeps import sweep as sweep_module
from sweeps import trial as trial_module
from sweeps.config import SweepConfig, parse_config
from sweeps.progress import SweepProgress
from sweeps.records.run_folder import open_folder
from sweeps.scores import new_pruner_history
from sweeps.sweep import run_sweep
from sweeps.trial import evaluate
from sweeps.workers.local import LocalWorkers
from sweeps.workers.tasks import TrialTask, attempt, run_task

TABLES = ("trials.csv", "epochs.csv")
Finished = list[int]


def config(**sections: dict[str, Any]) -> SweepConfig:
    """Return a sweep on 5,000 digits: large mini-batches for speed, and a λ that overflows."""
    sweep = {"name": "pruned", "trials": 26, "seed": 2, "generation": 4, "replicates": 2}
    return parse_config(
        {
            "sweep": {**sweep, "pruner": "median", **sections.get("sweep", {})},
            "pruner": sections.get("pruner", {}),
            "data": {"name": "mnist-5k"},
            "training": {
                "epochs": 4,
                "hidden_units": [12],
                "monitor_training": False,
                **sections.get("training", {}),
            },
            "space": {
                "learning_rate": {"low": 0.05, "high": 4.0, "log": True},
                "lmbda": {"choices": [0.1, 1.0, 900000.0]},
                "mini_batch_size": {"choices": [50, 100, 500]},
            },
        }
    )


@pytest.fixture(scope="module")
def mnist_5k() -> DataSet:
    return load_dataset("mnist-5k")


def tables(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in TABLES]


def rows(folder: Path, name: str = "trials.csv") -> list[dict[str, str]]:
    return list(csv.DictReader((folder / name).read_text().splitlines()))


@pytest.fixture(scope="module")
def whole(mnist_5k: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sweep run in one go on one worker, and checked to have what these tests need."""
    folder = tmp_path_factory.mktemp("pruned") / "whole"
    run_sweep(config(), mnist_5k, folder)
    ends = [row["stop_reason"] for row in rows(folder)]
    assert ends.count("pruned") >= 5
    assert ends.count("diverged") >= 1
    assert ends.count("max_epochs") >= 5
    return folder


@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_same_bytes_for_one_two_and_four_jobs(
    jobs: int, whole: Path, mnist_5k: DataSet, tmp_path: Path
) -> None:
    finished: Finished = []

    def note(progress: SweepProgress) -> None:
        if progress.latest:
            finished.append(progress.latest.number)

    run_sweep(config(), mnist_5k, tmp_path / "run", workers=LocalWorkers(jobs), on_progress=note)
    assert finished != sorted(finished), "the test needs trials that finish out of order"
    assert tables(tmp_path / "run") == tables(whole)


@pytest.mark.parametrize(
    ("sweep", "pruner", "epochs"),
    [
        ({"pruner": "halving"}, {}, 4),
        ({"pruner": "hyperband"}, {}, 4),
        ({"pruner": "threshold"}, {"lower": 0.7}, 4),
        ({"pruner": "halving", "patience": 1}, {"min_resource": 2}, 10),
        ({"pruner": "none", "patience": 1}, {}, 10),
    ],
)
def test_same_bytes_for_every_pruner_after_stops_between_trials(
    sweep: dict[str, Any],
    pruner: dict[str, Any],
    epochs: int,
    mnist_5k: DataSet,
    tmp_path: Path,
) -> None:
    """Stopped after every few trials, from which the pruner has to be rebuilt each time."""
    section = {**sweep, "trials": 16, "replicates": 1}
    asked = config(sweep=section, pruner=pruner, training={"epochs": epochs})
    run_sweep(asked, mnist_5k, tmp_path / "whole")
    assert "pruned" in {row["state"] for row in rows(tmp_path / "whole")}
    for _ in range(20):
        started = itertools.count()
        result = run_sweep(
            asked,
            mnist_5k,
            tmp_path / "run",
            stop_requested=lambda started=started: next(started) >= 3,
        )
        if result.end == "trials":
            break
    assert result.end == "trials"
    assert tables(tmp_path / "run") == tables(tmp_path / "whole")


def test_raising_trials_gives_the_bytes_of_a_longer_run(
    whole: Path, mnist_5k: DataSet, tmp_path: Path
) -> None:
    for trials in (5, 14, 26):
        run_sweep(config(sweep={"trials": trials}), mnist_5k, tmp_path / "run")
    assert tables(tmp_path / "run") == tables(whole)


@pytest.fixture(scope="module")
def half(mnist_5k: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 14 trials of the sweep, in a folder to be copied."""
    folder = tmp_path_factory.mktemp("pruned") / "half"
    run_sweep(config(sweep={"trials": 14}), mnist_5k, folder)
    return folder


@pytest.mark.parametrize("name", ["epochs.csv", "timings.csv"])
@pytest.mark.parametrize("part", [0.0, 0.6])
def test_a_table_that_was_lost_or_cut_short_changes_no_trial_that_comes_after(
    name: str, part: float, whole: Path, half: Path, mnist_5k: DataSet, tmp_path: Path
) -> None:
    table = shutil.copytree(half, tmp_path / "run") / name
    lines = table.read_bytes().splitlines(keepends=True)
    table.write_bytes(b"".join(lines[: int(part * len(lines))]))
    if not part:
        table.unlink()
    run_sweep(config(), mnist_5k, tmp_path / "run")
    assert tables(tmp_path / "run") == tables(whole)
    timings = [row["number"] for row in rows(tmp_path / "run", "timings.csv")]
    assert timings == [str(number) for number in range(26)]


def test_a_trial_is_pruned_by_earlier_generations_alone(whole: Path, mnist_5k: DataSet) -> None:
    """Run again by itself with the table of what came before its generation, it ends the same."""
    asked = config()
    with open_folder(whole, asked) as folder:
        recorded, curves = folder.recorded(asked.space), folder.mean_curves()
    seeds = tuple((asked.sweep.seed, replicate) for replicate in range(2))
    pruned = [n for n, (_, result) in enumerate(recorded) if result.state == "pruned"]
    for number in pruned[:: len(pruned) // 3]:
        history, first = new_pruner_history(asked), number - number % asked.sweep.generation
        for other in range(first):
            if other % asked.sweep.generation == 0:
                history.snapshot()
            history.add(other, recorded[other][1], curves[other])
        params, result = recorded[number]
        task = TrialTask(number, asked.trial_config(params), "mnist-5k", seeds, history.snapshot())
        assert run_task(task)[1].result == result


def test_a_pruned_trial_is_worth_its_best_epoch_so_far(whole: Path) -> None:
    epochs = rows(whole, "epochs.csv")
    pruned = [row for row in rows(whole) if row["state"] == "pruned"]
    for row in pruned:
        curve = [e for e in epochs if e["trial"] == row["number"]]
        assert len(curve) == 2 * int(row["epochs"])
        means = [
            sum(float(e["validation_accuracy"]) for e in curve if int(e["epoch"]) == epoch) / 2
            for epoch in range(1, int(row["epochs"]) + 1)
        ]
        assert float(row["value"]) == max(means)
        assert int(row["best_epoch"]) == 1 + means.index(max(means))
    assert any(int(row["epochs"]) < 4 for row in pruned)


def test_the_best_network_may_be_that_of_a_pruned_trial(mnist_5k: DataSet, tmp_path: Path) -> None:
    """A threshold from above prunes the best of all; what it reached is kept."""
    asked = config(
        sweep={"pruner": "threshold", "trials": 8, "replicates": 1}, pruner={"upper": 0.5}
    )
    result = run_sweep(asked, mnist_5k, tmp_path / "run")
    table = rows(tmp_path / "run")
    assert result.best_number is not None
    assert table[result.best_number]["state"] == "pruned"
    assert result.best_value == max(float(row["value"]) for row in table)
    network = load_model(tmp_path / "run" / "best.npz").network
    assert score(network, mnist_5k.validation).accuracy == result.best_value


def test_an_epoch_budget_ends_a_sweep_between_generations(
    whole: Path, mnist_5k: DataSet, tmp_path: Path
) -> None:
    spent = list(itertools.accumulate(int(row["epochs"]) for row in rows(whole)))
    budget = spent[7] + 1  # reached within the third generation of four trials
    asked = config(sweep={"epoch_budget": budget})
    for _ in range(2):  # the same call again starts nothing
        result = run_sweep(asked, mnist_5k, tmp_path / "run")
        assert (result.done, result.end, result.epochs) == (12, "epoch_budget", spent[11])
    assert tables(tmp_path / "run")[0] == b"".join(tables(whole)[0].splitlines(True)[:13])
    exactly = config(sweep={"epoch_budget": spent[15]})
    assert run_sweep(exactly, mnist_5k, tmp_path / "run").done == 16
    assert run_sweep(config(), mnist_5k, tmp_path / "run").end == "trials"
    assert tables(tmp_path / "run") == tables(whole)


def test_after_a_timeout_no_trial_is_started_and_the_tables_begin_as_those_of_a_whole_run(
    whole: Path, mnist_5k: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = itertools.count()
    monkeypatch.setattr(sweep_module, "monotonic", lambda: float(next(ticks)))
    result = run_sweep(config(), mnist_5k, tmp_path / "run", timeout=9.5)
    assert (result.done, result.end) == (7, "timeout")  # asked before each generation as well
    for name in TABLES:
        written = (tmp_path / "run" / name).read_bytes()
        assert (whole / name).read_bytes().startswith(written)
    monkeypatch.undo()
    assert run_sweep(config(), mnist_5k, tmp_path / "run", timeout=1e9).end == "trials"
    assert tables(tmp_path / "run") == tables(whole)


def test_a_stop_that_comes_before_the_timeout_is_a_stop(mnist_5k: DataSet, tmp_path: Path) -> None:
    result = run_sweep(
        config(), mnist_5k, tmp_path / "run", timeout=1e9, stop_requested=lambda: True
    )
    assert (result.done, result.end) == (0, "stopped")


def test_a_trial_that_takes_too_long_ends_at_the_end_of_an_epoch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = config(training={"epochs": 6}).trial_config(
        {"learning_rate": 1.0, "lmbda": 0.1, "mini_batch_size": 100}
    )
    seconds = itertools.count(step=10.0)
    monkeypatch.setattr(trial_module, "perf_counter", lambda: next(seconds))
    late = evaluate(asked, "mnist-5k", [(3, 0), (3, 1)], timeout=25.0)
    monkeypatch.undo()
    free = evaluate(asked, "mnist-5k", [(3, 0), (3, 1)])
    assert (late.state, late.stop_reason, late.epochs) == ("complete", "timeout", 3)
    assert late.mean_curve == free.mean_curve[:3]
    assert late.value == max(free.mean_curve[:3])


def test_a_trial_timeout_is_part_of_the_sweep(
    mnist_5k: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = config(sweep={"trial_timeout": 0.5, "trials": 4, "pruner": "none"})
    seen = []

    def note(*arguments, timeout, **keywords):  # type: ignore[no-untyped-def]
        seen.append(timeout)
        return attempt(*arguments, timeout=0.0, **keywords)

    monkeypatch.setattr("sweeps.workers.tasks.attempt", note)
    assert run_sweep(asked, mnist_5k, tmp_path / "run").end == "trials"
    assert seen == [0.5] * 4
    ends = {(row["state"], row["stop_reason"], row["epochs"]) for row in rows(tmp_path / "run")}
    assert ends <= {("complete", "timeout", "1"), ("complete", "diverged", "1")}


def test_replicates_are_pruned_together_by_their_mean() -> None:
    asked = config().trial_config({"learning_rate": 1.0, "lmbda": 0.1, "mini_batch_size": 100})
    heard = []

    def prune(curve):  # type: ignore[no-untyped-def]
        heard.append(list(curve))
        return len(curve) == 2

    outcome = evaluate(asked, "mnist-5k", [(3, 0), (3, 1)], prune=prune)
    accuracies = [[r.validation_accuracy for r in curve] for curve in outcome.curves]
    means = [(one + other) / 2 for one, other in zip(*accuracies, strict=True)]
    assert heard == [means[:1], means]
    assert (outcome.state, outcome.stop_reason, outcome.epochs) == ("pruned", "pruned", 2)


def test_a_trial_at_its_last_epoch_is_complete() -> None:
    asked = config().trial_config({"learning_rate": 1.0, "lmbda": 0.1, "mini_batch_size": 100})
    outcome = evaluate(asked, "mnist-5k", [(3, 0)], prune=lambda curve: len(curve) == 4)
    assert (outcome.state, outcome.stop_reason, outcome.epochs) == ("complete", "max_epochs", 4)

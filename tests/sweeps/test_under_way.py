"""What a run reports while it is under way: written, read back, broken, and gone at the end."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.datasets import DataSet
from sweeps.config import SweepConfig
from sweeps.progress import SweepProgress
from sweeps.run_status import RunState, RunStatus, read_run_status, run_status
from sweeps.sweep import run_sweep
from sweeps.trial import Result, evaluate
from sweeps.under_way import (
    Reports,
    RunReport,
    TrialReport,
    epoch_reports,
    open_reports,
    read_reports,
)
from sweeps.workers.local import LocalWorkers
from sweeps.workers.tasks import FinishedTrial, TrialTask, run_task
from tests.support.patience import PATIENCE

Small = Callable[..., SweepConfig]
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def report_of(run: Path) -> RunReport:
    report = read_reports(run)
    assert report is not None
    return report


def write_trial(reports: Reports, number: int, text: str) -> Path:
    path = Path(reports.path(number))
    path.write_text(text)
    return path


def test_epochs_are_read_back_while_the_trial_trains(tmp_path: Path) -> None:
    with open_reports(tmp_path) as reports:
        assert read_reports(tmp_path) is None
        reports.begin(done=3, epochs=17)
        before = datetime.now(UTC)
        with epoch_reports(reports.path(12), clock=iter(range(100)).__next__) as report:
            (started,) = report_of(tmp_path).trials
            assert (started.number, started.epoch) == (12, 0)
            report(1, 0.25)
            report(2, 1 / 3)
            (trial,) = report_of(tmp_path).trials
        assert (trial.number, trial.epoch, trial.value) == (12, 2, 1 / 3)
        assert trial.started is not None
        assert before <= trial.started <= datetime.now(UTC)
        assert (report_of(tmp_path).done, report_of(tmp_path).epochs) == (3, 17)
        reports.drop(12)
        assert report_of(tmp_path).trials == ()
    assert read_reports(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_of_short_epochs_some_are_left_out(tmp_path: Path) -> None:
    """Ten epochs in a second at most: epochs of 0.03 s are reported at 0, 0.12, 0.24, ... s."""
    now = 0.0
    with epoch_reports(str(tmp_path / "000001.csv"), clock=lambda: now) as report:
        for epoch in range(1, 11):
            report(epoch, 0.5)
            now += 0.03
    lines = (tmp_path / "000001.csv").read_text().splitlines()
    assert lines[1:] == ["1,0.5", "5,0.5", "9,0.5"]


def test_a_report_that_cannot_be_written_fails_no_trial(tmp_path: Path) -> None:
    with epoch_reports(str(tmp_path / "gone" / "000001.csv")) as report:
        report(1, 0.5)
    with epoch_reports("/dev/full") as report:
        report(1, 0.5)
    with epoch_reports(None) as report:
        report(1, 0.5)
    assert list(tmp_path.iterdir()) == []


@given(st.floats(), st.integers(1, 10**6))
def test_every_value_is_read_back(value: float, epoch: int) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder, open_reports(Path(folder)) as reports:
        reports.begin(0, 0)
        with epoch_reports(reports.path(0)) as report:
            report(epoch, value)
        (trial,) = report_of(Path(folder)).trials
    assert trial.epoch == epoch
    assert repr(trial.value) == repr(value)


LINES = "started,2026-01-02T11:59:00+00:00\n1,0.5\n2,0.75\n"


@pytest.mark.parametrize(
    ("text", "epoch"),
    [
        ("", 0),
        ("started,2026-01-02T", 0),  # the line is not whole yet
        ("started,2026-01-02T11:59:00+00:00\n", 0),
        (LINES, 2),
        (LINES + "3,0.8", 2),
        (LINES + "".join(f"{epoch},0.5\n" for epoch in range(3, 5001)), 5000),
    ],
)
def test_a_line_that_is_not_whole_does_not_count(tmp_path: Path, text: str, epoch: int) -> None:
    with open_reports(tmp_path) as reports:
        reports.begin(0, 0)
        write_trial(reports, 4, text)
        (trial,) = report_of(tmp_path).trials
        assert (trial.number, trial.epoch) == (4, epoch)
        assert report_of(tmp_path).ignored == ()


@pytest.mark.parametrize(
    "text",
    [
        "\n\n",
        "started,yesterday\n",
        "started,2026-01-02T11:59:00\n",  # without a time zone
        "begun,2026-01-02T11:59:00+00:00\n",
        LINES + "\n",
        LINES + "3;0.5\n",
        LINES + "-3,0.5\n",
        LINES + f"{10**400},0.5\n",
        LINES + "3,0.5.5\n",
        LINES + "3,\x1b[31m\n",
        "x" * 100_000,
        "\N{SNOWMAN}\n",
    ],
)
def test_a_broken_report_is_ignored_and_named(tmp_path: Path, text: str) -> None:
    with open_reports(tmp_path) as reports:
        reports.begin(0, 0)
        good, bad = write_trial(reports, 3, LINES), write_trial(reports, 4, text)
        report = report_of(tmp_path)
        if text == "x" * 100_000:  # a line that is not whole yet
            assert report.ignored == ()
            return
        assert [trial.number for trial in report.trials] == [3]
        assert [path.name for path in report.ignored] == [bad.name]
        assert good.exists()


def test_a_file_that_is_no_report_is_ignored_and_named(tmp_path: Path) -> None:
    with open_reports(tmp_path) as reports:
        reports.begin(0, 0)
        folder = Path(reports.path(0)).parent
        (folder / "000001.csv").mkdir()
        os.mkfifo(folder / "000002.csv")  # to open it would wait forever
        (folder / "000003.csv").symlink_to("/dev/zero")
        (folder / "notes.txt").write_text(LINES)
        (folder / f"{'9' * 12}.csv").write_text(LINES)
        report = report_of(tmp_path)
        assert report.trials == ()
        assert len(report.ignored) == 5
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"started": 3}', '{"done": -1}', "null", "[" * 900, "\udcff"]
)
def test_a_run_whose_own_file_is_broken_is_under_way_since_an_unknown_time(
    tmp_path: Path, text: str
) -> None:
    with open_reports(tmp_path) as reports:
        reports.begin(0, 0)
        write_trial(reports, 3, LINES)
        (tmp_path / "running").glob("*/run.json")
        (file,) = (tmp_path / "running").glob("*/run.json")
        file.write_bytes(text.encode(errors="surrogateescape"))
        report = report_of(tmp_path)
        assert (report.started, report.ignored) == (None, (file,))
        assert [trial.number for trial in report.trials] == [3]


def test_whatever_is_in_the_place_of_the_folder_gives_way(tmp_path: Path) -> None:
    for make in (
        lambda path: path.write_text("file"),
        lambda path: path.symlink_to(tmp_path / "elsewhere"),
        lambda path: (path / "old").mkdir(parents=True),
    ):
        make(tmp_path / "running")
        with open_reports(tmp_path) as reports:
            reports.begin(1, 2)
            assert report_of(tmp_path).done == 1
        assert list(tmp_path.iterdir()) == []


def test_a_worker_that_does_not_share_the_folder_reports_nothing(tmp_path: Path) -> None:
    with open_reports(tmp_path) as reports:
        path = reports.path(0)
    with epoch_reports(path) as report:
        report(1, 0.5)
    assert list(tmp_path.iterdir()) == []


def test_the_value_of_a_report_is_the_mean_over_replicates(small: Small, tmp_path: Path) -> None:
    config = small().trial_config({"learning_rate": 0.5, "lmbda": 0.1, "hidden_units": 5})
    seeds, heard = [(7, 0), (7, 1)], list[tuple[int, float]]()
    outcome = evaluate(config, "digits", seeds, on_value=lambda *one: heard.append(one))
    assert heard == list(enumerate(outcome.mean_curve, start=1))


# A whole sweep.


class Watched:
    """Workers that note the status of the run in `folder` while each trial trains."""

    def __init__(self, folder: Path, config: SweepConfig) -> None:
        self.folder, self.config = folder, config
        self.seen: list[RunStatus] = []

    @contextmanager
    def start(self, *arguments: Any) -> Iterator[Any]:
        def run(tasks: Any) -> Iterator[FinishedTrial]:
            for task in sorted(tasks, key=lambda task: -task.number):  # the last one first
                yield self.run_one(task)

        yield run

    def run_one(self, task: TrialTask) -> FinishedTrial:
        assert task.report
        with epoch_reports(task.report) as report:
            report(1, 0.5)
            self.seen.append(read_run_status(self.folder, self.config)[0])
        return run_task(task)

    def parallel_trials(self) -> int:
        return 1


def test_a_run_and_its_folder_give_the_same_counts(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    """Trials of a generation of four finish in the order 3, 2, 1, 0: three of them wait."""
    config, told = small(sweep__trials=8), list[SweepProgress]()
    workers = Watched(tmp_path / "run", config)
    run_sweep(config, digits, tmp_path / "run", workers=workers, on_progress=told.append)
    assert [status.state for status in workers.seen] == ["running"] * 8
    assert [status.progress.done for status in workers.seen] == list(range(8))
    assert [status.progress.waiting for status in workers.seen] == [0, 1, 2, 3] * 2
    assert [status.training[0].number for status in workers.seen] == [3, 2, 1, 0, 7, 6, 5, 4]
    for status, progress in zip(workers.seen, told, strict=False):
        plain = {**vars(progress), "latest": None}
        assert vars(status.progress) == plain
    assert read_run_status(tmp_path / "run", config)[0].state == "finished"
    assert not (tmp_path / "run" / "running").exists()


def test_what_waits_when_a_run_stops_is_counted_with_its_hyperparameters(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    class Stops(Watched):
        def run_one(self, task: TrialTask) -> FinishedTrial:
            if task.number == 1:
                raise KeyboardInterrupt
            return super().run_one(task)

    config = small(sweep__trials=8)
    with pytest.raises(KeyboardInterrupt):
        run_sweep(config, digits, tmp_path / "run", workers=Stops(tmp_path / "run", config))
    status, best = read_run_status(tmp_path / "run", config)
    assert (status.state, status.progress.done, status.progress.waiting) == ("stopped", 2, 2)
    assert set(status.waiting) == {2, 3}
    run_sweep(config, digits, tmp_path / "run")
    number = status.progress.best_number
    rows = {row["number"]: row for row in table(tmp_path / "run" / "trials.csv")}
    row = rows[str(number)]
    assert status.progress.best_value == float(row["value"])
    assert {name: str(value) for name, value in best.items()} == {
        name: row[name] for name in config.space
    }


def table(path: Path) -> list[dict[str, str]]:
    header, *lines = path.read_text().splitlines()
    return [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]


def test_hyperparameters_that_are_not_in_the_space_are_not_shown(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    config = small(sweep__trials=4)
    with pytest.raises(KeyboardInterrupt):
        run_sweep(config, digits, tmp_path / "run", on_progress=interrupt_at(3))
    for file in (tmp_path / "run" / "pending").glob("*.json"):
        text = file.read_text().replace('"params": {', '"params": {"lmbda": "\\u001b", "x": 1, ')
        file.write_text(text)
    status, _ = read_run_status(tmp_path / "run", config)
    assert all(set(params) <= set(config.space) for params in status.waiting.values())


def interrupt_at(done: int) -> Callable[[SweepProgress], None]:
    def stop(progress: SweepProgress) -> None:
        if progress.done == done:
            raise KeyboardInterrupt

    return stop


KILLED = """
import os, sys
from pathlib import Path
from nncore.datasets import load_dataset
from sweeps.config import load_config
from sweeps.sweep import run_sweep
from sweeps import under_way

real = under_way._append
def die(file, line):
    real(file, line)
    if line.startswith(b"2,"):
        os.kill(os.getpid(), 9)
under_way._append = die
under_way.EVERY = 0.0
config = load_config(Path(sys.argv[1]))
run_sweep(config, load_dataset("digits"), Path(sys.argv[2]))
"""


def test_a_run_that_was_killed_says_so_until_it_is_resumed(
    small_file: Path, small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(small_file), str(run)], check=False, timeout=PATIENCE
    )
    assert ended.returncode == -signal.SIGKILL
    status, _ = read_run_status(run, small())
    assert (status.state, status.training) == ("killed", ())
    assert status.report is not None
    assert [trial.epoch for trial in status.report.trials] == [2]
    states = list[RunState]()
    run_sweep(
        small(),
        digits,
        run,
        on_progress=lambda progress: states.append(read_run_status(run, small())[0].state),
    )
    assert set(states) == {"running"}
    assert read_run_status(run, small())[0].state == "finished"
    assert not (run / "running").exists()


def test_two_workers_report_beside_each_other_and_change_no_byte(
    small: Small, digits: DataSet, tmp_path: Path, assert_same: Callable[[Path, Path], None]
) -> None:
    seen = set[int]()

    def note(progress: SweepProgress) -> None:
        status, _ = read_run_status(tmp_path / "two", small())
        seen.update(trial.number for trial in status.training)
        assert all(0 <= trial.epoch <= 3 for trial in status.training)
        assert status.report is not None
        assert status.report.ignored == ()

    run_sweep(small(), digits, tmp_path / "one")
    run_sweep(small(), digits, tmp_path / "two", workers=LocalWorkers(2), on_progress=note)
    assert_same(tmp_path / "one", tmp_path / "two")
    assert seen
    assert not (tmp_path / "two" / "running").exists()


def test_the_rate_and_the_time_left_follow_from_the_reports(small: Small, tmp_path: Path) -> None:
    """Two trials of 3 epochs finished before; two more and 4 epochs since, in 10 seconds."""
    config = small(sweep__trials=10)
    status = run_status(tmp_path, config, [Result("complete", 0.5, 3)] * 4)
    training = (TrialReport(4, NOON, 1, 0.5), TrialReport(5, None, 3, 0.5))
    started = NOON - timedelta(seconds=10)
    report = RunReport(started, done=2, epochs=6, trials=training, ignored=())
    running = RunStatus("small", RunState.RUNNING, status.progress, {}, report)
    assert running.epochs_per_second(NOON) == 1.0
    assert running.seconds_left(NOON) == 30.0
    assert running.epochs_per_second(started) is None
    first = RunStatus(
        "small", RunState.RUNNING, status.progress, {}, RunReport(NOON, 4, 12, (), ())
    )
    assert first.seconds_left(NOON + timedelta(seconds=5)) is None
    unknown = RunStatus(
        "small", RunState.RUNNING, status.progress, {}, RunReport(None, 0, 0, (), ())
    )
    assert (unknown.epochs_per_second(NOON), unknown.seconds_left(NOON)) == (None, None)


def test_a_run_that_holds_its_lock_but_does_not_report_yet_is_under_way(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    run_sweep(small(sweep__trials=2), digits, run)
    config = small(sweep__trials=3)
    assert read_run_status(run, config)[0].state == RunState.STOPPED
    with (run / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert read_run_status(run, config)[0].state == RunState.RUNNING
        assert read_run_status(run, small(sweep__trials=2))[0].state == RunState.FINISHED


def test_a_study_and_the_ends_of_two_tables_may_be_lost_together(
    small: Small, digits: DataSet, tmp_path: Path, assert_same: Callable[[Path, Path], None]
) -> None:
    config = small(sweep__replicates=2)
    for name in ("whole", "cut"):
        run_sweep(config, digits, tmp_path / name)
    run = tmp_path / "cut"
    (run / "journal.log").unlink()
    epochs = (run / "epochs.csv").read_text().splitlines(keepends=True)
    (run / "epochs.csv").write_text("".join(epochs[:-1]))
    times = (run / "timings.csv").read_text().splitlines(keepends=True)
    number, *_ = times[1].split(",")
    (run / "timings.csv").write_text("".join([times[0], f"{number},0,29.11.2026,,\n", *times[2:]]))
    run_sweep(config, digits, run)
    assert_same(run, tmp_path / "whole")

"""`nnsweep show --watch`, `show` and `list` of runs under way, stopped, killed or finished."""

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from experiments.cli.running.status_lines import beat_line, status_lines, training_text
from experiments.cli.running.watch import Lines, follow
from results.analysis.findings import Findings
from results.frames import read_run
from results.report.html import render
from results.report.prose import state_of
from sweeps.config import SweepConfig, load_config
from sweeps.progress import SweepProgress
from sweeps.records.run_folder import open_folder
from sweeps.run_status import RunState, RunStatus
from sweeps.under_way import RunReport, TrialReport, open_reports
from sweeps.workers.tasks import FinishedTrial, run_task
from tests.experiments.conftest import FIRST, QUICK

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
STARTED = NOON - timedelta(seconds=200)
PROGRESS = SweepProgress(
    done=12,
    trials=40,
    expected=40,
    pruned=3,
    failed=1,
    repeated=0,
    epochs=100,
    epoch_budget=None,
    best_number=7,
    best_value=0.9507,
    waiting=2,
)
TRAINING = (
    TrialReport(13, NOON - timedelta(seconds=12), 4, 0.932),
    TrialReport(14, NOON, 0, float("nan")),
)
RUNNING = RunStatus(
    "small", RunState.RUNNING, PROGRESS, {}, RunReport(STARTED, 2, 20, TRAINING, ())
)
BEST = {"learning_rate": 0.5123, "lmbda": 4.0, "init": "scaled"}
HEAD = (
    "small on digits: 12 of 40 trials finished, 3 pruned, 1 failed, 2 waiting for an earlier "
    "trial; best validation accuracy 95.07% (trial 7)"
)


def config(**overrides: Any) -> SweepConfig:
    return load_config(FIRST, [*QUICK], **overrides)


def local(time: datetime) -> str:
    return time.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def test_the_lines_on_a_run_that_is_under_way() -> None:
    """84 epochs in 200 seconds, and ten of the 38 trials that it began with."""
    assert status_lines(RUNNING, config(), BEST, NOON) == [
        HEAD,
        "best so far, trial 7: learning_rate 0.512, lmbda 4, init scaled",
        "",
        f"running since {local(STARTED)} (3.3 min), 0.42 epochs per second, 9.3 min left",
        "training now:",
        "  trial 13     epoch 4 of 2         93.20%  for 12 s",
        "  trial 14     in its first epoch           for 0 s",
    ]
    assert beat_line(RUNNING, config(), NOON) == (
        f"{HEAD}; training trial 13 at epoch 4, trial 14 at epoch 0; running since "
        f"{local(STARTED)} (3.3 min), 0.42 epochs per second, 9.3 min left"
    )


def test_what_is_not_known_is_said() -> None:
    report = RunReport(None, 0, 0, (), (Path("run/running/a/1.csv\x1b"),))
    lines = status_lines(replace(RUNNING, report=report), config(), {}, NOON)
    assert lines[2] == "running, since when is not known"
    assert lines[3].startswith("training now: not known, because no worker has reported")
    assert lines[4] == "ignored: run/running/a/1.csv\\x1b is no report of a trial"
    assert len(lines) == 5


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (RunState.FINISHED, "the run has finished"),
        (RunState.STOPPED, "the run was stopped; the same `nnsweep run` command resumes it"),
        (RunState.KILLED, "the run was killed; the same `nnsweep run` command resumes it"),
    ],
)
def test_how_a_run_ended_is_said(state: RunState, line: str) -> None:
    lines = status_lines(replace(RUNNING, state=state), config(), {}, NOON)
    assert lines[:3] == [HEAD, "", line]
    lost = "it was training trial 13 at epoch 4, trial 14 at epoch 0; a resume trains them"
    assert any(text.startswith(lost) for text in lines) == (state == RunState.KILLED)


def test_of_many_trials_the_first_are_named() -> None:
    trials = [TrialReport(number, None, 1, 0.5) for number in range(6)]
    assert training_text(trials).endswith("trial 3 at epoch 1, 2 more")


def test_a_run_is_followed_until_it_ends() -> None:
    early = replace(RUNNING, state=RunState.STOPPED)  # its tables were read before their last row
    ended = replace(RUNNING, state=RunState.FINISHED)
    statuses = iter([RUNNING, RUNNING, early, ended, RUNNING])
    shown: list[tuple[str, datetime]] = []
    waits: list[None] = []
    times = (NOON + timedelta(seconds=n) for n in range(10))
    follow(
        lambda: (next(statuses), BEST),
        lambda status, best, now: shown.append((status.state, now)),
        lambda: waits.append(None),
        lambda: next(times),
    )
    assert [state for state, _ in shown] == ["running", "running", "finished"]
    assert [(now - NOON).seconds for _, now in shown] == [0, 1, 2]
    assert len(waits) == 2


def test_outside_a_terminal_a_line_comes_with_each_change_and_each_half_minute() -> None:
    said: list[str] = []
    lines = Lines(config(), said.append)
    for seconds, done in ((0, 12), (1, 12), (2, 13), (29, 13), (31, 13), (32, 13), (62, 13)):
        status = replace(RUNNING, progress=replace(PROGRESS, done=done))
        lines(status, BEST, NOON + timedelta(seconds=seconds))
        said.append(str(seconds))
    assert [line for line in said if len(line) < 3] == ["0", "1", "2", "29", "31", "32", "62"]
    before = [said[place + 1] for place, line in enumerate(said) if len(line) > 3]
    assert before == ["0", "2", "32", "62"]
    lines(replace(RUNNING, state=RunState.FINISHED), BEST, NOON)
    assert said[-1] == "the run has finished"


# Whole runs.


class InterruptedAt:
    """Workers that finish the last trial of each generation first, and are interrupted at one."""

    def __init__(self, number: int) -> None:
        self.number = number

    @contextmanager
    def start(self, *arguments: Any) -> Iterator[Any]:
        def run(tasks: Any) -> Iterator[FinishedTrial]:
            for task in sorted(tasks, key=lambda task: -task.number):
                if task.number == self.number:
                    return
                yield run_task(task)

        yield run

    def parallel_trials(self) -> int:
        return 1


def test_run_show_list_and_the_report_agree_on_trials_that_wait(
    nnsweep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from experiments.cli.commands import run as command

    monkeypatch.setattr(command, "_workers", lambda *options: InterruptedAt(1))
    ran = nnsweep("run", "--data", "digits", "--set", "training.epochs=1", "--trials", 8)
    assert ran.code == 130
    assert "interrupted after 2 of 8 trials" in ran.err
    (line,) = [line for line in ran.err.splitlines() if line.startswith("2/8 trials")]
    assert "2/8 trials, 2 waiting; best " in line
    best = re.search(r"best (\S+%) \(trial (\d)\)", line)
    assert best
    counts = "2 of 8 trials finished, 2 waiting for an earlier trial"
    shown = nnsweep("show", "runs/mnist-first").out.splitlines()
    assert shown[0] == (
        f"mnist-first on digits: {counts}; best validation accuracy {best[1]} (trial {best[2]})"
    )
    assert shown[1].startswith(f"best so far, trial {best[2]}: learning_rate ")
    listed = nnsweep("list").out.splitlines()
    cells = ["runs/mnist-first", "digits", "stopped", "2", "of", "8", best[1], best[2]]
    assert listed[1].split() == cells
    state = state_of(Findings(read_run(Path("runs/mnist-first"))))
    assert state.startswith("2 of 8 trials have finished: the run was stopped. 2 of them wait for")
    finished = nnsweep("run", "--data", "digits", "--set", "training.epochs=1", "--trials", 8)
    assert finished.code == 130


def test_list_says_when_and_how_long_a_run_trained(nnsweep: Any, make_run: Any) -> None:
    run = make_run(Path("runs/mnist-first").absolute(), trials=2)
    (run / "timings.csv").write_text(
        "number,started,seconds,worker\n"
        "0,2026-01-02T12:00:00.000+00:00,20.0,1\n"
        "1,2026-01-02T12:00:10.000+00:00,30.4,2\n"
    )
    header, line = nnsweep("list").out.splitlines()
    assert header.split()[:4] == ["run", "data", "state", "trials"]
    assert header.split()[-2:] == ["started", "seconds"]
    started = NOON.astimezone().strftime("%Y-%m-%d %H:%M")
    assert line.split()[2] == "finished"
    assert line.rstrip().endswith(f"{started}      40")


@pytest.fixture
def under_way(make_run: Any) -> Iterator[Path]:
    """A run with two of eight trials, under way in this process; trial 2 trains."""
    folder = make_run(Path("runs/mnist-first").absolute(), trials=2)
    toml = (folder / "sweep.toml").read_text().replace("trials = 2", "trials = 8")
    (folder / "sweep.toml").write_text(toml)
    with open_folder(folder, load_config(folder / "sweep.toml")), open_reports(folder) as reports:
        reports.begin(0, 0)
        Path(reports.path(2)).write_text(f"started,{STARTED.isoformat()}\n1,0.5\n")
        yield folder


def test_show_and_the_report_know_that_a_run_is_under_way(nnsweep: Any, under_way: Path) -> None:
    shown = nnsweep("show", "runs/mnist-first").out
    assert re.search(r"trial 2 +epoch 1 of 2 +50.00%  for ", shown)
    assert "best so far, trial " in shown
    assert shown.endswith("Next: nnsweep show runs/mnist-first --watch\n")
    assert nnsweep("list").out.splitlines()[1].split()[2] == "running"
    findings = Findings(read_run(under_way))
    assert state_of(findings) == "2 of 8 trials have finished: the run is under way."
    page = render(findings)
    assert "all advice rests only on the 2 trials so far" in page
    assert f"nnsweep show {under_way} --watch" in page
    assert "Continue the sweep" not in page
    assert 'id="refresh"' in page


def test_the_report_of_a_run_that_has_ended_does_not_reload_itself(
    nnsweep: Any, make_run: Any, tmp_path: Path
) -> None:
    page = render(Findings(read_run(make_run(tmp_path / "run", trials=1))))
    assert 'id="refresh"' not in page
    assert "under way" not in page.partition("<script")[0]


def test_ctrl_c_ends_the_watching_and_not_the_run(
    nnsweep: Any, under_way: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from experiments.cli.running import watch

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "sleep", interrupt)
    answer = nnsweep("show", "runs/mnist-first", "--watch")
    assert (answer.code, answer.err) == (0, "")
    assert "training trial 2 at epoch 1; running since " in answer.out
    assert (under_way / "running").exists()


def test_a_run_that_has_ended_is_shown_once(nnsweep: Any, make_run: Any, tmp_path: Path) -> None:
    make_run(tmp_path / "run", trials=2)
    answer = nnsweep("show", "run", "--watch")
    assert (answer.code, answer.out.splitlines()[-1]) == (0, "the run has finished")
    assert nnsweep("show", "gone", "--watch").code == 2


def test_on_a_terminal_a_watched_run_is_drawn_in_place_until_it_is_killed(
    make_run: Callable[..., Path], tmp_path: Path, wait_until: Callable[..., None]
) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"}
    sweep = [sys.executable, "-c", ENDLESS, str(FIRST), "run"]
    run = subprocess.Popen(sweep, cwd=tmp_path, env=environment, text=True)
    wait_until(lambda: any((tmp_path / "run").glob("running/*/00*.csv")), run)
    ours, its = pty.openpty()
    watching = [sys.executable, "-c", "from experiments.cli.app import main; main()"]
    watcher = subprocess.Popen(
        [*watching, "show", "run", "--watch"],
        cwd=tmp_path,
        env=environment | {"COLUMNS": "120", "LINES": "40"},
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    )
    os.close(its)
    drawn = b""
    while True:
        try:
            drawn += os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
        if b"training now" in drawn and run.poll() is None:
            run.send_signal(signal.SIGKILL)
            run.wait()
    os.close(ours)
    assert watcher.wait() == 0
    text = drawn.decode()
    assert "0 of 1000 trials finished" in text
    assert re.search(r"trial \d +(epoch \d+ of 100000|in its first epoch)", text)
    assert "\x1b[" in text  # the lines are drawn over
    assert "the run was killed; the same `nnsweep run` command resumes it" in text


ENDLESS = """
import sys
from pathlib import Path
from nncore.datasets import load_dataset
from sweeps.config import load_config
from sweeps.sweep import run_sweep

settings = ["data.name=digits", "training.epochs=100000", "sweep.trials=1000"]
config = load_config(Path(sys.argv[1]), [*settings, "training.early_stopping=0"])
run_sweep(config, load_dataset("digits"), Path(sys.argv[2]))
"""

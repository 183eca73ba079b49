"""Ctrl-C, SIGTERM and a killed parent: what is finished, what is said, and what does not linger."""

import csv
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from experiments.cli.messages import typed_words


def rows(run: Path, name: str) -> int:
    table = run / name
    return table.read_text().count("\n") - 1 if table.exists() else -1


def processes(session: int) -> int:
    """Return how many processes there are in a session: the command, its helpers and workers."""
    count = 0
    for process in psutil.pids():
        with suppress(ProcessLookupError, PermissionError):
            count += os.getsid(process) == session
    return count


MOMENTS: dict[str, Callable[[Path, int], bool]] = {
    "the folder is made": lambda run, pid: run.exists(),
    "the tables are begun": lambda run, pid: rows(run, "trials.csv") >= 0,
    "a helper of the workers starts": lambda run, pid: processes(pid) > 1,
    "a worker starts": lambda run, pid: processes(pid) > 3,
    "another worker starts": lambda run, pid: processes(pid) > 4,
    "a trial is recorded": lambda run, pid: rows(run, "trials.csv") > 0,
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_early_stop_is_heard_whenever_it_comes(
    number: signal.Signals, moment: str, wait_until, tmp_path: Path
) -> None:
    process = start(tmp_path, "--data", "digits", "--trials", "400", "--jobs", "2", "--out", "run")
    wait_until(lambda: MOMENTS[moment](tmp_path / "run", process.pid), process)
    os.killpg(process.pid, number)
    _, errors = process.communicate()
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert "  # resumes" in errors


def test_workers_end_when_their_parent_is_killed(wait_until, tmp_path: Path) -> None:
    process = start(tmp_path, "--data", "digits", "--trials", "400", "--jobs", "2", "--out", "run")
    timings = tmp_path / "run" / "timings.csv"
    wait_until(lambda: rows(tmp_path / "run", "timings.csv") > 5, process)
    whole = timings.read_text().rpartition("\n")[0]
    workers = {int(row["worker"]) for row in csv.DictReader(whole.splitlines())}
    process.kill()
    process.communicate()  # ends only when the last worker has let go of the pipes
    wait_until(lambda: not any(map(psutil.pid_exists, workers)))


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from experiments.cli.app import main; main()", "run"]
    return subprocess.Popen(
        [*command, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ctrl_c_finishes_running_trials_and_names_the_command_that_resumes(
    wait_until, tmp_path: Path
) -> None:
    words = ["--data", "digits", "--trials", "400", "--jobs", "2", "--out", "run"]
    process = start(tmp_path, *words)
    table = tmp_path / "run" / "trials.csv"
    wait_until(lambda: rows(tmp_path / "run", "trials.csv") > 2, process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    _, errors = process.communicate()
    assert process.returncode == 130
    assert "finishing the running work" in errors
    assert "Traceback" not in errors
    assert f"Next: nnsweep run {shlex.join(words)}" in errors
    done = re.search(r"interrupted after (\d+) of 400 trials", errors)
    assert done
    kept = len(list((tmp_path / "run" / "pending").glob("*.json")))
    assert table.read_text().count("\n") - 1 + kept == int(done[1])


def test_ctrl_c_while_the_report_is_written_loses_no_trial_and_says_so(
    nnsweep, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*arguments: object, **wanted: object) -> None:
        raise KeyboardInterrupt

    words = ("--data", "digits", "--trials", "2", "--jobs", "1", "--out", "my run")
    with monkeypatch.context() as patch:
        patch.setattr("results.report.html.draw_figures", interrupted)
        answer = nnsweep("run", *words, "--set", "training.epochs=1")
    assert (answer.code, answer.out) == (130, "")
    assert "\n2 of 2 trials finished and saved; the report was interrupted\n" in answer.err
    assert answer.err.endswith("\nNext: nnsweep report 'my run'  # writes the report\n")
    assert not (tmp_path / "my run" / "report.html").exists()
    assert nnsweep("report", "my run").code == 0


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("postgresql://ann:secret@host/db", "postgresql://ann@host/db"),
        (
            "--storage=postgresql://ann:sec/ret@host:5432/db",
            "--storage=postgresql://ann@host:5432/db",
        ),
        ("postgresql:///db?host=h&Password=secret&user=ann", "postgresql:///db?host=h&user=ann"),
        ("postgresql://host/db?sslpassword=secret&user=ann", "postgresql://host/db?user=ann"),
        ("tcp://host:8786", "tcp://host:8786"),
        ("postgresql://ann@host:5432/db", "postgresql://ann@host:5432/db"),
    ],
)
def test_the_command_that_goes_on_shows_no_password(
    typed: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["nnsweep", "run", "--storage", typed])
    assert typed_words() == ["run", "--storage", shown]

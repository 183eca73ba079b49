"""Ctrl-C, SIGTERM and a killed parent: what is finished, what is said, and what does not linger."""

import csv
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments.cli.interrupts import typed_words


@pytest.mark.parametrize("seconds", [0.1, 0.5, 0.9, 1.3, 1.7])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_early_stop_is_heard_whenever_it_comes(
    number: signal.Signals, seconds: float, tmp_path: Path
) -> None:
    process = start(tmp_path, "--data", "digits", "--trials", "400", "--jobs", "2", "--out", "run")
    time.sleep(1 + seconds)
    os.killpg(process.pid, number)
    _, errors = process.communicate()
    # Before the command listens, SIGTERM ends it as it ends any program.
    assert process.returncode in (130, -signal.SIGTERM), errors
    assert "Traceback" not in errors
    assert "goes on from there" in errors or not (tmp_path / "run" / "trials.csv").exists()


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    process = start(tmp_path, "--data", "digits", "--trials", "400", "--jobs", "2", "--out", "run")
    timings = tmp_path / "run" / "timings.csv"
    while not (timings.exists() and timings.read_text().count("\n") > 6):
        assert process.poll() is None
        time.sleep(0.05)
    rows = csv.DictReader(timings.read_text().splitlines())
    workers = {int(row["worker"]) for row in rows}
    process.kill()
    process.communicate()  # ends only when the last worker has let go of the pipes
    for worker in workers:
        while Path(f"/proc/{worker}").exists():
            time.sleep(0.05)


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


def test_ctrl_c_finishes_what_runs_and_names_the_command_that_goes_on(tmp_path: Path) -> None:
    words = ["--data", "digits", "--trials", "400", "--jobs", "2", "--out", "run"]
    process = start(tmp_path, *words)
    table = tmp_path / "run" / "trials.csv"
    while not (table.exists() and table.read_text().count("\n") > 3):
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    _, errors = process.communicate()
    assert process.returncode == 130
    assert "finishing the trials that run" in errors
    assert "Traceback" not in errors
    assert f"Next: nnsweep run {shlex.join(words)}" in errors
    done = re.search(r"interrupted after (\d+) of 400 trials", errors)
    assert done
    kept = len(list((tmp_path / "run" / "pending").glob("*.json")))
    assert table.read_text().count("\n") - 1 + kept == int(done[1])


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

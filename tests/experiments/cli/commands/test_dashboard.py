"""Optuna's dashboard is really started, and a page and the study are fetched from it over HTTP."""

import base64
import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest
from matplotlib.image import imread

from nncore.datasets import load_dataset
from nncore.extras import install_command
from sweeps.config import load_config
from sweeps.sweep import run_sweep
from tests.results.browser.conftest import Browser
from tests.support.servers import PASSWORD, Postgres

SWEEP = ["--data", "digits", "--trials", "3", "--jobs", "1", "--set", "training.epochs=1"]


def nnsweep_words(*words: str) -> list[str]:
    return [sys.executable, "-c", "from experiments.cli.app import main; main()", *words]


def restore_interrupts() -> None:
    """Let Ctrl-C through, also where a shell runs the tests in its background and blocks it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def served(run: Path, *words: str, **variables: str) -> Iterator[str]:
    """Give the address of a dashboard; at the end it is stopped, and has printed no error."""
    process = subprocess.Popen(
        nnsweep_words("dashboard", str(run), "--port", "0", *words),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"}
        | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=restore_interrupts,
    )
    assert process.stdout
    line = process.stdout.readline()
    try:
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert address, process.communicate()
        yield address[0]
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert errors == ""


def shown(run: Path, *words: str, **variables: str) -> tuple[str, list[Any]]:
    """Return the page of a dashboard and the studies that it tells of, once it is stopped."""
    with served(run, *words, **variables) as address:
        with urlopen(f"{address}/dashboard") as answer:
            page = answer.read().decode()
        with urlopen(f"{address}/api/studies") as answer:
            studies = json.load(answer)["study_summaries"]
    return page, [study["study_name"] for study in studies]


def run(folder: Path, storage: str | None = None, epochs: int = 1) -> None:
    """Run a sweep without drawing its figures."""
    first = Path(str(files("experiments.sweep_files") / "first.toml"))
    config = load_config(first, ["data.name=digits", "sweep.trials=3", f"training.epochs={epochs}"])
    run_sweep(config, load_dataset("digits"), folder, storage=storage)


def test_a_journal_is_shown(tmp_path: Path) -> None:
    run(tmp_path / "run")
    page, studies = shown(tmp_path / "run")
    assert "<title>Optuna Dashboard</title>" in page
    assert studies == ["mnist-first"]


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        opened = Browser(Path(profile))
        yield opened
        opened.close()


@pytest.mark.browser
def test_chromium_shows_each_epoch_and_the_times_of_a_trial(
    chromium: Browser, tmp_path: Path, wait_until: Any
) -> None:
    run(tmp_path / "run", epochs=3)
    rows = csv.DictReader((tmp_path / "run" / "epochs.csv").read_text().splitlines())
    values = [row["validation_accuracy"] for row in rows if row["trial"] == "0"]
    assert len(values) == 3
    with served(tmp_path / "run") as address:
        with urlopen(f"{address}/api/studies/0") as answer:
            assert json.load(answer)["objective_names"] == ["accuracy"]
        chromium.call("Page.navigate", url=f"{address}/dashboard/studies/0/trials?numbers=0")
        text = "document.body ? document.body.innerText : ''"
        wait_until(lambda: "Completed At" in chromium.run(text))
        lines = chromium.run(text).splitlines()
        picture = base64.b64decode(chromium.call("Page.captureScreenshot")["data"])
    assert {f"{epoch} {value}" for epoch, value in enumerate(values, start=1)} <= set(lines)
    assert {"Started At", "Completed At"} <= set(lines)
    assert len(np.unique(imread(BytesIO(picture)))) > 10  # something is drawn


def test_sqlite_is_shown_from_wherever_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(tmp_path / "run", "sqlite:///study.db")
    _, (study,) = shown(tmp_path / "run")
    assert study.startswith("mnist-first-")


def test_postgresql_takes_the_password_from_the_url_or_the_environment(
    nnsweep: Any, tmp_path: Path, postgres_server: Postgres
) -> None:
    url = postgres_server.new_database()
    answer = nnsweep("run", *SWEEP, "--out", "run", "--storage", url)
    assert answer.code == 0, answer.err
    assert "%20" not in answer.out + answer.err
    assert nnsweep("dashboard", "run").code == 2
    _, (study,) = shown(tmp_path / "run", PGPASSWORD=PASSWORD)
    assert study.startswith("mnist-first-")
    assert shown(tmp_path / "run", "--storage", url)[1] == [study]


def test_a_run_that_cannot_be_shown_gives_one_line(
    nnsweep: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path / "run")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = nnsweep("dashboard", "run", "--port", port)
    assert (answer.code, answer.err) == (
        2,
        f"nnsweep: `--port` must be a free port, got {port}: Address already in use\n",
    )
    (tmp_path / "empty.db").touch()
    answer = nnsweep("dashboard", "run", "--storage", f"sqlite:///{tmp_path}/empty.db")
    assert answer.code == 2
    assert "must hold the study mnist-first-" in answer.err
    (tmp_path / "run" / "journal.log").unlink()
    answer = nnsweep("dashboard", "run")
    assert (answer.code, answer.err) == (
        2,
        "nnsweep: run folder run must hold its journal.log, got none\n",
    )
    assert nnsweep("dashboard", "nowhere").code == 2
    monkeypatch.setitem(sys.modules, "optuna_dashboard", None)
    answer = nnsweep("dashboard", "run")
    assert answer.code == 2
    assert answer.err.endswith(f"which is not installed: {install_command('dashboard')}\n")

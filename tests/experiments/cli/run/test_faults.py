"""A disk that fills up, a folder that is read-only, a storage that goes: what is said, and kept."""

import os
import resource
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nncore.datasets import load_dataset
from sweeps.config import load_config
from sweeps.sweep import run_sweep
from tests.support.servers import dask_cluster, postgres

SWEEP = ["--data", "digits", "--trials", "12", "--set", "training.epochs=3"]


def started(
    folder: Path,
    *words: str,
    wrapper: tuple[str, ...] = (),
    before: Callable[[], None] | None = None,
) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", "from experiments.cli.app import main; main()", "run"]
    # Where files cannot grow, coverage could not write its own, and would say so.
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_PROCESS")}
    return subprocess.Popen(
        [*wrapper, *command, *SWEEP, *words],
        cwd=folder,
        env={**inherited, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=before,
    )


def lines(process: "subprocess.Popen[str]") -> list[str]:
    """Return what a failed run said besides its progress, and check that it exits with 1."""
    _, errors = process.communicate()
    assert process.returncode == 1, errors
    said = [
        line
        for line in errors.splitlines()
        if line and "12 trials, " not in line and "/12 trials" not in line
    ]
    assert "Traceback" not in errors
    return said


def assert_goes_on(folder: Path, storage: str | None = None) -> None:
    """Go on with the run, and compare it with one that nothing happened to."""
    config, digits = load_config(folder / "run" / "sweep.toml"), load_dataset("digits")
    run_sweep(config, digits, folder / "run", storage=storage)
    run_sweep(config, digits, folder / "whole")
    for name in ("trials.csv", "epochs.csv"):
        assert (folder / "run" / name).read_bytes() == (folder / "whole" / name).read_bytes()


@pytest.mark.parametrize(("limit", "jobs"), [(1500, 1), (3000, 2), (20_000, 2)])
def test_a_file_that_cannot_grow_is_named_and_the_run_goes_on(
    limit: int, jobs: int, tmp_path: Path
) -> None:
    """A limit on the size of files stands for a full disk: writes take a part, then fail."""

    load_dataset("digits")  # makes the large files of the cache

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    process = started(tmp_path, "--jobs", str(jobs), "--out", "run", before=limited)
    said = lines(process)
    assert len(said) == 2
    assert said[0].startswith("nnsweep: ")
    assert "File too large" in said[0]
    assert said[0].endswith("; finished work is kept in run")
    assert said[1].startswith("Next: nnsweep run --data digits")
    assert_goes_on(tmp_path)


def test_a_disk_that_fills_up_under_the_report_loses_no_trial(tmp_path: Path) -> None:
    """The tables and the journal of so few trials are small, and the figures are not."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))

    load_dataset("digits")  # makes the large files of the cache
    words = ["--jobs", "1", "--set", "space.hidden_units.high=20", "--out", "my run"]
    said = lines(started(tmp_path, *words, before=limited))
    assert said[0].startswith(
        "12 of 12 trials finished and saved; the report could not be written: "
    )
    assert "File too large: my run/figures/" in said[0]
    assert said[1:] == ["Next: nnsweep report 'my run'  # writes the report"]
    assert len((tmp_path / "my run" / "trials.csv").read_text().splitlines()) == 13


def test_a_read_only_folder_is_wrong_input(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0o555)
    # Root may write everywhere unless that is taken from it.
    may = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.getuid() == 0 else ()
    process = started(tmp_path, "--out", "locked/run", wrapper=may)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (
        2,
        "nnsweep: run folder locked/run must be writable: Permission denied\n",
    )


def test_a_run_that_becomes_read_only_says_so_and_goes_on(wait_until, tmp_path: Path) -> None:
    may = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.getuid() == 0 else ()
    process = started(tmp_path, "--jobs", "1", "--out", "run", wrapper=may)
    wait_until(lambda: recorded(tmp_path / "run"), process)
    for folder in (tmp_path / "run", tmp_path / "run" / "pending"):
        folder.chmod(0o555)
    said = lines(process)
    for folder in (tmp_path / "run", tmp_path / "run" / "pending"):
        folder.chmod(0o755)
    assert "Permission denied" in said[0]
    assert "run/" in said[0]
    assert len(said) == 2
    assert_goes_on(tmp_path)


@pytest.mark.postgres
def test_a_stopped_server_gives_one_line_and_the_run_resumes(wait_until, tmp_path: Path) -> None:
    with postgres() as server:
        words = ("--out", "run", "--storage", server.url)
        process = started(tmp_path, "--jobs", "1", *words)
        wait_until(lambda: recorded(tmp_path / "run"), process)
        server.stop()
        said = lines(process)
        assert said[0].startswith("nnsweep: storage postgresql://nnsweep@127.0.0.1:")
        assert said[0].endswith("; finished work is kept in run")
        without = server.url.replace("not%20in%20clear", "").replace(":@", "@")
        assert said[1] == (
            f"Next: nnsweep run {shlex.join([*SWEEP, '--jobs', '1', '--out', 'run'])} "
            f"--storage {without}  # resumes"
        )
        server.start()
        assert_goes_on(tmp_path, server.url)


@pytest.mark.dask
def test_a_killed_dask_scheduler_gives_one_line_and_the_run_resumes(
    wait_until, tmp_path: Path
) -> None:
    with dask_cluster(1) as cluster:
        words = ("--backend", "dask", "--scheduler", cluster.address)
        process = started(tmp_path, "--out", "run", *words)
        wait_until(lambda: recorded(tmp_path / "run"), process)
        os.killpg(cluster.scheduler.pid, signal.SIGKILL)
        said = lines(process)
    assert said[0] == (
        f"nnsweep: the Dask scheduler at {cluster.address} is gone; finished work is kept in run"
    )
    assert len(said) == 2
    assert_goes_on(tmp_path)


def recorded(run: Path) -> bool:
    """Return whether a trial is in the table."""
    table = run / "trials.csv"
    return table.exists() and table.read_text().count("\n") > 1

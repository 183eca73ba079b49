"""What a kill leaves behind: nothing but time. Processes are really killed here."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from nncore.datasets import DataSet
from sweeps.config import SweepConfig
from sweeps.sweep import run_sweep

HERE = Path(__file__).parent


def test_killed_at_every_write(
    small_file: Path,
    tmp_path: Path,
    digits: DataSet,
    assert_eventful: Callable[[Path], None],
) -> None:
    text = small_file.read_text().replace("trials = 13", "trials = 5")
    small_file.write_text(text)
    script = [sys.executable, str(HERE / "kill_everywhere.py"), str(small_file), str(tmp_path)]
    result = subprocess.run(script, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["different"] == []
    # Five trials make more writes than this; fewer would mean that the hook no longer sees them.
    assert report["kills"] > 150
    assert report["tears"] > 20
    assert_eventful(tmp_path / "whole")


def test_killed_at_ten_random_instants(
    small: Callable[..., SweepConfig],
    small_file: Path,
    digits: DataSet,
    tmp_path: Path,
    assert_eventful: Callable[[Path], None],
) -> None:
    """Two workers; the process group is killed somewhere in the sweep, then resumed by others."""
    trials = 40
    run_sweep(small(sweep__trials=trials), digits, tmp_path / "whole")
    assert_eventful(tmp_path / "whole")
    whole = tables(tmp_path / "whole")
    draws = random.Random(1)
    for number in range(5):
        folder = tmp_path / f"killed-{number}"
        for first, last in ((0, 15), (16, 34)):
            after = draws.randint(first, last), draws.uniform(0, 0.1)
            rows = kill_after(*after, start(small_file, trials, folder), folder)
            assert rows < trials, "the kill must hit a sweep that is not done"
        process = start(small_file, trials, folder)
        _, errors = process.communicate()
        assert process.returncode == 0, errors.decode()
        assert tables(folder) == whole


def tables(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in ("trials.csv", "epochs.csv")]


def start(config: Path, trials: int, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from experiments.cli.app import main; main()", "run"]
    command += [str(config), "--trials", str(trials), "--jobs", "2", "--out", str(folder)]
    return subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def kill_after(rows: int, seconds: float, process: subprocess.Popen[bytes], folder: Path) -> int:
    """Kill the process group once so many trials are recorded, and return how many there were."""
    while recorded(folder) < rows and process.poll() is None:
        time.sleep(0.01)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return recorded(folder)


def recorded(folder: Path) -> int:
    table = folder / "trials.csv"
    return table.read_bytes().count(b"\n") - 1 if table.exists() else 0

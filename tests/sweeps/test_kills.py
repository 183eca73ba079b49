"""What a kill leaves behind: nothing but time. Processes are really killed here."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from nncore.datasets import DataSet
from sweeps.config import SweepConfig
from sweeps.sweep import run_sweep

HERE = Path(__file__).parent


def test_killed_at_every_write(small_file: Path, tmp_path: Path, digits: DataSet) -> None:
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
    assert b"diverged" in (tmp_path / "whole" / "trials.csv").read_bytes()


def test_killed_at_ten_random_instants(
    small: Callable[..., SweepConfig], small_file: Path, digits: DataSet, tmp_path: Path
) -> None:
    """Two workers; the process group is killed and resumed until done, folder after folder."""
    trials = 50
    run_sweep(small(sweep__trials=trials), digits, tmp_path / "whole")
    whole = [(tmp_path / "whole" / name).read_bytes() for name in ("trials.csv", "epochs.csv")]
    delays = random.Random(1)
    kills = folders = 0
    while kills < 10:
        folder, finished = tmp_path / f"killed-{folders}", False
        folders += 1
        while not finished:
            wait = delays.uniform(0.5, 4.0) if kills < 10 else None
            finished = run_for(wait, small_file, trials, folder)
            kills += not finished
        assert [(folder / n).read_bytes() for n in ("trials.csv", "epochs.csv")] == whole


def run_for(seconds: float | None, config: Path, trials: int, folder: Path) -> bool:
    """Run the command, kill its process group after `seconds`; return whether it had finished."""
    command = [sys.executable, "-c", "from experiments.cli.app import main; main()", "run"]
    command += [str(config), "--trials", str(trials), "--jobs", "2", "--out", str(folder)]
    process = subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return False
    assert process.returncode == 0, errors.decode()
    return True

"""What a kill leaves behind: nothing but time. Processes are really killed here."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nncore.datasets import DataSet
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
# Two generations, so quick that a hundred runs take seconds.
TINY = """
[sweep]
name = "tiny"
trials = 3
seed = 11
generation = 2

[data]
name = "digits"

[training]
epochs = 2
dropout = 0.2
momentum = 0.5
schedule = "cosine"

[space]
learning_rate = { low = 0.1, high = 4.0, log = true }
lmbda = { choices = [0.1, 1.0, 200000.0] }
mini_batch_size = { choices = [50, 100, 500] }
hidden_units = { low = 5, high = 60 }
"""
# The second and the fourth trial repeat the first one, in its generation and in the next.
REPEATS = """
[sweep]
name = "repeats"
seed = 2
trials = 4
sampler = "random"
generation = 3

[data]
name = "digits"

[training]
epochs = 1
hidden_units = 5

[space]
learning_rate = { choices = [0.5, 2.0] }
"""


def command(config: Path, folder: Path) -> list[str]:
    return [sys.executable, str(HERE / "kill_everywhere.py"), str(config), str(folder)]


def test_killed_at_every_write(
    tmp_path: Path, digits: DataSet, assert_eventful: Callable[[Path], None]
) -> None:
    config = tmp_path / "tiny.toml"
    config.write_text(TINY)
    result = subprocess.run(
        command(config, tmp_path), capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["different"] == []
    # Three trials make more calls than this; fewer would mean that the hook no longer sees them.
    assert report["calls"] > 250
    assert report["kills"] > 80
    assert report["tears"] > 15
    assert_eventful(tmp_path / "whole")


def test_killed_at_every_write_of_a_repeat(tmp_path: Path) -> None:
    config = tmp_path / "repeats.toml"
    config.write_text(REPEATS)
    result = subprocess.run(
        command(config, tmp_path), capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["different"] == []
    assert report["kills"] > 60
    with (tmp_path / "whole" / "trials.csv").open(newline="") as table:
        reasons = [row["stop_reason"] for row in csv.DictReader(table)]
    assert reasons == ["max_epochs", "repeated", "max_epochs", "repeated"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_no_run_outlives_the_script(
    small_file: Path, tmp_path: Path, wait_until: Callable[..., None]
) -> None:
    """A run of this length would go on for hours if nothing ended it."""
    small_file.write_text(small_file.read_text().replace("trials = 13", "trials = 100000"))
    script = subprocess.Popen(command(small_file, tmp_path), stdout=subprocess.PIPE, text=True)
    wait_until((tmp_path / "whole" / "trials.csv").exists, script)
    script.kill()
    # The run has the same standard output, so this waits for the end of both.
    assert script.communicate(timeout=PATIENCE)[0] == ""

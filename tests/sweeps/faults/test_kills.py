"""What a kill leaves behind: nothing but time. One in eight is a real kill, at any write."""

import csv
import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nncore.datasets import DataSet
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
# Two generations, so quick that a hundred runs take seconds. The first trial diverges; the second
# repeats it. The third takes longer than the first, so it is trained before it; the fourth, in the
# next generation, repeats the third. The sampler also knows a result of another run.
TINY = """
[sweep]
name = "tiny"
trials = 4
seed = 2365
generation = 3

[data]
name = "digits"

[training]
epochs = 2
mini_batch_size = 100
momentum = 0.5
schedule = "cosine"

[space]
lmbda = { choices = [0.1, 200000.0] }
hidden_units = { choices = [5, 60] }
dropout = { low = 0.1, high = 0.3, step = 0.1 }

[[known]]
value = 0.5
epochs = 2
params = { lmbda = 0.1, hidden_units = 60, dropout = 0.2 }
"""

# Three trials compete: one goes on to its end. Its outcome on the rung is replaced by a later one.
COMPETING = """
[sweep]
name = "tiny"
trials = 3
seed = 4
pruner = "promotion"
generation = 3

[data]
name = "digits"

[training]
epochs = 3
mini_batch_size = 100
schedule = "cosine"

[space]
lmbda = { choices = [0.1, 5000000.0] }
hidden_units = { low = 5, high = 60 }
"""

# At the higher learning rate a trial diverges at once, so its value is infinite.
NUMBERS = """
[sweep]
name = "tiny"
trials = 3
seed = 1
generation = 3

[data]
name = "diabetes"

[training]
epochs = 2
mini_batch_size = 100

[space]
learning_rate = { choices = [0.01, 1e30] }
hidden_units = { low = 5, high = 60 }
"""


def command(config: Path, folder: Path) -> list[str]:
    return [sys.executable, str(HERE / "kill_everywhere.py"), str(config), str(folder)]


def test_a_run_resumes_from_what_a_kill_leaves_after_any_write(
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
    # Four trials make more calls than this; fewer would mean that the hook no longer sees them.
    assert report["calls"] > 250
    assert report["copies"] > 100
    assert report["kills"] > 12
    assert report["tears"] > 15
    assert_eventful(tmp_path / "whole")
    with (tmp_path / "whole" / "trials.csv").open(newline="") as table:
        reasons = [row["stop_reason"] for row in csv.DictReader(table)]
    assert reasons == ["diverged", "repeated", "max_epochs", "repeated"]


def test_a_run_whose_trials_compete_resumes_from_what_a_kill_leaves(
    tmp_path: Path, digits: DataSet
) -> None:
    config = tmp_path / "tiny.toml"
    config.write_text(COMPETING)
    result = subprocess.run(
        command(config, tmp_path), capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["different"] == []
    assert report["copies"] > 80
    assert report["kills"] > 10
    with (tmp_path / "whole" / "timings.csv").open(newline="") as table:
        numbers = [row["number"] for row in csv.DictReader(table)]
    assert len(numbers) == 4, "one trial is trained twice"
    with (tmp_path / "whole" / "trials.csv").open(newline="") as table:
        reasons = sorted(row["stop_reason"] for row in csv.DictReader(table))
    assert reasons == ["diverged", "max_epochs", "pruned"]


def test_a_run_that_predicts_numbers_resumes_from_what_a_kill_leaves(tmp_path: Path) -> None:
    config = tmp_path / "tiny.toml"
    config.write_text(NUMBERS)
    result = subprocess.run(
        command(config, tmp_path), capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["different"] == []
    assert report["copies"] > 80
    assert report["kills"] > 10
    with (tmp_path / "whole" / "trials.csv").open(newline="") as table:
        values = [float(row["value"]) for row in csv.DictReader(table)]
    assert len(values) == 3
    assert 0 < sum(map(math.isinf, values)) < 3


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

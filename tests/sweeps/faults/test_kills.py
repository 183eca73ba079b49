"""What a kill leaves behind: nothing but time. Processes are really killed here."""

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


def command(config: Path, folder: Path) -> list[str]:
    return [sys.executable, str(HERE / "kill_everywhere.py"), str(config), str(folder)]


def test_killed_at_every_write(
    small_file: Path,
    tmp_path: Path,
    digits: DataSet,
    assert_eventful: Callable[[Path], None],
) -> None:
    text = small_file.read_text().replace("trials = 13", "trials = 5")
    small_file.write_text(text)
    result = subprocess.run(
        command(small_file, tmp_path), capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["different"] == []
    # Five trials make more calls than this; fewer would mean that the hook no longer sees them.
    assert report["calls"] > 300
    assert report["kills"] > 100
    assert report["tears"] > 20
    assert_eventful(tmp_path / "whole")


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

"""What a kill leaves behind: nothing but time. Processes are really killed here."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nncore.datasets import DataSet

pytestmark = pytest.mark.slow
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
    # Five trials make more calls than this; fewer would mean that the hook no longer sees them.
    assert report["calls"] > 300
    assert report["kills"] > 100
    assert report["tears"] > 20
    assert_eventful(tmp_path / "whole")

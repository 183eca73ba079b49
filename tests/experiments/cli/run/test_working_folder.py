"""A user's own files in the working folder are not imported in the place of other modules."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE

OWN = ("random", "queue", "numpy", "json", "optuna")


@pytest.mark.slow
def test_workers_and_the_report_do_not_import_from_the_working_folder(tmp_path: Path) -> None:
    for name in OWN:
        (tmp_path / f"{name}.py").write_text("raise SystemError('a file of the user')\n")
    # As the installed command: the working folder is not on its own import path.
    words = [sys.executable, "-P", "-c", "from experiments.cli.app import main; main()", "run"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment.pop("PYTHONSAFEPATH", None)
    ended = subprocess.run(
        [*words, "--data", "digits", "--trials", "3", "--jobs", "2"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert ended.returncode == 0, ended.stderr
    assert "a file of the user" not in ended.stderr
    assert (tmp_path / "runs" / "mnist-first" / "report.html").exists()

"""Runs one sweep of this project in a new process, as the command would.

`timed_sweep` starts and times `python -m benchmarks.support.sweep_process CONFIG FOLDER JOBS`.
"""

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.support.rounds import seconds_of
from nncore.datasets import load_dataset
from sweeps.config import SweepConfig, dump_config, load_config
from sweeps.sweep import run_sweep
from sweeps.workers.local import LocalWorkers


def timed_sweep(config: SweepConfig, folder: Path, jobs: int) -> float:
    """Run `config` into the run folder `folder`; return the wall seconds of the whole process.

    Raises
    ------
    CalledProcessError
        If a trial or the process failed.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as file:
        file.write(dump_config(config))
        file.flush()
        module = ("-m", "benchmarks.support.sweep_process")
        command = [sys.executable, *module, file.name, str(folder), str(jobs)]
        return seconds_of(partial(subprocess.run, command, check=True))


def main() -> int:
    """Run the sweep of the command line; return 1 if a trial failed."""
    path, folder, jobs = sys.argv[1:]
    config = load_config(Path(path))
    dataset = load_dataset(config.data.source)
    return (
        1 if run_sweep(config, dataset, Path(folder), workers=LocalWorkers(int(jobs))).failed else 0
    )


if __name__ == "__main__":
    sys.exit(main())

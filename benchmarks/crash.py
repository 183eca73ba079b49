"""Runs one sweep in every way, kills it at random, and compares the bytes of its tables.

`python -m benchmarks.crash --kills 100` is the long form; the tests run a shorter one. Both start
their own PostgreSQL server and Dask cluster. `--pruner promotion` takes a sweep whose trials
compete.
"""

import argparse
import csv
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count, cycle
from pathlib import Path
from typing import Any

from tests.support.servers import DaskCluster, Postgres, dask_cluster, postgres

SWEEP = """
[sweep]
name = "crash"
trials = 48
seed = 3
sampler = "tpe"
pruner = "median"
generation = 8
replicates = 2

[data]
name = "mnist-5k"

[training]
epochs = 12
early_stopping = 5

[space]
learning_rate = { low = 0.01, high = 10.0, log = true }
lmbda = { choices = [0.01, 1.0, 5.0, 500000.0] }
mini_batch_size = { choices = [5, 10, 20, 50] }
hidden_units = { low = 10, high = 60, step = 10 }
cost = { choices = ["quadratic", "cross-entropy"] }
init = { choices = ["large", "scaled"] }
"""

COMPETING = SWEEP.replace("median", "promotion").replace("generation = 8", "generation = 16")
SWEEPS = {"median": (SWEEP, 2), "promotion": (COMPETING, 16)}
"""The sweep by its pruner, and the number of trials that are recorded at a time."""

TABLES = ("trials.csv", "epochs.csv")

KILLS_OF_A_RUN = 5
"""After so many kills a run continues to its end."""

Settings = Mapping[str, Any]
"""How to run the sweep: `jobs` or a Dask `scheduler`, and the `storage`."""

RUN = """
import json, sys
from pathlib import Path
from nncore.datasets import load_dataset
from sweeps.config import load_config
from sweeps.sweep import run_sweep
from sweeps.workers.dask import DaskWorkers
from sweeps.workers.local import LocalWorkers
config, settings = load_config(Path(sys.argv[1])), json.loads(sys.argv[3])
jobs, scheduler = settings.pop("jobs", 1), settings.pop("scheduler", None)
workers = DaskWorkers(scheduler) if scheduler else LocalWorkers(jobs)
dataset = load_dataset(config.data.source)
run_sweep(config, dataset, Path(sys.argv[2]), workers=workers, **settings)
"""


@dataclass(frozen=True)
class Line:
    """The result of one way of running; `different` counts the runs with other bytes."""

    way: str
    runs: int
    kills: int
    different: int
    seconds: float


class Crash:
    """The sweep in `config`, its uninterrupted reference run in `folder`, and ways to repeat it.

    About `burst` trials are recorded at a time; a kill may fall anywhere between two such times.
    """

    def __init__(self, config: str, folder: Path, seed: int, jobs: int, burst: int = 2) -> None:
        self._file = folder / "sweep.toml"
        self._file.write_text(config)
        self._folder = folder
        self._draws = random.Random(seed)
        self._jobs = {"jobs": jobs}
        self._numbers = count()
        self._whole = folder / "whole"
        began = time.monotonic()
        self._finish(self._start(self._whole, self._jobs), self._whole)
        self.seconds = time.monotonic() - began
        trials = len(self._rows(self._whole, "trials.csv"))
        self._longest_wait = burst * self.seconds / trials

    def events(self) -> dict[str, int]:
        """Count the trials that were pruned, diverged, or finished before one of lower number."""
        trials = self._rows(self._whole, "trials.csv")
        ends = [
            (time_of(row["started"]) + float(row["seconds"]), int(row["number"]))
            for row in self._rows(self._whole, "timings.csv")
        ]
        order = [number for _, number in sorted(ends)]
        return {
            "pruned": sum(row["state"] == "pruned" for row in trials),
            "diverged": sum(row["stop_reason"] == "diverged" for row in trials),
            "out of order": sum(
                any(later < number for later in order[place:]) for place, number in enumerate(order)
            ),
        }

    def run(self, way: str, **settings: Any) -> Line:
        """Run the sweep to its end."""
        began, folder = time.monotonic(), self._new()
        self._finish(self._start(folder, settings), folder)
        return self._line(way, began, [folder], kills=0)

    def kill_group(self, way: str, kills: int, storages: Iterable[Callable[[], str]]) -> Line:
        """Kill the process group at random moments, and resume it each time.

        Each of `storages`, in turn, returns the storage of a new run folder.
        """
        began, folders, done = time.monotonic(), [], 0
        turns = cycle(storages)
        while done < kills:
            folders.append(self._new())
            settings = {**self._jobs, "storage": next(turns)()}
            last = min(done + KILLS_OF_A_RUN, kills)
            process = self._start(folders[-1], settings)
            while done < last:
                now, whole = size_of_tables(folders[-1]), size_of_tables(self._whole)
                if not self._reaches(self._draws.randint(now, whole), folders[-1], process):
                    break  # the run ended first
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                done += (
                    process.returncode == -signal.SIGKILL
                )  # it may have ended just before the kill
                process = self._start(folders[-1], settings)
            self._finish(process, folders[-1])
        return self._line(way, began, folders, done)

    def kill_worker(self, way: str, kills: int, settings: Settings, sessions: set[int]) -> Line:
        """Kill one random worker at random moments while the run continues.

        A worker is a process of this run or of `sessions` that has finished a trial.
        """
        began, folders, done = time.monotonic(), [], 0
        while done < kills:
            folders.append(self._new())
            process = self._start(folders[-1], settings)
            size, step = 0, size_of_tables(self._whole) // 4
            while self._reaches(size := size + self._draws.randint(1, step), folders[-1], process):
                workers = sorted(self._workers(folders[-1], sessions | {process.pid}))
                if workers and done < kills:
                    with suppress(ProcessLookupError):
                        os.kill(self._draws.choice(workers), signal.SIGKILL)
                        done += 1
            self._finish(process, folders[-1])
        return self._line(way, began, folders, done)

    def _reaches(self, size: int, folder: Path, process: "subprocess.Popen[str]") -> bool:
        """Wait until the tables have `size` bytes, then part of a trial; False if the run ends.

        The size of the tables shows progress on a machine of any speed. The further wait makes the
        kill fall anywhere between two times at which they grow.
        """
        while process.poll() is None and size_of_tables(folder) < size:
            time.sleep(0.002)
        with suppress(subprocess.TimeoutExpired):
            process.wait(self._draws.uniform(0, self._longest_wait))
        return process.poll() is None

    def _new(self) -> Path:
        return self._folder / f"run-{next(self._numbers)}"

    def _start(self, folder: Path, settings: Settings) -> "subprocess.Popen[str]":
        words = [str(self._file), str(folder), json.dumps(settings)]
        return subprocess.Popen(
            [sys.executable, "-c", RUN, *words],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _finish(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        _, errors = process.communicate()
        if process.returncode:
            raise RuntimeError(f"the run in {folder} ended with {process.returncode}: {errors}")

    def _workers(self, folder: Path, sessions: set[int]) -> Iterator[int]:
        for worker in {int(row["worker"]) for row in self._rows(folder, "timings.csv")}:
            with suppress(ProcessLookupError):
                if os.getsid(worker) in sessions and worker not in sessions:
                    yield worker

    def _rows(self, folder: Path, name: str) -> list[dict[str, str]]:
        table = folder / name
        whole = table.read_text().rpartition("\n")[0] if table.exists() else ""
        return list(csv.DictReader(whole.splitlines()))

    def _line(self, way: str, began: float, folders: list[Path], kills: int) -> Line:
        whole, different = tables(self._whole), 0
        for folder in folders:
            different += tables(folder) != whole
        return Line(way, len(folders), kills, different, round(time.monotonic() - began, 1))


def size_of_tables(folder: Path) -> int:
    """Return the size of the tables in bytes."""
    paths = (folder / name for name in TABLES)
    return sum(path.stat().st_size for path in paths if path.exists())


def tables(folder: Path) -> list[bytes]:
    """Return the tables, whose bytes must not differ."""
    return [(folder / name).read_bytes() for name in TABLES]


def time_of(started: str) -> float:
    """Return the time in a cell of `timings.csv`, in seconds."""
    return datetime.fromisoformat(started).timestamp()


def lines(
    crash: Crash, kills: int, folder: Path, server: Postgres, cluster: DaskCluster
) -> Iterator[Line]:
    """Yield the result of every way to run the sweep, with `kills` kills of each kind."""
    dask = {"scheduler": cluster.address}
    numbers = count()

    def sqlite() -> str:
        return f"sqlite:///{folder}/study-{next(numbers)}.db"

    for jobs in (1, 2, 4):
        yield crash.run(f"{jobs} jobs", jobs=jobs)
    yield crash.run("Dask, 2 workers", **dask)
    yield crash.run("SQLite", jobs=2, storage=sqlite())
    yield crash.run("PostgreSQL", jobs=2, storage=server.new_database())
    yield crash.kill_group(
        "process group killed; journal, SQLite and PostgreSQL in turn",
        kills,
        [lambda: "journal", sqlite, server.new_database],
    )
    yield crash.kill_worker("a worker killed, 2 jobs", kills, {"jobs": 2}, set())
    sessions = {nanny.pid for nanny in cluster.nannies}
    yield crash.kill_worker("a worker killed, Dask", -(-kills // 4), dask, sessions)


def main() -> None:
    """Run all ways, print a line for each and all as JSON; exit with 1 if a byte differed."""
    parser = argparse.ArgumentParser(description="Kill a sweep at random and compare its tables.")
    parser.add_argument("--kills", type=int, default=20, help="kills of each kind")
    parser.add_argument("--pruner", choices=SWEEPS, default="median")
    parser.add_argument("--seed", type=int, default=1, help="seed for the moments of the kills")
    wanted = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="nnsweep-crash-") as temporary,
        postgres() as server,
        dask_cluster() as cluster,
    ):
        folder = Path(temporary)
        config, burst = SWEEPS[wanted.pruner]
        crash = Crash(config, folder, wanted.seed, jobs=2, burst=burst)
        events = crash.events()
        print(f"48 trials in {crash.seconds:.0f} s: {events}")
        print(f"{'way':<64}{'runs':>5}{'kills':>6}{'different':>10}{'seconds':>9}")
        results = []
        for line in lines(crash, wanted.kills, folder, server, cluster):
            results.append(line)
            print(
                f"{line.way:<64}{line.runs:>5}{line.kills:>6}{line.different:>10}"
                f"{line.seconds:>9.0f}",
                flush=True,
            )
    print(json.dumps({"events": events, "ways": [asdict(line) for line in results]}))
    eventful = events["pruned"] >= 5 and events["diverged"] >= 1 and events["out of order"] >= 1
    sys.exit(0 if eventful and not any(line.different for line in results) else 1)


if __name__ == "__main__":
    main()

"""A small form of `python -m benchmarks.crash`: any way to run, any kill, and the same bytes.

Its replicates train on folds, so that workers load several data sets.
"""

import os
import signal
from pathlib import Path

import pytest

from benchmarks.crash import Crash
from tests.support.servers import DaskCluster, Postgres

pytestmark = pytest.mark.slow

SWEEP = """
[sweep]
name = "crash"
trials = 20
seed = 2
pruner = "median"
generation = 8

[data]
name = "digits"
folds = 2

[training]
epochs = 10
monitor_training = false

[space]
learning_rate = { low = 0.05, high = 4.0, log = true }
lmbda = { choices = [0.1, 1.0, 200000.0] }
mini_batch_size = { choices = [20, 50, 500] }
hidden_units = { low = 10, high = 40, step = 10 }
"""

COMPETING = SWEEP.replace("trials = 20", "trials = 18")
COMPETING = COMPETING.replace("generation = 8", "generation = 9").replace("median", "promotion")

ROWS_SLOWLY = """
import sys, time
from pathlib import Path

folder = Path(sys.argv[2])
folder.mkdir(exist_ok=True)
(folder / "epochs.csv").touch()
table = folder / "trials.csv"
done = table.read_text().count("\\n") if table.exists() else 0
for row in range(done, 21):
    with table.open("a") as file:
        file.write(f"{row}\\n")
    time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def crash(tmp_path_factory: pytest.TempPathFactory) -> Crash:
    return Crash(SWEEP, tmp_path_factory.mktemp("crash"), seed=1, jobs=2)


@pytest.fixture(scope="module")
def competing(tmp_path_factory: pytest.TempPathFactory) -> Crash:
    return Crash(COMPETING, tmp_path_factory.mktemp("competing"), seed=2, jobs=2, burst=9)


def test_the_sweep_is_eventful(crash: Crash) -> None:
    events = crash.events()
    assert events["pruned"] >= 5
    assert events["diverged"] >= 1
    assert events["out of order"] >= 1


def test_one_and_four_jobs_databases_and_a_cluster(
    crash: Crash, tmp_path: Path, postgres_server: Postgres, cluster: DaskCluster
) -> None:
    sqlite = f"sqlite:///{tmp_path}/study.db"
    assert crash.run("SQLite", jobs=1, storage=sqlite).different == 0
    assert crash.run("PostgreSQL", jobs=4, storage=postgres_server.new_database()).different == 0
    assert crash.run("Dask", scheduler=cluster.address).different == 0


def test_killed_at_random_instants(crash: Crash, tmp_path: Path, postgres_server: Postgres) -> None:
    storages = [
        postgres_server.new_database,
        lambda: f"sqlite:///{tmp_path}/study.db",
        lambda: "journal",
    ]
    line = crash.kill_group("killed", 3, storages)
    assert (line.kills, line.different) == (3, 0)


def test_a_run_that_ended_before_the_signal_was_not_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How kills are counted depends on no sweep: a script that writes a table takes its place."""
    monkeypatch.setattr("benchmarks.crash.RUN", ROWS_SLOWLY)
    crash = Crash("", tmp_path, seed=1, jobs=1)
    real, killed = os.killpg, list[int]()

    def late_at_first(pid: int, number: signal.Signals) -> None:
        if not killed:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        killed.append(pid)
        real(pid, number)

    monkeypatch.setattr(os, "killpg", late_at_first)
    line = crash.kill_group("killed", 1, [lambda: "journal"])
    assert (line.kills, line.different, len(killed)) == (1, 0, 2)


def test_workers_killed_at_random_instants(crash: Crash, cluster: DaskCluster) -> None:
    line = crash.kill_worker("loky", 3, {"jobs": 2}, set())
    assert (line.kills, line.different) == (3, 0)
    dask = {"scheduler": cluster.address}
    line = crash.kill_worker("dask", 2, dask, {nanny.pid for nanny in cluster.nannies})
    assert (line.kills, line.different) == (2, 0)


def test_trials_that_compete_at_any_rung(competing: Crash, cluster: DaskCluster) -> None:
    assert competing.events()["pruned"] >= 8
    assert competing.run("Dask", scheduler=cluster.address).different == 0
    line = competing.kill_group("killed", 2, [lambda: "journal"])
    assert (line.kills, line.different) == (2, 0)
    line = competing.kill_worker("loky", 1, {"jobs": 2}, set())
    assert (line.kills, line.different) == (1, 0)

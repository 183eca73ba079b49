"""A sweep on Dask workers that are lost, restarted or of another kind while it runs.

The messages, and the same bytes as in a run without a fault.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from nncore.config import TrialConfig
from nncore.datasets import DataSet, DataSource, load_dataset
from sweeps.config import SweepConfig
from sweeps.environment import environment
from sweeps.errors import OutageError
from sweeps.progress import SweepProgress
from sweeps.sweep import run_sweep
from sweeps.workers.dask import DaskWorkers
from sweeps.workers.tasks import TrialTask
from tests.support.servers import DaskCluster, dask_cluster

Small = Callable[..., SweepConfig]
Tasks = Callable[..., list[TrialTask]]
AssertSame = Callable[[Path, Path], None]
HERE = Path(__file__).parent
pytestmark = [pytest.mark.dask, pytest.mark.slow]


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def points(tmp_path: Path) -> DataSet:
    """Return the data set of a small file."""
    file = tmp_path / "points.csv"
    rows = (f"{a},{b},{'near' if a + b < 20 else 'far'}" for a in range(20) for b in range(20))
    file.write_text("\n".join(["x,y,class", *rows]))
    return load_dataset(DataSource(str(file), label="class"))


@contextmanager
def unseen(
    workers: int, tmp_path: Path, *, same_addresses: bool = False, **settings: str
) -> Iterator[DaskCluster]:
    """Give a cluster whose workers have a cache of their own, so that they see no data."""
    variables = {
        "NNSWEEP_CACHE_DIR": str(tmp_path / "empty"),
        "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "2s",  # Dask's 30 s for one that just died
        **settings,
    }
    with dask_cluster(workers, variables, same_addresses=same_addresses) as started:
        yield started


@pytest.mark.parametrize(("workers", "same_addresses"), [(1, False), (2, False), (1, True)])
def test_data_that_were_sent_are_sent_again_if_all_who_had_them_are_lost(
    workers: int,
    same_addresses: bool,
    small: Small,
    points: DataSet,
    tmp_path: Path,
    assert_same: AssertSame,
) -> None:
    file = Path(points.source.name)
    config = small(data__name=str(file), data__label="class", sweep__trials=12)
    run_sweep(config, points, tmp_path / "whole")
    file.unlink()
    seen: set[int] = set()
    lost: set[int] = set()

    def kill_all(progress: SweepProgress) -> None:
        if progress.latest:
            seen.add(progress.latest.outcome.worker)
        if progress.done in (3, 6):
            lost.update(seen)
            for worker in seen:
                kill(worker)

    with unseen(workers, tmp_path, same_addresses=same_addresses) as far:
        result = run_sweep(
            config,
            points,
            tmp_path / "far",
            workers=DaskWorkers(far.address),
            on_progress=kill_all,
        )
    assert (result.done, result.failed) == (12, 0)
    assert len(lost) >= 2
    assert_same(tmp_path / "far", tmp_path / "whole")


@pytest.mark.parametrize(("workers", "same_addresses"), [(1, False), (1, True), (3, True)])
def test_a_trial_that_takes_down_all_who_had_the_data_has_failed_and_no_other(
    workers: int, same_addresses: bool, points: DataSet, tmp_path: Path, tasks: Tasks
) -> None:
    home = environment(points, 0)
    Path(points.source.name).unlink()
    wanted = tasks(3, points.source)
    wanted[1] = TrialTask(1, TrialConfig(epochs=13, hidden_units=(5,)), points.source, ((1, 0),))
    preload = {"DASK_DISTRIBUTED__WORKER__PRELOAD": f'["{HERE / "deadly.py"}"]'}
    with (
        unseen(workers, tmp_path, same_addresses=same_addresses, **preload) as mined,
        DaskWorkers(mined.address).start([points], home, lambda: False) as run,
    ):
        outcomes = dict(run(wanted))
    strikes = re.match(
        r"its worker died (\d) times while running only this trial", outcomes[1].error
    )
    assert strikes
    # A lone worker that returns under a new address is lost once at a time. If there are others, or
    # it returns under its old address before the client notices, Dask may lose four at a time.
    lost_singly = workers == 1 and not same_addresses
    assert 3 <= int(strikes[1]) <= (3 if lost_singly else 2 + 4)
    assert [outcomes[number].error for number in (0, 2)] == ["", ""]


def test_one_worker_goes_on_with_the_trials_of_three_that_are_lost(
    digits: DataSet, wait_until: Callable[..., None], tasks: Tasks
) -> None:
    home = environment(digits, 0)
    with dask_cluster(4) as shrinking, distributed_client(shrinking) as client:
        wait_until(lambda: len(client.nthreads()) == 4)
        with DaskWorkers(shrinking.address).start([digits], home, lambda: False) as run:
            outcomes = {}
            for number, outcome in run(tasks(16, digits.source, epochs=5)):
                outcomes[number] = outcome
                if len(outcomes) == 1:
                    for nanny in shrinking.nannies[1:]:
                        os.killpg(nanny.pid, signal.SIGKILL)
                    wait_until(lambda: len(client.nthreads()) == 1)
    assert sorted(outcomes) == list(range(16))
    assert not any(outcome.error for outcome in outcomes.values())


@contextmanager
def distributed_client(cluster: DaskCluster) -> Iterator[Any]:
    from distributed import Client

    connect: Any = Client
    with connect(cluster.address, set_as_default=False) as client:
        yield client


@contextmanager
def odd_worker(cluster: DaskCluster, folder: Path, home: dict[str, Any]) -> Iterator[None]:
    """Let a worker with another BLAS kernel join `cluster`."""
    kernels = {kernel["kernel"] for kernel in home["blas"]}
    other = "Nehalem" if "Haswell" in kernels else "Haswell"
    path = os.pathsep.join(sys.path)
    command = [sys.executable, "-m", "distributed.cli.dask_worker", "--no-dashboard", "--no-nanny"]
    process = subprocess.Popen(
        [*command, cluster.address, "--nthreads", "1", "--local-directory", str(folder / "odd")],
        env={**os.environ, "PYTHONPATH": path, "OPENBLAS_CORETYPE": other},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def test_a_worker_of_another_kind_that_joins_later_gets_no_trials(
    digits: DataSet,
    tmp_path: Path,
    wait_until: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
    tasks: Tasks,
) -> None:
    home = environment(digits, 0)
    workers: set[int] = set()
    with (
        dask_cluster(1) as mixed,
        distributed_client(mixed) as client,
        DaskWorkers(mixed.address).start([digits], home, lambda: False) as run,
    ):
        (good,) = (outcome.worker for _, outcome in run(tasks(1, digits.source)))
        with odd_worker(mixed, tmp_path, home):
            wait_until(lambda: len(client.nthreads()) == 2)
            for number, outcome in run(tasks(8, digits.source, epochs=3)):
                assert not outcome.error
                workers.add(outcome.worker)
                if number == 4:
                    kill(good)
    assert len(workers) == 2, "the good one, and the one that its nanny started in its place"
    (said,) = (
        r.getMessage() for r in caplog.records if "has a different environment" in r.getMessage()
    )
    assert said.startswith("Dask worker tcp://")
    assert "blas was " in said
    assert said.endswith("; it gets no trials")
    assert "\n" not in said


def test_a_cluster_left_with_different_environments_only_is_an_outage(
    cluster: DaskCluster, digits: DataSet, monkeypatch: pytest.MonkeyPatch, tasks: Tasks
) -> None:
    home = environment(digits, 0)
    wanted = r"no worker with the same environment .*; Dask worker tcp://.* packages was .*, is "
    with DaskWorkers(cluster.address).start([digits], home, lambda: False) as run:
        monkeypatch.setattr("sweeps.workers.dask_pool.NO_WORKER_SECONDS", 1)
        home["packages"] = {"numpy": "1.0"}  # as if those that were asked had not been here
        with pytest.raises(OutageError, match=wanted) as error:
            list(run(tasks(2, digits.source)))
    assert "\n" not in str(error.value)

"""A sweep on real Dask workers over TCP: the same bytes, and what is said if it cannot be."""

import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nncore.config import TrialConfig
from nncore.datasets import DataSet, load_dataset
from nncore.errors import InputError
from sweeps.config import SweepConfig
from sweeps.environment import environment
from sweeps.errors import OutageError
from sweeps.progress import SweepProgress
from sweeps.sweep import run_sweep
from sweeps.workers.dask import DaskWorkers
from sweeps.workers.dask_client import Client, connected
from sweeps.workers.local import LocalWorkers
from sweeps.workers.tasks import TrialTask, run_task
from tests.support.servers import DaskCluster, dask_cluster

Small = Callable[..., SweepConfig]
Tasks = Callable[..., list[TrialTask]]
AssertSame = Callable[[Path, Path], None]
HERE = Path(__file__).parent
pytestmark = pytest.mark.dask


def test_a_sweep_has_the_same_bytes_though_workers_are_killed(
    cluster: DaskCluster, small: Small, digits: DataSet, tmp_path: Path, assert_same: AssertSame
) -> None:
    config = small(sweep__replicates=2, sweep__pruner="median")
    run_sweep(config, digits, tmp_path / "whole")
    killed = []

    def kill(progress: SweepProgress) -> None:
        if progress.latest and progress.done in (2, 6):
            killed.append(progress.latest.outcome.worker)
            with suppress(ProcessLookupError):
                os.kill(killed[-1], signal.SIGKILL)

    workers = DaskWorkers(cluster.address)
    run_sweep(config, digits, tmp_path / "killed", workers=workers, on_progress=kill)
    assert len(killed) == 2
    assert os.getpid() not in killed
    assert_same(tmp_path / "killed", tmp_path / "whole")


def test_a_stop_finishes_the_running_trials(
    cluster: DaskCluster, digits: DataSet, tasks: Tasks
) -> None:
    asked = iter(range(100))
    home = environment(digits, 0)
    with DaskWorkers(cluster.address).start([digits], home, lambda: next(asked) >= 3) as run:
        assert sorted(number for number, _ in run(tasks(9, digits.source))) == [0, 1, 2]


@pytest.mark.parametrize("folds", [None, 2])
def test_data_that_workers_cannot_see_are_sent(
    folds: int | None, small: Small, tmp_path: Path, assert_same: AssertSame
) -> None:
    file = tmp_path / "points.csv"
    cells = ((a, b, a // 2, "near" if a + b < 20 else "far") for a in range(20) for b in range(20))
    file.write_text("\n".join(["x,y,plot,class", *(",".join(map(str, row)) for row in cells)]))
    columns = {"data__label": "class", "data__group": "plot"}
    config = small(data__name=str(file), **columns, data__folds=folds, sweep__trials=6)
    dataset = load_dataset(config.data.source)
    run_sweep(config, dataset, tmp_path / "whole")
    file.unlink()  # this process has the data, and their folds, in its cache
    with dask_cluster(env={"NNSWEEP_CACHE_DIR": str(tmp_path / "empty")}) as far:
        run_sweep(config, dataset, tmp_path / "far", workers=DaskWorkers(far.address))
    assert not (tmp_path / "empty").exists() or not any((tmp_path / "empty").rglob("*.npy"))
    assert_same(tmp_path / "far", tmp_path / "whole")


def test_a_worker_with_another_blas_kernel_is_refused_in_one_line(
    small: Small, tmp_path: Path, digits: DataSet
) -> None:
    kernels = {kernel["kernel"] for kernel in environment(digits, 0)["blas"]}
    other = "Nehalem" if "Haswell" in kernels else "Haswell"
    with (
        dask_cluster(1, {"OPENBLAS_CORETYPE": other}) as odd,
        pytest.raises(
            InputError, match=r"Dask worker tcp://.* has a different environment"
        ) as error,
    ):
        run_sweep(small(), digits, tmp_path / "run", workers=DaskWorkers(odd.address))
    assert re.search(rf"blas was .*, is .*'kernel': '{other}'", str(error.value))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("packages", "packages was .*, is "),
        ("data", "different environment: the content of data set `digits` differs"),
    ],
)
def test_other_data_or_versions_are_refused_before_a_trial_runs(
    key: str, said: str, cluster: DaskCluster, digits: DataSet
) -> None:
    home, dataset = environment(digits, 0), digits
    if key == "packages":
        home[key] = {"numpy": "1.0"}
    else:
        dataset = replace(digits, sha256="other")
    with pytest.raises(InputError, match=said) as error:
        DaskWorkers(cluster.address).start([dataset], home, lambda: False).__enter__()
    assert "\n" not in str(error.value)


def test_a_worker_needs_no_package_that_only_proposes(
    cluster: DaskCluster, digits: DataSet, tasks: Tasks
) -> None:
    home = environment(digits, 0, ["cmaes"]) | {
        "sampler_packages": {"cmaes": "0.1", "torch": "0.1"}
    }
    with DaskWorkers(cluster.address).start([digits], home, lambda: False) as run:
        assert [outcome.error for _, outcome in run(tasks(1, digits.source))] == [""]


def test_an_error_of_a_worker_is_that_of_its_trial_and_not_of_the_scheduler(
    cluster: DaskCluster, digits: DataSet, monkeypatch: pytest.MonkeyPatch, tasks: Tasks
) -> None:
    def unreadable(task: TrialTask, *arguments: object) -> None:
        if task.number == 1:
            raise OSError(5, "Input/output error", "x.npy")

    def run_remotely(task: TrialTask, *arguments: object) -> object:
        unreadable(task)
        return run_task(task)

    home = environment(digits, 0)
    monkeypatch.setattr("sweeps.workers.dask_pool.run_remotely", run_remotely)
    with DaskWorkers(cluster.address).start([digits], home, lambda: False) as run:
        outcomes = dict(run(tasks(3, digits.source)))
    assert [outcomes[number].state for number in range(3)] == ["complete", "failed", "complete"]
    error = outcomes[1].error
    assert "in unreadable" in error
    assert error.endswith("OSError: [Errno 5] Input/output error: 'x.npy'\n")


def test_a_trial_that_takes_its_workers_down_has_failed_and_no_other(
    digits: DataSet, tmp_path: Path, tasks: Tasks
) -> None:
    settings = {
        "DASK_DISTRIBUTED__WORKER__PRELOAD": f'["{HERE / "deadly.py"}"]',
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",  # more only take longer
    }
    wanted = tasks(5, digits.source)
    wanted[2] = TrialTask(2, TrialConfig(epochs=13, hidden_units=(5,)), digits.source, ((2, 0),))
    home = environment(digits, 0)
    with (
        dask_cluster(2, settings) as mined,
        DaskWorkers(mined.address).start([digits], home, lambda: False) as run,
    ):
        outcomes = dict(run(wanted))
    assert sorted(outcomes) == list(range(5))
    assert outcomes.pop(2).error.startswith("its worker died 3 times while running only this trial")
    assert [outcome.error for outcome in outcomes.values()] == [""] * 4


def test_a_scheduler_that_goes_away_ends_the_sweep_in_one_line_and_it_goes_on(
    small: Small, digits: DataSet, tmp_path: Path, assert_same: AssertSame
) -> None:
    run_sweep(small(), digits, tmp_path / "whole")
    with dask_cluster(1) as lost:

        def kill(progress: SweepProgress) -> None:
            if progress.done == 6 and progress.latest:
                os.killpg(lost.scheduler.pid, signal.SIGKILL)

        with pytest.raises(OutageError, match=rf"^the Dask scheduler at {lost.address} is gone$"):
            run_sweep(
                small(),
                digits,
                tmp_path / "run",
                workers=DaskWorkers(lost.address),
                on_progress=kill,
            )
    run_sweep(small(), digits, tmp_path / "run", workers=LocalWorkers(2))
    assert_same(tmp_path / "run", tmp_path / "whole")


def test_a_scheduler_that_goes_away_before_it_counts_threads_is_an_outage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with dask_cluster(0) as lost:

        @contextmanager
        def connected_then_lost(scheduler: str) -> Iterator[Client]:
            with connected(scheduler) as client:
                os.killpg(lost.scheduler.pid, signal.SIGKILL)
                lost.scheduler.wait()
                yield client

        monkeypatch.setattr("sweeps.workers.dask.connected", connected_then_lost)
        with pytest.raises(OutageError, match=rf"^the Dask scheduler at {lost.address} is gone$"):
            DaskWorkers(lost.address).parallel_trials()


@pytest.mark.parametrize("scheduler", [None, "", " ", 8786])
def test_a_scheduler_without_an_address_is_refused_before_dask_is_asked(scheduler: Any) -> None:
    message = f"`scheduler` must be the address of a Dask scheduler, .*, got {scheduler!r}$"
    with pytest.raises(InputError, match=message) as error:
        DaskWorkers(scheduler)
    assert error.value.argument == "scheduler"


def test_a_cluster_without_workers_is_refused(
    small: Small, digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweeps.workers.dask_pool.NO_WORKER_SECONDS", 1)
    with (
        dask_cluster(0) as empty,
        pytest.raises(OutageError, match="has had no worker for 1 sec"),
    ):
        run_sweep(small(), digits, tmp_path / "run", workers=DaskWorkers(empty.address))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (
            "tcp://127.0.0.1:1",
            "`scheduler` must be the address of a Dask scheduler, .*got 'tcp://127.0.0.1:1'",
        ),
        ("nowhere://x", "`scheduler` must be the address of a"),
    ],
)
def test_a_wrong_address_is_refused_in_one_line_and_nothing_is_written(
    address: str,
    message: str,
    small: Small,
    digits: DataSet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sweeps.workers.dask_client.CONNECT_SECONDS", 1)
    with pytest.raises(InputError, match=message) as error:
        run_sweep(small(), digits, tmp_path / "run", workers=DaskWorkers(address))
    assert "\n" not in str(error.value)
    assert error.value.argument == "scheduler"
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("address", ["nowhere://x", "tcp://host:none", "tls://127.0.0.1:1", ""])
def test_a_client_that_cannot_connect_is_closed_at_once(address: str) -> None:
    """Left to the garbage collector, it could lock a process that starts another client."""
    before = set(threading.enumerate())
    with pytest.raises(InputError) as error, connected(address):
        pass
    assert error.value.__cause__, "which keeps the client, if it is left open"
    assert set(threading.enumerate()) == before


def test_a_setting_of_dask_that_is_wrong_is_one_line() -> None:
    """It fails before the client has started anything that could be closed."""
    import dask

    tls = "distributed.comm.tls"
    files = {f"{tls}.ca-file": "/no.pem", f"{tls}.client.cert": "/no", f"{tls}.client.key": "/no"}
    with (
        dask.config.set(files),
        pytest.raises(InputError, match=r"got 'tcp://127.0.0.1:1': .*No such file"),
        connected("tcp://127.0.0.1:1"),
    ):
        pass


def test_without_dask_the_extra_is_named(
    small: Small, digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install .*\[dask\]'"):
        run_sweep(small(), digits, tmp_path / "run", workers=DaskWorkers("tcp://h:1"))


def test_what_dask_logs_is_as_before(cluster: DaskCluster, digits: DataSet) -> None:
    before = logging.getLogger("distributed").level
    with DaskWorkers(cluster.address).start([digits], environment(digits, 0), lambda: False):
        assert logging.getLogger("distributed").level == logging.CRITICAL
    assert logging.getLogger("distributed").level == before

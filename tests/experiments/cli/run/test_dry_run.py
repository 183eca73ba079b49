"""`run --dry-run` refuses what the run would refuse, in the same line, and writes nothing."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sweeps import DaskWorkers
from tests.support.servers import DaskCluster, dask_cluster

QUICK = ("--data", "digits", "--set", "training.epochs=1", "--trials", "2")
RUN = ("run", *QUICK, "--out", "run")


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(nnsweep, *words: str) -> str:
    """Check that the run and the dry run refuse in one and the same line, and return it."""
    before = files(Path.cwd())
    dry = nnsweep(*RUN, *words, "--dry-run")
    assert (dry.code, dry.out, dry.err.count("\n")) == (2, "", 1)
    assert files(Path.cwd()) == before
    wet = nnsweep(*RUN, *words)
    assert (wet.code, wet.err) == (2, dry.err)
    return dry.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--storage", "sweeps.db"], "`--storage` must be a URL"),
        (["--storage", "foo://x"], "unknown scheme of `--storage` `foo`; known: mysql, postgresql"),
        (["--storage", "mysql://h/db"], "needs the database driver `mysql`"),
        (["--storage", "sqlite:///none/x.db"], "must be a database that can be opened"),
        (["--storage", "postgresql://u@127.0.0.1:1/db"], "must be a database that can be opened"),
        (["--backend", "dusk"], "unknown `--backend` `dusk`; did you mean `dask`"),
        (["--backend", "dask"], "`--scheduler` must be given with --backend dask"),
        (["--scheduler", "tcp://h:1"], "`--scheduler` must be used with --backend dask only"),
        (["--backend", "dask", "--scheduler", "no://x"], "`--scheduler` must be the address of a"),
    ],
)
def test_where_the_work_is_done(nnsweep, words: list[str], expected: str) -> None:
    assert expected in refused(nnsweep, *words)
    assert not Path("run").exists()


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ([], "Judged by validation accuracy; sampler tpe; pruner none"),
        (
            ["sweep.metric=log_loss", "sweep.pruner=median", "sweep.replicates=3"],
            "Judged by validation log loss; sampler tpe; pruner median; 3 seeds per trial",
        ),
        (
            ["sweep.sampler=random", "data.folds=4"],
            "Judged by validation accuracy; sampler random; pruner none; each trial on 4 folds",
        ),
    ],
)
def test_the_plan_says_how_trials_are_judged(nnsweep, settings: list[str], line: str) -> None:
    answer = nnsweep(*RUN, *(word for one in settings for word in ("--set", one)), "--dry-run")
    assert answer.out.splitlines()[1] == line


def test_a_sweep_with_a_warm_up_is_timed(nnsweep) -> None:
    """One epoch is timed, which has no room for a warm-up."""
    longer = ("--set", "training.epochs=9", "--set", "training.warmup=3")
    assert "Estimated time: " in nnsweep(*RUN, *longer, "--dry-run").out


def test_another_config_or_fewer_trials(nnsweep) -> None:
    nnsweep(*RUN)
    assert "settings differ in `sweep.seed`" in refused(nnsweep, "--set", "sweep.seed=99")
    assert "`sweep.trials` must be >= 2" in refused(nnsweep, "--trials", "1")


def test_another_environment_unless_anyway(nnsweep) -> None:
    nnsweep(*RUN)
    path = Path("run/environment.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "python": "3.0"}))
    assert "python was 3.0" in refused(nnsweep)
    assert nnsweep(*RUN, "--anyway", "--dry-run").code == 0


def test_a_good_database_and_scheduler_are_planned_with_and_left_as_they_are(
    nnsweep, cluster: DaskCluster, wait_until: Callable[..., None]
) -> None:
    wait_until(lambda: DaskWorkers(cluster.address).parallel_trials() == 2)  # both have joined
    where = ["--backend", "dask", "--scheduler", cluster.address]
    answer = nnsweep(*RUN, *where, "--storage", "sqlite:///new.db", "--dry-run")
    assert (answer.code, answer.err) == (0, "")
    assert "Run folder: run\n" in answer.out
    assert "with 2 trials at a time" in answer.out, (
        "the cluster has two workers with one thread each"
    )
    assert list(Path.cwd().iterdir()) == []


def test_a_number_of_jobs_is_refused_on_a_cluster(nnsweep, cluster: DaskCluster) -> None:
    where = ["--backend", "dask", "--scheduler", cluster.address]
    assert "`--jobs` must be left out with --backend dask" in refused(nnsweep, *where, "--jobs=2")
    assert not Path("run").exists()


def test_a_generation_too_small_for_the_worker_threads_is_noted(
    nnsweep, cluster: DaskCluster
) -> None:
    where = ["--backend", "dask", "--scheduler", cluster.address]
    notes = nnsweep(*RUN, *where, "--set", "sweep.generation=2").err
    expected = "sweep.generation = 2 leaves some of 2 workers idle; 4 keeps most of them busy, but"
    assert expected in notes


@pytest.mark.dask
def test_a_cluster_without_workers(nnsweep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sweeps.workers.dask_pool.NO_WORKER_SECONDS", 1)
    with dask_cluster(0) as empty:
        where = ["--backend", "dask", "--scheduler", empty.address]
        answer = nnsweep(*RUN, *where, "--dry-run")
    assert answer.code == 2
    assert "has had no worker for 1 sec" in answer.err
    assert list(Path.cwd().iterdir()) == []


def test_dry_run_shows_the_plan_and_writes_nothing(nnsweep, tmp_path: Path) -> None:
    answer = nnsweep("run", "--dry-run", *QUICK[:-1], "4", "--jobs", "1")
    assert answer.code == 0
    assert "4 trials on digits (1,259 training examples)" in answer.out
    assert re.search(r"learning_rate +0.01 to 10.0 \(log\)", answer.out)
    assert re.search(r"hidden_units +10 to 100 in steps of 10", answer.out)
    assert re.search(r"cost +one of quadratic, cross-entropy", answer.out)
    assert re.search(r"Estimated time: [\d.]+ (s|min) with 1 trial at a time", answer.out)
    assert list(tmp_path.iterdir()) == []

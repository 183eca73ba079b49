"""Several runs that use a new database at the same time: each of them gets its own study in it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sweeps.study.database import open_database
from tests.support.patience import PATIENCE
from tests.support.servers import postgres

PROCESSES, ROUNDS = 3, 2
# Opens one new database after another, each at a time that all processes agree on.
OPENS = """
import sys, time
from sweeps.study.database import open_database
process, start, *urls = sys.argv[1:]
for number, url in enumerate(urls):
    while time.time() < float(start) + number:
        pass
    with open_database(url) as database:
        database.backend.create_new_study([1], f"study-{process}")
print("done")
"""


@contextmanager
def sqlite(folder: Path) -> Iterator[Callable[[], str]]:
    numbers = iter(range(ROUNDS))
    yield lambda: f"sqlite:///{folder / f'{next(numbers)}.db'}"


@contextmanager
def postgresql(folder: Path) -> Iterator[Callable[[], str]]:
    with postgres() as server:
        yield server.new_database


@pytest.mark.slow
@pytest.mark.parametrize("server", [sqlite, pytest.param(postgresql, marks=pytest.mark.postgres)])
def test_processes_that_use_a_new_database_at_once(server: Callable, tmp_path: Path) -> None:
    with server(tmp_path) as new_database:
        urls = [new_database() for _ in range(ROUNDS)]
        start = str(time.time() + 6)  # by then, all processes have loaded Optuna
        words = [sys.executable, "-c", OPENS]
        processes = [
            subprocess.Popen(
                [*words, str(process), start, *urls],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for process in range(PROCESSES)
        ]
        said = [process.communicate(timeout=PATIENCE) for process in processes]
        assert [out for out, _ in said] == ["done\n"] * PROCESSES, said
        for url in urls:
            with open_database(url, to_read=True) as database:
                names = {study.study_name for study in database.backend.get_all_studies()}
            assert names == {f"study-{process}" for process in range(PROCESSES)}

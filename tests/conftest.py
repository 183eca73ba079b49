"""Where the tests find their data and servers, in which order they run, and what marks they bear.

The run has a cache of its own, never the user's, and says which tests it skips for want of data.
"""

import hashlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support.data_folder import data_folder
from tests.support.patience import PATIENCE
from tests.support.servers import DaskCluster, Postgres, dask_cluster, postgres

# No test depends on the clock: on a busy machine an example may take any time. All other settings
# are Hypothesis's own: it draws new examples in each run, but on CI always the same ones.
settings.register_profile("nnsweep", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("nnsweep")

MARKS = {"postgres_server": "postgres", "cluster": "dask", "browser": "browser"}
"""The mark that a test gets for each fixture that it uses."""

MNIST_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
BOOK_FIGURES_SHA256 = {
    "multiple_eta": "5703710ec2e9915e0f9b29e84ffcfb66a3c47d31e264fcc739d9e24c18c79c96",
    "overfitting": "721a998b496cd1fb9c5b19cdae41e50e277500cd9c3d3fd06998c9c850f4c26d",
    "weight_initialization_30": "d3c60914786448a388920b072d2c0c1d3772dc815fef2f03a9695d4a60ac5b2c",
}


def pytest_configure() -> None:
    """Let all tests, and the processes that they start, find the full data sets."""
    if folder := data_folder():
        os.environ["NNSWEEP_DATA_DIR"] = str(folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a server or a browser, and run the slow files first.

    A slow file that came last would keep one worker busy while the others have nothing left to do.
    """
    for item in items:
        for fixture, mark in MARKS.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)
    slow_files = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow_files)


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """Return a function that waits until something can be seen to have happened.

    It fails if the `process` that is to make it happen, if any, ends before, or takes too long.
    """

    def wait(happened: Callable[[], bool], process: "subprocess.Popen[str] | None" = None) -> None:
        deadline = time.monotonic() + PATIENCE
        while not happened():
            late = time.monotonic() > deadline
            if process and late:
                process.kill()
            if process and process.poll() is not None:
                pytest.fail(f"the process ended before: {process.communicate()}")
            assert not late
            time.sleep(0.005)

    return wait


@pytest.fixture(scope="session", autouse=True)
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the whole test run one cache folder of its own."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NNSWEEP_CACHE_DIR", str(folder))
        yield folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """Give a PostgreSQL server; where there is none installed, the test fails."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def cluster(cache_dir: Path) -> Iterator[DaskCluster]:
    """Give a Dask cluster of two workers, which share the tests' cache."""
    with dask_cluster() as started:
        yield started


@pytest.fixture(scope="session")
def full_mnist() -> None:
    """Skip the test unless the four MNIST files are in the user's data folder."""
    folder = Path(os.environ.get("NNSWEEP_DATA_DIR", ""), "mnist")
    missing = [name for name in MNIST_FILES if not (folder / name).exists()]
    if missing:
        pytest.skip(f"needs the MNIST files in $NNSWEEP_DATA_DIR/mnist/, without {missing[0]}")


@pytest.fixture(scope="session")
def fashion_mnist_files() -> None:
    """Skip the test unless Fashion-MNIST is in the user's data folder or installed."""
    given = Path(os.environ.get("NNSWEEP_DATA_DIR", ""), "fashion-mnist")
    folders = (given, Path("/usr/share/datasets/fashion-mnist"))
    if not any(all((folder / name).exists() for name in MNIST_FILES) for folder in folders):
        pytest.skip(
            "needs Debian's package dataset-fashion-mnist, or $NNSWEEP_DATA_DIR/fashion-mnist/"
        )


@pytest.fixture(scope="session")
def book_figure() -> Callable[[str], Any]:
    """Return a function that reads one of the book's result files, checked by its hash.

    Skip the test unless they are in the user's data folder.
    """
    folder = Path(os.environ.get("NNSWEEP_DATA_DIR", ""), "book-figures")
    missing = [name for name in BOOK_FIGURES_SHA256 if not (folder / f"{name}.json").exists()]
    if missing:
        pytest.skip(
            f"needs the book's files in $NNSWEEP_DATA_DIR/book-figures/, without {missing[0]}.json"
        )

    def read(name: str) -> Any:
        content = (folder / f"{name}.json").read_bytes()
        assert hashlib.sha256(content).hexdigest() == BOOK_FIGURES_SHA256[name]
        return json.loads(content)

    return read

"""Where the tests find their data, and a cache of their own.

So a test run never touches the user's cache, and says which tests it left out for want of data.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

MNIST_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


@pytest.fixture(scope="session", autouse=True)
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the whole test run one cache folder of its own."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NNSWEEP_CACHE_DIR", str(folder))
        yield folder


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

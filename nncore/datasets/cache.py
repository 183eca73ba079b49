"""The cache of built data sets: one folder of .npy files each, memory-mapped by every reader.

A folder is written elsewhere and renamed into its place, so a reader sees all of it or nothing.
"""

import errno
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from nncore.datasets.columns.inputs import encoding_as_json, encoding_from_json
from nncore.datasets.columns.kinds import ColumnInfo
from nncore.datasets.data_source import DataSource
from nncore.datasets.dataset import (
    ARRAYS,
    SPLITS,
    DataSet,
    Split,
    content_sha256,
    named_arrays,
    scaling_as_json,
)
from nncore.datasets.scaling import Scaling
from nncore.errors import InputError

META = "meta.json"

# The exceptions of json and of NumPy's reader of .npy headers on bytes of another format.
_UNREADABLE = (
    OSError,
    EOFError,
    KeyError,
    OverflowError,
    SyntaxError,
    TokenError,
    TypeError,
    ValueError,
)


class DamagedError(Exception):
    """The stored data set is missing, truncated or changed, and must be built again."""


def cache_folder() -> Path:
    """Return `$NNSWEEP_CACHE_DIR` if it is set, else the platform's folder for caches."""
    given = os.environ.get("NNSWEEP_CACHE_DIR")
    if given:
        return Path(given).expanduser()
    return user_cache_path("nnsweep")


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Turn a failure to write below the cache folder `root` into an `InputError` that names it."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cache folder `{root}` must be writable (`NNSWEEP_CACHE_DIR` can name another), "
            f"got: {error.strerror or error}"
        ) from error


def is_stored(folder: Path) -> bool:
    """Return whether a data set was stored in `folder`, complete or not."""
    try:
        (folder / META).stat()
    except OSError:
        return False
    return True


def load(folder: Path, source: DataSource, *, verify: bool) -> DataSet:
    """Return the data set of `source` from `folder`; its arrays are views of the mapped files.

    With `verify`, the hash of the content is compared with the hash in its description.

    Raises `DamagedError` if files are missing or unreadable, or the hash differs.
    """
    try:
        data_set = _map(folder, source)
        intact = not verify or content_sha256(data_set) == data_set.sha256
    except _UNREADABLE as error:
        raise DamagedError(str(error)) from error
    if not intact:
        raise DamagedError(f"the content of {folder} has changed")
    return data_set


def store(data_set: DataSet, root: Path, folder: Path) -> DataSet:
    """Write `data_set` to `folder`, below the cache folder `root`, and return it as `load` does.

    It replaces the content of `folder`. If several processes do this at once, one of them wins and
    all can continue.

    Raises `InputError` if the cache folder cannot be written.
    """
    with writing(root):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".building-", dir=folder.parent) as temporary:
            new = Path(temporary, "new")
            _write(data_set, new)
            # Mapped before the rename: mapped files stay readable if the folder is replaced later.
            mapped = _map(new, data_set.source)
            _put(new, folder, aside=Path(temporary, "old"))
    return mapped


def _put(new: Path, folder: Path, aside: Path) -> None:
    with suppress(FileNotFoundError):
        folder.rename(aside)
    try:
        new.rename(folder)
    except OSError as error:
        # Another process has put the same content there in the meantime.
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise


def _write(data_set: DataSet, folder: Path) -> None:
    folder.mkdir()
    for name, array in named_arrays(data_set):
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    encoding = data_set.scaling.encoding
    meta = {
        "classes": data_set.classes,
        "scaling": scaling_as_json(data_set.scaling),
        "image_shape": data_set.image_shape,
        "inputs": data_set.inputs,
        "encoding": None if encoding is None else encoding_as_json(encoding),
        "identifiers": data_set.identifiers,
        "columns": [asdict(column) for column in data_set.columns],
        "targets": _targets_as_json(data_set.targets),
        "sha256": data_set.sha256,
    }
    (folder / META).write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")


def _targets_as_json(targets: Scaling | None) -> dict[str, Any] | None:
    if targets is None:
        return None
    return {"names": targets.names, "scaling": scaling_as_json(targets)}


def _targets_from_json(described: Any) -> Scaling | None:
    return None if described is None else _scaling(described["scaling"], described["names"], None)


def _map(folder: Path, source: DataSource) -> DataSet:
    meta = json.loads((folder / META).read_text(encoding="utf-8"))
    classes = tuple(meta["classes"])
    targets = _targets_from_json(meta.get("targets"))  # none in caches of earlier versions
    train, validation, test = (
        Split(**{k: _map_array(folder / f"{split}_{k}.npy") for k in ARRAYS}, targets=targets)
        for split in SPLITS
    )
    return DataSet(
        source=source,
        train=train,
        validation=validation,
        test=test,
        classes=classes,
        scaling=_scaling(meta["scaling"], meta.get("inputs"), meta.get("encoding")),
        image_shape=None if meta["image_shape"] is None else tuple(meta["image_shape"]),
        sha256=meta["sha256"],
        identifiers=tuple(meta.get("identifiers", ())),
        columns=tuple(ColumnInfo(**column) for column in meta.get("columns", ())),
    )


def _scaling(parts: Any, inputs: Any, encoding: Any) -> Scaling:
    # A number stays a number; a list becomes an array.
    offset, scale = (np.asarray(v, np.float64) if isinstance(v, list) else float(v) for v in parts)
    return Scaling(
        offset,
        scale,
        None if inputs is None else tuple(inputs),
        None if encoding is None else encoding_from_json(encoding),
    )


def _map_array(path: Path) -> NDArray[Any]:
    # A plain view: indexing an np.memmap is slower, and every result would be an np.memmap too.
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))

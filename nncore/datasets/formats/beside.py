"""Finds the files that belong to a file of inputs: its labels, and the test set of a training file.

They lie in the same folder, and their names differ from that of the inputs in a word or two.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nncore.errors import InputError, named

IDX_NAME = re.compile(r"idx[1-9]-ubyte(\.gz)?$", re.IGNORECASE)

LABEL_WORDS = (
    ("x", "y"),
    ("X", "y"),
    ("X", "Y"),
    ("images", "labels"),
    ("data", "target"),
    ("data", "labels"),
    ("features", "labels"),
)
"""The word of a name that stands for inputs, and the word for labels in its place."""

TEST_WORDS = (("train", "test"), ("train", "t10k"))
OTHER_LABELS = ("y.npy", "labels.npy")
"""The labels of a `.npy` file whose name has no word for inputs."""


class Pair(NamedTuple):
    """A file of inputs, and the file of their labels."""

    x: Path
    y: Path


def is_idx(name: str) -> bool:
    """Return whether a file of this name is in the IDX format, such as `train-images-idx3-ubyte`.

    The name may end in `.gz`, and a dot may stand before `idx3`.
    """
    return IDX_NAME.search(name) is not None


def pairs_of(path: Path) -> tuple[Pair, ...]:
    """Return the inputs at `path` with their labels and, for a training file, its test set.

    Raises `InputError` if the labels of a file of inputs are missing.
    """
    training = Pair(path, _labels_of(path))
    test = next(filter(Path.is_file, _test_names(path)), None)
    return (training,) if test is None else (training, Pair(test, _labels_of(test)))


def images_in(folder: Path) -> Path:
    """Return the file of images in a folder of IDX files: the training images, if they are there.

    Raises `InputError` if there is none, or several, or the folder cannot be read.
    """
    rule = "must hold one file of images, such as `train-images-idx3-ubyte`"
    try:
        there = sorted(path for path in folder.iterdir() if "idx3" in path.name.lower())
    except OSError as error:
        raise InputError(f"`{folder}` must be a readable folder, got: {error.strerror}") from error
    images = [path for path in there if is_idx(path.name)]
    images = [path for path in images if _has_word(path.name, "train")] or images
    if len({path.name.removesuffix(".gz") for path in images}) != 1:
        got = ", ".join(named(path.name, 40) for path in images[:5]) or "none"
        raise InputError(f"`{folder}` {rule}, got {got}")
    return images[0]


def _labels_of(path: Path) -> Path:
    names = list(dict.fromkeys(_label_names(path)))
    there = [path.with_name(name) for name in names]
    found = next((other for other in there if other.is_file() and other != path), None)
    if found is None:
        listed = " or ".join(f"`{named(name, 60)}`" for name in names[:2])
        raise InputError(f"`{path}` must have its labels in the same folder, in {listed}")
    return found


def _label_names(path: Path) -> Iterator[str]:
    idx = is_idx(path.name)
    known = False
    for word, other in LABEL_WORDS:
        if _has_word(path.name, word):
            known = True
            labels = _replaced(path.name, word, other)
            yield from _packed_or_not(_replaced(labels, "idx3", "idx1")) if idx else (labels,)
    if not known:
        yield from ("train-labels-idx1-ubyte",) if idx else OTHER_LABELS


def _test_names(path: Path) -> Iterator[Path]:
    for word, other in TEST_WORDS:
        if _has_word(path.name, word):
            test = _replaced(path.name, word, other)
            names = _packed_or_not(test) if is_idx(test) else (test,)
            yield from map(path.with_name, names)


def _packed_or_not(name: str) -> tuple[str, str]:
    """Return the name with the same ending, then the one that has `.gz` more or less."""
    plain = name.removesuffix(".gz")
    return (name, plain) if name != plain else (name, f"{name}.gz")


def _has_word(name: str, word: str) -> bool:
    return _word(word).search(name) is not None


def _replaced(name: str, word: str, other: str) -> str:
    return _word(word).sub(other, name)


def _word(word: str) -> re.Pattern[str]:
    """Return the pattern of a word between characters that are neither letters nor digits."""
    return re.compile(rf"(?<![A-Za-z0-9]){word}(?![A-Za-z0-9])")

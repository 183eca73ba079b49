"""Reads the JSON file of a network, as `network2.Network.save` and the book's program write it.

The file is not trusted: it is checked before memory for its sizes is taken, and nothing in it is
executed.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nncore.arrays.layout import Array
from nncore.book.examples import check_shapes, check_sizes
from nncore.errors import InputError

CORRUPT = (OverflowError, RecursionError, TypeError, ValueError)
"""The exceptions of json, NumPy and the checks below on a file that is not a saved network."""


class MissingFileError(InputError, FileNotFoundError):
    """A file that does not exist: wrong input here, and a `FileNotFoundError` in the book."""


@dataclass(frozen=True)
class SavedNetwork:
    """The content of a file: sizes, weights and biases in the book's shapes, the cost's name."""

    sizes: list[int]
    weights: list[Array]
    biases: list[Array]
    cost: str


def read_network_file(filename: str | Path) -> SavedNetwork:
    """Return the content of `filename`.

    Raises
    ------
    MissingFileError
        If the file is missing.
    InputError
        If it cannot be read or is not a saved network.
    """
    try:
        return _checked(json.loads(Path(filename).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise MissingFileError(f"network file {filename} must exist") from error
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"network file {filename} must be readable: {reason}") from error
    except CORRUPT as error:
        raise InputError(f"network file {filename} must be a saved network: {error}") from error


def _checked(saved: Any) -> SavedNetwork:
    keys = {"sizes", "weights", "biases", "cost"}
    if not isinstance(saved, dict) or not keys <= saved.keys():
        raise ValueError("it lacks sizes, weights, biases or cost")
    if not isinstance(saved["cost"], str):
        raise TypeError("its cost is not a name")
    weights = [np.array(w, np.float64) for w in saved["weights"]]
    biases = [np.array(b, np.float64) for b in saved["biases"]]
    check_sizes(saved["sizes"])
    check_shapes(saved["sizes"], weights, biases)
    return SavedNetwork(saved["sizes"], weights, biases, saved["cost"])

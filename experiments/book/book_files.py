"""The author's files: the results behind the figures of chapter 3, located, checked and read.

They belong to the book and are not part of this package; a missing file is fetched.
"""

import json
from collections.abc import Sequence
from typing import Any

from nncore.datasets.published.published_files import SourceFile, read_sources
from nncore.errors import InputError

GROUP = "book-figures"
MIRRORS = (
    "https://raw.githubusercontent.com/mnielsen/neural-networks-and-deep-learning/master/fig/",
)

SIZES = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
"""The training set sizes of the author's more_data.py."""

_CONTENTS = {
    "more_data": (63, "a72cc54bff860f796b858227d9e48ce863ab20b0d95dc428cdaf269429e77b03"),
    "more_data_svm": (63, "0123665ddcc70b65575b187e413cceb0a016da5550bc487216529dd366e344ec"),
    "multiple_eta": (1_931, "5703710ec2e9915e0f9b29e84ffcfb66a3c47d31e264fcc739d9e24c18c79c96"),
    "overfitting": (21_624, "721a998b496cd1fb9c5b19cdae41e50e277500cd9c3d3fd06998c9c850f4c26d"),
    "overfitting_full": (1_649, "fb706fd8d54a47ab8bcb059a4ab780503e848a706d544accdffb272d7c64efd6"),
    "regularized": (21_203, "5c969fce435aae558b131deb5eb8a5a98ee59bda53936e31720abe5f37fbae57"),
    "regularized_full": (1_641, "a8e2c6f6357cb6ef2fed20ffaeaf689159248f15bc9f1ce5f1ff7589f2762a92"),
    "weight_initialization_30": (
        456,
        "d3c60914786448a388920b072d2c0c1d3772dc815fef2f03a9695d4a60ac5b2c",
    ),
    "weight_initialization_100": (
        456,
        "57282de76dec79720ada7ca9f678aeaf739b85ca25242be923eff638d7f8b82d",
    ),
}

BOOK_FILES = {
    name: SourceFile(f"{name}.json", sha256, size, plain=True)
    for name, (size, sha256) in _CONTENTS.items()
}
"""The published files by their names."""


def read_figure(name: str, mirrors: Sequence[str] = MIRRORS) -> Any:
    """Return the content of the author's file `name`.json.

    The file comes from `$NNSWEEP_DATA_DIR/book-figures/`, from the cache, or from a mirror, in this
    order; its SHA-256 is checked in each case.

    Parameters
    ----------
    name
        A key of `BOOK_FILES`.
    mirrors
        Addresses to fetch from.

    Returns
    -------
    Any
        The parsed JSON; each file has its own layout, which `replays.catalogue` describes.

    Raises
    ------
    InputError
        If a file has the wrong content, or none can be read or fetched.
    """
    file = BOOK_FILES[name]
    return json.loads(read_sources(GROUP, [file], mirrors)[file.name])


class BookFiles:
    """The author's files, read when a study asks for them; None if a file is unavailable.

    Parameters
    ----------
    mirrors
        Addresses to fetch from.
    withheld
        Whether to give None for every file, because quick runs are not compared with the book.

    Attributes
    ----------
    missing
        The reason why each requested file is unavailable.
    """

    def __init__(self, mirrors: Sequence[str] = MIRRORS, *, withheld: bool = False) -> None:
        self._mirrors = mirrors
        self._read: dict[str, Any] = dict.fromkeys(BOOK_FILES) if withheld else {}
        self.missing: dict[str, str] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._read:
            try:
                self._read[name] = read_figure(name, self._mirrors)
            except InputError as error:
                self._read[name], self.missing[name] = None, str(error)
        return self._read[name]

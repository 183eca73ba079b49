"""Finds the folder of the full data sets, for the tests and for the installation of what they need.

It holds `mnist/`, `book-figures/` and `fashion-mnist/` with the original files.
"""

import os
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
FOLDERS = (CHECKOUT / "data", CHECKOUT.parent / "shared" / "data")
"""The places after $NNSWEEP_DATA_DIR: inside the checkout, and shared by several checkouts."""


def data_folder() -> Path | None:
    """Return the folder that $NNSWEEP_DATA_DIR names, else the first that exists, else None."""
    if given := os.environ.get("NNSWEEP_DATA_DIR"):
        return Path(given)
    return next((folder for folder in FOLDERS if folder.is_dir()), None)

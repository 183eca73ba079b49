"""Which network of a run folder is used: the certified one if there is one, else the search's best.

It loads no NumPy, so that commands know the names of the files at no cost.
"""

import hashlib
import json
from pathlib import Path

from nncore.errors import InputError

BEST_MODEL = "best.npz"
"""The best network of the search."""
CONFIRMED_MODEL = "confirmed.npz"
"""The certified network: the ensemble of the winner's networks."""
CONFIRMATION_RECORD = "confirmation.json"


def shipped_model(folder: Path) -> Path:
    """Return the path of the certified network of a run, or of its best if none is certified.

    Raises
    ------
    InputError
        If there is neither, or `confirmed.npz` is not the file that `confirmation.json` certifies.
    """
    certified = _certified_sha256(folder / CONFIRMATION_RECORD)
    path = folder / (CONFIRMED_MODEL if certified else BEST_MODEL)
    if not path.is_file():
        raise InputError(f"`{folder}` must be a run folder with {path.name}, got no such file")
    if certified and file_sha256(path) != certified:
        raise InputError(
            f"`{path}` must be the file that {CONFIRMATION_RECORD} certifies, got another"
        )
    return path


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of the content of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _certified_sha256(record: Path) -> str | None:
    """Return the hash of the network that a confirmation certified, None if it certified none."""
    try:
        sha256 = json.loads(record.read_bytes())["test_set"].get("sha256")
    except FileNotFoundError:
        return None
    except (AttributeError, KeyError, OSError, RecursionError, TypeError, ValueError) as error:
        raise InputError(
            f"`{record}` must be the record of a confirmation, got another file"
        ) from error
    return None if sha256 is None else str(sha256)

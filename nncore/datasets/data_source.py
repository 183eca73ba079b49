"""Which data set is meant: a name of the catalogue, or a user's file and how to read it.

Small and picklable: a worker that is given one maps the same arrays as its parent.
"""

import hashlib
import math
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from nncore.datasets.scaling import SCALINGS
from nncore.errors import InputError, require, unknown

SUFFIXES = (".npz", ".csv")
SPLIT = (0.7, 0.15, 0.15)
SCALE = "unit"


def is_file_name(name: str) -> bool:
    """Return whether `name` means a user's file rather than a data set of the catalogue."""
    return Path(name).suffix.lower() in SUFFIXES


@dataclass(frozen=True)
class DataSource:
    """A data set by its `name`: of the catalogue, or the path of an `.npz` or `.csv` file.

    The rest is for files alone. `label` names the column of classes in a `.csv`; `split` gives the
    shares of training, validation and test rows; `scale` is "none", "unit" or "standard", fitted on
    the training rows. `path` and `sha256` are filled in by `located`: where the file is, whatever
    the working directory, and the hash of its content.

    Raises
    ------
    InputError
        If a value is out of its range or does not go with the kind of data set.
    """

    name: str
    label: str | None = None
    split: tuple[float, ...] = SPLIT
    scale: str = SCALE
    path: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        if not self.is_file:
            for key, plain in (("label", None), ("split", SPLIT), ("scale", SCALE)):
                rule = f"go with a {' or '.join(SUFFIXES)} file, not with `{self.name}`"
                require(getattr(self, key) == plain, key, rule, getattr(self, key))
        elif self.is_table:
            rule = f"name the column of classes in `{self.name}`"
            require(bool(self.label), "label", rule, self.label)
        else:
            rule = f"go with a .csv file, not with `{self.name}`"
            require(self.label is None, "label", rule, self.label)
        fit = (
            len(self.split) == 3
            and all(share > 0 for share in self.split)
            and math.isclose(sum(self.split), 1.0, abs_tol=1e-9)
        )
        rule = "be three shares above 0 whose sum is 1, of training, validation and test"
        require(fit, "split", rule, list(self.split))
        if self.scale not in SCALINGS:
            raise unknown("`scale`", self.scale, SCALINGS)

    @property
    def is_file(self) -> bool:
        """Whether it is a user's file."""
        return is_file_name(self.name)

    @property
    def is_table(self) -> bool:
        """Whether it is a `.csv` file."""
        return Path(self.name).suffix.lower() == ".csv"


def located(source: DataSource) -> DataSource:
    """Return the file `source` with its absolute path and the hash of its content.

    Raises `InputError` if there is no such file, or it cannot be read.
    """
    try:
        path = Path(source.name).expanduser().absolute()
    except RuntimeError as error:  # ~ of nobody
        raise InputError(f"data file `{source.name}` must be readable, got: {error}") from error
    return replace(source, path=str(path), sha256=file_sha256(path))


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of the file at `path`; `InputError` if it is none or unreadable."""
    try:
        # Not even opened unless it is a plain file: a pipe would wait for its writer.
        if stat.S_ISREG(path.stat().st_mode):
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:  # a ValueError tells of a zero byte in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"data file `{path}` must be readable, got: {reason}") from error
    raise InputError(f"data file `{path}` must be a plain file")

"""The source of a data set: a name in the catalogue, or a user's file and how to read it.

It is small and picklable: a worker that receives it maps the same arrays as its parent.
"""

import hashlib
import math
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from nncore.datasets.columns.inputs import MISSING, RARE, Missing
from nncore.datasets.formats.beside import images_in, is_idx, pairs_of
from nncore.datasets.formats.delimited import Dialect, check_dialect
from nncore.datasets.scaling import SCALINGS
from nncore.datasets.splitting import Part
from nncore.errors import InputError, require, unknown

ARFF, PARQUET = ".arff", ".parquet"
DECLARED = (ARFF, PARQUET)
"""The kinds of tables that declare their columns, so nothing about them has to be found."""
TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz", *DECLARED)
ARRAYS = (".npz", ".npy")
SUFFIXES = (*ARRAYS, *TABLES)
IDX = "idx-ubyte"
FILE_KINDS = f"{', '.join((*ARRAYS, IDX, *TABLES[:-1]))} or {TABLES[-1]}"
"""The kinds of a user's file, as messages name them."""

SPLIT = (0.7, 0.15, 0.15)
SCALE = "unit"
PLAIN_DIALECT: dict[str, object] = {
    "separator": None,
    "decimal": None,
    "encoding": None,
    "header": True,
}
"""The settings that only tables without declared columns have, and their values for others."""
PLAIN_TABLE: dict[str, object] = {
    "label": None,
    "ignore": (),
    "ignore_labels": (),
    "group": None,
    **PLAIN_DIALECT,
    "categories": (),
    "rare": RARE,
    "missing": "mean",
}
"""The settings that only tables have, and their values for other data sets."""
PLAIN = {"label": None, "target": (), "split": SPLIT, "scale": SCALE, "image": None, **PLAIN_TABLE}
"""The settings that only files have, and their values for a data set of the catalogue."""


def is_file_name(name: str) -> bool:
    """Return whether `name` is the path of a user's file rather than a name in the catalogue."""
    return file_kind(name) in (*SUFFIXES, IDX)


def file_kind(name: str) -> str:
    """Return the kind of a path, which decides how it is read: its suffix in lower case, or `IDX`.

    A path that ends in "/" is a folder of IDX files.
    """
    if name.endswith("/") or is_idx(name):
        return IDX
    *_, first, last = ["", "", *Path(name).suffixes]
    packed = f"{first}{last}".lower()
    return packed if packed in SUFFIXES else last.lower()


@dataclass(frozen=True)
class DataSource:
    """The source of a data set; every parameter but `name` and `part` is for files only.

    Parameters
    ----------
    name
        A name in the catalogue, or the path of a file: arrays (`.npz`, `.npy`, or IDX such as
        `train-images-idx3-ubyte.gz`) or a table (`.csv`, `.tsv`, `.csv.gz`, `.tsv.gz`, `.arff`,
        `.parquet`). A path that ends in "/" is a folder of IDX files.
    label
        The column that holds the classes of a table.
    target
        For regression, the columns of numbers to predict in a table, instead of a label; or the
        name of the array of numbers to predict in a file of arrays.
    split
        The fractions of training, validation and test rows. If the file has a test set of its own,
        the ratio of the first two divides the other rows.
    scale
        "none", "unit" (0 to 1) or "standard" (mean 0, standard deviation 1), fitted on the training
        rows.
    ignore
        The columns of a table that are not inputs, whatever they contain.
    ignore_labels
        The labels or targets of a table whose rows are left out, such as "NA"; "" is an empty cell.
    group
        The column of a table whose equal entries mark rows that no split may separate, such as a
        patient; it is not an input.
    image
        The height and width of the images whose pixels are the inputs, row by row. None means that
        the file itself tells: arrays by their shape, a table by columns `pixel0`, `pixel1` ….
    separator, decimal, encoding
        How a table is written: the character between cells, "." or "," in numbers, and the name of
        the encoding. None means that it is found. `.arff` and `.parquet` files declare their
        columns, so they have neither these nor `header`.
    header
        Whether the first line of a table has the names of its columns. Without them, the columns
        are called "0", "1", and so on.
    categories
        The columns of a table that are categories although they are numbers, or have a few words
        among numbers. Columns of text are always categories, or dates.
    rare
        The share of the training rows below which a category is rare; the rare categories of a
        column have one input together.
    missing
        An empty cell in a column of numbers is refused ("refuse"), becomes the mean of the training
        rows ("mean"), or becomes the mean and sets a further input to 1 ("indicator"). In a
        column of categories, an empty cell is a category.
    part
        A `Fold` or a `FreshSplit`, which divides the training and validation rows anew and leaves
        the test rows as they are. None is the ordinary split.
    path, sha256
        The absolute path of the file and the hash of its content, with that of the files that
        belong to it. If they are empty, the file is looked for by its `name`, from the working
        folder.

    Raises
    ------
    InputError
        If a value is out of its range or does not apply to this kind of data set.

    Examples
    --------
    >>> from nncore import DataSource
    >>> DataSource("iris.csv", label="species", scale="standard").is_file
    True
    >>> DataSource("iris.npz", label="y")
    Traceback (most recent call last):
        ...
    nncore.errors.InputError: `label` must go with a table, such as .csv, not `iris.npz`, got 'y'
    """

    name: str
    label: str | None = None
    target: tuple[str, ...] = ()
    split: tuple[float, ...] = SPLIT
    scale: str = SCALE
    ignore: tuple[str, ...] = ()
    ignore_labels: tuple[str, ...] = ()
    group: str | None = None
    image: tuple[int, int] | None = None
    separator: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    header: bool = True
    categories: tuple[str, ...] = ()
    rare: float = RARE
    missing: Missing = "mean"
    part: Part | None = None
    path: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        if not self.is_file:
            for key, plain in PLAIN.items():
                rule = f"go with a data file, not with `{self.name}`"
                require(getattr(self, key) == plain, key, rule, getattr(self, key))
        elif self.is_table:
            self._check_table()
        else:
            for key, plain in PLAIN_TABLE.items():
                rule = f"go with a table, such as .csv, not `{self.name}`"
                require(getattr(self, key) == plain, key, rule, getattr(self, key))
            rule = f"be the name of a single array in `{self.name}`"
            require(len(self.target) <= 1, "target", rule, list(self.target))
        fit = (
            len(self.split) == 3
            and all(share > 0 for share in self.split)
            and math.isclose(sum(self.split), 1.0, abs_tol=1e-9)
        )
        rule = "be three fractions > 0 with sum 1, for training, validation and test"
        require(fit, "split", rule, list(self.split))
        rule = "be a height and a width, two whole numbers >= 1"
        require(self.image is None or _is_image(self.image), "image", rule, self.image)
        if self.scale not in SCALINGS:
            raise unknown("`scale`", self.scale, SCALINGS)

    def _check_table(self) -> None:
        if not self.target:
            rule = f"name the column of classes in `{self.name}`"
            require(bool(self.label), "label", rule, self.label)
        else:
            rule = "be left out if `target` names the columns to predict"
            require(not self.label, "label", rule, self.label)
            different = len(set(self.target)) == len(self.target) and "" not in self.target
            require(different, "target", "name different columns", list(self.target))
        predicted = {self.label} if self.label else set(self.target)
        what = "label" if self.label else "target"
        rule = f"name other columns than the {what}"
        require(predicted.isdisjoint(self.ignore), "ignore", rule, list(self.ignore))
        rule = f"name another column than the {what}"
        require(self.group not in {*predicted, ""}, "group", rule, self.group)
        rule = "name columns that are inputs"
        others = {*predicted, self.group, *self.ignore}
        require(others.isdisjoint(self.categories), "categories", rule, list(self.categories))
        for key, plain in PLAIN_DIALECT.items() if not self.is_delimited else ():
            rule = f"go with a table such as .csv, not with `{self.name}`"
            require(getattr(self, key) == plain, key, rule, getattr(self, key))
        check_dialect(self.dialect)
        require(0 <= self.rare < 1, "rare", "be a share >= 0 and < 1", self.rare)
        if self.missing not in MISSING:
            raise unknown("`missing`", self.missing, MISSING)

    @property
    def is_file(self) -> bool:
        """Whether it is a user's file."""
        return is_file_name(self.name)

    @property
    def is_table(self) -> bool:
        """Whether it is a table: its columns have names, and one is the label or the target."""
        return file_kind(self.name) in TABLES

    @property
    def is_delimited(self) -> bool:
        """Whether it is a table of cells between separators, which does not declare its columns."""
        return self.is_table and file_kind(self.name) not in DECLARED

    @property
    def dialect(self) -> Dialect:
        """How the table is written, as far as it is named."""
        return Dialect(self.separator, self.decimal, self.encoding, self.header)


def _is_image(shape: tuple[int, ...]) -> bool:
    return len(shape) == 2 and all(type(side) is int and side >= 1 for side in shape)


def located(source: DataSource) -> DataSource:
    """Return the source of a file with its absolute path and the hash of its content.

    The file is looked for at `source.path`, or by its name if that is empty.

    Raises `InputError` if the file, or one that belongs to it, is missing or cannot be read.
    """
    path = file_path(source.path or source.name)
    return replace(source, path=str(path), sha256=files_sha256(path))


def file_path(name: str) -> Path:
    """Return the absolute path of a user's file, of a folder that of its file of images.

    Raises `InputError` if it begins with an unknown user, or a folder holds no file of images.
    """
    try:
        path = Path(name).expanduser().absolute()
    except RuntimeError as error:
        raise InputError(f"data file `{name}` must be readable, got: {error}") from error
    return images_in(path) if name.endswith("/") else path


def files_sha256(path: Path) -> str:
    """Return the hash of the file at `path` and of the files that belong to it, such as its labels.

    Of a file that stands alone, it is `file_sha256`. Raises `InputError` if a file is missing,
    unreadable or not a regular file.
    """
    if file_kind(path.name) not in (".npy", IDX):
        return file_sha256(path)
    file_sha256(path)  # its absence is reported before that of its labels
    parts = [file_sha256(file) for pair in pairs_of(path) for file in pair]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of the file at `path`.

    Raises `InputError` if it is missing, unreadable or not a regular file.
    """
    try:
        # Only a plain file is opened: opening a pipe would wait for its writer.
        if stat.S_ISREG(path.stat().st_mode):
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"data file `{path}` must be readable, got: {reason}") from error
    raise InputError(f"data file `{path}` must be a regular file")

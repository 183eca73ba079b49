"""Turns the columns of a table into inputs: numbers, one input for each category, parts of a date.

What is needed for it is fitted on training rows, and kept in a model as plain data.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

from nncore.datasets.columns.dates import DATE_PARTS, ORDERS, date_parts
from nncore.datasets.formats.table import EMPTY, Cells, Table, short
from nncore.errors import InputError, one_line, require

Floats = NDArray[np.float64]

Kind = Literal["number", "boolean", "date", "category", "unused"]
Missing = Literal["refuse", "mean", "indicator"]
KINDS: tuple[Kind, ...] = ("number", "boolean", "date", "category", "unused")
MISSING: tuple[Missing, ...] = ("refuse", "mean", "indicator")
TEXT_KINDS = ("boolean", "date", "category")
WIDTHS = {"number": 1, "boolean": 1, "date": len(DATE_PARTS)}
"""The inputs of a column by its kind, without that of an indicator; a category has no number."""


RARE = 0.01
"""The default of the least share of the training rows for which a category has its own input."""

MOST_BYTES = 1 << 30  # of the inputs of one table, as of an array of an `.npz` file
BOOLEANS = (("false", "true"), ("no", "yes"), ("f", "t"), ("n", "y"))


@dataclass(frozen=True)
class Column:
    """How a column of a table becomes inputs.

    Parameters
    ----------
    name
        The name of the column.
    kind
        "number", "boolean" (0 or 1), "date" (year, month, day of the week), "category" (one input
        for each category) or "unused" (no input).
    missing
        An empty cell of another kind than "category" is refused ("refuse"), becomes the mean
        ("mean"), or becomes the mean and sets a further input to 1 ("indicator").
    means
        The mean of each part over the training rows; empty for a category.
    categories
        The categories that have an input, in order: 1 in the rows of the category, else 0. "" is an
        empty cell. Those of a boolean are its words for 0 and 1.
    rare
        Whether all other categories together have an input.
    order
        The order of day, month and year in a date: "ymd", "dmy" or "mdy".
    """

    name: str
    kind: Kind
    missing: Missing = "mean"
    means: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()
    rare: bool = False
    order: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The name of each input, such as "sex = female" or "when: year"."""
        if self.kind == "unused":
            return ()
        if self.kind == "category":
            names = [f"{self.name} = {category or '(empty)'}" for category in self.categories]
            return (*names, *([f"{self.name} = (rare)"] if self.rare else []))
        parts = [f"{self.name}: {part}" for part in DATE_PARTS]
        names = parts if self.kind == "date" else [self.name]
        return (*names, *([f"{self.name}: empty"] if self.missing == "indicator" else []))


def fit_column(
    name: str,
    kind: Kind,
    cells: Cells,
    *,
    missing: Missing = "mean",
    rare: float = RARE,
    words: tuple[str, ...] = (),
    order: str = "",
) -> Column:
    """Return how a column becomes inputs, fitted on the `cells` of the training rows.

    A category has its own input if its share of `cells` is at least `rare`. `words` are those of a
    boolean for 0 and 1, `order` is that of a date. An indicator is made only for a column that has
    an empty cell.
    """
    if kind == "unused":
        return Column(name, kind)
    if kind == "category":
        counts = Counter(cells.tolist())
        frequent = sorted(c for c, count in counts.items() if count >= rare * len(cells))
        return Column(name, kind, categories=tuple(frequent), rare=len(frequent) < len(counts))
    column = Column(name, kind, missing, categories=words, order=order)
    parts = _parts(column, cells, _no_refusal)
    empty = np.isnan(parts)
    sums = np.where(empty, 0.0, parts).sum(axis=0, dtype=np.float64)
    means = sums / np.maximum(1, (~empty).sum(axis=0))
    kept: Missing = "mean" if missing == "indicator" and not empty.any() else missing
    return Column(name, kind, kept, tuple(means.tolist()), words, order=order)


def encode(columns: Sequence[Column], table: Mapping[str, Cells] | Table) -> Floats:
    """Return the inputs of the rows of `table`, `(m, n_in)`, in the order of `columns`.

    A category that has no input of its own counts as rare; without an input for rare ones, it sets
    none of its column.

    Raises
    ------
    InputError
        If a cell is empty where that is refused, or is no word of a boolean or no date; or if the
        inputs take more than 1 GiB.
    """
    cells = table.columns if isinstance(table, Table) else table
    m = len(next(iter(cells.values()), ()))
    widths = [len(column.inputs) for column in columns]
    if m * sum(widths) * 8 > MOST_BYTES and any(c.kind == "category" for c in columns):
        name = columns[int(np.argmax(widths))].name
        rule = "must be large enough for inputs of at most 1 GiB"
        got = f"{m:,} rows of {sum(widths):,} inputs, most of them from column {short(name)}"
        raise InputError(f"`data.rare` {rule}, got {got}")
    x = np.zeros((m, sum(widths)))
    start = 0
    for column, width in zip(columns, widths, strict=True):
        part = x[:, start : start + width]
        if column.kind == "category":
            _encode_category(column, cells[column.name], part)
        elif width:
            _encode_numbers(column, cells[column.name], part, Refusal(column.name, table))
        start += width
    return x


def _encode_category(column: Column, cells: Cells, into: Floats) -> None:
    places = {category: place for place, category in enumerate(column.categories)}
    other = len(places) if column.rare else -1
    place = np.array([places.get(cell, other) for cell in cells.tolist()], np.int64)
    known = np.flatnonzero(place >= 0)
    into[known, place[known]] = 1.0


def _encode_numbers(column: Column, cells: Cells, into: Floats, refuse: "Refusal") -> None:
    parts = _parts(column, cells, refuse)
    empty = np.isnan(parts)
    if column.missing == "refuse" and empty.any():
        hint = '; `data.missing` = "mean" or "indicator" accepts empty cells'
        refuse(int(np.argwhere(empty)[0][0]), "not be empty", "", hint)
    into[:, : parts.shape[1]] = np.where(empty, column.means, parts)
    if column.missing == "indicator":
        into[:, -1] = empty[:, 0]


def _parts(column: Column, cells: Cells, refuse: "Refusal") -> Floats:
    """Return the numbers in the cells, `(m, parts)`, with NaN for empty cells."""
    if column.kind == "number":
        return np.asarray(cells, np.float64)[:, None]
    different = set(cells.tolist())
    known: dict[str, tuple[float, ...] | None]
    if column.kind == "boolean":
        words = {"": (np.nan,), column.categories[0]: (0.0,), column.categories[1]: (1.0,)}
        known = {cell: words.get(cell.lower()) for cell in different}
        rule = f"be {' or '.join(column.categories)}"
    else:
        known = {cell: date_parts(cell, column.order) for cell in different}
        rule = "be a date like those that the network was trained on"
    parts = np.empty((len(cells), WIDTHS[column.kind]))
    for row, cell in enumerate(cells.tolist()):
        numbers = known[cell]
        if numbers is None:
            refuse(row, rule, cell)
        parts[row] = numbers
    return parts


class Refusal:
    """Raises the `InputError` for a cell of a column, by line in a file, else by row."""

    def __init__(self, name: str, table: object) -> None:
        self._name, self._table = name, table

    def __call__(self, row: int, rule: str, got: str, hint: str = "") -> NoReturn:
        """Raise the error: the cell must be as the `rule` says, but is `got`."""
        if isinstance(self._table, Table):
            self._table.refuse(row, self._name, rule, got, hint)
        place = f"row {row} of column {short(self._name)}"
        raise InputError(one_line(f"{place} must {rule}, got {short(got)}{hint}"))


_no_refusal = Refusal("", None)  # rows that are fitted have been found to be of their kind


def encoding_as_json(columns: Iterable[Column]) -> list[dict[str, Any]]:
    """Return the columns as plain objects, from which `Column(**one)` makes them again."""
    return [asdict(column) for column in columns]


def encoding_from_json(described: Sequence[Any]) -> tuple[Column, ...]:
    """Return the columns that `encoding_as_json` described, each checked by its rules.

    Raises `InputError` if one breaks a rule.
    """
    columns = tuple(_column_from_json(one) for one in described)
    names = {column.name for column in columns}
    require(len(names) == len(columns), "encoding", "have a different name in each column", None)
    return columns


def _column_from_json(described: Any) -> Column:
    known = {f.name for f in fields(Column)}
    whole = isinstance(described, dict) and set(described) == known
    require(whole, "encoding", f"have the keys {', '.join(sorted(known))}", described)
    kind, categories, means = (described[key] for key in ("kind", "categories", "means"))
    rules = {
        "name": isinstance(described["name"], str),
        "kind": kind in KINDS,
        "missing": described["missing"] in MISSING,
        "rare": isinstance(described["rare"], bool),
        "categories": isinstance(categories, list)
        and all(isinstance(name, str) for name in categories)
        and len(set(categories))
        == len(categories)
        == (2 if kind == "boolean" else len(categories)),
        "means": isinstance(means, list)
        and all(isinstance(mean, float) and np.isfinite(mean) for mean in means)
        and len(means) == WIDTHS.get(kind, 0),
        "order": described["order"] in (ORDERS if kind == "date" else ("",)),
    }
    for key, fit in rules.items():
        require(fit, f"encoding.{key}", "be as a model is saved", described[key])
    return Column(**{**described, "categories": tuple(categories), "means": tuple(means)})


def text_cells(cells: Iterable[Any]) -> Cells:
    """Return cells as stripped text, "" for those that are empty; a whole float loses its ".0"."""
    texts = [_text(cell) for cell in cells]
    return np.array(["" if text.lower() in EMPTY else text for text in texts], object)


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell)
    return "" if text in ("None", "NaT") else text

"""Messages that several commands print: the typed command, file errors, and doubts about the data.

None of them shows a password.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nncore.datasets import DataSet

# As SQLAlchemy reads a URL: a user's password ends at the @ alone, a driver's may have any name.
_PASSWORD = re.compile(
    r"(?<=://)([^:/]*):[^@]*(?=@)|(?<=[?&])[^=&]*password[^&=]*=[^&]*&?", re.IGNORECASE
)


def typed_words() -> list[str]:
    """Return the words typed after `nnsweep`, without the password of a database."""
    return [_PASSWORD.sub(r"\1", word) for word in sys.argv[1:]]


def os_error_line(error: OSError, default: Path | None = None) -> str:
    """Return the reason of `error` and the file that it names, or `default` if it names none."""
    file = error.filename or default
    reason = error.strerror or str(error)
    return f"{reason}: {file}" if file else reason


def data_notes(dataset: "DataSet") -> list[str]:
    """Return a line on each property of a user's file that may spoil the results."""
    from nncore.datasets.columns.identifiers import identifier_warning
    from nncore.datasets.missing_labels import missing_label_warnings
    from nncore.errors import one_line

    notes = list(missing_label_warnings(dataset))
    hint = "--ignore COLUMN leaves a column out" if dataset.source.is_table else "leave it out of x"
    if dataset.identifiers:
        notes.append(f"{identifier_warning(dataset.identifiers)}; {hint}")
    return [one_line(f"warning: {note}") for note in [*notes, *_column_notes(dataset)]]


def row_numbers_note(columns: Sequence[str]) -> str:
    """Return the line on columns that number the rows, which a sweep without a file leaves out."""
    from nncore.datasets.formats.table import listed

    return f"note: left out, because it numbers the rows: {listed(columns)}"


def _column_notes(dataset: "DataSet") -> Iterator[str]:
    """Yield a sentence on the columns of a table that were left out, and on those with gaps."""
    from nncore.datasets.formats.table import listed

    left_out = [column for column in dataset.columns if not column.inputs]
    for kind in ("identifier", "constant"):
        names = [column.name for column in left_out if column.kind == kind]
        if names:
            why = "a different text in each row" if kind == "identifier" else "a single value"
            yield f"left out, because there is {why}: {listed(names)}"
    gaps = [c for c in dataset.columns if c.empty and c.inputs and c.kind in ("number", "date")]
    if gaps and dataset.source.missing == "mean":
        names = [f"{column.name} ({column.empty:,})" for column in gaps]
        yield (
            f"empty cells became the mean of their column: {listed(names)}; data.missing = "
            '"indicator" marks them with a further input, "refuse" refuses them'
        )

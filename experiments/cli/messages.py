"""Messages that several commands print: the typed command, file errors, and doubts about the data.

None of them shows a password.
"""

import re
import sys
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
    from nncore.datasets.identifiers import identifier_warning
    from nncore.datasets.missing_labels import missing_label_warnings
    from nncore.errors import one_line

    notes = list(missing_label_warnings(dataset))
    hint = "--ignore COLUMN leaves a column out" if dataset.source.is_table else "leave it out of x"
    if dataset.identifiers:
        notes.append(f"{identifier_warning(dataset.identifiers)}; {hint}")
    return [one_line(f"warning: {note}") for note in notes]

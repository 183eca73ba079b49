"""Parts of messages that several commands print: the typed command and the reason of a file error.

Neither shows a password.
"""

import re
import sys
from pathlib import Path

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

"""Standard output and standard error that any terminal, pipe, file or closed descriptor can be.

On a terminal, long lines are broken between words.

A result that cannot be written ends the command with code 1; a message that cannot be written ends
nothing, since work is not lost because nobody reads its progress.
"""

import io
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast


@contextmanager
def usable_streams() -> Iterator[None]:
    """Let the standard streams take every character, and give closed streams a place to write to.

    Characters that standard output cannot encode become "?"; standard error writes them as escape
    sequences, as Python does. A stream that the caller has closed discards what is written.
    """
    former = sys.stdin, sys.stdout, sys.stderr
    streams = [
        stream or _discarding(number) for number, stream in enumerate(cast(list[Any], former))
    ]
    if isinstance(streams[1], io.TextIOWrapper):
        streams[1].reconfigure(errors="replace")
    sys.stdin = streams[0]
    sys.stdout = cast(TextIO, _Stream(streams[1], "standard output"))
    sys.stderr = cast(TextIO, _Stream(streams[2], None))
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = former


class _Stream:
    """A standard stream; after its first failed write it discards everything.

    A failed write raises an error that names the stream, unless `name` is None.
    """

    buffer = None  # typer would write UTF-8 to the buffer of a stream that is ASCII

    def __init__(self, stream: TextIO, name: str | None) -> None:
        self._stream = stream
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write `text` and return its length."""
        shown = text
        if self._stream.isatty():
            shown = in_whole_words(text, shutil.get_terminal_size().columns)
        try:
            self._stream.write(shown)
            return len(text)
        except OSError as error:
            self._fail(error)
            return len(text)

    def flush(self) -> None:
        """Write everything that is still buffered."""
        try:
            self._stream.flush()
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        # Without this, Python fails once more at its exit, and exits with 120.
        _discard(self._stream.fileno())
        if self._name:
            raise OSError(error.errno, error.strerror, self._name) from error


_COMMAND = re.compile(r"(Next:)? *nnsweep ")
_COLUMNS = re.compile(r" *(?:\S+(?: \S+)*  +)*")


def in_whole_words(text: str, width: int) -> str:
    """Return `text` with lines of at most `width` characters, as far as its words allow.

    A line that continues begins below the last column of the first one. Left as they are: commands,
    which a terminal copies whole; JSON; and what moves the cursor or has colours.
    """
    if len(text) <= width or text.startswith("{") or "\x1b" in text or "\r" in text:
        return text
    return "".join(_broken(line, width) for line in text.splitlines(keepends=True))


def _broken(line: str, width: int) -> str:
    if len(line.rstrip("\n")) <= width or _COMMAND.match(line):
        return line
    columns = _COLUMNS.match(line)
    indent = len(columns[0]) if columns else 0
    if indent > width // 2:
        indent = len(line) - len(line.lstrip(" "))
    wrapped = textwrap.fill(
        line[indent:],
        width,
        initial_indent=line[:indent],
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapped + ("\n" if line.endswith("\n") else "")


def _discarding(number: int) -> TextIO:
    """Return a stream that discards everything, under the `number` of a closed descriptor.

    No other file gets that number then, and workers inherit it.
    """
    _discard(number)
    return os.fdopen(number, "w" if number else "r", closefd=False)


def _discard(number: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    if null == number:
        os.set_inheritable(null, True)
    else:
        os.dup2(null, number)
        os.close(null)

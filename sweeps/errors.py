"""The error that a sweep raises if something outside it fails while it runs.

Nothing is lost: finished trials are in the run folder, and running the sweep again resumes it.
"""

from nncore.errors import one_line


class OutageError(RuntimeError):
    """The storage, the data or the cluster is gone; the message names it in one short line."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))

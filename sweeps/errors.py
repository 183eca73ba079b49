"""The error that a sweep raises if something outside it fails while it runs.

Nothing is lost: finished trials are in the run folder, and running the sweep again resumes it.
"""


class OutageError(RuntimeError):
    """The storage, the data or the cluster is gone; the message names it in one line."""

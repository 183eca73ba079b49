"""The error that means that something outside the sweep gave way while it ran.

Nothing is lost by it: what had finished is in the run folder, and the same run goes on from there.
"""


class OutageError(RuntimeError):
    """The storage, the data or the cluster is gone; the message is one line on which."""

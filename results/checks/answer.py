"""What a check answers: its status, its evidence and, if it warns, what to do.

The modules beside this one hold the checks, and `results.checks.catalogue` lists them.
"""

from dataclasses import dataclass
from enum import StrEnum

NORMAL = 1.96  # standard errors that chance reaches in 5% of all cases
NO_VALUE = "No trial has learned anything yet."


class Status(StrEnum):
    """The outcome of a check; OPEN means that its data are not known."""

    GOOD = "ok"
    WARNING = "warning"
    OPEN = "open"


@dataclass(frozen=True)
class Answer:
    """What a check found: its `evidence`, and the `advice` that follows from a warning or ""."""

    status: Status
    evidence: str
    advice: str = ""


def unscored(why: str) -> Answer:
    """Return the open answer of a check whose network cannot be scored, with the reason."""
    return Answer(Status.OPEN, f"The network cannot be scored here: {why}.")

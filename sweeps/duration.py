"""Formats durations, in the same way in every command, figure and report.

A reader wants to know whether to wait, to have lunch or to come back tomorrow.
"""


def duration(seconds: float) -> str:
    """Return a duration in a unit that keeps it short: 0.02 s, 45 s, 3.2 min, 5 h, 2.5 days."""
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"{_in_tenths(seconds / size)} {unit}"
    return f"{_in_seconds(seconds)} s"


def _in_seconds(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds:.1g}"
    return _in_tenths(seconds) if seconds < 10 else f"{seconds:.0f}"


def _in_tenths(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")

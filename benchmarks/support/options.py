"""Command-line options that several measurements share.

Each is a `type` for argparse, which turns a `ValueError` into its usage message.
"""


def widths(text: str) -> tuple[int, ...]:
    """Return the widths of hidden layers, written as in "100,100"."""
    numbers = tuple(int(part) for part in text.split(","))
    if min(numbers) < 1:
        raise ValueError(text)
    return numbers


def count(text: str) -> int:
    """Return a whole number of 1 or more."""
    if int(text) < 1:
        raise ValueError(text)
    return int(text)

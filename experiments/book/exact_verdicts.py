"""Verdicts on numbers without randomness: equal to the book's number, or between two bounds.

Verdicts on runs over several seeds are in `verdicts`.
"""

from experiments.book.units import PERCENT, bounds_text, with_unit
from experiments.book.verdicts import NOT_REPRODUCED, REPRODUCED, ClaimVerdict


def published_exact_number(
    claim: str, book: float, value: float, unit: str = PERCENT
) -> ClaimVerdict:
    """Return whether a number without randomness equals the book's, to the digits it prints.

    Parameters
    ----------
    claim
        What the number is.
    book, value
        The book's number and ours, rounded as the book does.
    unit
        Unit of both.

    Returns
    -------
    ClaimVerdict
        Reproduced if they are equal, else not reproduced.
    """
    status = REPRODUCED if abs(book - value) < 1e-9 else NOT_REPRODUCED
    return ClaimVerdict(
        claim=claim,
        status=status,
        sentence=f"{claim}: the book reports {with_unit(book, unit)}; "
        f"ours is {with_unit(value, unit)}: {status}.",
        book=book,
        mean=value,
        low=value,
        high=value,
        seeds=1,
    )


def value_in_range(
    claim: str, value: float, low: float, high: float, unit: str = ""
) -> ClaimVerdict:
    """Return whether a number without randomness lies between two bounds.

    Parameters
    ----------
    claim
        What the number is.
    value
        Our number.
    low, high
        The bounds, which count as inside.
    unit
        Unit of the number and its bounds.

    Returns
    -------
    ClaimVerdict
        Reproduced if `value` lies from `low` to `high`, else not reproduced.
    """
    status = REPRODUCED if low <= value <= high else NOT_REPRODUCED
    ours = f"{with_unit(value, unit)}, expected {bounds_text(low, high, unit)}"
    return ClaimVerdict(
        claim=claim,
        status=status,
        sentence=f"{claim}: {ours}: {status}.",
        book=None,
        mean=value,
        low=value,
        high=value,
        seeds=1,
    )

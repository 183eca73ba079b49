"""Reads dates in tables: which order a column of dates has, and the parts that become inputs.

A column of dates has the same order in all its cells; the time of the day is ignored.
"""

import re
from collections.abc import Iterable
from datetime import date

DATE_PARTS = ("year", "month", "day of week")
"""The parts of a date that become inputs; the days of the week are 0 (Monday) to 6."""

ORDERS = {
    "ymd": re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[T ][0-9:.+Z-]*)?"),
    "dmy": re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})(?: [0-9:.]*)?"),
    "mdy": re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: [0-9:.]*(?: [AP]M)?)?"),
}
"""The form of a date by the order of day, month and year."""


def date_parts(text: str, order: str) -> tuple[float, float, float] | None:
    """Return year, month and day of the week of a date, NaN of an empty text, None of any other."""
    if not text:
        return (float("nan"),) * 3
    match = ORDERS[order].fullmatch(text)
    if match is None:
        return None
    given = dict(zip(order, map(int, match.groups()), strict=True))
    try:
        day = date(given["y"], given["m"], given["d"])
    except ValueError:
        return None
    return float(day.year), float(day.month), float(day.weekday())


def date_orders(texts: Iterable[str]) -> list[str]:
    """Return the orders in which all `texts` that are not empty are dates.

    There are two if no day is above 12 and the separator is "/".
    """
    different = {text for text in texts if text}
    fits = [o for o in ORDERS if all(date_parts(text, o) is not None for text in different)]
    return fits if different else []

"""Long and odd texts and values, of which messages must still make one short line."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from nncore.errors import InputError

LONGEST = 500
"""The length that no message reaches."""


def refusal(call: Callable[[], Any]) -> str:
    """Return the message with which `call` refuses its input, "" if it takes it."""
    try:
        call()
    except InputError as error:
        return str(error)
    return ""


class Hostile:
    """An object of which nothing can be asked."""

    def __repr__(self) -> str:
        raise AssertionError("its repr may be endless")

    __str__ = __len__ = __iter__ = __repr__  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("its attributes may be slow")


def hostile_array() -> "np.ndarray[Any, Any]":
    """Return an array of one hostile object; `np.array` would ask it for its attributes."""
    array = np.empty(1, object)
    array[0] = Hostile()
    return array


def _endless() -> list[Any]:
    inner: list[Any] = []
    inner += [inner, inner, {"again": inner}]
    return inner


def odd_texts() -> st.SearchStrategy[str]:
    """Texts of up to 60,000 characters, with control characters but without a zero byte."""
    characters = st.characters(exclude_categories=(), exclude_characters="\0")
    text = st.text(characters, max_size=12)
    return st.builds(lambda one, times: one * times, text, st.sampled_from((1, 60, 5000)))


MAKERS: dict[str, Callable[[], Any]] = {
    "400 digits": lambda: 10**400,
    "5000 digits": lambda: -(10**5000),
    "200000 digits": lambda: 10**200_000,
    "bytes": lambda: b"\0" * 10**6,
    "text": lambda: "x" * 10**6,
    "range": lambda: range(10**9),
    "list": lambda: [None] * 10**6,
    "dict": lambda: dict.fromkeys(range(10**5)),
    "large array": lambda: np.broadcast_to(np.float32(0), (10**6, 10**6)),
    "list of arrays": lambda: [np.broadcast_to(0.5, (784, 1))] * 10**5,
    "array of texts": lambda: np.array(["x" * 10**5] * 3),
    "array of objects": hostile_array,
    "small array": lambda: np.eye(2),
    "scalar": lambda: np.float64(0.1),
    "text scalar": lambda: np.str_("a\n" * 500),
    "structured array": lambda: np.zeros(3, [(f"field {k}", "f4") for k in range(500)]),
    "frame": lambda: pd.DataFrame({"a" * 5000: ["b" * 5000]}),
    "series": lambda: pd.Series(["b" * 5000]),
    "date": lambda: date(2020, 1, 31),
    "path": lambda: Path("/long" * 800),
    "hostile object": Hostile,
    "class": lambda: Hostile,
    "object of a long class": lambda: type("name\n" * 500, (), {})(),
    "endless": _endless,
    "generator": lambda: iter(()),
}
"""Makes odd values by name: Hypothesis would write the values themselves in its own messages."""


LARGE = {"list", "dict", "large array", "list of arrays"}
"""The values of which a copy takes long."""


def odd_values(*, large: bool = True) -> st.SearchStrategy[Any]:
    """Values of any type, nested or not, of any size if `large`."""
    makers = [name for name in MAKERS if large or name not in LARGE]
    leaves = st.one_of(
        st.none() | st.booleans() | st.floats() | st.integers() | odd_texts() | st.binary(),
        st.sampled_from(makers).map(lambda name: MAKERS[name]()),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.lists(inner, max_size=3).map(tuple),
            st.dictionaries(st.integers() | odd_texts(), inner, max_size=3),
            st.builds(
                lambda one, times: [one] * times, inner, st.sampled_from((5, 1000 if large else 20))
            ),
        ),
        max_leaves=6,
    )

"""A user's own settings of matplotlib: as different from its published ones as they can be."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from cycler import cycler
from matplotlib import _api

WORDS = ("red", "dashed", "large", "bottom", "right", "center", "stix", "xelatex", "major", "full")


@contextmanager
def foreign_settings() -> Iterator[None]:
    """Give every setting of matplotlib that has one another valid value."""
    with matplotlib.rc_context(), _api.suppress_matplotlib_deprecation_warning():
        for key, published in matplotlib.rcParamsDefault.items():
            if key != "backend":
                _change(key, published)
        assert matplotlib.rcParams["text.usetex"]
        assert matplotlib.rcParams["axes.facecolor"] == "red"
        yield


def _change(key: str, published: Any) -> None:
    """Give the setting `key` the first value that is valid and is not the published one."""
    candidates: tuple[Any, ...] = WORDS
    if isinstance(published, bool):
        candidates = (not published,)
    elif isinstance(published, int | float):
        candidates = (published + 1, published / 2, published + 0.1)
    elif isinstance(published, list):
        candidates = (["DejaVu Serif"], [3.0, 1.0], [2, 2], ["red"])
    elif key == "axes.prop_cycle":
        candidates = (cycler(color=["red", "black"]),)
    for candidate in candidates:
        try:
            matplotlib.rcParams[key] = candidate
        except (RuntimeError, TypeError, ValueError):
            continue
        if matplotlib.rcParams[key] != published:
            return

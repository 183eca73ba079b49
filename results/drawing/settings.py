"""matplotlib without the user's settings: neither a file nor the environment changes a figure.

The packages whose modules draw import this one before matplotlib. Every function that makes or
writes a figure is decorated with `@default_settings()`.
"""

import locale
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from nncore.errors import InputError


def _import_matplotlib() -> None:
    """Import matplotlib, even if `MPLBACKEND` names a backend that it does not know."""
    backend = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib
    except (OSError, UnicodeDecodeError, locale.Error) as error:
        rule = "have settings that matplotlib can read and apply"
        raise InputError(f"`matplotlibrc` must {rule}, got: {error}") from error
    finally:
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
    if backend:
        with suppress(ValueError):
            matplotlib.rcParams["backend"] = backend


if "matplotlib" not in sys.modules:
    _import_matplotlib()

import matplotlib  # noqa: E402

FONT = ["DejaVu Sans"]  # it comes with matplotlib, and is the first of each list of fonts
FASTER: dict[Any, Any] = {
    # Titles stand where matplotlib would put them after measuring all labels of their axes.
    "axes.titley": 1.0,
    # Each measured text hashes all these lists, to find the font in a cache.
    **dict.fromkeys(
        ("font.sans-serif", "font.serif", "font.monospace", "font.cursive", "font.fantasy"), FONT
    ),
}


@contextmanager
def default_settings() -> Iterator[None]:
    """Give matplotlib the settings that it was published with; as decorator, for each call.

    The user's own come from `matplotlibrc`, style sheets and `matplotlib.rcParams`. What `FASTER`
    changes is only how long a figure takes, not how it looks.
    """
    published = matplotlib.rcParamsDefault.items()
    settings = {key: value for key, value in published if key != "backend"}
    with matplotlib.rc_context(settings | FASTER):
        yield

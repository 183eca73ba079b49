"""The scripts of the report: uPlot, which draws the charts, and our own, in the order they need.

They are written into the page as they are, and the page's policy allows them by their hashes.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from markupsafe import Markup

LIBRARY = "uplot/uPlot.iife.min.js"
LICENSE = "uplot/LICENSE"
STYLES = ("uplot/uPlot.min.css", "charts.css")
OWN = (
    "page_data.js",
    "filter.js",
    "copy.js",
    "report.js",
    "charts/panel.js",
    "charts/painters.js",
    "charts/views.js",
    "charts/brushes.js",
    "charts/linked.js",
)


@cache
def scripts() -> dict[str, Markup]:
    """Return the `library` with its license, our `own` scripts, and both hashes as `allowed`.

    The first two belong between script tags, the last after `script-src` in the page's policy.
    """
    library = f"/*\n{_text(LICENSE)}*/\n{_text(LIBRARY)}"
    own = "\n".join(map(_text, OWN))
    return {
        "library": Markup(library),  # noqa: S704  # files of this package, not of a user
        "own": Markup(own),  # noqa: S704
        "allowed": Markup(f"{_source(library)} {_source(own)}"),  # noqa: S704
    }


@cache
def styles() -> Markup:
    """Return the style sheets of the charts."""
    return Markup("\n".join(map(_text, STYLES)))  # noqa: S704


def _text(name: str) -> str:
    return (files("results.report") / "templates" / name).read_text("utf-8")


def _source(script: str) -> str:
    """Return the hash by which a policy allows a script."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"

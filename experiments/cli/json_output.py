"""What `--json` prints: one JSON document on standard output, for other programs.

Numbers are plain: fractions, seconds and counts. One that is unknown or not finite is null.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

FORMAT = 1
"""The number of the format of the documents, which changes if a key changes its meaning."""


def print_json(document: Mapping[str, Any]) -> None:
    """Print `document` on one line, in ASCII, so that any terminal or pipe takes it."""
    typer.echo(json.dumps(_plain({"format": FORMAT, **document}), allow_nan=False))


def _plain(value: Any) -> Any:
    """Return `value` as JSON has it: numbers of NumPy as Python's, null for those not finite."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value

"""Lets reports compute everything in the process of the test.

Most tests write reports of a few trials, for which another process costs more than it saves.
`tests/sweeps/workers/test_beside.py` has the tests of that process.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import pytest


def compute_reports_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `write_report` start no other process until `monkeypatch` is undone."""
    monkeypatch.setattr("results.report.html.beside", _here)


@contextmanager
def _here(function: Callable[..., Any], *arguments: Any) -> Iterator[Callable[[], Any]]:
    yield cache(partial(function, *arguments))

"""A computation beside this process: its answer, its error, and what if there is no other core."""

import os
import signal

import pytest

from sweeps.workers.beside import beside


def test_beside_computes_in_another_process_and_raises_its_error() -> None:
    with beside(os.getpid) as awaited:
        assert awaited() not in {os.getpid(), 0}
    with beside(int, "x") as awaited, pytest.raises(ValueError, match="invalid literal"):
        awaited()


def _die_unless(survivor: int) -> int:
    if os.getpid() != survivor:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def test_beside_computes_here_if_the_other_process_dies() -> None:
    with beside(_die_unless, os.getpid()) as awaited:
        assert awaited() == os.getpid()


def test_beside_computes_here_with_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sweeps.workers.beside.available_cores", lambda: 1)
    with beside(os.getpid) as awaited:
        assert awaited() == os.getpid()

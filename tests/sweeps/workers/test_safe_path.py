"""While workers run, child processes do not import from the working folder; then as before."""

import os

import pytest

from sweeps.workers.local import own_modules_hidden


@pytest.mark.parametrize("former", [None, "0"])
def test_the_variable_is_as_before(former: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    if former is not None:
        monkeypatch.setenv("PYTHONSAFEPATH", former)
    with own_modules_hidden():
        assert os.environ["PYTHONSAFEPATH"] == "1"
    assert os.environ.get("PYTHONSAFEPATH") == former

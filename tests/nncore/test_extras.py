"""The command that installs an extra, for each place that nnsweep can be installed from."""

import json
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from nncore import extras
from nncore.extras import install_command


class Installed:
    """What pip has recorded about nnsweep."""

    requires = ("numpy>=2.1", 'dask>=2025.1; extra == "dask"', "torch>=2.6; extra == 'gp'")

    def __init__(self, origin: dict[str, Any] | None) -> None:
        self._origin = origin

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return self._origin and json.dumps(self._origin)


def command(
    monkeypatch: pytest.MonkeyPatch, origin: dict[str, Any] | None, extra: str = "dask"
) -> str:
    monkeypatch.setattr(extras, "distribution", lambda name: Installed(origin))
    return install_command(extra)


def test_from_a_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    checkout = tmp_path / "my work"
    checkout.mkdir()
    url = checkout.as_uri()
    assert "%20" in url
    plain = command(monkeypatch, {"url": url, "dir_info": {}})
    assert plain == f"pip install '{checkout}[dask]'"
    editable = command(monkeypatch, {"url": url, "dir_info": {"editable": True}})
    assert editable == f"pip install --editable '{checkout}[dask]'"


def test_from_a_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wheel = tmp_path / "nnsweep-0.1.0-cp311-cp311-linux_x86_64.whl"
    origin = {"url": wheel.as_uri(), "archive_info": {}}
    wheel.touch()
    assert command(monkeypatch, origin) == f"pip install '{wheel}[dask]'"
    wheel.unlink()
    assert command(monkeypatch, origin) == "pip install 'dask>=2025.1'"
    assert command(monkeypatch, origin, "gp") == "pip install 'torch>=2.6'"


def test_from_a_repository_or_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    vcs = {"vcs": "git", "commit_id": "a1b2"}
    origin = {"url": "https://example.org/nnsweep.git", "vcs_info": vcs}
    wanted = "pip install 'nnsweep[dask] @ git+https://example.org/nnsweep.git@a1b2'"
    assert command(monkeypatch, origin) == wanted
    origin = {"url": "https://example.org/nnsweep-0.1.0.whl", "archive_info": {}}
    wanted = "pip install 'nnsweep[dask] @ https://example.org/nnsweep-0.1.0.whl'"
    assert command(monkeypatch, origin) == wanted


def test_from_an_index_or_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert command(monkeypatch, None) == "pip install 'nnsweep[dask]'"

    def missing(name: str) -> Installed:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(extras, "distribution", missing)
    assert install_command("dask") == "pip install 'nnsweep[dask]'"

"""The author's files come from the user's folder, the cache or a mirror, and are always checked."""

import hashlib
import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from experiments.book import book_files
from experiments.book.book_files import BookFiles, read_figure
from nncore.datasets.published.published_files import SourceFile
from nncore.errors import InputError

CONTENT = json.dumps([69.09, 76.37]).encode()
FILE = SourceFile("small.json", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT), plain=True)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def small_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Make `small` one of the author's files, and give the test its own folders."""
    monkeypatch.setitem(book_files.BOOK_FILES, "small", FILE)
    monkeypatch.setenv("NNSWEEP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Give the address of a web server on this machine, and the file that it serves."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "small.json").write_bytes(CONTENT)
    handler = partial(Quiet, directory=str(tmp_path / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", tmp_path / "site" / "small.json"
        server.shutdown()
        thread.join()


def given(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "data" / "book-figures"
    folder.mkdir(parents=True)
    (folder / "small.json").write_bytes(content)


def test_the_file_of_the_user_is_read(tmp_path: Path) -> None:
    given(tmp_path, CONTENT)
    assert read_figure("small", []) == [69.09, 76.37]
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("bad", [CONTENT[:-1], CONTENT + b" ", CONTENT.replace(b"6", b"7"), b""])
def test_a_bad_file_of_the_user_is_named(tmp_path: Path, bad: bytes) -> None:
    given(tmp_path, bad)
    with pytest.raises(InputError, match=r"small\.json` must have"):
        read_figure("small", [])


def test_a_file_is_fetched_once_and_cached(mirror: tuple[str, Path], tmp_path: Path) -> None:
    url, served = mirror
    assert read_figure("small", [url]) == [69.09, 76.37]
    served.unlink()
    assert read_figure("small", [url]) == [69.09, 76.37]
    assert (tmp_path / "cache" / "book-figures" / "small.json").read_bytes() == CONTENT


def test_a_wrong_file_from_a_mirror_is_refused(mirror: tuple[str, Path], tmp_path: Path) -> None:
    url, served = mirror
    served.write_bytes(b"[1.0, 2.0, 3.0]")
    with pytest.raises(InputError, match=r"small\.json` could not be fetched"):
        read_figure("small", [url])
    assert not (tmp_path / "cache" / "book-figures").exists()


def test_the_reason_for_a_missing_file_is_kept() -> None:
    files = BookFiles(mirrors=())
    assert files["small"] is None
    assert "could not be fetched" in files.missing["small"]


def test_withheld_files_are_not_read(tmp_path: Path) -> None:
    given(tmp_path, CONTENT)
    withheld = BookFiles(withheld=True)
    assert withheld["small"] is None
    assert withheld.missing == {}

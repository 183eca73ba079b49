"""Published files from the user's folder, the cache and mirrors; the mirrors are local servers.

What each was asked for is recorded: "fetched again" and "not fetched" are seen, not assumed.
"""

import gzip
import hashlib
import logging
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nncore.datasets.published import published_files as sources
from nncore.datasets.published.published_files import SourceFile, read_sources, unpack
from nncore.errors import InputError

CONTENT = {"images.gz": bytes(range(256)) * 8, "labels.gz": b"the labels"}
PACKED = {name: gzip.compress(content) for name, content in CONTENT.items()}
FILES = [
    SourceFile(name, hashlib.sha256(content).hexdigest(), len(content))
    for name, content in CONTENT.items()
]
IMAGES = FILES[0]

TRUNCATED = PACKED["images.gz"][:-9]
OTHER_CONTENT = gzip.compress(CONTENT["images.gz"][::-1])
BOMB = gzip.compress(bytes(30_000_000))[:5_000]  # as much as is ever read of it
BAD = {
    "truncated": TRUNCATED,
    "no gzip": b"<html>Sign in to the network</html>",
    "empty": b"",
    "corrupt": PACKED["images.gz"][:20] + b"?" + PACKED["images.gz"][21:],
    "too short": gzip.compress(CONTENT["images.gz"][:-1]),
    "too long": gzip.compress(CONTENT["images.gz"] + b"?"),
    "other content": OTHER_CONTENT,
    "bomb": BOMB,
}


@dataclass
class Mirror:
    """A web server on this machine: what it serves by file name, and what it was asked for."""

    url: str
    files: dict[str, bytes] = field(default_factory=lambda: dict(PACKED))
    asked: list[str] = field(default_factory=list)
    promised: int | None = None  # a Content-Length other than the truth


@pytest.fixture
def start_mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Mirror]]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    servers: list[ThreadingHTTPServer] = []

    def start() -> Mirror:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rsplit("/", 1)[-1]
                site.asked.append(name)
                body = site.files.get(name)
                if body is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(site.promised or len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        site = Mirror(f"http://127.0.0.1:{server.server_port}/mnist/")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        servers.append(server)
        return site

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def mirror(start_mirror: Callable[[], Mirror]) -> Mirror:
    return start_mirror()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the user's (empty) folder of MNIST files."""
    monkeypatch.setenv("NNSWEEP_DATA_DIR", str(tmp_path / "data"))
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(autouse=True)
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the (missing) folder of MNIST files in the cache, and hide the user's own files."""
    monkeypatch.delenv("NNSWEEP_DATA_DIR", raising=False)
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "mnist"


def fill(folder: Path, **changed: bytes) -> None:
    """Write the good files into `folder`, with `images` or `labels` changed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, packed in PACKED.items():
        (folder / name).write_bytes(changed.get(name.removesuffix(".gz"), packed))


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below `folder`, hidden and temporary ones too."""
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_users_files_are_read_where_they_are(data: Path, cached: Path, mirror: Mirror) -> None:
    fill(data)
    assert read_sources("mnist", FILES, [mirror.url]) == CONTENT
    assert mirror.asked == []
    assert not cached.parent.exists()


def test_a_fetched_file_is_kept_and_not_fetched_again(
    cached: Path, mirror: Mirror, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="nncore"):
        assert read_sources("mnist", FILES, [mirror.url]) == CONTENT
    assert caplog.messages[0] == f"fetching images.gz from {mirror.url}"
    assert contents(cached) == PACKED
    assert read_sources("mnist", FILES, [mirror.url]) == CONTENT
    assert mirror.asked == ["images.gz", "labels.gz"]


def test_what_the_user_lacks_is_fetched(data: Path, cached: Path, mirror: Mirror) -> None:
    fill(data)
    (data / "labels.gz").unlink()
    assert read_sources("mnist", FILES, [mirror.url]) == CONTENT
    assert mirror.asked == ["labels.gz"]
    assert list(contents(cached)) == ["labels.gz"]


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_file_of_the_users_ends_it(
    bad: bytes, data: Path, cached: Path, mirror: Mirror
) -> None:
    # The first file is missing and the second bad: not even the first may be fetched.
    reverse = FILES[::-1]
    (data / "images.gz").write_bytes(bad)
    with pytest.raises(InputError) as caught:
        read_sources("mnist", reverse, [mirror.url])
    assert str(data / "images.gz") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert mirror.asked == []
    assert not cached.parent.exists()
    assert contents(data) == {"images.gz": bad}


def test_a_folder_in_place_of_a_file_of_the_users_is_refused(data: Path) -> None:
    (data / "images.gz").mkdir()
    with pytest.raises(InputError, match=r"images.gz` must be readable, got: Is a directory"):
        read_sources("mnist", FILES, [])


def test_what_a_system_package_installed_is_read_where_it_is(
    tmp_path: Path, cached: Path, mirror: Mirror
) -> None:
    fill(tmp_path / "installed")
    assert read_sources("mnist", FILES, [mirror.url], tmp_path / "installed") == CONTENT
    assert mirror.asked == []
    assert not cached.exists()
    (tmp_path / "installed" / "labels.gz").unlink()
    assert read_sources("mnist", FILES, [mirror.url], tmp_path / "installed") == CONTENT
    assert mirror.asked == ["labels.gz"]


def test_the_users_files_come_before_those_of_a_system_package(
    tmp_path: Path, data: Path, mirror: Mirror
) -> None:
    fill(data)
    fill(tmp_path / "installed", images=TRUNCATED)
    assert read_sources("mnist", FILES, [mirror.url], tmp_path / "installed") == CONTENT
    (data / "images.gz").unlink()
    with pytest.raises(InputError, match=r"installed/images.gz` must be a complete gzip file"):
        read_sources("mnist", FILES, [mirror.url], tmp_path / "installed")
    assert mirror.asked == []


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_file_in_the_cache_is_fetched_again(bad: bytes, cached: Path, mirror: Mirror) -> None:
    fill(cached, images=bad)
    assert read_sources("mnist", FILES, [mirror.url]) == CONTENT
    assert mirror.asked == ["images.gz"]
    assert contents(cached) == PACKED


def test_a_bad_file_in_the_cache_goes_even_when_nothing_replaces_it(cached: Path) -> None:
    fill(cached, images=TRUNCATED)
    with pytest.raises(InputError, match=r"`images.gz` could not be fetched"):
        read_sources("mnist", FILES, [])
    assert list(contents(cached)) == ["labels.gz"]


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_after_a_bad_download_the_next_mirror_is_tried(
    bad: bytes, cached: Path, start_mirror: Callable[[], Mirror]
) -> None:
    first, second = start_mirror(), start_mirror()
    first.files["images.gz"] = bad
    assert read_sources("mnist", FILES, [first.url, second.url]) == CONTENT
    assert first.asked == ["images.gz", "labels.gz"]
    assert second.asked == ["images.gz"]
    assert contents(cached) == PACKED


def test_a_connection_cut_short_is_a_bad_download(start_mirror: Callable[[], Mirror]) -> None:
    first, second = start_mirror(), start_mirror()
    first.promised = 5_000
    assert read_sources("mnist", FILES, [first.url, second.url]) == CONTENT
    assert second.asked == ["images.gz", "labels.gz"]


def test_after_a_mirror_that_is_down_the_next_is_tried(mirror: Mirror) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, but it accepts no connection
        down = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        assert read_sources("mnist", FILES, [down, mirror.url]) == CONTENT


def test_a_mirror_that_never_answers_is_given_up(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stalled = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(InputError, match="timed out"):
            read_sources("mnist", FILES, [stalled])


def test_when_all_mirrors_fail_the_error_names_them_and_the_way_out(
    cached: Path, start_mirror: Callable[[], Mirror]
) -> None:
    first, second = start_mirror(), start_mirror()
    first.files.clear()
    second.files["images.gz"] = OTHER_CONTENT
    with pytest.raises(InputError) as caught:
        read_sources("mnist", FILES, [first.url, second.url])
    message = str(caught.value)
    assert f"{first.url}images.gz (404" in message
    assert f"{second.url}images.gz (" in message
    assert "$NNSWEEP_DATA_DIR/mnist/" in message
    assert "\n" not in message
    assert contents(cached) == {}


def test_an_endless_answer_is_cut_off(start_mirror: Callable[[], Mirror]) -> None:
    first, second = start_mirror(), start_mirror()
    # Zeros after gzip data are allowed, so that only the length speaks against this one.
    first.files["images.gz"] += bytes(1_000_000)
    assert read_sources("mnist", FILES, [first.url, second.url]) == CONTENT
    assert second.asked == ["images.gz"]


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(30_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"`bomb.gz` must unpack to 2048 bytes, got more"):
            unpack(bomb, IMAGES, "bomb.gz")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_cache_that_cannot_be_written_is_named(
    tmp_path: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(InputError, match=rf"cache folder `{tmp_path}/file` must be writable"):
        read_sources("mnist", FILES, [mirror.url])

"""Finds published files: in the user's data folder, in the cache, or by a download.

Wherever a file comes from, its unpacked content must have the size and the SHA-256 that are written
in the code.
"""

import gzip
import hashlib
import io
import logging
import os
import tempfile
import textwrap
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nncore.datasets.cache import cache_folder, writing
from nncore.errors import InputError

LOG = logging.getLogger(__name__)

TIMEOUT = 30.0  # seconds without a byte from a mirror before the next one is tried


@dataclass(frozen=True)
class SourceFile:
    """A published gzip file: its name, and the SHA-256 and size in bytes of its unpacked content.

    A `plain` file is not packed; SHA-256 and size are those of the file.
    """

    name: str
    sha256: str
    size: int
    plain: bool = False

    @property
    def packed_limit(self) -> int:
        """The largest possible size of the file: gzip adds less than a thousandth, and a header."""
        return self.size + self.size // 1000 + 4096


def unpack(packed: bytes, file: SourceFile, where: str) -> bytes:
    """Return the unpacked content of `file`, checked; errors call it `where`.

    It unpacks at most one byte more than the expected size.

    Raises `InputError` if `packed` is not complete gzip data, or its content has another size or
    SHA-256.
    """
    data = packed[: file.size + 1] if file.plain else _gunzip(packed, file.size + 1, where)
    must = "must have" if file.plain else "must unpack to"
    if len(data) != file.size:
        got = "more" if len(data) > file.size else len(data)
        raise InputError(f"`{where}` {must} {file.size} bytes, got {got}")
    digest = hashlib.sha256(data).hexdigest()
    if digest != file.sha256:
        raise InputError(f"`{where}` {must} SHA-256 {file.sha256}, got {digest}")
    return data


def _gunzip(packed: bytes, limit: int, where: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
            return stream.read(limit)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"`{where}` must be a complete gzip file, got: {error}") from error


def read_file(path: Path, file: SourceFile) -> bytes | None:
    """Return the unpacked content of `file` at `path`, checked, or None if it does not exist.

    Raises `InputError` naming `path` if it is unreadable or bad.
    """
    try:
        with path.open("rb") as stream:
            packed = stream.read(file.packed_limit)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"`{path}` must be readable, got: {error.strerror}") from error
    return unpack(packed, file, str(path))


def read_sources(
    group: str,
    files: Sequence[SourceFile],
    mirrors: Sequence[str],
    installed: Path | None = None,
) -> dict[str, bytes]:
    """Return the unpacked content of each file by its name.

    Each file is searched for in `$NNSWEEP_DATA_DIR/<group>/`, then in `<cache>/<group>/`, then in
    `installed`, the folder of a system package. Otherwise it is downloaded into the cache from the
    first of the `mirrors` (addresses that end in "/") that delivers a good file. A bad file in the
    cache is removed and downloaded again.

    Raises
    ------
    InputError
        If a file of the user or of the system package is bad, or no mirror delivers a good file. If
        a file of the user is bad, nothing is downloaded or written.
    """
    # The user's files first: if one is bad, nothing has been downloaded yet.
    given = {file: _given(group, file) for file in files}
    return {
        file.name: _cached(group, file, mirrors, installed) if data is None else data
        for file, data in given.items()
    }


def _given(group: str, file: SourceFile) -> bytes | None:
    folder = os.environ.get("NNSWEEP_DATA_DIR")
    return read_file(Path(folder).expanduser() / group / file.name, file) if folder else None


def _cached(group: str, file: SourceFile, mirrors: Sequence[str], installed: Path | None) -> bytes:
    root = cache_folder()
    path = root / group / file.name
    try:
        data = read_file(path, file)
    except InputError as error:
        LOG.info("removing a bad file from the cache: %s", error)
        data = None
    if data is not None:
        return data
    with writing(root):
        path.unlink(missing_ok=True)
    if installed and (data := read_file(installed / file.name, file)) is not None:
        return data
    packed, data = _fetch(group, file, mirrors)
    with writing(root):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as temporary:
            new = Path(temporary, file.name)
            new.write_bytes(packed)
            new.replace(path)
    return data


def _fetch(group: str, file: SourceFile, mirrors: Sequence[str]) -> tuple[bytes, bytes]:
    """Return `file` packed and unpacked, from the first mirror that delivers a good file."""
    failures = []
    for mirror in mirrors:
        url = mirror + file.name
        LOG.info("fetching %s from %s", file.name, mirror)
        try:
            packed = _download(url, file.packed_limit)
            return packed, unpack(packed, file, url)
        # Every error of requests is an OSError; an InputError means a bad download.
        except (OSError, InputError) as error:
            LOG.info("no %s from %s: %s", file.name, mirror, error)
            # requests wraps the cause in two other messages.
            cause = str(error).rpartition("Caused by ")[2]
            failures.append(f"{url} ({textwrap.shorten(cause, 160)})")
    raise InputError(
        f"`{file.name}` could not be fetched; put the files of `{group}` into "
        f"`$NNSWEEP_DATA_DIR/{group}/`; tried: {'; '.join(failures)}"
    )


class _LimitedBuffer(io.BytesIO):
    """A buffer of at most `limit` bytes, which bounds the memory whatever a mirror sends."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def write(self, chunk: bytes, /) -> int:  # type: ignore[override]
        if self.tell() + len(chunk) > self.limit:
            raise OSError(f"the response must have at most {self.limit} bytes, got more")
        return super().write(chunk)


def _download(url: str, limit: int) -> bytes:
    import pooch

    # Without "identity", a mirror may declare the gzip file a compressed answer; it then arrives
    # unpacked.
    get = pooch.HTTPDownloader(
        chunk_size=1 << 16, timeout=TIMEOUT, headers={"Accept-Encoding": "identity"}
    )
    buffer = _LimitedBuffer(limit)
    get(url, buffer, None)
    return buffer.getvalue()

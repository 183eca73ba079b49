"""Feeds damaged `.npz`, `.npy`, IDX and ARFF files to the readers; each must be refused in a line.

`python -m benchmarks.fuzz_arrays --cases 100000` is the long form; the tests run a shorter one. It
runs as a user without privileges, and writes only in a temporary folder of its own.
"""

import argparse
import gzip
import io
import os
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.options import count
from benchmarks.support.time_limit import time_limit
from nncore.datasets import DataSource
from nncore.datasets.data_source import located
from nncore.datasets.user_file import build_file, read_inputs
from nncore.errors import InputError

LONGEST_MESSAGE = 480
MOST_SECONDS = 2  # of processor time, so that other programs do not count
MOST_MEMORY = 1 << 30  # bytes beyond those of the start; the files themselves have a few kB

X = np.arange(240, dtype=np.uint8).reshape(40, 2, 3)
Y = np.arange(40, dtype=np.uint8) % 2
ARRAYS: tuple[dict[str, NDArray[np.generic]], ...] = (
    {"x": X.astype(np.float32).reshape(40, 6), "y": np.array(["oak", "ash"] * 20)},
    {"X": X[..., None], "y": Y.astype(np.int64)[:, None]},
    {"data": X.reshape(40, 6).astype(np.float64), "target": np.eye(2)[Y]},
    {"x_train": X, "y_train": Y, "x_test": X[:10], "y_test": Y[:10]},
)
ARFF = "\n".join(
    [
        "% a table",
        "@relation 'a b'",
        "@attribute 'the length' numeric",
        "@attribute width real",
        "@attribute twice {0, 1}",
        "@attribute 'where from' {here, 'far away'}",
        "@attribute kind {oak,'old ash'}",
        "@data",
        *(f"{n}, {n / 7:.3f},{n % 2},here,{'oak' if n % 2 else chr(39) + 'old ash' + chr(39)}"
          for n in range(40)),
    ]
)  # fmt: skip

PIECES = (
    *(b"0", b"1", b"-1", b"9" * 20, b"1e400", b"nan", b"inf", b"1_0", b"?", b"", b" " * 3000),
    *(b"'", b'"', b"\\", b"{", b"}", b"(" * 300, b",", b",,", b"%", b"\n", b"\r", b"\0", b"\xff"),
    *(b"|O", b"<U9", b"<f8", b">i8", b"|V0", b"<M8", b"True", b"fortran_order", b"'shape': (), "),
    *(b"@data\n", b"@attribute ", b"relational", b"\xc2\x85", b"\xe2\x80\xa8", b"PK\x01\x02"),
    *(b"\x00\x00\x08\x03", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x93NUMPY\x03\x00"),
)

FAULTS = ("traceback", "hang", "memory", "long message")
KINDS = ("read", "refused", *FAULTS)


def main() -> None:
    """Print the counts of all cases; exit with 1 if one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=count, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if os.geteuid() == 0:
        parser.error("must be run by a user without privileges, got root")
    warnings.simplefilter("error")
    _limit_memory()
    begun, counts = time.perf_counter(), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, kind, detail) in enumerate(
            outcomes(options.cases, options.seed, Path(folder))
        ):
            counts[kind] += 1
            counts[f"{name} {kind}"] += 1
            if kind in FAULTS:
                print(f"case {number}, {name}: {kind}: {detail}", flush=True)
    seconds = time.perf_counter() - begun
    for name in FORMATS:
        print(f"{name}: " + ", ".join(f"{kind} {counts[f'{name} {kind}']:,}" for kind in KINDS))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{options.cases:,} cases in {seconds:.0f} s, at most {peak:.0f} MiB of memory")
    sys.exit(any(counts[kind] for kind in FAULTS))


def outcomes(cases: int, seed: int, folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the format of each case, its kind, one of `KINDS`, and the details of a fault.

    Case k of a seed is always the same. Its files are written in `folder`, and removed after it.
    """
    names = list(FORMATS)
    for number in range(cases):
        rng = random.Random(f"{seed}-{number}")
        name = names[number % len(names)]
        files = FORMATS[name](rng)
        for file, content in files.items():
            _write(folder / file, content)
        yield name, *outcome(folder / next(iter(files)))
        for file in files:
            (folder / file).unlink()


def outcome(path: Path) -> tuple[str, str]:
    """Return the kind of case that the file of inputs at `path` is, and the details of a fault."""
    label = "kind" if path.suffix == ".arff" else None
    kind = "read"
    for read in (
        lambda: build_file(located(DataSource(str(path), label))),
        lambda: read_inputs(path, ignore=(label, "where from")),
    ):
        try:
            with time_limit(MOST_SECONDS):
                read()
        except InputError as error:
            kind, message = "refused", str(error)
            if len(message) > LONGEST_MESSAGE or "\n" in message:
                return "long message", message[:300]
        except TimeoutError:
            return "hang", repr(path.read_bytes()[:1000])
        except MemoryError:
            return "memory", repr(path.read_bytes()[:1000])
        except Exception:
            return "traceback", f"{path.read_bytes()[:1000]!r}\n{traceback.format_exc()[-1500:]}"
    return kind, ""


def _npz(rng: random.Random) -> dict[str, bytes]:
    arrays, inside = rng.choice(ARRAYS), rng.random() < 0.6
    packed = io.BytesIO()
    damaged = rng.choice(list(arrays)) if inside else None
    with zipfile.ZipFile(packed, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as z:
        for name, array in arrays.items():
            content = _npy_bytes(array)
            z.writestr(f"{name}.npy", _damaged(rng, content) if name == damaged else content)
    return {"a.npz": packed.getvalue() if inside else _damaged(rng, packed.getvalue())}


def _npy(rng: random.Random) -> dict[str, bytes]:
    x, y = map(_npy_bytes, list(rng.choice(ARRAYS).values())[:2])
    if rng.random() < 0.5:
        return {"x.npy": _damaged(rng, x), "y.npy": y}
    return {"x.npy": x, "y.npy": _damaged(rng, y)}


def _idx(rng: random.Random) -> dict[str, bytes]:
    files = {"train-images-idx3-ubyte": _idx_bytes(X), "train-labels-idx1-ubyte": _idx_bytes(Y)}
    if rng.random() < 0.3:
        files["t10k-images-idx3-ubyte"] = _idx_bytes(X[:10])
        files["t10k-labels-idx1-ubyte"] = _idx_bytes(Y[:10])
    damaged, ending = rng.choice(list(files)), rng.choice(("", ".gz"))
    inside = rng.random() < 0.5
    for name, content in files.items():
        content = _damaged(rng, content) if inside and name == damaged else content
        content = gzip.compress(content, 1, mtime=0) if ending else content
        files[name] = _damaged(rng, content) if not inside and name == damaged else content
    return {f"{name}{ending}": content for name, content in files.items()}


def _arff(rng: random.Random) -> dict[str, bytes]:
    return {"a.arff": _damaged(rng, ARFF.encode())}


FORMATS: dict[str, Callable[[random.Random], dict[str, bytes]]] = {
    "npz": _npz,
    "npy": _npy,
    "idx": _idx,
    "arff": _arff,
}
"""A damaged case of each format: the contents of its files by their names, the inputs first."""


def _npy_bytes(array: NDArray[np.generic]) -> bytes:
    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    return content.getvalue()


def _idx_bytes(array: NDArray[np.uint8]) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def _damaged(rng: random.Random, content: bytes) -> bytes:
    """Return `content` with one to three faults, half of them near its beginning."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        most = len(content) if rng.random() < 0.5 else min(len(content), 130)
        place = rng.randrange(most + 1)
        kind = rng.randrange(6)
        end = place + rng.choice((1, 1, 2, 4, 8, 40))
        if kind == 0:
            content = content[:place] + rng.randbytes(end - place) + content[end:]
        elif kind == 1:
            content = content[:place] + rng.choice(PIECES) + content[place:]
        elif kind == 2:
            piece = rng.choice(PIECES)
            content = content[:place] + piece + content[place + len(piece) :]
        elif kind == 3:
            content = content[:place] + content[end:]
        elif kind == 4:
            content = content[:end] + content[place:]
        else:
            content = content[:place]
    return content


def _write(path: Path, content: bytes) -> None:
    """Write a file; a link in its place is not followed."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(content)


def _limit_memory() -> None:
    """Let this process take `MOST_MEMORY` more than it has, on Linux."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MOST_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main()

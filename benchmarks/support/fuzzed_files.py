"""What the fuzzes of data files share: a case, its outcome, damage to bytes, and their command.

A file must be read or refused in one line; anything else is a fault of ours.
"""

import argparse
import os
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.support.options import count
from benchmarks.support.time_limit import OutOfTime, time_limit
from nncore.datasets import DataSource
from nncore.datasets.data_source import located
from nncore.datasets.user_file import build_file, read_inputs
from nncore.errors import InputError

LONGEST_MESSAGE = 480
MOST_SECONDS = 2  # of processor time, so that other programs do not count
MOST_MEMORY = 1 << 30  # bytes beyond those of the start; the files themselves have a few kB

FAULTS = ("traceback", "hang", "memory", "long message")
KINDS = ("read", "refused", *FAULTS)


@dataclass(frozen=True)
class Case:
    """A damaged file: the contents of its `files` by name, the inputs first, and how it is read.

    `settings` are those of its `DataSource`; `ignore` are the columns that a prediction ignores.
    """

    files: Mapping[str, bytes]
    settings: Mapping[str, Any] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()


Formats = Mapping[str, Callable[[random.Random], Case]]
"""A damaged case of each format by its name."""


def fuzz_command(formats: Formats, about: str | None) -> None:
    """Print the counts of all cases; exit with 1 if one fails."""
    parser = argparse.ArgumentParser(description=about)
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
            outcomes(formats, options.cases, options.seed, Path(folder))
        ):
            counts[kind] += 1
            counts[f"{name} {kind}"] += 1
            if kind in FAULTS:
                print(f"case {number}, {name}: {kind}: {detail}", flush=True)
    seconds = time.perf_counter() - begun
    for name in formats:
        print(f"{name}: " + ", ".join(f"{kind} {counts[f'{name} {kind}']:,}" for kind in KINDS))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{options.cases:,} cases in {seconds:.0f} s, at most {peak:.0f} MiB of memory")
    sys.exit(any(counts[kind] for kind in FAULTS))


def outcomes(
    formats: Formats, cases: int, seed: int, folder: Path
) -> Iterator[tuple[str, str, str]]:
    """Yield the format of each case, its kind, one of `KINDS`, and the details of a fault.

    Case k of a seed is always the same. Its files are written in `folder`, and removed after it.
    """
    names = list(formats)
    for number in range(cases):
        rng = random.Random(f"{seed}-{number}")
        name = names[number % len(names)]
        case = formats[name](rng)
        for file, content in case.files.items():
            _write(folder / file, content)
        yield name, *outcome(folder / next(iter(case.files)), case)
        for file in case.files:
            (folder / file).unlink()


def outcome(path: Path, case: Case) -> tuple[str, str]:
    """Return the kind of `case`, whose file of inputs is at `path`, and the details of a fault."""
    kind = "read"
    detail = f"{dict(case.settings)} {path.read_bytes()[:1000]!r}"
    for read in (
        lambda: build_file(located(DataSource(str(path), **case.settings))),
        lambda: read_inputs(path, ignore=case.ignore),
    ):
        try:
            with time_limit(MOST_SECONDS):
                read()
        except InputError as error:
            kind, message = "refused", str(error)
            if len(message) > LONGEST_MESSAGE or "\n" in message:
                return "long message", message[:300]
        except OutOfTime:
            return "hang", detail
        except MemoryError:
            return "memory", detail
        except Exception:
            return "traceback", f"{detail}\n{traceback.format_exc()[-1500:]}"
    return kind, ""


PIECES = (
    *(b"0", b"1", b"-1", b"9" * 20, b"1e400", b"nan", b"inf", b"1_0", b"?", b"", b" " * 3000),
    *(b"'", b'"', b"\\", b"{", b"}", b"(" * 300, b",", b",,", b"%", b"\n", b"\r", b"\0", b"\xff"),
    *(b"|O", b"<U9", b"<f8", b">i8", b"|V0", b"<M8", b"True", b"fortran_order", b"'shape': (), "),
    *(b"@data\n", b"@attribute ", b"relational", b"\xc2\x85", b"\xe2\x80\xa8", b"PK\x01\x02"),
    *(b"\x00\x00\x08\x03", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x93NUMPY\x03\x00"),
)


def with_faults(rng: random.Random, content: bytes) -> bytes:
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

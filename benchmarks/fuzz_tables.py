"""Feeds damaged CSV, TSV, gzip and Parquet files to the readers; each must be refused in a line.

The damage knows the structure of a table: cells, rows, quotes, headers, types. After that, some
bytes are damaged too. `python -m benchmarks.fuzz_tables --cases 100000` is the long form; the tests
run a shorter one. It runs as a user without privileges, in a temporary folder of its own.
"""

import datetime
import decimal
import gzip
import io
import random
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.support.fuzzed_files import Case, Formats, fuzz_command, with_faults

Cells = list[list[str]]
LARGE = 20_000  # cells; a larger table is not made larger still, as that only takes time
ROWS = (8, 40, 40, 230)  # a few, many, and more than the quick reader needs
ODD = (
    *("", " ", "NA", "?", "nan", "inf", "-inf", "1e400", "1e39", "1_0", "0x1", "1,5", "1.000,5"),
    *("9" * 400, "1" + "0" * 400, "x" * 9000, "=1+1", "true", "No", "2021-02-30", "2021-03-04"),
    *("4.3.2021", "3/4/2021", "13/13/2021", "a,b;c\td|e", "a\nb", "\0", "\x1c", "\u2028", "\ud7ff"),
    *("\ufeff", "é", "🌳", "١", "label", "-", "1.", "00", "+5", "nr", "0", "\\", "'", '"', 'a"b'),
)
NAMES = ("", "a", "kind", "0", "1.5", "Unnamed: 0", "x" * 3000, "a\nb", 'a"b', "\0", "é", " kind ")
SETTINGS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("separator", (",", ";", "\t", "x", "é", "\\", "'")),
    ("decimal", (".", ",")),
    ("encoding", ("utf-8", "utf-16", "cp1252", "ascii", "utf-7", "latin-1", "utf-32")),
    ("header", (False,)),
    ("categories", (("size",), ("when", "nr"))),
    ("rare", (0.0, 0.5)),
    ("missing", ("refuse", "indicator")),
    ("ignore", (("size",), ("nr", "when"))),
    ("group", ("color", "nr")),
    ("image", ((1, 5), (2, 2), (70, 70))),
)
"""Settings of a table with values, some of which do not fit it."""


def _rows(rng: random.Random, count: int) -> Cells:
    """Return the names and cells of an ordinary table of `count` rows."""
    rows = [["nr", "size", "color", "when", "kind"]]
    for k in range(count):
        size = f"{k * 37 % 101 / 7:.{rng.choice((0, 2, 5))}f}"
        day = f"20{k % 20:02d}-{k % 12 + 1:02d}-{k % 28 + 1:02d}"
        rows.append([str(k), size, ("red", "blue", "")[k % 3], day, ("oak", "ash")[k % 2]])
    return rows


def _cell(rng: random.Random, rows: Cells) -> None:
    row = rng.choice(rows)
    if row:
        row[rng.randrange(len(row))] = rng.choice(ODD)


def _column(rng: random.Random, rows: Cells) -> None:
    place, odd = rng.randrange(5), rng.sample(ODD, 3)
    for row in rows[rng.choice((0, 1, len(rows) // 2)) :]:
        if place < len(row):
            row[place] = rng.choice(odd)


def _name(rng: random.Random, rows: Cells) -> None:
    if rows[0]:
        rows[0][rng.randrange(len(rows[0]))] = rng.choice(NAMES)


def _length(rng: random.Random, rows: Cells) -> None:
    row = rng.choice(rows)
    row[rng.randrange(len(row) + 1) :] = rng.choice(([], ["5"], ["5"] * 9, [""] * 3, ["6"] * 3000))


def _move(rng: random.Random, rows: Cells) -> None:
    place = rng.randrange(len(rows))
    moved = rows[place : place + rng.choice((1, 1, 5))]
    rows[place : place + rng.choice((0, 1, 5))] = rng.choice(([[]], [[""]], moved * 2, [], [["%"]]))
    rows[:] = rows or [[]]


def _wide(rng: random.Random, rows: Cells) -> None:
    if sum(map(len, rows)) < LARGE:
        for row in rows:
            row.extend([cell[:9] for cell in row[:1]] * 400)


def _long(rng: random.Random, rows: Cells) -> None:
    if sum(map(len, rows)) < LARGE:
        rows.extend([cell[:20] for cell in row[:9]] for row in rows[1:9] * 200)


DAMAGE: tuple[Callable[[random.Random, Cells], None], ...] = (
    *(_cell, _cell, _column, _column, _name, _length, _move, _wide, _long),
)


def _text(rng: random.Random, separator: str) -> bytes:
    """Return a table as text, with damage to its structure and then, perhaps, to its bytes."""
    rows = _rows(rng, rng.choice(ROWS))
    for _ in range(rng.choice((0, 1, 1, 1, 3))):
        rng.choice(DAMAGE)(rng, rows)
    quote = rng.choice(("", "", "", '"', '"', "'"))
    ends = rng.choice((["\n"], ["\r\n"], ["\r"], ["\n", "\r\n", "\r", "\n\n", "\r\r\n"]))
    parts = []
    for row in rows:
        cells = [f"{quote}{c}{quote}" if rng.random() < 0.9 else c for c in row] if quote else row
        parts.append(separator.join(cells) + rng.choice(ends))
    encoding = rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"))
    content = "".join(parts).encode(encoding, "replace")
    return with_faults(rng, content) if rng.random() < 0.3 else content


def _table(rng: random.Random, name: str, content: bytes) -> Case:
    settings: dict[str, Any] = {"label": rng.choice((*["kind"] * 9, "color", "nr", "4"))}
    for key, values in SETTINGS:
        if rng.random() < 0.04 and not (name.endswith(".parquet") and key in DIALECT):
            settings[key] = rng.choice(values)
    return Case({name: content}, settings, ("kind", "color", "when"))


DIALECT = ("separator", "decimal", "encoding", "header")


def _csv(rng: random.Random) -> Case:
    return _table(rng, "a.csv", _text(rng, rng.choice((",", ",", ",", ";", "|", " "))))


def _tsv(rng: random.Random) -> Case:
    return _table(rng, "a.tsv", _text(rng, "\t"))


def _gz(rng: random.Random) -> Case:
    content = gzip.compress(_text(rng, ","), 1, mtime=0)
    content += rng.choice((b"", b"", b"", gzip.compress(b"5,6\n", 1, mtime=0), b"\0" * 9, b"junk"))
    return _table(rng, "a.csv.gz", with_faults(rng, content) if rng.random() < 0.2 else content)


DAY = datetime.datetime(2021, 3, 4, 12)
TYPES: tuple[Callable[[int], pa.Array], ...] = (
    lambda n: pa.array([k % 7 for k in range(n)], pa.int8()),
    lambda n: pa.array([k * 2**53 for k in range(n)], pa.uint64()),
    lambda n: pa.array([k / 3 if k % 4 else None for k in range(n)], pa.float32()),
    lambda n: pa.array([k / 3 for k in range(n)]).cast(pa.float16()),
    lambda n: pa.array([decimal.Decimal(k) / 4 for k in range(n)], pa.decimal256(40, 3)),
    lambda n: pa.nulls(n),
    lambda n: pa.array(["p", None, "qé"] * n)[:n],
    lambda n: pa.array([f"{k}" * 20 for k in range(n)], pa.large_string()),
    lambda n: pa.array(["p", "q"] * n)[:n].dictionary_encode(),
    lambda n: pa.array([3, None] * n)[:n].dictionary_encode(),
    lambda n: pa.array([b"p", b"\xff"] * n)[:n],
    lambda n: pa.array([True, None] * n)[:n],
    lambda n: pa.array([DAY] * n, pa.timestamp("ns", "Europe/Berlin")),
    lambda n: pa.array([-(2**50), 0, 2**50] * n, pa.timestamp("s"))[:n],
    lambda n: pa.array([DAY.date(), None] * n)[:n],
    lambda n: pa.array([DAY.time()] * n),
    lambda n: pa.array([[1], None] * n)[:n],
    lambda n: pa.array([{"a": 1, "b": "x"}] * n),
    lambda n: pa.array([float("nan"), float("inf"), 1e300] * n)[:n],
)


def _parquet(rng: random.Random) -> Case:
    n = rng.choice((0, 9, 40, 40, 700))
    columns = {"nr": pa.array(range(n)), "size": pa.array([k * 37 % 101 / 7 for k in range(n)])}
    columns |= {"color": pa.array(["red", "blue", None] * n)[:n], "when": pa.array([DAY] * n)}
    columns |= {"kind": pa.array(["oak", "ash"] * n)[:n]}
    names = list(columns)
    arrays = list(columns.values())
    for _ in range(rng.choice((0, 0, 1, 2))):
        arrays[rng.randrange(5)] = rng.choice(TYPES)(n)
    if rng.random() < 0.2:
        names[rng.randrange(5)] = rng.choice((*NAMES, "size", "__index_level_0__", "a.b"))
    file = io.BytesIO()
    pq.write_table(
        pa.Table.from_arrays(arrays, names),
        file,
        compression=rng.choice(("none", "snappy", "gzip", "zstd", "brotli", "lz4")),
        use_dictionary=rng.random() < 0.5,
        row_group_size=rng.choice((7, 10_000)),
        data_page_size=rng.choice((60, 1 << 20)),
        data_page_version=rng.choice(("1.0", "2.0")),
    )
    return _table(rng, "a.parquet", _damaged_parquet(rng, file.getvalue()))


def _damaged_parquet(rng: random.Random, content: bytes) -> bytes:
    """Return `content` with changed bytes: in its pages, its description at the end, or anywhere.

    Most changes keep the length, so that the description is still found.
    """
    kind = rng.randrange(4)
    if kind == 0:
        return content if rng.random() < 0.5 else with_faults(rng, content)
    description = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    first, last = (description, len(content) - 8) if kind == 1 else (4, description)
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8))):
        place = rng.randrange(first, max(first + 1, last))
        changed[place] = rng.choice((rng.randrange(256), 0, 0xFF, 0x7F, changed[place] ^ 1))
    return bytes(changed)


FORMATS: Formats = {"csv": _csv, "tsv": _tsv, "csv.gz": _gz, "parquet": _parquet}


if __name__ == "__main__":
    fuzz_command(FORMATS, __doc__)

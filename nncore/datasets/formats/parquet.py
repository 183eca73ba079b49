"""Reads an untrusted `.parquet` file, a table whose columns have types, with pyarrow.

Its columns become numbers and text, as they would from a table of text. An error names the column
and, if it is one cell, the row, counted from 1.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NoReturn

import numpy as np

from nncore.datasets.formats.table import MOST, Cells, Table, short
from nncore.errors import InputError, named, one_line
from nncore.extras import install_command

Kind = Literal["number", "text"]
MOST_BYTES = 1 << 30  # of all columns that are read, as of an unpacked `.csv.gz` file
ROWS = 1 << 16  # read at a time
INDEX = re.compile(r"__index_level_\d+__")
"""How pandas names the index of a frame if it has no name; the index is no column of the frame."""


def read_parquet_names(path: Path) -> list[str]:
    """Return the names of the columns at `path`.

    Raises `InputError` if the file is no Parquet file, or two columns have the same name.
    """
    with _opened(path) as file:
        return list(_columns(path, file.schema_arrow))


def read_parquet(
    path: Path,
    text: Collection[str] = (),
    ignore: Collection[str | None] = (),
    *,
    numbers: bool = False,
) -> Table:
    """Return the table at `path` without the columns `ignore`, whatever they contain.

    Integers, floats and decimals are numbers; strings, dates, timestamps and booleans are text, and
    so are the columns `text`. With `numbers`, all but the columns `text` must be numbers. A null is
    an empty cell. A dictionary counts as its values. The index of a pandas frame is left out if it
    has no name.

    Raises
    ------
    InputError
        If the file is faulty, has more than 1 GiB of values, or a column of another type, such as a
        list, or a number that is not finite in float32.
    """
    with _opened(path) as file:
        types = {n: t for n, t in _columns(path, file.schema_arrow).items() if n not in ignore}
        kinds: dict[str, Kind] = {n: _kind(path, n, type_) for n, type_ in types.items()}
        for name, kind in kinds.items():
            if numbers and kind == "text" and name not in text:
                _refuse(path, name, "must hold numbers", str(types[name]))
        kinds |= {name: "text" for name in kinds if name in text}
        strings = [name for name, type_ in types.items() if _is_string(type_)]
    with _opened(path, strings) as file:
        table = Table(path, _read(path, file, kinds), lambda row: f"row {row + 1}")
    for name, cells in table.columns.items():
        if kinds[name] == "number" and (bad := np.flatnonzero(np.abs(cells) > MOST)).size:
            table.refuse(int(bad[0]), name, "be a finite number", str(cells[bad[0]]))
    return table


@contextmanager
def _opened(path: Path, strings: Collection[str] = ()) -> Iterator[Any]:
    """Open the file; columns named in `strings` come with each different text once."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        rule = "must be read with pyarrow, which is not installed"
        raise InputError(f"`{named(path)}` {rule}: {install_command('parquet')}") from error
    try:
        with path.open("rb") as source, pq.ParquetFile(source, read_dictionary=strings) as file:
            yield file
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        rule = "must be a readable Parquet file"
        raise InputError(one_line(f"`{named(path)}` {rule}, got: {reason}")) from error


def _columns(path: Path, schema: Any) -> dict[str, Any]:
    """Return the type of each column by its name."""
    names = [field.name for field in schema if not INDEX.fullmatch(field.name)]
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        rule = "must have a different name for each column"
        raise InputError(f"`{named(path)}` {rule}, got {short(twice)} twice")
    return {name: schema.field(name).type for name in names}


def _kind(path: Path, name: str, type_: Any) -> Kind:
    """Return what becomes of a column of the type `type_`."""
    from pyarrow import types

    if types.is_dictionary(type_):
        type_ = type_.value_type
    numbers = (types.is_integer, types.is_floating, types.is_decimal, types.is_null)
    if any(fits(type_) for fits in numbers):
        return "number"
    texts = (types.is_date, types.is_timestamp, types.is_boolean)
    if not (_is_string(type_) or any(fits(type_) for fits in texts)):
        _refuse(path, name, "must hold numbers, text, dates or booleans", str(type_))
    return "text"


def _is_string(type_: Any) -> bool:
    from pyarrow import types

    kinds = (types.is_string, types.is_large_string, types.is_string_view)
    return any(fits(type_) for fits in kinds)


def _refuse(path: Path, name: str, rule: str, got: str) -> NoReturn:
    hint = f"`data.ignore` = [{short(name)}] leaves it out"
    raise InputError(f"`{named(path)}`, column {short(name)} {rule}, got {short(got)}; {hint}")


def _check_size(path: Path, size: int) -> None:
    if size > MOST_BYTES:
        rule = f"must have values of at most {MOST_BYTES:,} bytes"
        raise InputError(f"`{named(path)}` {rule}, got {size:,}")


def _read(path: Path, file: Any, kinds: Mapping[str, Kind]) -> dict[str, Cells]:
    # The description of a row group would tell the size of its text too, but asking pyarrow for it
    # ends the process if it is damaged.
    _check_size(path, file.metadata.num_rows * len(kinds) * 8)
    parts: dict[str, list[Cells]] = {name: [] for name in kinds}
    known: dict[str, str] = {}
    rows = 0
    for batch in file.iter_batches(ROWS, columns=list(kinds), use_threads=False):
        _check_size(path, max(batch.get_total_buffer_size(), sum(map(len, known))))
        rows += batch.num_rows
        for name, kind in kinds.items():
            column = batch.column(name)
            parts[name].append(_numbers(column) if kind == "number" else _texts(column, known))
    if not rows:
        raise InputError(f"`{named(path)}` must have a row, got none")
    return {name: np.concatenate(part) for name, part in parts.items()}


def _numbers(column: Any) -> Cells:
    """Return the numbers in `column` as float64, with NaN for a null."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    numbers: Cells = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return numbers


def _texts(column: Any, known: dict[str, str]) -> Cells:
    """Return the texts in `column`, "" for a null; `known` keeps each different text once."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    places = column.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    used, place = np.unique(places, return_inverse=True)
    cells = column.dictionary.take(pa.array(used[used >= 0])).cast(pa.string()).to_pylist()
    texts = [(cell or "").strip() for cell in [*([None] if -1 in used else []), *cells]]
    return np.array([known.setdefault(text, text) for text in texts], object)[place]

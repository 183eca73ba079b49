"""Writes a sweep file for a user's data file: what the file shows decides what stands in it.

It takes a ready sweep, for tables or for images, and replaces its section [data] and the settings
that depend on the number of rows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from experiments.cli.data_files import source_of

if TYPE_CHECKING:
    from nncore.datasets import DataSet, DataSource
    from nncore.datasets.formats.table import Table

IMAGES, TABLE, NUMBERS = "first.toml", "tabular.toml", "regression.toml"
MINI_BATCHES = (8, 16, 32, 64, 128, 256)
FEWEST_STEPS, MOST_STEPS = 5, 300  # of an epoch, for a mini-batch size of a table
EPOCHS = ((1_000, 100), (20_000, 60), (100_000, 30))
"""The epochs for a table of up to that many training rows; `FEWEST_EPOCHS` for larger ones."""

FEWEST_EPOCHS = 15
NO_LABEL = '# label = "…"'
"""How the line begins that stands for the label of a table if none is clear."""


@dataclass(frozen=True)
class Seen:
    """What a data file showed: the section [data] for it, with comments, and its training rows.

    `classes` is the number of classes, None if there are none or their column is not known.
    """

    data: Mapping[str, Any]
    comments: Sequence[str]
    rows: int
    classes: int | None
    is_image: bool = False


def sweep_for_data(data: Mapping[str, Any], name: str) -> str:
    """Return the text of the sweep `name` for the file that the section `data` describes.

    `data` has the name of the file, and may have other keys of [data]. If a table has no label and
    none is clear, a comment lists its columns.

    Raises `InputError` if the file is faulty, or `data` breaks a rule.
    """
    from nncore.datasets.data_source import TABLES, file_kind

    is_table = file_kind(data["name"]) in TABLES
    seen = _seen_in_table(data) if is_table else _seen_in_examples(data, [])
    ready = NUMBERS if data.get("target") else IMAGES if seen.is_image else TABLE
    text = (files("experiments.sweep_files") / ready).read_text("utf-8")
    text = _replaced(r"\A.*?(?=^\[sweep\])", _heading(seen), text)
    text = _replaced(r'^name = "[\w-]+" *(?=#)', f'name = "{name}"'.ljust(25), text)
    text = _replaced(r"^\[data\].*?(?=^\[)", _section(seen), text)
    return _for_images(text, seen.rows) if ready == IMAGES else _for_table(text, seen.rows)


def _seen_in_table(data: Mapping[str, Any]) -> Seen:
    from nncore.datasets.columns.labels import guess_label
    from nncore.datasets.data_source import file_path, file_sha256
    from nncore.datasets.formats.image_columns import label_of_images
    from nncore.datasets.formats.table import listed
    from nncore.datasets.table_file import read_columns

    targets = _listed(data.get("target"))
    source = source_of(data if targets else {"label": "?", **data})
    path = file_path(source.name)
    file_sha256(path)  # raises if the path does not lead to a regular file
    table = read_columns(path, source.dialect)
    columns = list(table.columns)
    settings = {"name": source.name, **data}
    if not targets and "label" not in data:
        label = label_of_images(columns) or guess_label(table)
        settings = {"name": source.name, "label": label, **settings} if label else settings
    answers = (*targets, *_listed(settings.get("label")))
    comments = [*_written_as(source), *_columns_to_judge(table, answers, settings)]
    if answers:
        return _seen_in_examples(settings, comments)
    hint = "delete the # and name the column of classes"
    comments.insert(0, f"{NO_LABEL[2:]}            # {hint}: {listed(columns)}")
    rows = max(1, round(source.split[0] * len(table)))
    return Seen({"scale": "standard", **settings}, comments, rows, None)


def _listed(names: str | Sequence[str] | None) -> Sequence[str]:
    """Return the names of a setting that has one name, several or none."""
    return [names] if isinstance(names, str) else names or ()


def _seen_in_examples(data: Mapping[str, Any], comments: Sequence[str]) -> Seen:
    """Return what the whole data set showed; `comments` are those on the columns of a table."""
    from nncore.datasets import load_dataset

    dataset = load_dataset(source_of(data))
    rows, classes = len(dataset.train), len(dataset.classes) or None
    if dataset.image_shape:
        return Seen(data, [], rows, classes, is_image=True)
    data = data if "scale" in data else {**data, "scale": "standard"}
    return Seen(data, [*comments, *_columns_left_out(dataset)], rows, classes)


def _written_as(source: "DataSource") -> Iterator[str]:
    """Yield how a table is written, as far as that is unusual and was found.

    It is no setting, so that other files of the same columns may be written in another way.
    """
    from nncore.datasets.data_source import file_path
    from nncore.datasets.formats.delimited import find_dialect
    from sweeps.config.toml import dump_tables

    if not source.is_delimited:
        return
    found = find_dialect(file_path(source.name), source.dialect)
    usual = {"separator": ",", "decimal": ".", "encoding": "utf-8-sig"}
    for key, value in usual.items():
        if getattr(source.dialect, key) is None and getattr(found, key) != value:
            line = dump_tables({"data": {key: getattr(found, key)}}).splitlines()[1]
            yield f"{line.ljust(24)} # found; uncomment to read every file this way"


def _columns_to_judge(
    table: "Table", answers: Sequence[str], settings: dict[str, Any]
) -> Iterator[str]:
    """Yield comments on columns of inputs, that is all but the `answers`, the label or targets.

    Those that number the rows are ignored in `settings`.
    """
    from nncore.datasets.columns.labels import few_whole_numbers, row_numbers
    from nncore.datasets.formats.table import listed

    numbers = [name for name in row_numbers(table) if name not in answers]
    if numbers and "ignore" not in settings:
        settings["ignore"] = numbers
        yield f"`ignore` leaves out what numbers the rows: {listed(numbers)}"
    codes = [name for name in few_whole_numbers(table) if name not in (*answers, *numbers)]
    if codes and "categories" not in settings:
        yield f"categories = []        # add the columns that are codes, perhaps: {listed(codes)}"


def _columns_left_out(dataset: "DataSet") -> Iterator[str]:
    from nncore.datasets.formats.table import listed

    whys = {"identifier": "with a different text in each row", "constant": "with a single value"}
    for kind, why in whys.items():
        names = [c.name for c in dataset.columns if c.kind == kind and not c.inputs]
        if names:
            yield f"Left out, because they are columns {why}: {listed(names)}"
    if names := list(dataset.identifiers):
        yield f"Whole numbers that differ in each row; `ignore` leaves them out: {listed(names)}"


def _heading(seen: Seen) -> str:
    from nncore.errors import named

    classes = "" if seen.classes is None else f", {seen.classes} classes"
    kind = "images" if seen.is_image else "rows"
    return (
        f"# A sweep on {named(seen.data['name'])}: {seen.rows:,} {kind} to train on{classes}.\n"
        "# Every line may be changed; `nnsweep run FILE --dry-run` checks it.\n\n"
    )


def _section(seen: Seen) -> str:
    from sweeps.config.toml import dump_tables

    lines = [f"# {comment}\n" for comment in seen.comments]
    return f"{dump_tables({'data': seen.data})}{''.join(lines)}\n"


def _for_table(text: str, rows: int) -> str:
    """Return the sweep with the mini-batches and epochs of a table of `rows` training rows."""
    sizes = [b for b in MINI_BATCHES if FEWEST_STEPS <= rows / b <= MOST_STEPS]
    if not sizes:
        sizes = [MINI_BATCHES[-1] if rows > MOST_STEPS else max(1, rows // FEWEST_STEPS)]
    epochs = next((epochs for most, epochs in EPOCHS if rows <= most), FEWEST_EPOCHS)
    text = _replaced(r"(?<=^mini_batch_size = \{ choices = )\[.*?\]", str(sizes), text)
    text = _replaced(r"(?<=^epochs = )\d+", str(epochs), text)
    text = _replaced(r"(?<=^early_stopping = )\d+", str(epochs // 4), text)
    return _replaced(r"(?<=# stop after )\d+", str(epochs // 4), text)


def _for_images(text: str, rows: int) -> str:
    """Return the sweep without the mini-batches that are larger than the training set."""
    found = re.search(r"^mini_batch_size = \{ choices = \[(.*?)\]", text, re.MULTILINE)
    assert found is not None  # of a file of ours
    sizes = [b for b in map(int, found[1].split(",")) if b <= rows] or [1]
    return _replaced(r"(?<=^mini_batch_size = \{ choices = )\[.*?\]", str(sizes), text)


def _replaced(pattern: str, new: str, text: str) -> str:
    """Return `text` with the only place of `pattern` replaced by `new`."""
    flags = re.MULTILINE | re.DOTALL
    text, count = re.subn(pattern, lambda _: new, text, count=1, flags=flags)
    assert count == 1, pattern  # the ready sweeps have each of these lines
    return text

"""Refusals of a user's data file that a command cannot use as given; each says what to type.

A table needs its label or target, and a data file is no sweep file.
"""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nncore.datasets import DataSource
    from nncore.datasets.formats.delimited import Dialect
    from sweeps.config.sections import DataSection


def add_label(tables: dict[str, Any]) -> None:
    """Add the column of classes to the section [data] in `tables`, of a file that needs none named.

    Raises `InputError` as `label_of` does, or if [data] breaks another rule.
    """
    from nncore.datasets.data_source import TABLES, file_kind

    data = tables.get("data")
    name = data.get("name") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(name, str) or file_kind(name) not in TABLES:
        return
    if data.get("label") is None and not data.get("target"):
        data["label"] = label_of(name, None, source_of({**data, "label": "?"}).dialect)


def source_of(data: Mapping[str, Any]) -> "DataSource":
    """Return the data set that the section [data] of a sweep file describes.

    Raises `InputError` if it breaks a rule.
    """
    return data_section(data).source


def data_section(data: Mapping[str, Any]) -> "DataSection":
    """Return the section [data] of a sweep file, read alone; `InputError` if it breaks a rule."""
    from sweeps.config import parse_config

    space = {"learning_rate": {"low": 0.1, "high": 1.0}}  # a sweep has one
    return parse_config({"sweep": {"name": "data"}, "data": data, "space": space}).data


def label_of(name: str, label: str | None, dialect: "Dialect | None" = None) -> str | None:
    """Return the column of classes of the data set `name`: the `label` that was given, if any.

    A table of images with a column `label` needs none. Raises `InputError` if another table has
    none; the message names the columns of the file, so that the option can be added.
    """
    from nncore.datasets.data_source import TABLES, file_kind, file_path, file_sha256
    from nncore.datasets.formats.image_columns import label_of_images
    from nncore.datasets.table_file import column_names
    from nncore.errors import InputError, named

    if file_kind(name) not in TABLES or label:
        return label
    path = file_path(name)
    file_sha256(path)  # raises if the path does not lead to a regular file
    columns = column_names(path, dialect)
    if found := label_of_images(columns):
        return found
    rule = f"`--label` must name the column of classes in `{named(name)}`"
    example = f"for example --label {shlex.quote(named(columns[-1], 40))}"
    instead = "or `--target` numbers to predict"
    listed = named(", ".join(columns), 160)
    raise InputError(f"{rule}, {example}, {instead}; its columns: {listed}")


def check_sweep_file(file: Path) -> None:
    """Raise `InputError` if a file of data is given where a sweep file belongs."""
    from nncore.datasets.data_source import TABLES, file_kind, is_file_name
    from nncore.errors import InputError, named

    if is_file_name(file.name):
        label = " --label COLUMN" if file_kind(file.name) in TABLES else ""
        data = f"`nnsweep run --data {named(shlex.quote(str(file)))}{label}`"
        raise InputError(
            f"sweep file {named(file)} must be TOML, got a data file; {data} runs a sweep on it"
        )

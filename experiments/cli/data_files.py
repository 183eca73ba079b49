"""Refusals of a user's data file that a command cannot use as given; each says what to type.

A table needs its label or target, and a data file is no sweep file.
"""

import shlex
from pathlib import Path


def label_of(name: str, label: str | None) -> str | None:
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
    columns = column_names(path)
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

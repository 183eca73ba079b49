"""Data sets by name or file, each built once and memory-mapped from a cache afterwards.

Start at `load_dataset` in `catalogue`; `dataset` defines the `DataSet` that it returns, and
`data_source` its name or file. `published` builds the data sets of the catalogue. `user_file`
builds one from a file: from the arrays of `array_file`, or from a table, which `table_file` reads
and `columns` turns into inputs. `formats` reads the files, `scaling` and `splitting` do what their
names say; `raw_inputs` takes raw inputs of a model in all forms. `missing_labels` finds classes
that look like missing labels. `cache` keeps data sets; `origin` finds rows in the file again.
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
from nncore.datasets.splitting import Fold, FreshSplit

__all__ = [
    "DataSet",
    "DataSetInfo",
    "DataSource",
    "Fold",
    "FreshSplit",
    "Split",
    "cache_folder",
    "dataset_info",
    "dataset_names",
    "fetch_dataset",
    "load_dataset",
]

"""The data sets that trials train on: the ordinary split, a fold for each replicate, fresh splits.

They are loaded once here, before the workers start; afterwards a worker maps them by their source.
"""

from collections.abc import Sequence
from dataclasses import replace

from nncore.config import TrialConfig
from nncore.datasets import DataSet, DataSource, Fold, FreshSplit, load_dataset
from nncore.errors import require
from nncore.training import check_images
from sweeps.config import SweepConfig

TrialData = DataSource | tuple[DataSource, ...]
"""The data of a trial: one data set for all its replicates, or one for each."""


def trial_data(config: SweepConfig, source: DataSource) -> TrialData:
    """Return the data of each trial of a sweep on `source`: replicate r trains on fold r."""
    folds = config.data.folds
    if folds is None:
        return source
    return tuple(replace(source, part=Fold(number, folds)) for number in range(folds))


def replicate_0_data(config: SweepConfig, source: DataSource) -> DataSource:
    """Return the data of replicate 0, whose network is kept as the best of a sweep on `source`."""
    data = trial_data(config, source)
    return data if isinstance(data, DataSource) else data[0]


def fold_datasets(config: SweepConfig, dataset: DataSet) -> list[DataSet]:
    """Return the data sets that the trials of a sweep on `dataset` train on.

    Raises `InputError` if a fold cannot be made.
    """
    data = trial_data(config, dataset.source)
    return [dataset] if isinstance(data, DataSource) else [load_dataset(fold) for fold in data]


def fresh_split(source: DataSource, number: int) -> DataSource:
    """Return fresh split `number` of the data at `source`, the same in every run on these data."""
    return replace(source, part=FreshSplit(number))


def fresh_splits(dataset: DataSet, count: int) -> list[DataSet]:
    """Return the fresh splits 0 … `count` − 1 of `dataset`.

    Raises `InputError` if a split cannot be made.
    """
    return [load_dataset(fresh_split(dataset.source, number)) for number in range(count)]


def check_trial(trial: TrialConfig, datasets: Sequence[DataSet]) -> None:
    """Raise `InputError` if a trial with this config could not train on each of `datasets`."""
    sizes = {len(dataset.train) for dataset in datasets}
    size, smallest = min(sizes), "smallest training set" if len(sizes) > 1 else "training set"
    rule = f"be <= {size}, the size of the {smallest} of {datasets[0].name}"
    require(trial.mini_batch_size <= size, "mini_batch_size", rule, trial.mini_batch_size)
    check_images(trial, datasets[0].image_shape)

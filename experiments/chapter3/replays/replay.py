"""The author's runs, repeated from the author's seeds by the code that runs every sweep.

Each replay gives the numbers of one published file, and a comparison says how many are the same.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.chapter3.arms import Arm
from experiments.chapter3.book_files import read_figure
from nncore.book.shuffle import BookShuffler
from nncore.config import TrialConfig
from nncore.datasets import DataSet, load_dataset
from nncore.datasets.base import Split
from nncore.network import Network, new_network
from nncore.training import EpochRecord, train

SEED = 12345678
SAME_COST = 1e-9
"""Costs that differ by less are taken for the same: sums in another order have other last bits."""

Numbers = list[int] | list[float]
Series = dict[str, Numbers]


@dataclass(frozen=True)
class Comparison:
    """One series of a replay beside the author's: counts are integers, costs floats.

    `exact` numbers are the same, of `of`; `first_difference` is the place of the first that is not,
    from 1, or None; `largest_difference` is over all, an integer for counts.
    """

    name: str
    values: Numbers
    book: Numbers
    exact: int
    of: int
    first_difference: int | None
    largest_difference: int | float


def compare(name: str, values: Numbers, book: Numbers) -> Comparison:
    """Return how `values` and the author's numbers `book`, as many or more, agree.

    Whole numbers must be equal, others within `SAME_COST`; what is not finite agrees with nothing.
    """
    book = book[: len(values)]
    gaps = np.abs(np.subtract(values, book))
    counts = all(isinstance(value, int) for value in book)
    same = gaps <= (0 if counts else SAME_COST)
    largest = gaps.max() if len(gaps) else 0.0
    return Comparison(
        name=name,
        values=values,
        book=book,
        exact=int(same.sum()),
        of=len(book),
        first_difference=None if same.all() else int(np.argmin(same)) + 1,
        largest_difference=int(largest) if counts else float(largest),
    )


class Author:
    """The author's seeded generators and training list, as one of the book's scripts uses them.

    A network is drawn scaled; `large` draws again. The list keeps its order from one training to
    the next.
    """

    def __init__(self, dataset: DataSet, training_size: int | None = None) -> None:
        self.dataset = dataset
        self._normals = np.random.RandomState(SEED)
        self._shuffler = BookShuffler(SEED)
        self._order = self._first(training_size)

    def draw(self, config: TrialConfig) -> Network:
        """Return a new network, drawn as `config.init` says."""
        return new_network(config, self.dataset.train.x.shape[1], 10, self._normals)

    def forget_order(self, training_size: int) -> None:
        """Take a fresh copy of the first so many training images."""
        self._order = self._first(training_size)

    def train(
        self,
        network: Network,
        config: TrialConfig,
        *,
        validation: Split | None = None,
        test: Split | None = None,
    ) -> Iterator[EpochRecord]:
        """Return the records of training `network` on the list as it lies now."""
        training = self.dataset.train.first(len(self._order))
        return train(
            network,
            config,
            self._shuffler,
            training=training,
            validation=validation,
            test=test,
            order=self._order,
        )

    def _first(self, training_size: int | None) -> NDArray[np.int64]:
        return np.arange(training_size or len(self.dataset.train))


@dataclass(frozen=True, kw_only=True)
class Replay:
    """One published file: `play` gives our numbers, `published` reads the author's, both by series.

    `play(dataset, epochs)` stops its first training after `epochs`, if given: what a test has time
    for. `chaotic` names the series that the last bits of the sums decide after some epochs, and
    what tells the band around each.
    """

    name: str
    file: str
    minutes: float
    play: Callable[[DataSet, int | None], Series]
    published: Callable[[Any], Series]
    chaotic: Mapping[str, "Band"] = field(default_factory=dict)


@dataclass(frozen=True)
class Band:
    """The same setting over our own seeds: an arm, one of its metrics, and a factor for counts."""

    arm: Arm
    metric: str
    scale: float = 1.0


def run_replay(
    chosen: Replay, dataset: DataSet | None = None, epochs: int | None = None
) -> list[Comparison]:
    """Return our numbers beside the author's, series by series.

    Raises `InputError`, before training, if the author's file or MNIST is not to be had.
    """
    published = chosen.published(read_figure(chosen.file))
    ours = chosen.play(dataset or load_dataset("mnist"), epochs)
    return [compare(name, values, published[name]) for name, values in ours.items()]

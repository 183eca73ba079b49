"""The author's runs, repeated from the author's seeds by the code that trains every network here.

Each replay computes the numbers of one published file and counts how many equal the author's.
`compare_series` is the comparison; claims over several seeds are compared in `verdicts`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.book.arms import Arm
from experiments.book.book_files import read_figure
from nncore.book.shuffle import BookShuffler
from nncore.config import TrialConfig
from nncore.datasets import DataSet, load_dataset
from nncore.datasets.dataset import Split
from nncore.network import Network, new_network
from nncore.training import EpochRecord, train

AUTHOR_SEED = 12345678
SAME_COST = 1e-9
"""Costs that differ by at most this count as equal: the order of a sum changes its last bits."""

Numbers = list[int] | list[float]
Series = dict[str, Numbers]


@dataclass(frozen=True)
class ReplayedSeries:
    """One series of a replay beside the author's numbers.

    Parameters
    ----------
    name
        What the numbers are, such as "test count".
    values, book
        Ours and the author's, one per epoch or training set: counts are integers, costs floats.
    exact, of
        How many numbers are equal, of how many.
    first_difference
        Place of the first number that is not equal, from 1; None if all are.
    largest_difference
        Largest absolute difference; an integer for counts.
    """

    name: str
    values: Numbers
    book: Numbers
    exact: int
    of: int
    first_difference: int | None
    largest_difference: int | float


def compare_series(name: str, values: Numbers, book: Numbers) -> ReplayedSeries:
    """Return how far `values` agree with the author's numbers, of which there may be more.

    Integers must be equal, costs within `SAME_COST`; a value that is not finite equals nothing.
    """
    book = book[: len(values)]
    gaps = np.abs(np.subtract(values, book))
    counts = all(isinstance(value, int) for value in book)
    equal = gaps <= (0 if counts else SAME_COST)
    largest = gaps.max() if len(gaps) else 0.0
    return ReplayedSeries(
        name=name,
        values=values,
        book=book,
        exact=int(equal.sum()),
        of=len(book),
        first_difference=None if equal.all() else int(np.argmin(equal)) + 1,
        largest_difference=int(largest) if counts else float(largest),
    )


class BookScript:
    """The random generators and the training list of one of the author's scripts.

    The generators are seeded once. The list keeps its shuffled order from one training to the next.

    Parameters
    ----------
    dataset
        MNIST.
    training_size
        Train on the first `training_size` images, or on all images if None.
    """

    def __init__(self, dataset: DataSet, training_size: int | None = None) -> None:
        self.dataset = dataset
        self._normals = np.random.RandomState(AUTHOR_SEED)
        self._shuffler = BookShuffler(AUTHOR_SEED)
        self._order = self._unshuffled(training_size)

    def new_network(self, config: TrialConfig) -> Network:
        """Return a new network whose weights are drawn as `config.init` says."""
        return new_network(config, self.dataset.train.x.shape[1], 10, self._normals)

    def reset_order(self, training_size: int) -> None:
        """Start a new list of the first `training_size` images, in the order of the data set."""
        self._order = self._unshuffled(training_size)

    def train(
        self,
        network: Network,
        config: TrialConfig,
        *,
        validation: Split | None = None,
        test: Split | None = None,
    ) -> Iterator[EpochRecord]:
        """Return the records of training `network` on the list in its present order."""
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

    def _unshuffled(self, training_size: int | None) -> NDArray[np.int64]:
        return np.arange(training_size or len(self.dataset.train))


@dataclass(frozen=True)
class SeededRuns:
    """The setting of a series over our own seeds, for its prediction interval.

    `metric` of `arm`, times `scale`, is the number that the author published.
    """

    arm: Arm
    metric: str
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Replay:
    """One published file, and how to repeat the run behind it.

    Parameters
    ----------
    name
        Name in the commands.
    file
        Name of the author's file.
    minutes
        Time that the replay takes on one core.
    play
        `play(dataset, epochs)` returns our numbers by series. If `epochs` is given, it stops after
        this many epochs of the first training and skips the others; tests use this.
    published
        Reads the author's numbers by series from the content of the file.
    rounding_sensitive
        The series whose values depend, after some epochs, on the last bits of sums, each with the
        runs that show how far single runs vary.
    """

    name: str
    file: str
    minutes: float
    play: Callable[[DataSet, int | None], Series]
    published: Callable[[Any], Series]
    rounding_sensitive: Mapping[str, SeededRuns] = field(default_factory=dict)


def run_replay(
    replay: Replay, dataset: DataSet | None = None, epochs: int | None = None
) -> list[ReplayedSeries]:
    """Return our numbers beside the author's, series by series.

    Parameters
    ----------
    replay
        An entry of `REPLAYS`.
    dataset
        MNIST, loaded if None.
    epochs
        Stop after this many epochs of the first training, and skip the others.

    Raises
    ------
    InputError
        Before training, if the author's file or MNIST cannot be read or fetched.
    """
    published = replay.published(read_figure(replay.file))
    ours = replay.play(dataset or load_dataset("mnist"), epochs)
    return [compare_series(name, values, published[name]) for name, values in ours.items()]

"""A program in a process of its own, told to train an epoch and answering with the seconds.

So no library disturbs another one, and one that crashes is a line of the table, not the end of it.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.peers.catalogue import PROGRAMS, Peer
from benchmarks.support.rounds import seconds_of
from benchmarks.support.task import BenchmarkTask, accuracy
from nncore.datasets import load_dataset
from nncore.datasets.dataset import Split


class Remote:
    """The program `name` at work on `task`, with the data set called `data`."""

    def __init__(self, name: str, task: BenchmarkTask, data: str) -> None:
        self._pool = ProcessPoolExecutor(1, get_context("spawn"))
        try:
            self._pool.submit(_prepare, name, task, data).result()
        except BaseException:
            self.close()
            raise

    def epoch(self) -> float:
        """Train an epoch and return how many seconds it took."""
        return self._pool.submit(_epoch).result()

    def accuracy(self) -> float:
        """Return the accuracy on the validation data."""
        return self._pool.submit(_accuracy).result()

    def close(self) -> None:
        """End the process."""
        self._pool.shutdown()


_READY: list[tuple[Peer, Split]] = []
"""What this process is there for, once it is prepared."""


def _prepare(name: str, task: BenchmarkTask, data: str) -> None:
    dataset = load_dataset(data, verify=False)
    _READY.append((PROGRAMS[name].load(dataset.train, task), dataset.validation))


def _epoch() -> float:
    return seconds_of(_READY[0][0].epoch)


def _accuracy() -> float:
    peer, validation = _READY[0]
    return accuracy(peer.layers(), validation)

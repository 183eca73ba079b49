"""The programs that are compared, and their common interface.

Their modules are imported only where they run, so a missing package can be reported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pkgutil import resolve_name

from benchmarks.support.machine import installed
from benchmarks.support.task import BenchmarkTask, Layers
from nncore.datasets.dataset import Split


@dataclass(frozen=True)
class Peer:
    """A program that is ready to train.

    `epoch()` trains once through all examples in a new random order and returns when the weights
    are computed; `layers()` returns a copy of the weights.
    """

    epoch: Callable[[], None]
    layers: Callable[[], Layers]


@dataclass(frozen=True)
class Program:
    """A program before it is loaded: `prepare` is "module:function", `package` is required."""

    name: str
    package: str
    prepare: str

    @property
    def version(self) -> str | None:
        """The version of its package, None if it is not installed."""
        return installed(self.package)

    def load(self, split: Split, task: BenchmarkTask) -> Peer:
        """Return the program, ready to train `task` on `split`."""
        peer: Peer = resolve_name(self.prepare)(split, task)
        return peer


PROGRAMS = {
    entry.name: entry
    for entry in (
        Program("ours", "nnsweep", "benchmarks.peers.programs.ours:prepare"),
        Program("pytorch", "torch", "benchmarks.peers.programs.pytorch:eager"),
        Program("pytorch-compile", "torch", "benchmarks.peers.programs.pytorch:compiled"),
        Program("jax", "jax", "benchmarks.peers.programs.jax_scan:prepare"),
        Program("numba", "numba", "benchmarks.peers.programs.numba_loop:prepare"),
        Program("scikit-learn", "scikit-learn", "benchmarks.peers.programs.scikit_learn:prepare"),
        Program("book", "numpy", "benchmarks.peers.programs.book:prepare"),
    )
}
"""Every program by its name on the command line."""

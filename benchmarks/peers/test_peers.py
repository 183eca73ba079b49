"""Every timed program takes the same step as `nncore.descent.backprop`.

`pytest benchmarks/` runs these tests with the extra `bench`; `tests/` has those that need no extra.
"""

import numpy as np
import pytest

from benchmarks.peers.catalogue import PROGRAMS
from benchmarks.support.check import difference_from_the_readable_step, tiny_split
from benchmarks.support.task import BenchmarkTask

COMPILER = "ignore:`torch.jit:DeprecationWarning"  # of PyTorch's compiler, by itself


@pytest.mark.filterwarnings(COMPILER)
@pytest.mark.parametrize("hidden_units", [(4,), (5, 3)])
@pytest.mark.parametrize("name", PROGRAMS)
def test_step_is_the_readable_one(name: str, hidden_units: tuple[int, ...]) -> None:
    """Hold each program to the readable step, within what float32 can tell apart."""
    assert difference_from_the_readable_step(PROGRAMS[name], hidden_units) < 2e-6


@pytest.mark.filterwarnings(COMPILER)
@pytest.mark.parametrize("name", [name for name in PROGRAMS if name != "scikit-learn"])
def test_updates_are_the_books_in_the_same_order(name: str) -> None:
    """Hold epochs of several mini-batches, the last one short, to the book's loop."""
    split, task = tiny_split(examples=43), BenchmarkTask((5,), 10)
    peer, book = (PROGRAMS[each].load(split, task) for each in (name, "book"))
    for _ in range(3):
        peer.epoch()
        book.epoch()
    for (w, b), (book_w, book_b) in zip(peer.layers(), book.layers(), strict=True):
        np.testing.assert_allclose(w, book_w, rtol=0, atol=1e-5)
        np.testing.assert_allclose(b, book_b, rtol=0, atol=1e-5)

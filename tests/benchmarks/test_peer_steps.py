"""Programs that are compared compute the same step, and learn.

Those that need no extra are held here; `pytest benchmarks/` holds them all.
"""

import numpy as np
import pytest

from benchmarks.peers.catalogue import PROGRAMS
from benchmarks.support.check import difference_from_the_readable_step, tiny_split
from benchmarks.support.task import BenchmarkTask, accuracy

CORE = ("ours", "scikit-learn", "book")


@pytest.mark.parametrize("hidden_units", [(4,), (5, 3)])
@pytest.mark.parametrize("name", CORE)
def test_step_is_the_readable_one(name: str, hidden_units: tuple[int, ...]) -> None:
    # float32 numbers of size 1 are 1e-7 apart
    assert difference_from_the_readable_step(PROGRAMS[name], hidden_units) < 2e-6


@pytest.mark.parametrize("name", ["ours", "book"])
def test_program_starts_from_the_shared_weights(name: str) -> None:
    split, task = tiny_split(), BenchmarkTask((5, 4))

    for got, shared in zip(
        PROGRAMS[name].load(split, task).layers(), task.start(split), strict=True
    ):
        for array, wanted in zip(got, shared, strict=True):
            np.testing.assert_allclose(array, wanted, rtol=1e-6)


def test_ours_and_the_books_loop_do_the_same_updates_in_the_same_order() -> None:
    split, task = tiny_split(examples=43), BenchmarkTask((5,), 10)  # the last mini-batch is short
    ours, book = (PROGRAMS[name].load(split, task) for name in ("ours", "book"))
    for _ in range(3):
        ours.epoch()
        book.epoch()
        for (w, b), (book_w, book_b) in zip(ours.layers(), book.layers(), strict=True):
            np.testing.assert_allclose(w, book_w, rtol=0, atol=1e-5)
            np.testing.assert_allclose(b, book_b, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", CORE)
def test_program_learns(name: str) -> None:
    split, task = tiny_split(examples=205), BenchmarkTask((8,), 5, learning_rate=1.0, lmbda=0.01)
    peer = PROGRAMS[name].load(split, task)
    for _ in range(15):
        peer.epoch()

    assert accuracy(peer.layers(), split) > 0.8  # a constant guess is right for a third


@pytest.mark.parametrize("name", CORE)
def test_layers_are_a_copy(name: str) -> None:
    split = tiny_split()
    peer = PROGRAMS[name].load(split, BenchmarkTask((4,), 6))
    peer.epoch()
    before = peer.layers()[0][0].copy()
    peer.layers()[0][0][:] = 0

    assert (peer.layers()[0][0] == before).all()

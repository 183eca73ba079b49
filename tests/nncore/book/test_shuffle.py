"""Python 2's shuffle and Python 3's, followed by hand over the first numbers of known streams.

`random.seed(0)` and `random.seed(1)` give the same floats in Python 2 and 3; they stand here as
printed.
"""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.book import network, network2, shuffle
from nncore.book.shuffle import BookShuffler
from nncore.errors import InputError
from tests.support.plain_book import (
    assert_parameters,
    cross_entropy_error,
    plain_draw,
    plain_step,
    problem,
    quadratic_error,
    seed,
    states,
)


def test_four_places_by_hand() -> None:
    """The stream of seed 1 is 0.1343…, 0.8474…, 0.7637….

    i = 3 swaps with int(0.1343 · 4) = 0; i = 2 with int(0.8474 · 3) = 2 and i = 1 with
    int(0.7637 · 2) = 1 stay.
    """
    order = np.array([10, 11, 12, 13])
    BookShuffler(1).shuffle(order)
    np.testing.assert_array_equal(order, [13, 11, 12, 10])


def test_two_shuffles_of_five_places_by_hand() -> None:
    """The stream of seed 0 is 0.8444…, 0.7579…, 0.4205…, 0.2589…, 0.5112…, 0.4049…, 0.7837…,
    0.3033….

    First: 4 and 3 stay, 2 swaps with int(0.4205 · 3) = 1, 1 with int(0.2589 · 2) = 0.
    Then, on what that left: 4 swaps with 2, 3 with 1, 2 stays, 1 swaps with 0.
    """
    order, shuffler = np.arange(5), BookShuffler(0)
    shuffler.shuffle(order)
    np.testing.assert_array_equal(order, [2, 0, 1, 3, 4])
    shuffler.shuffle(order)
    np.testing.assert_array_equal(order, [3, 2, 4, 0, 1])


def test_the_streams_of_the_examples_above() -> None:
    """A guard: the numbers in the docstrings are those of this Python."""
    one, zero = random.Random(1), random.Random(0)
    assert [int(one.random() * 10_000) for _ in range(3)] == [1343, 8474, 7637]
    stream = [8444, 7579, 4205, 2589, 5112, 4049, 7837, 3033]
    assert [int(zero.random() * 10_000) for _ in range(8)] == stream


@given(st.integers(0, 2**32), st.integers(0, 60), st.integers(1, 3))
def test_every_shuffle_is_a_permutation(seed: int, n: int, times: int) -> None:
    order, shuffler = np.arange(n), BookShuffler(seed)
    for _ in range(times):
        shuffler.shuffle(order)
        assert sorted(order.tolist()) == list(range(n))


@given(st.integers(0, 2**32), st.integers(2, 40))
def test_the_order_of_places_depends_only_on_the_seed(seed: int, n: int) -> None:
    """The same seed moves places alike, whatever stands in them; the dtype stays."""
    places, values = np.arange(n), np.arange(n, dtype=np.int32) ** 2
    BookShuffler(seed).shuffle(places)
    squares = values.copy()
    BookShuffler(seed).shuffle(squares)
    np.testing.assert_array_equal(squares, values[places])
    assert squares.dtype == np.int32


def test_a_shuffle_of_n_places_takes_n_less_one_numbers() -> None:
    shuffler, stream = BookShuffler(5), random.Random(5)
    for n in (0, 1, 2, 7):
        shuffler.shuffle(np.arange(n))
    for _ in range(0 + 0 + 1 + 6):
        stream.random()
    last = np.arange(1000)
    shuffler.shuffle(last)
    assert last[999] == int(stream.random() * 1000)  # the first swap fills the last place for good


@pytest.mark.parametrize("seed", [0, 12345678])
def test_the_global_generator_is_left_alone(seed: int) -> None:
    before = random.getstate()
    BookShuffler(seed).shuffle(np.arange(9))
    assert random.getstate() == before


def test_all_permutations_of_three_are_equally_likely() -> None:
    counts: dict[tuple[int, ...], int] = {}
    shuffler = BookShuffler(7)
    for _ in range(6000):
        order = np.arange(3)
        shuffler.shuffle(order)
        key = tuple(order.tolist())
        counts[key] = counts.get(key, 0) + 1
    assert len(counts) == 6
    assert all(abs(count - 1000) < 5 * 29 for count in counts.values())  # 29 = √(6000·⅙·⅚)


# The switch


def test_python_2_is_the_default_and_python_3_by_hand() -> None:
    """Of Python 3's stream of seed 1, the numbers below 4, 3 and 2 are 1, 2 and 0.

    abcd: place 3 swaps with 1 (adcb), 2 stays, 1 swaps with 0 (dacb). Python 2 gives dbca, as
    followed above.
    """
    stream = random.Random(1)
    assert [stream.randrange(n) for n in (4, 3, 2)] == [1, 2, 0]

    def shuffled() -> str:
        letters = list("abcd")
        random.seed(1)
        shuffle.shuffle_list(letters)
        return "".join(letters)

    assert shuffled() == "dbca"
    shuffle.use_python(3)
    assert shuffled() == "dacb"
    shuffle.use_python(2)
    assert shuffled() == "dbca"


@pytest.mark.parametrize("kind", [network.Network, network2.Network])
@pytest.mark.parametrize("replaced", [False, True], ids=["fast", "plain loop"])
def test_networks_train_in_the_order_of_python_3(kind: Any, replaced: bool) -> None:
    """As a plain loop with Python 3's own `random.shuffle` does, however `SGD` trains."""
    scaled = kind is network2.Network
    error = cross_entropy_error if scaled else quadratic_error
    train = problem(22, [6, 3])
    parameters, examples = plain_draw([6, 3], scaled=scaled), list(train)
    for _ in range(3):
        random.shuffle(examples)
        for start in range(0, 22, 4):
            parameters = plain_step(parameters, examples[start : start + 4], 0.7, 1.0, error)
    after = states()

    seed(1)
    shuffle.use_python(3)
    net = kind([6, 3])
    if replaced:
        net.feedforward = lambda a: a
    net.SGD(train, 3, 4, 0.7)
    assert_parameters(net, parameters)
    assert [id(x) for x, _ in train] == [id(x) for x, _ in examples]
    assert states() == after


def test_the_authors_shuffler_is_python_2s_whatever_the_switch() -> None:
    shuffle.use_python(3)
    order = np.array([10, 11, 12, 13])
    BookShuffler(1).shuffle(order)
    np.testing.assert_array_equal(order, [13, 11, 12, 10])


@pytest.mark.parametrize("version", [1, "3", None, 3.5, [3]])
def test_other_pythons_are_refused(version: Any) -> None:
    with pytest.raises(InputError, match=r"^`version` must be 2 or 3, got "):
        shuffle.use_python(version)

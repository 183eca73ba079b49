"""The book's loader: lists of pairs and column vectors, of the sizes and types that it gives."""

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nncore.book import mnist_loader
from nncore.datasets import load_dataset

X = np.arange(12, dtype=np.float32).reshape(6, 2) / 256


def split(rows: slice, *digits: int) -> SimpleNamespace:
    return SimpleNamespace(x=X[rows], labels=np.array(digits))


@pytest.fixture
def six_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put six images of two pixels in place of MNIST; they are as read-only as a mapped file."""
    X.flags.writeable = False
    parts = {
        "train": split(slice(0, 3), 3, 0, 9),
        "validation": split(slice(3, 5), 7, 7),
        "test": split(slice(5, 6), 1),
    }
    data = {"mnist": SimpleNamespace(**parts)}
    monkeypatch.setattr(mnist_loader, "load_dataset", data.__getitem__)


@pytest.mark.usefixtures("six_images")
def test_load_data_by_hand() -> None:
    training, validation, test = mnist_loader.load_data()
    np.testing.assert_array_equal(training[0] * 256, [[0, 1], [2, 3], [4, 5]])
    np.testing.assert_array_equal(training[1], [3, 0, 9])
    np.testing.assert_array_equal(validation[0] * 256, [[6, 7], [8, 9]])
    np.testing.assert_array_equal(validation[1], [7, 7])
    np.testing.assert_array_equal(test[0] * 256, [[10, 11]])
    np.testing.assert_array_equal(test[1], [1])


@pytest.mark.usefixtures("six_images")
def test_load_data_wrapper_by_hand() -> None:
    training, validation, test = mnist_loader.load_data_wrapper()
    assert [type(part) for part in (training, validation, test)] == [list] * 3
    assert [len(part) for part in (training, validation, test)] == [3, 2, 1]
    x, y = training[2]
    np.testing.assert_array_equal(x * 256, [[4], [5]])
    np.testing.assert_array_equal(y, [[0]] * 9 + [[1]])
    assert (x.dtype, y.dtype) == (np.float32, np.float64)
    x, digit = validation[1]
    np.testing.assert_array_equal(x * 256, [[8], [9]])
    assert digit == 7
    assert test[0][1] == 1
    assert json.dumps([y for _, y in validation + test]) == "[7, 7, 1]"


@pytest.mark.usefixtures("six_images")
def test_the_arrays_are_the_callers_own() -> None:
    mnist_loader.load_data()[0][0][0] = 0.5
    training, _, _ = mnist_loader.load_data_wrapper()
    training[0][0][:] = 0.5
    training[0][1][:] = 0.5
    np.testing.assert_array_equal(training[1][0] * 256, [[2], [3]])
    np.testing.assert_array_equal(mnist_loader.load_data()[0][0][0] * 256, [0, 1])


def test_sizes_shapes_and_types_of_the_full_set(full_mnist: None) -> None:
    sizes = (50_000, 10_000, 10_000)
    for (x, labels), n in zip(mnist_loader.load_data(), sizes, strict=True):
        assert (x.shape, x.dtype, labels.shape) == ((n, 784), np.float32, (n,))
        assert (x.min(), x.max(), set(labels.tolist())) == (0, 255 / 256, set(range(10)))
    wrapped: tuple[list[tuple[Any, Any]], ...] = mnist_loader.load_data_wrapper()
    for part, n in zip(wrapped, sizes, strict=True):
        assert (len(part), {x.shape for x, _ in part}) == (n, {(784, 1)})
    assert {y.shape for _, y in wrapped[0]} == {(10, 1)}
    assert {np.shape(y) for _, y in wrapped[1] + wrapped[2]} == {()}
    assert {type(y) for _, y in wrapped[1] + wrapped[2]} == {int}


def test_the_full_set_is_in_the_order_of_the_files(full_mnist: None) -> None:
    training, validation, test = mnist_loader.load_data_wrapper()
    assert [int(y.argmax()) for _, y in training[:10]] == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert [int(y) for _, y in validation[:5]] == [3, 8, 6, 9, 6]
    assert [int(y) for _, y in test[:5]] == [7, 2, 1, 0, 4]
    np.testing.assert_array_equal(training[49_999][0][:, 0], load_dataset("mnist").train.x[-1])


def test_vectorized_result() -> None:
    e = mnist_loader.vectorized_result(3)
    assert (e.shape, e.dtype) == ((10, 1), np.float64)
    assert e.ravel().tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]

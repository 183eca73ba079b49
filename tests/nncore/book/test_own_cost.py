"""A cost of the reader's own trains, is monitored, saved and loaded, as in the book's program.

The cost here is ¼ Σ (a − y)⁴; its slope (a − y)³ σ'(z) is checked by differences and in a loop.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncore.book import network2
from nncore.errors import InputError
from tests.support.plain_book import (
    Array,
    assert_parameters,
    labeled,
    plain_count,
    plain_draw,
    plain_epoch,
    plain_output,
    plain_penalty,
    plain_step,
    problem,
    seed,
    states,
)

SIZES = [6, 5, 3]


class QuarticCost:
    """A reader's cost, written for single columns: it refuses a matrix."""

    @staticmethod
    def fn(a: Array, y: Array) -> float:
        assert a.shape == y.shape == (3, 1)
        return float(((a - y) ** 4).sum()) / 4

    @staticmethod
    def delta(z: Array, a: Array, y: Array) -> Array:
        assert z.shape == a.shape == y.shape == (3, 1)
        return (a - y) ** 3 * network2.sigmoid_prime(z)


class QuarticByInstance(network2.QuadraticCost):
    """The same as methods of an instance of a subclass of one of the book's costs."""

    def fn(self, a: Array, y: Array) -> float:  # type: ignore[override]
        return QuarticCost.fn(a, y)

    def delta(self, z: Array, a: Array, y: Array) -> Array:  # type: ignore[override]
        return QuarticCost.delta(z, a, y)


def quartic_error(a: Array, y: Array) -> Array:
    return (a - y) ** 3 * a * (1 - a)


@pytest.mark.parametrize("cost", [QuarticCost, QuarticCost(), QuarticByInstance()])
def test_training_and_the_four_lists_agree_with_a_plain_loop(cost: Any) -> None:
    train, test = problem(23, SIZES), problem(9, SIZES, number=1)
    parameters, examples = plain_draw(SIZES), list(train)
    expected: tuple[list[Any], ...] = ([], [], [], [])
    for _ in range(3):
        parameters = plain_epoch(parameters, examples, 5, 4.0, 2.0, quartic_error)
        for data, costs, counts in ((test, *expected[:2]), (examples, *expected[2:])):
            gaps = [plain_output(parameters, x)[-1] - y for x, y in data]
            mean = sum(float(gap**4) / 4 for d in gaps for gap in d.ravel()) / len(data)
            costs.append(mean + plain_penalty(parameters, 2.0, len(data)))
            counts.append(plain_count(parameters, data))
    after = states()

    seed(1)
    net = network2.Network(SIZES, cost=cost)
    got = net.SGD(train, 3, 5, 4.0, 2.0, labeled(test), True, True, True, True)
    assert_parameters(net, parameters)
    assert states() == after
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)


def test_one_step_and_the_gradient() -> None:
    net, batch = network2.Network(SIZES, cost=QuarticCost), problem(5, SIZES)
    before = (list(net.weights), list(net.biases))
    net.update_mini_batch(batch, 0.5, 2.0, 40)
    assert_parameters(net, plain_step(before, batch, 0.5, 1 - 0.5 * 2.0 / 40, quartic_error))

    gradient, step = net.backprop(*batch[0])[1][0][2, 3], 1e-6
    place = net.weights[0][2, 3]
    net.weights[0][2, 3] = place + step
    above = net.total_cost(batch[:1], 0.0)
    net.weights[0][2, 3] = place - step
    below = net.total_cost(batch[:1], 0.0)
    assert gradient == pytest.approx((above - below) / (2 * step), abs=1e-9)


def test_a_target_may_be_whatever_the_cost_reads() -> None:
    """A cost of one's own may read y as a label; the book passes y on as it is."""

    class LogOfLabel:
        @staticmethod
        def fn(a: Array, y: int) -> float:
            return -float(np.log(a[y, 0]))

        @staticmethod
        def delta(z: Array, a: Array, y: int) -> Array:
            unit = np.eye(3)[:, [y]]
            return unit * (a - 1)

    train = labeled(problem(8, SIZES))
    net = network2.Network(SIZES, cost=LogOfLabel)
    parameters, examples = (list(net.weights), list(net.biases)), list(train)
    lists = net.SGD(train, 1, 8, 0.5, monitor_training_cost=True)
    columns = [(x, np.eye(3)[:, [k]]) for x, k in examples]
    parameters = plain_step(parameters, columns, 0.5, 1.0, lambda a, y: y * (a - 1))
    assert_parameters(net, parameters)
    costs = [-np.log(plain_output(parameters, x)[-1][k, 0]) for x, k in examples]
    np.testing.assert_allclose(lists[2], [np.mean(costs)], rtol=1e-10)


def test_a_subclass_that_changes_nothing_is_the_books_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    class Renamed(network2.QuadraticCost):
        pass

    net = network2.Network([3, 2], cost=Renamed)
    monkeypatch.setattr(network2.Network, "_step", None)  # no step of the plain loop
    net.SGD(problem(4, [3, 2]), 1, 2, 0.5)
    seed(1)
    same = network2.Network([3, 2], cost=network2.QuadraticCost)
    same.SGD(problem(4, [3, 2]), 1, 2, 0.5)
    np.testing.assert_array_equal(net.weights[0], same.weights[0])


def test_a_changed_function_of_the_books_cost_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    train = problem(8, SIZES)
    monkeypatch.setattr(network2.QuadraticCost, "delta", staticmethod(QuarticCost.delta))
    net = network2.Network(SIZES, cost=network2.QuadraticCost)
    before = (list(net.weights), list(net.biases))
    net.SGD(list(train), 1, 8, 0.5)
    assert_parameters(net, plain_step(before, train, 0.5, 1.0, quartic_error))


def test_it_is_saved_by_its_name_and_loaded_with_its_class(tmp_path: Path) -> None:
    net = network2.Network(SIZES, cost=QuarticCost)
    net.save(tmp_path / "net.json")
    assert json.loads((tmp_path / "net.json").read_text())["cost"] == "QuarticCost"
    loaded = network2.load(tmp_path / "net.json", cost=QuarticCost)
    assert loaded.cost is QuarticCost
    np.testing.assert_array_equal(loaded.weights[0], net.weights[0])
    before = states()
    with pytest.raises(InputError) as refused:
        network2.load(tmp_path / "net.json")
    assert str(refused.value).endswith(
        "net.json must be a saved network: its cost 'QuarticCost' is not one of the book's; "
        "define that class and pass it as `cost` to `load`"
    )
    with pytest.raises(InputError, match=r"^`cost` must be QuarticCost, the cost of the network"):
        network2.load(tmp_path / "net.json", cost=network2.QuadraticCost)
    with pytest.raises(InputError, match=r"^`cost` must be a class with `fn` and `delta`"):
        network2.load(tmp_path / "net.json", cost=object)
    assert states() == before


def test_it_is_loaded_from_the_module_as_in_the_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network2.Network(SIZES, cost=QuarticCost).save(tmp_path / "net.json")
    monkeypatch.setattr(network2, "QuarticCost", QuarticCost, raising=False)
    assert network2.load(tmp_path / "net.json").cost is QuarticCost


@pytest.mark.parametrize("cost", [None, "quadratic", 3])
def test_a_cost_assigned_later_that_is_none_is_refused(cost: Any) -> None:
    net = network2.Network([3, 2])
    net.cost = cost
    before, train = states(), problem(4, [3, 2])
    for call in (
        lambda: net.SGD(list(train), 1, 2, 0.5),
        lambda: net.update_mini_batch(train, 0.5, 0.0, 4),
        lambda: net.backprop(*train[0]),
        lambda: net.total_cost(train, 0.0),
    ):
        with pytest.raises(InputError, match=r"^`cost` must be a class with `fn` and `delta`"):
            call()
    assert states() == before
    assert net.accuracy(labeled(train)) == plain_count((net.weights, net.biases), train)

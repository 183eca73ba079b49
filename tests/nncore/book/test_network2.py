"""The book's interface against a plain rendition of the book's algorithm and hand-worked values.

The rendition is `tests/support/plain_book.py`.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nncore.book import network2
from tests.support.plain_book import (
    Error,
    Example,
    Parameters,
    assert_parameters,
    cross_entropy_error,
    labeled,
    plain_count,
    plain_draw,
    plain_epoch,
    plain_output,
    plain_penalty,
    plain_step,
    problem,
    quadratic_error,
    seed,
    states,
)

COSTS = [network2.CrossEntropyCost, network2.QuadraticCost]
ERRORS: dict[type, Error] = {
    network2.CrossEntropyCost: cross_entropy_error,
    network2.QuadraticCost: quadratic_error,
}


def plain_cost(parameters: Parameters, examples: list[Example], lmbda: float, cost: type) -> float:
    n, total = len(examples), 0.0
    for x, y in examples:
        a = plain_output(parameters, x)[-1]
        for p, t in zip(a.ravel().tolist(), y.ravel().tolist(), strict=True):
            if cost is network2.QuadraticCost:
                total += (p - t) ** 2 / 2
            else:
                total -= math.log(p if t else 1 - p)
    return total / n + plain_penalty(parameters, lmbda, n)


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("lmbda", [0.0, 2.0])
@pytest.mark.parametrize(("sizes", "size"), [([6, 5, 3], 10), ([4, 3, 4, 2], 4), ([3, 2], 50)])
def test_three_epochs_agree_with_the_rendition(
    cost: type, lmbda: float, sizes: list[int], size: int
) -> None:
    """Weights, order of the list, the four lists and both generators, with a short last batch."""
    train, evaluation = problem(23, sizes), problem(9, sizes, number=1)
    expected: tuple[list[Any], ...] = ([], [], [], [])
    parameters, examples = plain_draw(sizes), list(train)
    for _ in range(3):
        parameters = plain_epoch(parameters, examples, size, 0.7, lmbda, ERRORS[cost])
        expected[0].append(plain_cost(parameters, evaluation, lmbda, cost))
        expected[1].append(plain_count(parameters, evaluation))
        expected[2].append(plain_cost(parameters, examples, lmbda, cost))
        expected[3].append(plain_count(parameters, examples))
    after = states()

    seed(1)
    net = network2.Network(sizes, cost=cost)
    got = net.SGD(
        train,
        3,
        size,
        0.7,
        lmbda=lmbda,
        evaluation_data=labeled(evaluation),
        monitor_evaluation_cost=True,
        monitor_evaluation_accuracy=True,
        monitor_training_cost=True,
        monitor_training_accuracy=True,
    )
    assert_parameters(net, parameters)
    assert [id(x) for x, _ in train] == [id(x) for x, _ in examples]
    assert states() == after
    np.testing.assert_allclose(got[0], expected[0], rtol=0, atol=1e-10)
    assert got[1] == expected[1]
    np.testing.assert_allclose(got[2], expected[2], rtol=0, atol=1e-10)
    assert got[3] == expected[3]
    assert {type(count) for count in got[1] + got[3]} == {int}


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize(("eta", "lmbda"), [(0.7, 2.0), (0.0, 1.0), (0.7, -2.0)])
def test_a_mini_batch_agrees_with_the_rendition(cost: type, eta: float, lmbda: float) -> None:
    net, batch = network2.Network([4, 3, 4, 2], cost=cost), problem(5, [4, 2])
    before = (list(net.weights), list(net.biases))
    net.update_mini_batch(batch, eta, lmbda, 50)
    assert_parameters(net, plain_step(before, batch, eta, 1 - eta * lmbda / 50, ERRORS[cost]))


def test_large_weights_are_drawn_after_the_scaled_ones_undivided() -> None:
    plain_draw([5, 4, 3])
    weights, biases = plain_draw([5, 4, 3])
    seed(1)
    net = network2.Network([5, 4, 3])
    net.large_weight_initializer()
    assert_parameters(net, ([weights[0] * 5**0.5, weights[1] * 4**0.5], biases))


def test_shapes_and_attributes() -> None:
    sizes = [5, 4, 3]
    net = network2.Network(sizes, cost=network2.QuadraticCost)
    assert (net.num_layers, net.cost) == (3, network2.QuadraticCost)
    assert net.sizes is sizes
    assert [w.shape for w in net.weights] == [(4, 5), (3, 4)]
    assert [b.shape for b in net.biases] == [(4, 1), (3, 1)]
    assert network2.Network((2, 1)).cost is network2.CrossEntropyCost


def test_early_stopping_counts_from_the_best_epoch() -> None:
    """A run that stops is the beginning of the same run without stopping."""
    sizes = [6, 8, 5]
    examples = problem(40, sizes)

    def counts(patience: int) -> list[int]:
        seed(4)
        net = network2.Network(sizes)
        data = (list(examples), 60, 5, 1.0, 0.0, labeled(examples))
        return net.SGD(*data, monitor_evaluation_accuracy=True, early_stopping_n=patience)[1]

    full, end = counts(0), 0
    assert len(full) == 60
    while max(full[: end + 1]) > max(full[: max(0, end - 3)], default=0):
        end += 1  # among the last four epochs up to `end` there is a new best
    stopped = counts(4)
    assert 5 < len(stopped) < 60
    assert full[: len(stopped)] == stopped
    assert len(stopped) == end + 1


def test_a_zip_trains_as_the_list_does_and_float32_as_float64() -> None:
    sizes, reference = [6, 5, 3], network2.Network([6, 5, 3])
    examples = [(x.astype(np.float32), y) for x, y in problem(20, sizes)]
    reference.SGD(list(examples), 2, 6, 0.5, 1.0)
    xs, ys = zip(*examples, strict=True)
    for data in (zip(xs, ys, strict=True), [(x.astype(np.float64), y) for x, y in examples]):
        seed(1)
        net = network2.Network(sizes)
        net.SGD(data, 2, 6, 0.5, 1.0)
        assert_parameters(net, (reference.weights, reference.biases))


def test_feedforward_takes_a_column_or_many() -> None:
    net = network2.Network([6, 5, 3])
    examples = problem(7, [6, 5, 3])
    columns = np.hstack([x for x, _ in examples])
    outputs = net.feedforward(columns)
    assert outputs.shape == (3, 7)
    for k, (x, _) in enumerate(examples):
        plain = plain_output((net.weights, net.biases), x)[-1]
        assert net.feedforward(x).shape == (3, 1)
        np.testing.assert_allclose(net.feedforward(x), plain, rtol=1e-12)
        np.testing.assert_allclose(outputs[:, [k]], plain, rtol=1e-12)


@pytest.mark.parametrize("cost", COSTS)
def test_accuracy_and_total_cost_of_both_forms_of_data(cost: type) -> None:
    sizes = [6, 5, 3]
    net, examples = network2.Network(sizes, cost=cost), problem(11, sizes)
    parameters = (net.weights, net.biases)
    wanted = plain_cost(parameters, examples, 3.0, cost)
    assert net.total_cost(examples, 3.0) == pytest.approx(wanted, rel=1e-12)
    assert net.total_cost(labeled(examples), 3.0, convert=True) == pytest.approx(wanted, rel=1e-12)
    assert net.accuracy(examples, convert=True) == plain_count(parameters, examples)
    assert net.accuracy(labeled(examples)) == plain_count(parameters, examples)


def test_an_interrupted_run_leaves_the_order_and_weights_so_far(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stopped after its second epoch, a run is as one of two epochs."""
    examples = problem(20, [6, 3])
    interrupted, whole = list(examples), list(examples)
    net = network2.Network([6, 3])
    net.SGD(whole, 2, 5, 0.5)
    seed(1)
    stopped = network2.Network([6, 3])
    monkeypatch.setattr("builtins.print", interrupt_at("Epoch 1 training complete"))
    with pytest.raises(KeyboardInterrupt):
        stopped.SGD(interrupted, 5, 5, 0.5)
    assert [id(x) for x, _ in interrupted] == [id(x) for x, _ in whole]
    assert_parameters(stopped, (net.weights, net.biases))


def interrupt_at(line: str) -> Callable[[str], None]:
    def say(text: str) -> None:
        if text == line:
            raise KeyboardInterrupt

    return say

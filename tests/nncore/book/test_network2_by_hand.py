"""The book's interface on cases small enough to work out by hand, and its slopes by differences.

What it prints is compared with text written here.
"""

import math
import random
from typing import Any

import numpy as np
import pytest

from nncore.book import network2
from tests.support.plain_book import Array, Example, problem

COSTS = [network2.CrossEntropyCost, network2.QuadraticCost]


def constant() -> tuple[network2.Network, list[Example], list[tuple[Array, int]]]:
    """Return a network that no input moves, as all are 0, four examples at y = a, and two labels.

    a = (½, ½) throughout; the first weight starts at 2.
    """
    net = network2.Network([1, 2], cost=network2.QuadraticCost)
    net.weights, net.biases = [np.array([[2.0], [0.0]])], [np.zeros((2, 1))]
    zero, half = np.zeros((1, 1)), np.full((2, 1), 0.5)
    return net, [(zero, half)] * 4, [(zero, 0), (zero, 1)]


PRINTED = """\
Epoch 0 training complete
Cost on training data: 0.125
Accuracy on training data: 4 / 4
Cost on evaluation data: 0.5
Accuracy on evaluation data: 1 / 2

Epoch 1 training complete
Cost on training data: 0.0078125
Accuracy on training data: 4 / 4
Cost on evaluation data: 0.265625
Accuracy on evaluation data: 1 / 2

"""


def test_printed_lines_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    """Decay is 1 − ½·4/4 = ½ a step, two steps an epoch: the weight is 2, then ½, then ⅛.

    The training cost is 4/(2·4) w²; that of the evaluation data ½(¼ + ¼) + 4/(2·2) w². A tie goes
    to the first output, so label 0 is right and label 1 wrong.
    """
    net, training, evaluation = constant()
    lists = net.SGD(training, 2, 2, 0.5, 4.0, evaluation, True, True, True, True)
    assert capsys.readouterr().out == PRINTED
    assert lists == ([0.5, 0.265625], [1, 1], [0.125, 0.0078125], [4, 4])


def test_what_is_not_monitored_is_neither_printed_nor_returned(
    capsys: pytest.CaptureFixture[str],
) -> None:
    net, training, evaluation = constant()
    assert net.SGD(training, 1, 2, 0.5) == ([], [], [], [])
    assert capsys.readouterr().out == "Epoch 0 training complete\n\n"
    lists = net.SGD(training, 1, 2, 0.5, evaluation_data=evaluation, monitor_training_accuracy=True)
    assert lists == ([], [], [], [4])


def test_no_epochs_train_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    net, training, evaluation = constant()
    before, states = list(training), random.getstate()
    assert net.SGD(training, 0, 2, 0.5, 4.0, evaluation, True, True, True, True) == (
        [],
        [],
        [],
        [],
    )
    assert capsys.readouterr().out == ""
    assert all(one is other for one, other in zip(training, before, strict=True))
    assert random.getstate() == states
    np.testing.assert_array_equal(net.weights[0], [[2.0], [0.0]])


def test_early_stopping_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    """The accuracy never changes: epoch 0 is best, 1 and 2 do not better it."""
    net, training, evaluation = constant()
    lists = net.SGD(
        training,
        50,
        2,
        0.5,
        evaluation_data=evaluation,
        monitor_evaluation_accuracy=True,
        early_stopping_n=2,
    )
    assert lists == ([], [1, 1, 1], [], [])
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "Early-stopping: No accuracy change in last epochs: 2"
    assert lines.count("Accuracy on evaluation data: 1 / 2") == 3
    stopped = net.SGD(training, 50, 2, 0.5, monitor_training_accuracy=True, early_stopping_n=1)
    assert stopped[3] == [4, 4]


def test_a_slice_of_the_list_leaves_the_list_in_order() -> None:
    examples = problem(20, [6, 3])
    before = list(examples)
    network2.Network([6, 3]).SGD(examples[:10], 1, 5, 0.5)
    assert all(got is wanted for got, wanted in zip(examples, before, strict=True))


def test_arrays_read_before_training_keep_their_values() -> None:
    net = network2.Network([6, 3])
    weights, values = net.weights, net.weights[0].copy()
    net.SGD(problem(20, [6, 3]), 1, 5, 0.5)
    np.testing.assert_array_equal(weights[0], values)
    assert np.abs(net.weights[0] - values).max() > 1e-3


def test_weights_may_be_assigned_and_changed_in_place() -> None:
    net = network2.Network([2, 1])
    net.weights, net.biases = [np.zeros((1, 2))], [np.zeros((1, 1))]
    x, y = np.array([[1.0], [2.0]]), np.array([[1.0]])
    np.testing.assert_array_equal(net.feedforward(x), [[0.5]])
    net.biases[0][0, 0] = math.log(3)
    np.testing.assert_allclose(net.feedforward(x), [[0.75]], rtol=1e-15)
    net.SGD([(x, y)], 1, 1, 4.0)  # w ← w − 4 (¾ − 1) x, b ← b − 4 (¾ − 1)
    np.testing.assert_allclose(net.weights[0], [[1.0, 2.0]], rtol=1e-15)
    np.testing.assert_allclose(net.biases[0], [[math.log(3) + 1]], rtol=1e-15)


def test_a_mini_batch_by_hand() -> None:
    """Outputs are ½, so δ is −½ and ½; their sums are Σδ = 0, Σδx = −½ + 3/2 = 1.

    With η 2, λ 3, n 12 the decay is 1 − 2·3/12 = ½, so w ← ½ w − 2/2 · 1; here w is (0, 4) and its
    second input is always 0.
    """
    net = network2.Network([2, 1])
    weights = net.weights = [np.array([[0.0, 4.0]])]
    net.biases = [np.zeros((1, 1))]
    column = [np.array([[1.0], [0.0]]), np.array([[3.0], [0.0]])]
    batch = [(column[0], np.array([[1.0]])), (column[1], np.array([[0.0]]))]
    net.update_mini_batch(batch, 2.0, 3.0, 12)
    np.testing.assert_allclose(net.weights[0], [[-1.0, 2.0]], rtol=1e-15)
    np.testing.assert_allclose(net.biases[0], [[0.0]], atol=1e-15)
    np.testing.assert_array_equal(weights[0], [[0.0, 4.0]])  # the arrays are new, as in the book
    net.update_mini_batch(batch, 0.0, 3.0, 12)
    np.testing.assert_allclose(net.weights[0], [[-1.0, 2.0]], rtol=1e-15)


@pytest.mark.parametrize(
    "label", [1, 1.0, True, np.uint8(1), np.float32(1), np.array(1), np.array(1.0)], ids=repr
)
def test_labels_of_every_numeric_type(label: Any) -> None:
    net, x = network2.Network([1, 2]), np.zeros((1, 1))
    net.biases = [np.array([[0.0], [1.0]])]
    assert net.accuracy([(x, label), (x, 0)]) == 1


def test_a_cost_assigned_later_is_the_one_that_trains() -> None:
    net = network2.Network([1, 1])
    net.weights, net.biases = [np.zeros((1, 1))], [np.zeros((1, 1))]
    net.cost = network2.QuadraticCost()  # an instance, as some of the book's scripts pass
    net.SGD([(np.ones((1, 1)), np.ones((1, 1)))], 1, 1, 8.0)  # 8 · (½ − 1) · ¼ = −1
    np.testing.assert_allclose(net.weights[0], [[1.0]], rtol=1e-15)


def test_the_cost_of_a_saturated_output_is_finite_and_right() -> None:
    net = network2.Network([1, 1])
    net.weights, net.biases = [np.array([[100.0]])], [np.zeros((1, 1))]
    x = np.ones((1, 1))
    assert net.total_cost([(x, np.zeros((1, 1)))], 0.0) == pytest.approx(100.0, rel=1e-15)


def test_training_that_diverges_ends_without_a_warning() -> None:
    net = network2.Network([1, 2])
    lists = net.SGD(problem(4, [1, 2]), 400, 1, 1e3, 1e3, monitor_training_cost=True)
    assert not math.isfinite(lists[2][-1])


@pytest.mark.parametrize("cost", COSTS)
def test_backprop_is_the_slope_of_the_cost(cost: type) -> None:
    net = network2.Network([4, 3, 2], cost=cost)
    example, step = problem(1, [4, 3, 2]), 1e-6
    bias_gradients, weight_gradients = net.backprop(*example[0])
    gradients = (*weight_gradients, *bias_gradients)
    for array, gradient in zip((*net.weights, *net.biases), gradients, strict=True):
        assert gradient.shape == array.shape
        for place in np.ndindex(*array.shape):
            value = array[place]
            array[place] = value + step
            above = net.total_cost(example, 0.0)
            array[place] = value - step
            below = net.total_cost(example, 0.0)
            array[place] = value
            assert gradient[place] == pytest.approx((above - below) / (2 * step), abs=1e-8)


def test_costs_by_hand() -> None:
    cross_entropy, quadratic = network2.CrossEntropyCost, network2.QuadraticCost
    a, y = np.array([[0.5], [0.25]]), np.array([[1.0], [0.0]])
    assert cross_entropy.fn(a, y) == pytest.approx(math.log(2) - math.log(0.75), rel=1e-15)
    assert quadratic.fn(a, y) == pytest.approx((0.25 + 0.0625) / 2, rel=1e-15)
    z = np.array([[0.0], [-math.log(3)]])  # σ(z) = ½ and ¼
    np.testing.assert_array_equal(cross_entropy.delta(z, a, y), [[-0.5], [0.25]])
    np.testing.assert_allclose(quadratic.delta(z, a, y), [[-0.125], [0.25 * 0.1875]], rtol=1e-15)


def test_the_cross_entropy_of_certainty() -> None:
    right = np.array([[1.0], [0.0]])
    assert network2.CrossEntropyCost.fn(right, right) == 0.0
    wrong = network2.CrossEntropyCost.fn(np.array([[1.0]]), np.array([[0.0]]))
    assert wrong == np.finfo(np.float64).max


def test_sigmoid_by_hand() -> None:
    z = np.array([[0.0], [math.log(3)], [-math.log(3)], [1000.0], [-1000.0]])
    np.testing.assert_allclose(
        network2.sigmoid(z), [[0.5], [0.75], [0.25], [1.0], [0.0]], rtol=1e-15
    )
    np.testing.assert_allclose(
        network2.sigmoid_prime(z), [[0.25], [0.1875], [0.1875], [0.0], [0.0]], rtol=1e-15
    )
    assert network2.sigmoid(np.float64(0.0)) == 0.5


def test_numpy_numbers_are_numbers() -> None:
    net = network2.Network([3, 2])
    lists = net.SGD(
        problem(4, [3, 2]),
        np.int64(2),
        np.int32(2),
        np.float32(0.5),
        lmbda=np.float64(0.1),
        monitor_training_accuracy=True,
    )
    assert len(lists[3]) == 2

"""Single calls: matrices of columns, scalar targets, no data, one output, and few or many examples.

They take another way than `SGD`; both ways give the same numbers.
"""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.book import network, network2
from nncore.book.sigmoid_network import FEW
from nncore.errors import InputError
from tests.support.plain_book import (
    Array,
    Error,
    assert_parameters,
    cross_entropy_error,
    labeled,
    plain_count,
    plain_gradient,
    plain_penalty,
    plain_step,
    problem,
    quadratic_error,
    seed,
    states,
)

SIZES = [6, 5, 4, 3]
NETWORKS = pytest.mark.parametrize(
    ("net", "error"),
    [
        (network2.Network(SIZES), cross_entropy_error),
        (network2.Network(SIZES, cost=network2.QuadraticCost()), quadratic_error),
        (network.Network(SIZES), quadratic_error),
    ],
    ids=["cross-entropy", "quadratic", "chapter 1"],
)


@NETWORKS
@pytest.mark.parametrize("m", [1, 2, 7])
def test_backprop_of_a_matrix_gives_sums_and_a_column_for_each_example(
    net: Any, error: Error, m: int
) -> None:
    examples = problem(m, SIZES)
    x, y = np.hstack([x for x, _ in examples]), np.hstack([y for _, y in examples])
    nabla_b, nabla_w = net.backprop(x, y)
    single = [plain_gradient((net.weights, net.biases), x, y, error) for x, y in examples]
    for k in range(3):
        assert nabla_b[k].shape == (SIZES[k + 1], m)
        columns = np.hstack([gradient[1][k] for gradient in single])
        np.testing.assert_allclose(nabla_b[k], columns, rtol=1e-10, atol=1e-14)
        total = sum(gradient[0][k] for gradient in single)
        np.testing.assert_allclose(nabla_w[k], total, rtol=1e-10, atol=1e-14)


def test_backprop_of_a_matrix_by_hand() -> None:
    """Outputs are ½: the errors of the examples are −½ and ½, their inputs 1 and 3."""
    net = network2.Network([1, 1])
    net.weights, net.biases = [np.zeros((1, 1))], [np.zeros((1, 1))]
    nabla_b, nabla_w = net.backprop(np.array([[1.0, 3.0]]), np.array([[1.0, 0.0]]))
    np.testing.assert_array_equal(nabla_b[0], [[-0.5, 0.5]])
    np.testing.assert_array_equal(nabla_w[0], [[1.0]])


@NETWORKS
@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.zeros(6), np.zeros((3, 1)), "`x` must have the shape (6, m)"),
        (np.zeros((5, 1)), np.zeros((3, 1)), "`x` must have the shape (6, m)"),
        (np.full((6, 1), "a"), np.zeros((3, 1)), "`x` must hold numbers"),
        ([[1.0], [2.0, 3.0]], np.zeros((3, 1)), "`x` must hold numbers in rows of one length"),
        (np.zeros((6, 1)), 2, "`y` must have the shape (3, 1), got ()"),
        (np.zeros((6, 1)), np.zeros(3), "`y` must have the shape (3, 1), got (3,)"),
        (np.zeros((6, 3)), np.zeros(3), "`y` must have the shape (3, 3), got (3,)"),
        (np.zeros((6, 2)), np.zeros((3, 1)), "`y` must have the shape (3, 2), got (3, 1)"),
    ],
)
def test_shapes_that_numpy_would_repeat_are_refused(
    net: Any, error: Error, x: Array, y: Any, message: str
) -> None:
    with pytest.raises(InputError) as refused:
        net.backprop(x, y)
    assert str(refused.value).startswith(message)


def test_feedforward_refuses_what_is_no_column() -> None:
    with pytest.raises(InputError, match=r"^`a` must have the shape \(6, m\), .*got \(6,\)$"):
        network.Network(SIZES).feedforward(np.zeros(6))


@pytest.mark.parametrize("target", [1, 1.0, True, np.float32(1), np.array(1.0), np.array([1.0])])
@pytest.mark.parametrize("kind", [network.Network, network2.Network])
def test_a_number_is_a_target_of_a_single_output(kind: Any, target: Any) -> None:
    """It trains like [[1.0]], in `SGD`, in a step, in the gradient and in the cost."""
    x, column = np.array([[0.5], [2.0]]), np.array([[1.0]])
    extra = (0.0, 1) if kind is network2.Network else ()
    nets = []
    for y in (target, column):
        seed(1)
        net = kind([2, 3, 1])
        nabla_b, _ = net.backprop(x, y)
        net.update_mini_batch([(x, y)], 0.5, *extra)
        net.update_mini_batch([(x, y), (2 * x, y)], 0.5, *extra)
        net.SGD([(x, y)] * 3, 2, 2, 0.5)
        costs = []
        if kind is network2.Network:
            costs = [net.total_cost([(x, y)] * n, 0.1) for n in (1, FEW + 1)]
        nets.append((net, nabla_b, costs))
    (got, got_b, got_costs), (wanted, wanted_b, wanted_costs) = nets
    assert_parameters(got, (wanted.weights, wanted.biases))
    assert_same(got_b, wanted_b)
    assert got_costs == wanted_costs


def assert_same(got: list[Array], wanted: list[Array]) -> None:
    for one, other in zip(got, wanted, strict=True):
        assert one.shape == other.shape
        np.testing.assert_array_equal(one, other)


def test_a_number_is_no_target_of_several_outputs() -> None:
    x, net = np.zeros((2, 1)), network2.Network([2, 3])
    for call in (
        lambda: net.SGD([(x, 1)], 1, 1, 0.5),
        lambda: net.update_mini_batch([(x, 1)], 0.5, 0.0, 1),
        lambda: net.update_mini_batch([(x, 1)] * 2, 0.5, 0.0, 1),
        lambda: net.total_cost([(x, 1)], 0.0),
        lambda: net.accuracy([(x, 1)], convert=True),
    ):
        with pytest.raises(InputError, match=r"^`y of \w+` must have the shape \(3, 1\)"):
            call()


@pytest.mark.parametrize("label", [0, 1, np.array([[1.0]])])
@pytest.mark.parametrize("n", [1, FEW + 1])
def test_labels_of_a_single_output_are_refused_with_the_remedy(label: Any, n: int) -> None:
    x = np.zeros((2, 1))
    data, training = [(x, label)] * n, [(x, 0.0)]
    two, one = network2.Network([2, 1]), network.Network([2, 1])
    before = states()
    for call in (
        lambda: two.SGD(training, 1, 1, 0.5, evaluation_data=data, monitor_evaluation_cost=True),
        lambda: two.accuracy(data),
        lambda: two.total_cost(data, 0.0, convert=True),
        lambda: one.SGD(training, 1, 1, 0.5, test_data=data),
        lambda: one.evaluate(data),
    ):
        with pytest.raises(InputError) as refused:
            call()
        message = str(refused.value)
        for part in ("accuracy is an argmax", "two outputs", "NetworkClassifier"):
            assert part in message
        assert len(message) < 480
    assert states() == before


def test_no_data_have_no_right_outputs_and_train_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    net = network2.Network([6, 3])
    assert net.accuracy([]) == net.accuracy(iter([]), convert=True) == 0
    weights, before = net.weights[0].copy(), states()
    lists = net.SGD([], 2, 5, 0.5, 1.0, monitor_training_accuracy=True)
    assert lists == ([], [], [], [0, 0])
    report = "Epoch {} training complete\nAccuracy on training data: 0 / 0\n\n"
    assert capsys.readouterr().out == report.format(0) + report.format(1)
    np.testing.assert_array_equal(net.weights[0], weights)
    assert states() == before
    with pytest.raises(InputError, match=r"^`data` must hold one or more pairs"):
        net.total_cost([], 0.0)
    with pytest.raises(InputError, match=r"^`mini_batch` must hold one or more pairs"):
        net.update_mini_batch([], 0.5, 0.0, 10)


@pytest.mark.parametrize("n", [1, 2, FEW, FEW + 1, 40])
@pytest.mark.parametrize("cost", [network2.CrossEntropyCost, network2.QuadraticCost])
def test_few_and_many_examples_have_the_scores_of_a_plain_loop(cost: Any, n: int) -> None:
    net, examples = network2.Network(SIZES, cost=cost), problem(n, SIZES)
    parameters = (net.weights, net.biases)
    costs = [cost.fn(net.feedforward(x), y) for x, y in examples]
    wanted = sum(costs) / n + plain_penalty(parameters, 3.0, n)
    for convert, data in ((False, examples), (True, labeled(examples))):
        assert net.total_cost(data, 3.0, convert) == pytest.approx(wanted, rel=1e-12)
        assert net.accuracy(data, not convert) == plain_count(parameters, examples)
    assert network.Network(SIZES).evaluate(iter(labeled(examples))) in range(n + 1)


@pytest.mark.parametrize("n", [1, FEW + 1])
def test_the_cost_of_saturated_outputs_is_right_for_few_and_many(n: int) -> None:
    net = network2.Network([1, 1])
    net.weights, net.biases = [np.array([[100.0]])], [np.zeros((1, 1))]
    assert net.total_cost([(np.ones((1, 1)), 0.0)] * n, 0.0) == pytest.approx(100.0, rel=1e-15)


@pytest.mark.parametrize("n", [1, FEW + 1])
@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ((np.zeros((5, 1)), 1), "`x of data` must have the shape (6, 1)"),
        ((np.zeros(6), 1), "`x of data` must have the shape (6, 1)"),
        ((np.full((6, 1), "a"), 1), "`x of data` must hold numbers"),
        ((np.zeros((6, 1)), 3), "`y of data` must be a label from 0 to 2, got 3"),
        ((np.zeros((6, 1)), -1), "`y of data` must be a label from 0 to 2, got -1"),
        ((np.zeros((6, 1)), 0.5), "`y of data` must be a label from 0 to 2, got 0.5"),
        ((np.zeros((6, 1)), math.nan), "`y of data` must be a label from 0 to 2, got nan"),
        ((np.zeros((6, 1)), "1"), "`y of data` must be a label from 0 to 2, got 'str'"),
        ((np.zeros((6, 1)), np.eye(3)[:, [0]]), "`y of data` must be a label from 0 to 2"),
        (7, "`data` must hold one or more pairs"),
        ((1, 2, 3), "`data` must hold one or more pairs"),
    ],
)
def test_few_and_many_wrong_examples_are_refused_alike(pair: Any, n: int, message: str) -> None:
    net = network2.Network(SIZES)
    for call in (net.accuracy, lambda data: net.total_cost(data, 0.0, convert=True)):
        with pytest.raises(InputError) as refused:
            call([pair] * n)
        assert str(refused.value).startswith(message)


@given(st.integers(1, 6), st.floats(-2, 2), st.floats(0, 5), st.integers(0, 1000))
def test_a_step_agrees_with_the_rendition(n: int, eta: float, lmbda: float, number: int) -> None:
    net, batch = network2.Network(SIZES), problem(n, SIZES, number)
    before = (list(net.weights), list(net.biases))
    net.update_mini_batch(iter(batch), eta, lmbda, 30)
    decay = 1 - eta * lmbda / 30
    assert_parameters(net, plain_step(before, batch, eta, decay, cross_entropy_error))


def test_lists_and_float32_are_weights_too() -> None:
    """They count as float64, as all that a network computes with."""
    net = network.Network([2, 1])
    net.weights, net.biases = [[[1.0, -2.0]]], [np.zeros((1, 1), np.float32)]
    x = np.array([[2.0], [1.0]], np.float32)
    assert net.feedforward(x).dtype == np.float64
    np.testing.assert_array_equal(net.feedforward(x), [[0.5]])
    np.testing.assert_array_equal(net.backprop([[2.0], [1.0]], [[1.0]])[1][0], [[-0.25, -0.125]])

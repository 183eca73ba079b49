"""Chapter 1's network: against the plain rendition, against `network2`, and by hand.

What it prints is compared with text written here.
"""

import math
import random

import numpy as np
import pytest

from nncore.book import mnist_loader, network, network2
from nncore.errors import InputError
from tests.support.plain_book import (
    assert_parameters,
    labeled,
    plain_count,
    plain_draw,
    plain_epoch,
    plain_gradient,
    plain_step,
    problem,
    quadratic_error,
    seed,
    states,
)

AUTHOR_SEED = 12345678


@pytest.mark.parametrize(("sizes", "size"), [([6, 5, 3], 10), ([4, 3, 4, 2], 4), ([3, 2], 50)])
def test_three_epochs_agree_with_the_rendition(
    sizes: list[int], size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Weights, order of the list, printed counts and both generators, with a short last batch."""
    train, test = problem(23, sizes), problem(9, sizes, number=1)
    parameters, examples, printed = plain_draw(sizes, scaled=False), list(train), ""
    for epoch in range(3):
        parameters = plain_epoch(parameters, examples, size, 3.0, 0.0, quadratic_error)
        printed += f"Epoch {epoch}: {plain_count(parameters, test)} / 9\n"
    after = states()

    seed(1)
    net = network.Network(sizes)
    assert net.SGD(train, 3, size, 3.0, test_data=labeled(test)) is None
    assert_parameters(net, parameters)
    assert [id(x) for x, _ in train] == [id(x) for x, _ in examples]
    assert states() == after
    assert capsys.readouterr().out == printed


def test_counts_of_the_authors_seed_are_those_of_network2_and_of_the_rendition(
    full_mnist: None, capsys: pytest.CaptureFixture[str]
) -> None:
    training_data, _, test_data = mnist_loader.load_data_wrapper()
    sizes, test_data = [784, 30, 10], test_data[:1000]
    seed(AUTHOR_SEED)
    net = network.Network(sizes)
    net.SGD(training_data[:2000], 3, 10, 3.0, test_data=test_data)
    lines = capsys.readouterr().out.splitlines()

    seed(AUTHOR_SEED)
    other = network2.Network(sizes, cost=network2.QuadraticCost)
    seed(AUTHOR_SEED)  # `network2` draws scaled weights first
    other.large_weight_initializer()
    counts = other.SGD(
        training_data[:2000],
        3,
        10,
        3.0,
        evaluation_data=test_data,
        monitor_evaluation_accuracy=True,
    )[1]

    seed(AUTHOR_SEED)
    parameters, examples = plain_draw(sizes, scaled=False), training_data[:2000]
    tests = [(x, mnist_loader.vectorized_result(digit)) for x, digit in test_data]
    expected = []
    for _ in range(3):
        parameters = plain_epoch(parameters, examples, 10, 3.0, 0.0, quadratic_error)
        expected.append(plain_count(parameters, tests))
    assert counts == expected
    assert lines == [f"Epoch {k}: {count} / 1000" for k, count in enumerate(expected)]


def test_epochs_without_test_data(capsys: pytest.CaptureFixture[str]) -> None:
    net = network.Network([6, 3])
    net.SGD(problem(10, [6, 3]), 2, 5, 0.5)
    assert capsys.readouterr().out == "Epoch 0 complete\nEpoch 1 complete\n"
    net.SGD(problem(10, [6, 3]), 1, 5, 0.5, test_data=[])
    assert capsys.readouterr().out == "Epoch 0 complete\n"


def test_zips_train_as_lists_do(capsys: pytest.CaptureFixture[str]) -> None:
    train, test = problem(20, [6, 3]), labeled(problem(5, [6, 3], number=1))
    net = network.Network([6, 3])
    net.SGD(list(train), 2, 5, 0.5, test)
    printed = capsys.readouterr().out
    seed(1)
    zipped = network.Network([6, 3])
    zipped.SGD(zip(*zip(*train, strict=True), strict=True), 2, 5, 0.5, iter(test))
    assert capsys.readouterr().out == printed
    assert_parameters(zipped, (net.weights, net.biases))


def test_shapes_and_attributes() -> None:
    sizes = [5, 4, 3]
    net = network.Network(sizes)
    assert (net.num_layers, net.sizes) == (3, sizes)
    assert [w.shape for w in net.weights] == [(4, 5), (3, 4)]
    assert [b.shape for b in net.biases] == [(4, 1), (3, 1)]


@pytest.mark.parametrize("eta", [0.7, 0.0, -2.0])
def test_a_mini_batch_agrees_with_the_rendition(eta: float) -> None:
    net, batch = network.Network([4, 3, 4, 2]), problem(5, [4, 2])
    before = (list(net.weights), list(net.biases))
    net.update_mini_batch(batch, eta)
    assert_parameters(net, plain_step(before, batch, eta, 1.0, quadratic_error))
    net.weights, net.biases = before
    net.update_mini_batch(batch[:1], eta)
    assert_parameters(net, plain_step(before, batch[:1], eta, 1.0, quadratic_error))


def test_backprop_agrees_with_the_rendition() -> None:
    net = network.Network([4, 3, 4, 2])
    x, y = problem(1, [4, 2])[0]
    nabla_b, nabla_w = net.backprop(x, y)
    gradient = plain_gradient((net.weights, net.biases), x, y, quadratic_error)
    for got, wanted in zip((*nabla_w, *nabla_b), (*gradient[0], *gradient[1]), strict=True):
        assert got.shape == wanted.shape
        np.testing.assert_allclose(got, wanted, rtol=1e-12)


def test_the_parts_by_hand() -> None:
    """σ(0) = ½ and σ(ln 3) = ¾, so that σ' is ¼ and 3/16."""
    net = network.Network([1, 2])
    net.weights, net.biases = [np.array([[0.0], [0.0]])], [np.array([[0.0], [math.log(3)]])]
    x, y = np.array([[2.0]]), np.array([[1.0], [0.0]])
    np.testing.assert_allclose(net.feedforward(x), [[0.5], [0.75]], rtol=1e-15)
    derivative = net.cost_derivative(net.feedforward(x), y)
    np.testing.assert_allclose(derivative, [[-0.5], [0.75]], rtol=1e-15)
    nabla_b, nabla_w = net.backprop(x, y)
    np.testing.assert_allclose(nabla_b[0], [[-0.125], [0.75 * 0.1875]], rtol=1e-15)
    np.testing.assert_allclose(nabla_w[0], [[-0.25], [2 * 0.75 * 0.1875]], rtol=1e-15)
    assert net.evaluate([(x, 1), (x, 0), (x, np.uint8(1))]) == 2
    assert net.evaluate([]) == 0
    assert network.sigmoid(0.0) == 0.5
    assert network.sigmoid_prime(0.0) == 0.25


def test_no_training_data_train_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    net, before = network.Network([6, 3]), random.getstate()
    weights = net.weights[0].copy()
    net.SGD([], 2, 5, 0.5)
    assert capsys.readouterr().out == "Epoch 0 complete\nEpoch 1 complete\n"
    assert random.getstate() == before
    np.testing.assert_array_equal(net.weights[0], weights)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": -1}, "`epochs` must be a whole number >= 0, got -1"),
        ({"mini_batch_size": 0}, "`mini_batch_size` must be a whole number >= 1, got 0"),
        ({"eta": 0.0}, "`eta` must be a number > 0, got 0.0"),
        ({"training_data": [(np.zeros((3, 1)), 1)]}, "`y of training_data` must have the shape"),
        ({"test_data": [(np.zeros((3, 1)), 2)]}, "`y of test_data` must be a label from 0 to 1"),
        ({"test_data": [(np.zeros((2, 1)), 1)]}, "`x of test_data` must have the shape (3, 1)"),
    ],
)
def test_wrong_training_is_refused_in_one_line(change: dict[str, object], message: str) -> None:
    settings = {"training_data": problem(4, [3, 2]), "epochs": 1, "mini_batch_size": 1, "eta": 0.5}
    net, before = network.Network([3, 2]), states()
    with pytest.raises(InputError) as raised:
        net.SGD(**{**settings, **change})
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    assert states() == before

"""What a reader puts in the place of the book's methods is called, however it is put there.

Each case trains a network that was changed in one place, and compares it with a plain loop in which
the same change is written out.
"""

import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nncore.book import network, network2
from tests.support.plain_book import (
    Array,
    Example,
    Parameters,
    assert_parameters,
    cross_entropy_error,
    labeled,
    plain_draw,
    plain_epoch,
    plain_gradient,
    plain_output,
    plain_penalty,
    plain_shuffle,
    problem,
    quadratic_error,
    seed,
    states,
)

SIZES, SIZE, ETA, LMBDA, EPOCHS = [6, 5, 3], 4, 0.7, 2.0, 3
TRAIN, TEST = problem(22, SIZES), problem(9, SIZES, number=1)

Place = Callable[[type, str, Callable[..., Any]], Any]


def in_a_subclass(kind: type, name: str, method: Callable[..., Any]) -> Any:
    return type("Readers", (kind,), {name: method})(SIZES)


def on_the_instance(kind: type, name: str, method: Callable[..., Any]) -> Any:
    net = kind(SIZES)
    setattr(net, name, types.MethodType(method, net))
    return net


def as_a_plain_function(kind: type, name: str, method: Callable[..., Any]) -> Any:
    net = kind(SIZES)
    setattr(net, name, lambda *arguments, **keywords: method(net, *arguments, **keywords))
    return net


PLACES = pytest.mark.parametrize(
    "put", [in_a_subclass, on_the_instance, as_a_plain_function], ids=lambda put: put.__name__
)


def train2(net: network2.Network) -> tuple[list[Any], ...]:
    """Train and monitor all that there is."""
    return net.SGD(list(TRAIN), EPOCHS, SIZE, ETA, LMBDA, labeled(TEST), True, True, True, True)


def plain_epochs(scaled: bool, lmbda: float, error: Any, eta: float = ETA) -> list[Parameters]:
    """Return the parameters after each epoch of the plain rendition."""
    seed(1)
    parameters, examples, after = plain_draw(SIZES, scaled=scaled), list(TRAIN), []
    for _ in range(EPOCHS):
        parameters = plain_epoch(parameters, examples, SIZE, eta, lmbda, error)
        after.append(parameters)
    return after


@PLACES
def test_update_mini_batch_with_momentum(put: Place) -> None:
    """v ← ½ v − η ∂C/∂w of the mean over the mini-batch, w ← w + v; biases stay as they are."""

    def with_momentum(
        net: Any, mini_batch: list[Example], eta: float, lmbda: float, n: int
    ) -> None:
        assert (lmbda, n) == (LMBDA, len(TRAIN))
        sums = [np.zeros(w.shape) for w in net.weights]
        for x, y in mini_batch:
            sums = [s + g for s, g in zip(sums, net.backprop(x, y)[1], strict=True)]
        before = getattr(net, "velocities", [0.0, 0.0])
        steps = [eta / len(mini_batch) * s for s in sums]
        net.velocities = [0.5 * v - step for v, step in zip(before, steps, strict=True)]
        net.weights = [w + v for w, v in zip(net.weights, net.velocities, strict=True)]

    net = put(network2.Network, "update_mini_batch", with_momentum)
    train2(net)
    after = states()

    seed(1)
    (weights, biases), examples = plain_draw(SIZES), list(TRAIN)
    velocities = [0 * w for w in weights]
    for _ in range(EPOCHS):
        plain_shuffle(examples)
        for start in range(0, len(examples), SIZE):
            batch = examples[start : start + SIZE]
            gradients = [
                plain_gradient((weights, biases), x, y, cross_entropy_error)[0] for x, y in batch
            ]
            for k in range(len(weights)):
                mean = sum(g[k] for g in gradients) / len(batch)
                velocities[k] = velocities[k] / 2 - ETA * mean
            weights = [w + v for w, v in zip(weights, velocities, strict=True)]
    assert_parameters(net, (weights, biases))
    assert states() == after


@PLACES
@pytest.mark.parametrize(
    ("kind", "scaled", "lmbda", "error"),
    [
        (network2.Network, True, LMBDA, cross_entropy_error),
        (network.Network, False, 0.0, quadratic_error),
    ],
)
def test_backprop_that_ignores_the_second_input(
    put: Place, kind: type, scaled: bool, lmbda: float, error: Any
) -> None:
    """The gradient of the weights from input 1 is 0, as if that input were 0 in the last step."""

    def blind(net: Any, x: Array, y: Array) -> Any:
        nabla_b, nabla_w = kind.backprop(net, x, y)
        nabla_w[0][:, 1] = 0.0
        return nabla_b, nabla_w

    net, examples = put(kind, "backprop", blind), list(TRAIN)
    settings = (LMBDA,) if kind is network2.Network else ()
    net.SGD(examples, EPOCHS, SIZE, ETA, *settings)

    seed(1)
    (weights, biases), order = plain_draw(SIZES, scaled=scaled), list(TRAIN)
    for _ in range(EPOCHS):
        plain_shuffle(order)
        for start in range(0, len(order), SIZE):
            batch = order[start : start + SIZE]
            gradients = [plain_gradient((weights, biases), x, y, error) for x, y in batch]
            dw = [sum(g[0][k] for g in gradients) / len(batch) for k in range(2)]
            db = [sum(g[1][k] for g in gradients) / len(batch) for k in range(2)]
            dw[0][:, 1] = 0
            decay = 1 - ETA * lmbda / len(order)
            weights = [decay * w - ETA * g for w, g in zip(weights, dw, strict=True)]
            biases = [b - ETA * g for b, g in zip(biases, db, strict=True)]
    assert_parameters(net, (weights, biases))
    assert [id(x) for x, _ in examples] == [id(x) for x, _ in order]


@PLACES
def test_feedforward_that_turns_the_outputs_round(put: Place) -> None:
    def turned(net: Any, a: Array) -> Array:
        return network2.Network.feedforward(net, a)[::-1]

    net = put(network2.Network, "feedforward", turned)
    got = train2(net)

    expected: tuple[list[Any], ...] = ([], [], [], [])
    for parameters in plain_epochs(True, LMBDA, cross_entropy_error):
        for examples, costs, counts in ((TEST, *expected[:2]), (TRAIN, *expected[2:])):
            outputs = [plain_output(parameters, x)[-1][::-1] for x, _ in examples]
            targets = [y for _, y in examples]
            pairs = list(zip(outputs, targets, strict=True))
            counts.append(sum(a.argmax() == y.argmax() for a, y in pairs))
            cost = -sum(np.log(np.where(y == 1, a, 1 - a)).sum() for a, y in pairs) / len(pairs)
            costs.append(cost + plain_penalty(parameters, LMBDA, len(pairs)))
    assert got[1] == expected[1]
    assert got[3] == expected[3]
    np.testing.assert_allclose(got[0], expected[0], rtol=1e-10)
    np.testing.assert_allclose(got[2], expected[2], rtol=1e-10)
    assert_parameters(net, plain_epochs(True, LMBDA, cross_entropy_error)[-1])


@PLACES
def test_accuracy_that_counts_the_two_largest(
    put: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    def top_two(net: Any, data: list[Any], convert: bool = False) -> int:
        wanted = [(x, int(y.argmax()) if convert else y) for x, y in data]
        return sum(int(k in np.argsort(net.feedforward(x).ravel())[1:]) for x, k in wanted)

    net = put(network2.Network, "accuracy", top_two)
    got = train2(net)
    printed = capsys.readouterr().out

    runs = plain_epochs(True, LMBDA, cross_entropy_error)
    for counts, examples, name in ((got[1], TEST, "evaluation"), (got[3], TRAIN, "training")):
        expected = []
        for parameters in runs:
            ranks = [np.argsort(plain_output(parameters, x)[-1].ravel()) for x, _ in examples]
            expected.append(
                sum(rank[0] != y.argmax() for rank, (_, y) in zip(ranks, examples, strict=True))
            )
        assert counts == expected
        for count in expected:
            assert f"Accuracy on {name} data: {count} / {len(examples)}\n" in printed
    assert_parameters(net, runs[-1])


@PLACES
def test_total_cost_of_the_readers_own(put: Place) -> None:
    """The mean distance of the first output from its target, plus λ."""

    def first_output(net: Any, data: list[Any], lmbda: float, convert: bool = False) -> float:
        distances = [
            abs(net.feedforward(x)[0, 0] - (float(y == 0) if convert else y[0, 0])) for x, y in data
        ]
        return sum(distances) / len(data) + lmbda

    net = put(network2.Network, "total_cost", first_output)
    got = train2(net)

    runs = plain_epochs(True, LMBDA, cross_entropy_error)
    for costs, examples in ((got[0], TEST), (got[2], TRAIN)):
        expected = [
            np.mean([abs(plain_output(parameters, x)[-1][0, 0] - y[0, 0]) for x, y in examples]) + 2
            for parameters in runs
        ]
        np.testing.assert_allclose(costs, expected, rtol=1e-10)
    assert_parameters(net, runs[-1])


@PLACES
def test_evaluate_that_counts_what_is_wrong(put: Place, capsys: pytest.CaptureFixture[str]) -> None:
    def wrong(net: Any, test_data: list[Any]) -> int:
        return len(test_data) - network.Network.evaluate(net, test_data)

    net = put(network.Network, "evaluate", wrong)
    net.SGD(list(TRAIN), EPOCHS, SIZE, ETA, test_data=labeled(TEST))

    runs = plain_epochs(False, 0.0, quadratic_error)
    lines = []
    for epoch, parameters in enumerate(runs):
        count = sum(plain_output(parameters, x)[-1].argmax() != y.argmax() for x, y in TEST)
        lines.append(f"Epoch {epoch}: {count} / 9")
    assert capsys.readouterr().out.splitlines() == lines
    assert_parameters(net, runs[-1])


@PLACES
def test_feedforward_of_chapter_1_that_turns_the_outputs_round(
    put: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    def turned(net: Any, a: Array) -> Array:
        return network.Network.feedforward(net, a)[::-1]

    net = put(network.Network, "feedforward", turned)
    net.SGD(list(TRAIN), EPOCHS, SIZE, ETA, test_data=labeled(TEST))

    lines = []
    for epoch, parameters in enumerate(plain_epochs(False, 0.0, quadratic_error)):
        outputs = [plain_output(parameters, x)[-1] for x, _ in TEST]
        count = sum(a[::-1].argmax() == y.argmax() for a, (_, y) in zip(outputs, TEST, strict=True))
        lines.append(f"Epoch {epoch}: {count} / 9")
    assert capsys.readouterr().out.splitlines() == lines


def cubed_error(a: Array, y: Array) -> Array:
    return (a - y) ** 3 * a * (1 - a)


@PLACES
def test_cost_derivative_of_the_readers_own(put: Place) -> None:
    """The derivative of ¼ (a − y)⁴."""

    def cubed(net: Any, output_activations: Array, y: Array) -> Array:
        return (output_activations - y) ** 3

    net = put(network.Network, "cost_derivative", cubed)
    net.SGD(list(TRAIN), EPOCHS, SIZE, ETA)
    assert_parameters(net, plain_epochs(False, 0.0, cubed_error)[-1])


@PLACES
def test_update_mini_batch_of_chapter_1(put: Place) -> None:
    def twice(net: Any, mini_batch: list[Example], eta: float) -> None:
        network.Network.update_mini_batch(net, mini_batch, 2 * eta)

    net = put(network.Network, "update_mini_batch", twice)
    net.SGD(list(TRAIN), EPOCHS, SIZE, ETA)
    assert_parameters(net, plain_epochs(False, 0.0, quadratic_error, eta=2 * ETA)[-1])


def test_a_method_put_into_the_class_itself_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    def cubed(net: Any, output_activations: Array, y: Array) -> Array:
        return (output_activations - y) ** 3

    monkeypatch.setattr(network.Network, "cost_derivative", cubed)
    net = network.Network(SIZES)
    net.SGD(list(TRAIN), EPOCHS, SIZE, ETA)
    assert_parameters(net, plain_epochs(False, 0.0, cubed_error)[-1])


def test_the_calls_are_those_of_the_books_program() -> None:
    """Their order and arguments, epoch after epoch; the accuracy for the printed line is a call of
    its own, and mini-batches are slices of the shuffled list.
    """
    calls: list[tuple[Any, ...]] = []

    class Recorder(network2.Network):
        def update_mini_batch(self, *arguments: Any, **keywords: Any) -> None:
            calls.append(("update_mini_batch", arguments, keywords))

        def total_cost(self, *arguments: Any, **keywords: Any) -> float:
            calls.append(("total_cost", arguments, keywords))
            return 0.0

        def accuracy(self, *arguments: Any, **keywords: Any) -> int:
            calls.append(("accuracy", arguments, keywords))
            return 0

    examples, tests = list(TRAIN[:5]), labeled(TEST)
    order = list(examples)
    plain_draw(SIZES)
    plain_shuffle(order)
    wanted: list[tuple[Any, ...]] = [
        ("update_mini_batch", (order[:3], ETA, LMBDA, 5), {}),
        ("update_mini_batch", (order[3:], ETA, LMBDA, 5), {}),
        ("total_cost", (examples, LMBDA), {}),
        ("accuracy", (examples,), {"convert": True}),
        ("total_cost", (tests, LMBDA), {"convert": True}),
        ("accuracy", (tests,), {}),
        ("accuracy", (tests,), {}),
    ]
    after = states()
    seed(1)
    net = Recorder(SIZES)
    net.SGD(examples, 1, 3, ETA, LMBDA, tests, True, True, True, True)
    assert [(name, keywords) for name, _, keywords in calls] == [
        (name, keywords) for name, _, keywords in wanted
    ]
    for (_, got, _), (_, arguments, _) in zip(calls, wanted, strict=True):
        assert len(got) == len(arguments)
        for one, other in zip(got, arguments, strict=True):
            if isinstance(other, list):
                assert [id(pair) for pair in one] == [id(pair) for pair in other]
            else:
                assert one == other
    assert calls[2][1][0] is examples
    assert calls[4][1][0] is tests
    assert states() == after


def test_a_network_in_which_nothing_is_replaced_trains_fast(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A subclass with methods of its own besides the book's takes the steps of the package."""

    class Reporting(network2.Network):
        def report(self) -> str:
            return f"{len(self.weights)} layers"

    net = Reporting(SIZES)
    net.feedforward = net.feedforward  # the method itself, as some notebooks keep it
    monkeypatch.setattr(network2.Network, "_step", None)  # no step of the plain loop
    net.SGD(list(TRAIN), EPOCHS, SIZE, ETA, LMBDA)
    assert_parameters(net, plain_epochs(True, LMBDA, cross_entropy_error)[-1])


def test_early_stopping_reads_the_readers_accuracy() -> None:
    """Scores 1, 3, 2, 3, 3: the best epoch is 1, and the three after it do not better it."""
    net = network2.Network(SIZES)
    scores = iter([1, 1, 3, 3, 2, 2, 3, 3, 3, 3, 9, 9])  # asked for twice an epoch
    net.accuracy = lambda data, convert=False: next(scores)
    lists = net.SGD(
        list(TRAIN),
        20,
        SIZE,
        ETA,
        evaluation_data=labeled(TEST),
        monitor_evaluation_accuracy=True,
        early_stopping_n=3,
    )
    assert lists[1] == [1, 3, 2, 3, 3]

"""The regressor trained an epoch at a time: the same steps as a fit, on one network throughout.

The first call decides how the targets of all calls are standardised.
"""

import pickle
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone

from nncore.errors import InputError
from nncore.estimator import NetworkRegressor

Data = tuple[NDArray[Any], NDArray[Any]]


@pytest.fixture
def plane() -> Data:
    """A plane over 2 inputs, in 90 rows."""
    x = np.random.default_rng(0).normal(size=(90, 2))
    return x, 300 + x @ [20, -10]


def same(one: NetworkRegressor, other: NetworkRegressor) -> bool:
    a, b = one.network_, other.network_
    pairs = zip((*a.weights, *a.biases), (*b.weights, *b.biases), strict=True)
    return all(np.array_equal(p, q) for p, q in pairs)


def test_one_epoch_of_partial_fit_is_one_epoch_of_fit(plane: Data) -> None:
    fitted = NetworkRegressor(epochs=1, dropout=0.2, lmbda=1.0, random_state=0).fit(*plane)
    partly = clone(fitted).set_params(epochs=9).partial_fit(*plane)

    assert same(fitted, partly)
    assert partly.n_iter_ == 1


def test_partial_fit_goes_on_from_a_pickle(plane: Data) -> None:
    x, y = plane
    network = NetworkRegressor(
        (), update="sgd", learning_rate=0.05, mini_batch_size=5, random_state=0
    )
    one = network.partial_fit(x[:45], y[:45])
    first = one.target_scaling_
    other = pickle.loads(pickle.dumps(one))
    for _ in range(20):
        one.partial_fit(x[45:], y[45:]).partial_fit(x[:45], y[:45])
        other.partial_fit(x[45:], y[45:]).partial_fit(x[:45], y[:45])

    assert same(one, other)
    assert one.n_iter_ == len(one.loss_curve_) == 41
    assert one.target_scaling_ is first
    assert (first.offset, first.scale) == (
        pytest.approx(y[:45].mean()),
        pytest.approx(y[:45].std()),
    )
    assert one.score(x, y) > 0.999


def test_later_calls_may_have_one_row(plane: Data) -> None:
    x, y = plane
    begun = NetworkRegressor(random_state=0).partial_fit(x, y)

    assert begun.partial_fit(x[:1], y[:1]).n_iter_ == 2


def test_later_targets_must_be_in_reach_of_the_first(plane: Data) -> None:
    x, y = plane
    begun = NetworkRegressor(random_state=0).partial_fit(x, 1e-20 * y)

    with pytest.raises(InputError) as caught:
        begun.partial_fit(x[:1], [1e29])

    rule = "`y` must be within 1e+30 standard deviations of the first targets, got [1e+29]"
    assert str(caught.value) == rule


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"early_stopping": 3}, "`early_stopping` must be 0 for partial_fit"),
        ({"schedule": "cosine"}, "`schedule` must be 'constant' for partial_fit"),
        ({"warmup": 3}, "`warmup` must be 0 for partial_fit, got 3"),
    ],
    ids=str,
)
def test_partial_fit_refuses(settings: dict[str, Any], message: str, plane: Data) -> None:
    with pytest.raises(InputError) as caught:
        NetworkRegressor(**settings).partial_fit(*plane)

    assert message in str(caught.value)


def test_the_first_call_must_have_different_targets(plane: Data) -> None:
    """Their deviation, by which later targets are divided too, would be 0."""
    x, y = plane
    network = NetworkRegressor(random_state=0)

    with pytest.raises(InputError) as caught:
        network.partial_fit(x[:2], np.column_stack([y[:2], [7, 7]]))

    rule = "`y` must have different values of each target in the first call to partial_fit"
    assert str(caught.value).startswith(rule)
    assert network.partial_fit(x, y).n_iter_ == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden_units": (4, 3)}, "`hidden_units` must stay (30,) for partial_fit, got (4, 3)"),
        ({"activation": "relu"}, "`activation` must stay 'sigmoid' for partial_fit, got 'relu'"),
        ({"dtype": "float32"}, "`dtype` must stay 'float64' for partial_fit, got 'float32'"),
    ],
    ids=str,
)
def test_partial_fit_refuses_another_network(
    changes: dict[str, Any], message: str, plane: Data
) -> None:
    begun = NetworkRegressor(random_state=0).partial_fit(*plane)
    before = pickle.loads(pickle.dumps(begun))

    with pytest.raises(InputError) as caught:
        begun.set_params(**changes).partial_fit(*plane)

    assert str(caught.value) == message
    assert same(before, begun)


@pytest.mark.parametrize(
    ("shape", "later", "message"),
    [
        ((90,), (90, 1), "`y` must have the shape (n,), as in the first call, got (90, 1)"),
        ((90, 2), (90, 3), "`y` must have the shape (n, 2), as in the first call, got (90, 3)"),
    ],
)
def test_partial_fit_refuses_other_targets(
    shape: tuple[int, ...], later: tuple[int, ...], message: str, plane: Data
) -> None:
    x, y = plane
    begun = NetworkRegressor(random_state=0).partial_fit(x, np.resize(y, shape))

    with pytest.raises(InputError) as caught:
        begun.partial_fit(x, np.resize(y, later))

    assert str(caught.value) == message

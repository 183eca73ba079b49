"""`sample_weight` of the regressor: a row counts as often as its weight says.

The oracles are scikit-learn's `Ridge`, and data in which rows are repeated or left out.
"""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.linear_model import Ridge

from nncore.errors import InputError
from nncore.estimator import NetworkRegressor

Data = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]


@pytest.fixture
def weighted() -> Data:
    """A bent surface over 2 inputs, exact in float32, and whole weights from 0 to 3."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 2)).astype(np.float32).astype(np.float64)
    return x, 40 + 9 * x[:, 0] ** 2 - 5 * x[:, 1], rng.integers(0, 4, size=50)


def arrays(fitted: NetworkRegressor) -> list[NDArray[Any]]:
    return [*fitted.network_.weights, *fitted.network_.biases]


def same(one: NetworkRegressor, other: NetworkRegressor) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(arrays(one), arrays(other), strict=True))


@pytest.mark.parametrize("lmbda", [0.0, 20.0])
def test_a_linear_network_is_weighted_ridge(lmbda: float, weighted: Data) -> None:
    x, y, weights = weighted
    ridge = Ridge(alpha=lmbda).fit(x, y, sample_weight=weights)
    linear = NetworkRegressor(
        (), update="sgd", learning_rate=0.3, mini_batch_size=50, epochs=500, lmbda=lmbda
    )

    fitted = linear.fit(x, y, sample_weight=weights)

    np.testing.assert_allclose(fitted.predict(x), ridge.predict(x), rtol=1e-6)


def test_a_weight_of_2_is_the_row_twice(weighted: Data) -> None:
    x, y, weights = weighted
    network = NetworkRegressor(5, lmbda=2.0, mini_batch_size=1000, random_state=0)
    fitted = network.fit(x, y, sample_weight=weights)

    repeated = clone(network).fit(x.repeat(weights, axis=0), y.repeat(weights))

    np.testing.assert_allclose(fitted.predict(x), repeated.predict(x), rtol=1e-9)
    assert not np.allclose(fitted.predict(x), clone(network).fit(x, y).predict(x), rtol=1e-3)


def test_rows_of_weight_0_are_left_out(weighted: Data) -> None:
    x, y, weights = weighted
    network = NetworkRegressor(5, mini_batch_size=7, epochs=3, early_stopping=2, random_state=0)
    kept = weights > 0

    fitted = network.fit(x, y, sample_weight=kept)

    assert 0 < kept.sum() < 50
    assert same(fitted, clone(network).fit(x[kept], y[kept]))


def test_equal_weights_change_only_how_much_lambda_counts(weighted: Data) -> None:
    x, y, _ = weighted
    network = NetworkRegressor(5, lmbda=4.0, epochs=3, random_state=0)
    plain = clone(network).fit(x, y)

    assert same(plain, clone(network).fit(x, y, sample_weight=np.ones(50)))
    twos = clone(network).fit(x, y, sample_weight=np.full(50, 2))
    assert same(twos, clone(network).set_params(lmbda=2.0).fit(x, y))
    assert not same(twos, plain)


def test_held_out_rows_are_scored_by_their_weights(weighted: Data) -> None:
    x, y, weights = weighted
    weights = np.where(weights == 0, 0.5, weights)
    network = NetworkRegressor(5, epochs=1, early_stopping=1, random_state=0)
    fitted = network.fit(x, y, sample_weight=weights)

    held = np.ones(50, bool)  # rows whose weight does not change the network are held out
    for row in range(50):
        heavier = weights + 5.0 * (np.arange(50) == row)
        held[row] = same(fitted, clone(network).fit(x, y, sample_weight=heavier))

    assert held.sum() == 5
    errors, w = y[held] - fitted.predict(x[held]), weights[held]
    spread = ((y[held] - np.average(y[held], weights=w)) ** 2 * w).sum()
    assert fitted.validation_scores_ == [pytest.approx(1 - (errors**2 * w).sum() / spread)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([1, 2], "`sample_weight` must have the shape (3,), got (2,)"),
        ([[1], [2], [3]], "`sample_weight` must have the shape (3,), got (3, 1)"),
        ([1, -1, 1], "`sample_weight` must be 0 or from 1e-30 to 1e+30, got [-1.0]"),
        ([1, 1e-40, 1], "`sample_weight` must be 0 or from 1e-30 to 1e+30, got [1e-40]"),
        ([0, 0, 0], "`sample_weight` must not be all zero, got [0.0, 0.0, 0.0]"),
    ],
    ids=str,
)
def test_wrong_weights_are_refused(given: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        NetworkRegressor().fit(np.eye(3), [1, 2, 3], sample_weight=given)

    assert str(caught.value) == message


def test_partial_fit_takes_weights(weighted: Data) -> None:
    x, y, weights = weighted
    network = NetworkRegressor(4, lmbda=3.0, random_state=0)

    whole = clone(network).set_params(epochs=1).fit(x, y, sample_weight=weights)

    assert same(whole, clone(network).partial_fit(x, y, sample_weight=weights))
    assert not same(whole, clone(network).partial_fit(x, y))

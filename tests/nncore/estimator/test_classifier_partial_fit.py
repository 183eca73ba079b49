"""The classifier trained an epoch at a time: the same steps as a fit, on one network throughout.

What it refuses of labels and settings at the first call is in `test_classifier_in_scikit_learn.py`.
"""

import pickle
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone

from nncore.errors import InputError
from nncore.estimator import NetworkClassifier

Data = tuple[NDArray[Any], NDArray[Any]]


@pytest.fixture
def blobs() -> Data:
    """Three clouds in the plane, far apart, of 40, 60 and 80 points."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [40, 60, 80])
    return np.array([[0, 4], [4, 0], [-4, -4]])[labels] + rng.normal(size=(180, 2)), labels


def same(one: NetworkClassifier, other: NetworkClassifier) -> bool:
    a, b = one.network_, other.network_
    pairs = zip((*a.weights, *a.biases), (*b.weights, *b.biases), strict=True)
    return all(np.array_equal(p, q) for p, q in pairs)


def test_one_epoch_of_partial_fit_is_one_epoch_of_fit(blobs: Data) -> None:
    fitted = NetworkClassifier(epochs=1, dropout=0.2, lmbda=1.0, random_state=0).fit(*blobs)
    partly = clone(fitted).set_params(epochs=9).partial_fit(*blobs, classes=[2, 0, 1])

    assert same(fitted, partly)
    assert partly.n_iter_ == 1


def test_partial_fit_goes_on_from_a_pickle(blobs: Data) -> None:
    x, y = blobs[0], np.array(["b", "a", "c"])[blobs[1]]
    one = NetworkClassifier(random_state=0).partial_fit(x[:90], y[:90], classes=["a", "b", "c"])
    other = pickle.loads(pickle.dumps(one))
    for _ in range(10):
        one.partial_fit(x[90:], y[90:]).partial_fit(x[:90], y[:90])
        other.partial_fit(x[90:], y[90:]).partial_fit(x[:90], y[:90])

    assert same(one, other)
    assert one.n_iter_ == len(one.loss_curve_) == 21
    assert one.score(x, y) > 0.98


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden_units": (4, 3)}, "`hidden_units` must stay (30,) for partial_fit, got (4, 3)"),
        ({"activation": "relu"}, "`activation` must stay 'sigmoid' for partial_fit, got 'relu'"),
        (
            {"output": "tanh", "cost": "quadratic"},
            "`output` must stay 'sigmoid' for partial_fit, got 'tanh'",
        ),
        (
            {"cost": "quadratic"},
            "`cost` must stay 'cross-entropy' for partial_fit, got 'quadratic'",
        ),
        ({"dtype": "float64"}, "`dtype` must stay 'float32' for partial_fit, got 'float64'"),
    ],
    ids=str,
)
def test_partial_fit_refuses_another_network(
    changes: dict[str, Any], message: str, blobs: Data
) -> None:
    begun = NetworkClassifier(random_state=0).partial_fit(*blobs, classes=[0, 1, 2])
    before = pickle.loads(pickle.dumps(begun))

    with pytest.raises(InputError) as caught:
        begun.set_params(**changes).partial_fit(*blobs)

    assert str(caught.value) == message
    assert same(before, begun)
    begun.set_params(**before.get_params()).set_params(hidden_units=30, learning_rate=0.1)
    assert begun.partial_fit(*blobs).n_iter_ == 2

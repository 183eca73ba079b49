"""`class_weight` of the classifier: the words of scikit-learn, and weights by label.

What the weights do in training is tested in `descent/test_example_weights.py`.
"""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import recall_score
from sklearn.model_selection import GridSearchCV
from sklearn.utils.class_weight import compute_class_weight

from nncore.errors import InputError
from nncore.estimator import NetworkClassifier

Data = tuple[NDArray[Any], NDArray[Any]]


@pytest.fixture
def rare() -> Data:
    """Two clouds that overlap, with 26 of the 200 points in "sick"."""
    rng = np.random.default_rng(0)
    y = np.array(["well"] * 174 + ["sick"] * 26)
    return rng.normal(size=(200, 2)) + (y == "sick")[:, None], y


def fitted(rare: Data, **settings: Any) -> list[NDArray[Any]]:
    classifier = NetworkClassifier(4, epochs=5, random_state=0, **settings).fit(*rare)
    return [*classifier.network_.weights, *classifier.network_.biases]


def same(one: list[NDArray[Any]], other: list[NDArray[Any]]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_balanced_is_a_dict_of_the_weights_of_scikit_learn(rare: Data) -> None:
    classes = np.unique(rare[1])
    weights = compute_class_weight("balanced", classes=classes, y=rare[1])
    by_label = dict(zip(classes, weights, strict=True))
    assert same(fitted(rare, class_weight="balanced"), fitted(rare, class_weight=by_label))


@pytest.mark.parametrize("given", ["none", {}, {"well": 1}, {"well": np.float32(1), "sick": 1.0}])
def test_weights_of_1_are_no_weights(given: Any, rare: Data) -> None:
    assert same(fitted(rare), fitted(rare, class_weight=given))


def test_a_label_without_a_weight_weighs_1(rare: Data) -> None:
    part, whole = {"sick": 3}, {"sick": 3, "well": 1}
    assert same(fitted(rare, class_weight=part), fitted(rare, class_weight=whole))
    assert not same(fitted(rare), fitted(rare, class_weight=part))


def test_held_out_rows_do_not_count(rare: Data) -> None:
    """The fraction held out is stratified: 157 and 23 rows remain."""
    waits = {"early_stopping": 9, "validation_fraction": 0.1}
    weights = {"well": 180 / (2 * 157), "sick": 180 / (2 * 23)}
    balanced = fitted(rare, class_weight="balanced", **waits)
    assert same(balanced, fitted(rare, class_weight=weights, **waits))


def test_a_search_for_recall_chooses_balanced(rare: Data) -> None:
    network = NetworkClassifier(4, epochs=20, random_state=0)
    grid = {"class_weight": [None, "balanced"]}
    search = GridSearchCV(network, grid, cv=3, scoring="balanced_accuracy").fit(*rare)
    assert search.best_params_ == {"class_weight": "balanced"}
    recalls = recall_score(rare[1], search.predict(rare[0]), average=None)
    assert min(recalls) > 0.6


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("auto", "unknown `class_weight` `auto`; known: balanced, none"),
        (1.5, "`class_weight` must be one of balanced, none, got 1.5"),
        ({"ill": 2.0}, "`class_weight` must have labels among ['sick', 'well'], got ['ill']"),
        ({"sick": -1.0}, "`class_weight` must have weights from 0 to 1e+30, got [-1.0, 1.0]"),
        ({"sick": float("nan")}, "must have weights from 0 to 1e+30, got [nan, 1.0]"),
        ({"sick": float("inf")}, "must have weights from 0 to 1e+30, got [inf, 1.0]"),
        ({"sick": "2"}, "must have weights from 0 to 1e+30, got ['2', 1.0]"),
    ],
    ids=str,
)
def test_wrong_weights_are_refused(given: Any, message: str, rare: Data) -> None:
    with pytest.raises(InputError) as caught:
        fitted(rare, class_weight=given)
    assert message in str(caught.value)


def test_partial_fit_takes_a_dict_but_not_balanced(rare: Data) -> None:
    def trained(given: Any) -> NetworkClassifier:
        network = NetworkClassifier(4, class_weight=given, random_state=0)
        return network.partial_fit(*rare, classes=["sick", "well"])

    weights, plain = trained({"sick": 3}).network_.weights, trained(None).network_.weights
    assert not same(weights, plain)
    with pytest.raises(InputError) as caught:
        trained("balanced")
    rule = "`class_weight` must be None or a dict for partial_fit, got 'balanced'"
    assert str(caught.value) == rule

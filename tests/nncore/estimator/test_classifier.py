"""The classifier by itself: which settings reach training, labels and probabilities.

How it gets on with scikit-learn is in `test_classifier_in_scikit_learn.py`, epochs one by one in
`test_classifier_partial_fit.py`.
"""

import pickle
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler

from nncore.config import HYPERPARAMETERS, WARPS, TrialConfig
from nncore.datasets.dataset import Split
from nncore.errors import InputError
from nncore.estimator import NetworkClassifier, network_estimator
from nncore.network import CHUNK_ROWS, Network

Data = tuple[NDArray[Any], NDArray[Any]]
SOFTMAX = {"output": "softmax", "cost": "log-likelihood"}


@pytest.fixture
def blobs() -> Data:
    """Three clouds in the plane, far apart, of 40, 60 and 80 points."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [40, 60, 80])
    return np.array([[0, 4], [4, 0], [-4, -4]])[labels] + rng.normal(size=(180, 2)), labels


@pytest.fixture
def wine() -> Data:
    x, y = load_wine(return_X_y=True)
    return StandardScaler().fit_transform(x).astype(np.float32), y


def same(one: NetworkClassifier, other: NetworkClassifier) -> bool:
    a, b = one.network_, other.network_
    pairs = zip((*a.weights, *a.biases), (*b.weights, *b.biases), strict=True)
    return all(np.array_equal(p, q) for p, q in pairs)


def test_parameters_are_those_of_a_trial() -> None:
    parameters = NetworkClassifier().get_params()
    left_out = {*WARPS, "monitor_training"}  # rows are not known to be images

    own = {"validation_fraction", "random_state"}
    assert set(parameters) == (set(HYPERPARAMETERS) - left_out) | own
    assert parameters.pop("class_weight") is None  # scikit-learn's word for "none"
    trial = TrialConfig()
    assert {k: v for k, v in parameters.items() if k not in own} == {
        k: getattr(trial, k) for k in parameters if k not in own
    }


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden_units": 7},
        {"hidden_units": [4, 3]},
        {"learning_rate": 0.1},
        {"lmbda": 2.0},
        {"lmbda": 2.0, "regularizer": "l1"},
        {"mini_batch_size": 20},
        {"epochs": 4},
        {"activation": "tanh"},
        SOFTMAX,
        {"cost": "quadratic"},
        {"class_weight": "balanced"},
        {"class_weight": {0: 2.0}},
        {"init": "glorot"},
        {"dropout": 0.5},
        {"input_dropout": 0.2},
        {"max_norm": 0.5},
        {"momentum": 0.5},
        {"momentum": 0.5, "nesterov": True},
        {"step": "fixed-length"},
        {"update": "adam"},
        {"update": "adamw", "lmbda": 2.0},
        {"clip_norm": 0.05},
        {"warmup": 3},
        {"schedule": "cosine"},
        {"schedule": "exponential"},
        {"schedule": "exponential", "schedule_decay": 0.5},
        {"schedule": "halve-on-plateau", "early_stopping": 9, "schedule_patience": 1},
        {"early_stopping": 1},
        {"early_stopping": 9, "validation_fraction": 0.4},
        {"dtype": "float64"},
        {"random_state": 1},
    ],
    ids=str,
)
def test_every_parameter_reaches_training(settings: dict[str, Any], wine: Data) -> None:
    usual = NetworkClassifier(5, epochs=6, random_state=0).fit(*wine)

    other = clone(usual).set_params(**settings).fit(*wine)

    shapes = [w.shape for w in usual.network_.weights]
    assert shapes != [w.shape for w in other.network_.weights] or not same(usual, other)


@pytest.mark.parametrize("settings", [{"beta1": 0.5}, {"beta2": 0.5}, {"epsilon": 0.1}], ids=str)
def test_the_parameters_of_adam_reach_training(settings: dict[str, float], wine: Data) -> None:
    usual = NetworkClassifier(5, epochs=6, update="adam", random_state=0).fit(*wine)

    assert not same(usual, clone(usual).set_params(**settings).fit(*wine))


def test_numpy_numbers_are_numbers(wine: Data) -> None:
    plain = NetworkClassifier([5], learning_rate=0.25, epochs=2, random_state=0)
    numbers = {"hidden_units": np.array([5]), "learning_rate": np.float32(0.25)}
    typed = clone(plain).set_params(**numbers, epochs=np.int64(2))

    assert same(plain.fit(*wine), typed.fit(*wine))


@pytest.mark.parametrize("names", [["b", "a", "c"], [10, -3, 7], [False, True, False]], ids=str)
def test_labels_of_any_kind_come_back(names: list[Any], blobs: Data) -> None:
    x, y = blobs
    labels = np.array(names)[y]

    fitted = NetworkClassifier(random_state=0).fit(x, labels)

    assert fitted.classes_.tolist() == sorted(set(names))
    assert fitted.predict(x).dtype == labels.dtype
    assert fitted.score(x, labels) > 0.98
    assert fitted.predict_proba(x).shape == (180, len(set(names)))


def outputs_of(z: list[list[float]], output: str) -> NetworkClassifier:
    """Return a classifier whose weighted inputs are `z[0]` for (1, 0) and `z[1]` for (0, 1)."""
    fitted = NetworkClassifier((), output=output, cost="quadratic", random_state=0)
    fitted.fit(np.eye(2), [0, 1])
    w = np.asfortranarray(z, np.float32)
    fitted.network_ = Network([w], [np.zeros(2, np.float32)], "sigmoid", output, "quadratic")
    return fitted


def test_sigmoid_outputs_become_shares() -> None:
    logit = [[-np.log(4), np.log(1.5)], [0, 0]]  # outputs 0.2 and 0.6; 0.5 and 0.5

    shares = outputs_of(logit, "sigmoid").predict_proba(np.eye(2))

    np.testing.assert_allclose(shares, [[0.25, 0.75], [0.5, 0.5]], atol=1e-6)


def test_sigmoid_outputs_that_underflow_still_have_shares() -> None:
    fitted = outputs_of([[-201, -200], [300, -300]], "sigmoid")

    e = np.e  # far below 0 σ(z) is e^z, so the shares are those of 1 and e
    expected = [[1 / (1 + e), e / (1 + e)], [1, 0]]
    np.testing.assert_allclose(fitted.predict_proba(np.eye(2)), expected, atol=1e-6)
    assert fitted.predict(np.eye(2)).tolist() == [1, 0]


def test_softmax_outputs_are_probabilities_already() -> None:
    fitted = outputs_of([[0, np.log(3)], [0, 0]], "softmax")

    np.testing.assert_allclose(
        fitted.predict_proba(np.eye(2)), [[0.25, 0.75], [0.5, 0.5]], atol=1e-6
    )


@pytest.mark.parametrize("output", ["linear", "relu", "tanh"])
def test_other_outputs_predict_without_probabilities(output: str) -> None:
    fitted = outputs_of([[0.1, 0.7], [0.4, -0.2]], output)

    assert fitted.predict(np.eye(2)).tolist() == [1, 0]
    assert not hasattr(fitted, "predict_proba")


def test_probabilities_are_those_of_the_network_that_was_trained(blobs: Data) -> None:
    tanh = NetworkClassifier(output="tanh", cost="quadratic", epochs=1).fit(*blobs)
    assert not hasattr(tanh.set_params(output="softmax"), "predict_proba")

    sigmoid = NetworkClassifier(epochs=1).fit(*blobs)
    shares = sigmoid.set_params(output="tanh").predict_proba(blobs[0])
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


def test_more_rows_than_a_chunk(blobs: Data) -> None:
    x, y = blobs
    fitted = NetworkClassifier(epochs=2, dtype="float64", random_state=0).fit(x, y)
    many = np.resize(x, (2 * CHUNK_ROWS + 20, 2))

    once = fitted.predict_proba(x)

    repeated = np.resize(once, (len(many), 3))
    np.testing.assert_allclose(fitted.predict_proba(many), repeated, rtol=1e-12)


def test_a_mini_batch_larger_than_the_data_is_all_of_it(blobs: Data) -> None:
    whole, larger = (NetworkClassifier(mini_batch_size=m, random_state=0) for m in (180, 1000))

    assert same(whole.fit(*blobs), larger.fit(*blobs))


def test_the_loss_is_cost_and_regularizer(wine: Data) -> None:
    x, y = wine
    fitted = NetworkClassifier(6, lmbda=3.0, epochs=3, dtype="float64", random_state=0).fit(x, y)

    (w1, w2), (b1, b2) = fitted.network_.weights, fitted.network_.biases
    a = 1 / (1 + np.exp(-(1 / (1 + np.exp(-(x @ w1 + b1))) @ w2 + b2)))
    right = np.eye(3)[y] == 1
    cost = -np.log(np.where(right, a, 1 - a)).sum() / len(x)
    decay = 3.0 / (2 * len(x)) * ((w1**2).sum() + (w2**2).sum())
    assert fitted.loss_curve_[-1] == pytest.approx(cost + decay, rel=1e-9)
    assert (fitted.n_iter_, len(fitted.loss_curve_), fitted.validation_scores_) == (3, 3, None)


def test_early_stopping_stops_and_keeps_the_best_epoch(wine: Data) -> None:
    patient = NetworkClassifier(
        5, learning_rate=3.0, early_stopping=4, validation_fraction=0.3, random_state=0
    ).fit(*wine)
    scores = patient.validation_scores_
    best = int(np.argmax(scores)) + 1

    assert patient.n_iter_ == len(scores) == len(patient.loss_curve_) == best + 4 < 30
    assert same(patient, clone(patient).set_params(epochs=best).fit(*wine))
    assert not same(patient, clone(patient).set_params(epochs=best - 1).fit(*wine))


def test_held_out_rows_are_stratified(blobs: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = blobs
    seen: dict[str, Split] = {}
    train = network_estimator.train

    def spy(*arguments: Any, **splits: Any) -> Any:
        seen.update(splits)
        return train(*arguments, **splits)

    monkeypatch.setattr(network_estimator, "train", spy)
    NetworkClassifier(epochs=1, early_stopping=1, validation_fraction=0.2, random_state=0).fit(x, y)

    assert np.bincount(seen["validation"].labels).tolist() == [8, 12, 16]
    assert np.bincount(seen["training"].labels).tolist() == [32, 48, 64]
    together = np.concatenate([seen["training"].x, seen["validation"].x])
    np.testing.assert_array_equal(np.sort(together, 0), np.sort(x.astype(np.float32), 0))


def test_the_seed_decides_everything(wine: Data) -> None:
    seeded = NetworkClassifier(epochs=2, dropout=0.3, early_stopping=2, random_state=3)

    assert same(clone(seeded).fit(*wine), clone(seeded).fit(*wine))


def test_a_random_state_is_drawn_from(wine: Data) -> None:
    shared = np.random.RandomState(0)
    first, second = (NetworkClassifier(epochs=1, random_state=shared).fit(*wine) for _ in range(2))

    assert not same(first, second)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learning_rate": -1.0}, "`learning_rate` must be a number > 0, got -1.0"),
        ({"epochs": 2.5}, "`epochs` must be a whole number >= 1, got 2.5"),
        ({"activation": "tahn"}, "unknown `activation` `tahn`; did you mean `tanh`?"),
        ({"cost": "log-likelihood"}, "must be paired with `output` 'softmax', got 'sigmoid'"),
        ({"validation_fraction": 5}, "`validation_fraction` must be > 0 and < 1, got 5"),
        ({"schedule": "halve-on-plateau"}, "`early_stopping` must be > 0 for halve-on-plateau"),
        (
            {"schedule": "halve-on-plateau", "early_stopping": 10},
            "`early_stopping` must be 0 or above `schedule_patience`",
        ),
    ],
    ids=str,
)
def test_fit_refuses_wrong_parameters(settings: dict[str, Any], message: str, wine: Data) -> None:
    with pytest.raises(InputError) as caught:
        NetworkClassifier(**settings).fit(*wine)

    assert message in str(caught.value)


def test_fit_refuses_one_class() -> None:
    with pytest.raises(
        InputError, match=r"^`y` must have at least 2 classes, got 1 class: \['a'\]$"
    ):
        NetworkClassifier().fit(np.eye(2), ["a", "a"])


def test_training_that_diverges_is_an_error_and_changes_no_network(wine: Data) -> None:
    linear = NetworkClassifier(output="linear", cost="quadratic", learning_rate=0.01, epochs=1)
    fitted = linear.set_params(activation="relu", random_state=0).fit(*wine)
    before = pickle.loads(pickle.dumps(fitted))

    for train in (fitted.set_params(learning_rate=1e6).partial_fit, clone(fitted).fit):
        with pytest.raises(ValueError, match=r"^training diverged in epoch 1: .* `learning_rate`"):
            train(*wine)

    assert same(before, fitted)

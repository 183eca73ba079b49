"""The regressor by itself: which settings reach training, and its predictions beside least squares.

Weights of rows are tested in `test_regressor_sample_weight.py`, its life in scikit-learn in
`test_regressor_in_scikit_learn.py`.
"""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.linear_model import Ridge

from nncore.config import HYPERPARAMETERS, WARPS, TrialConfig
from nncore.datasets.dataset import Split
from nncore.errors import InputError
from nncore.estimator import NetworkRegressor, network_estimator

Data = tuple[NDArray[Any], NDArray[Any]]

LINEAR = NetworkRegressor(
    (), update="sgd", learning_rate=0.3, mini_batch_size=1000, epochs=500, random_state=0
)
"""A linear model whose every step sees all rows: it converges to the least squares."""


@pytest.fixture
def plane() -> Data:
    """A noisy plane in 3 inputs, far from 0 and steep; inputs are exact in float32."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3)).astype(np.float32).astype(np.float64)
    return x, 500 + x @ [30, -20, 0] + rng.normal(size=60)


@pytest.fixture
def sine() -> Data:
    """Two waves over [−3, 3], which no line follows."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 3, size=(300, 1))
    return x, np.sin(2 * x[:, 0]) + rng.normal(0, 0.1, size=300)


def same(one: NetworkRegressor, other: NetworkRegressor) -> bool:
    a, b = one.network_, other.network_
    pairs = zip((*a.weights, *a.biases), (*b.weights, *b.biases), strict=True)
    return all(np.array_equal(p, q) for p, q in pairs)


def test_parameters_are_those_of_a_trial() -> None:
    parameters = NetworkRegressor().get_params()
    left_out = {*WARPS, "monitor_training", "output", "cost", "class_weight"}

    own = {"validation_fraction", "random_state"}
    assert set(parameters) == (set(HYPERPARAMETERS) - left_out) | own
    trial = TrialConfig()
    other = {k for k in parameters if k not in own and parameters[k] != getattr(trial, k)}
    assert other == {"learning_rate", "mini_batch_size", "epochs", "update", "dtype"}


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden_units": 7},
        {"hidden_units": [4, 3]},
        {"hidden_units": ()},
        {"learning_rate": 0.1},
        {"lmbda": 2.0},
        {"lmbda": 2.0, "regularizer": "l1"},
        {"mini_batch_size": 20},
        {"epochs": 4},
        {"activation": "tanh"},
        {"init": "glorot"},
        {"dropout": 0.5},
        {"input_dropout": 0.2},
        {"max_norm": 0.5},
        {"update": "sgd"},
        {"update": "adamw", "lmbda": 2.0},
        {"beta1": 0.5},
        {"beta2": 0.5},
        {"epsilon": 0.1},
        {"clip_norm": 0.05},
        {"warmup": 3},
        {"schedule": "cosine"},
        {"schedule": "exponential"},
        {"schedule": "halve-on-plateau", "early_stopping": 9, "schedule_patience": 1},
        {"early_stopping": 1},
        {"early_stopping": 9, "validation_fraction": 0.4},
        {"dtype": "float32"},
        {"random_state": 1},
    ],
    ids=str,
)
def test_every_parameter_reaches_training(settings: dict[str, Any], plane: Data) -> None:
    usual = NetworkRegressor(5, epochs=6, random_state=0).fit(*plane)

    other = clone(usual).set_params(**settings).fit(*plane)

    shapes = [w.shape for w in usual.network_.weights]
    assert shapes != [w.shape for w in other.network_.weights] or not same(usual, other)


@pytest.mark.parametrize(
    "settings",
    [
        {"momentum": 0.5},
        {"momentum": 0.5, "nesterov": True},
        {"step": "fixed-length"},
        {"schedule": "exponential", "schedule_decay": 0.5},
    ],
    ids=str,
)
def test_the_parameters_of_plain_steps_reach_training(
    settings: dict[str, Any], plane: Data
) -> None:
    usual = NetworkRegressor(5, epochs=6, update="sgd", random_state=0).fit(*plane)

    assert not same(usual, clone(usual).set_params(**settings).fit(*plane))


@pytest.mark.parametrize("lmbda", [0.0, 5.0, 50.0])
def test_a_linear_network_is_ridge(lmbda: float, plane: Data) -> None:
    x, y = plane
    ridge = Ridge(alpha=lmbda).fit(x, y)

    fitted = clone(LINEAR).set_params(lmbda=lmbda).fit(x, y)

    (w,), (b,) = fitted.network_.weights, fitted.network_.biases
    np.testing.assert_allclose(y.std() * w[:, 0], ridge.coef_, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(y.mean() + y.std() * b[0], ridge.intercept_, rtol=1e-7)
    np.testing.assert_allclose(fitted.predict(x), ridge.predict(x), rtol=1e-7)


def test_several_targets_are_learned_together_and_each_in_its_units(plane: Data) -> None:
    x, y = plane
    both = np.column_stack([y, 1e-6 * x[:, 2] - 3e-6])

    fitted = clone(LINEAR).fit(x, both)

    expected = Ridge(alpha=0).fit(x, both).predict(x)
    assert fitted.predict(x).shape == (60, 2)
    np.testing.assert_allclose(fitted.predict(x)[:, 0], expected[:, 0], rtol=1e-7)
    np.testing.assert_allclose(fitted.predict(x)[:, 1], expected[:, 1], atol=1e-12)
    assert fitted.score(x, both) > 0.99


def test_hidden_units_follow_what_a_line_cannot(sine: Data) -> None:
    x, y = sine
    fitted = NetworkRegressor(epochs=200, random_state=0).fit(x, y)

    assert Ridge().fit(x, y).score(x, y) < 0.5
    assert fitted.score(x, y) > 0.9
    residuals = ((y - fitted.predict(x)) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    assert fitted.score(x, y) == pytest.approx(1 - residuals)


@pytest.mark.parametrize("unit", [2.0**-30, 2.0**20])
def test_the_unit_of_a_target_changes_nothing_else(unit: float, sine: Data) -> None:
    """A power of two rounds nothing, so the predictions agree to the bit."""
    x, y = sine
    network = NetworkRegressor(5, epochs=3, random_state=0)

    plain, scaled = network.fit(x, y).predict(x), clone(network).fit(x, unit * y).predict(x)

    np.testing.assert_array_equal(unit * plain, scaled)


def test_a_target_that_is_the_same_in_all_rows_is_predicted(plane: Data) -> None:
    x, y = plane
    network = NetworkRegressor(epochs=1, random_state=0)

    np.testing.assert_allclose(network.fit(x, np.full(60, 0.1)).predict(x), 0.1, rtol=1e-15)
    constant = np.column_stack([y, np.full(60, 7.0)])
    predictions = clone(network).fit(x, constant).predict(x)
    np.testing.assert_array_equal(predictions[:, 1], np.full(60, 7.0))
    assert np.ptp(predictions[:, 0]) > 0


@pytest.mark.parametrize("shape", [(60,), (60, 1), (60, 3)])
def test_predictions_have_the_shape_of_the_targets(shape: tuple[int, ...], plane: Data) -> None:
    x, y = plane
    targets = np.resize(y, shape)

    fitted = NetworkRegressor(epochs=1).fit(x.tolist(), targets.tolist())

    assert fitted.predict(x).shape == shape
    assert fitted.predict(x).dtype == np.float64
    assert fitted.network_.sizes == (3, 30, *targets.reshape(60, -1).shape[1:])


def test_the_loss_is_half_the_squared_error_and_the_regularizer(plane: Data) -> None:
    x, y = plane
    fitted = NetworkRegressor(6, lmbda=3.0, epochs=3, random_state=0).fit(x, y)

    (w1, w2), (b1, b2) = fitted.network_.weights, fitted.network_.biases
    outputs = (1 / (1 + np.exp(-(x @ w1 + b1))) @ w2 + b2)[:, 0]
    cost = ((outputs - (y - y.mean()) / y.std()) ** 2).mean() / 2
    decay = 3.0 / (2 * 60) * ((w1**2).sum() + (w2**2).sum())
    assert fitted.loss_curve_[-1] == pytest.approx(cost + decay, rel=1e-6)  # float32 targets
    assert (fitted.n_iter_, len(fitted.loss_curve_), fitted.validation_scores_) == (3, 3, None)


def test_early_stopping_stops_and_keeps_the_best_epoch(sine: Data) -> None:
    patient = NetworkRegressor(
        5, learning_rate=0.3, early_stopping=4, validation_fraction=0.3, random_state=0
    ).fit(*sine)
    scores = patient.validation_scores_
    best = int(np.argmax(scores)) + 1

    assert patient.n_iter_ == len(scores) == len(patient.loss_curve_) == best + 4 < 50
    assert same(patient, clone(patient).set_params(epochs=best).fit(*sine))
    assert not same(patient, clone(patient).set_params(epochs=best - 1).fit(*sine))


def test_held_out_rows_are_not_trained_on(sine: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither their inputs nor the standardisation of the targets, which a poisoned row shows."""
    x, y = sine
    seen: dict[str, Split] = {}
    train = network_estimator.train

    def spy(*arguments: Any, **splits: Any) -> Any:
        seen.update(splits)
        return train(*arguments, **splits)

    monkeypatch.setattr(network_estimator, "train", spy)
    network = NetworkRegressor(
        epochs=1, early_stopping=1, validation_fraction=0.2, random_state=0
    ).fit(x, y)
    held = np.isin(x.astype(np.float32), seen["validation"].x)[:, 0]
    kept = y[~held]

    assert (held.sum(), len(seen["training"])) == (60, 240)
    assert network.target_scaling_.offset == pytest.approx(kept.mean())
    assert network.target_scaling_.scale == pytest.approx(kept.std())
    error = y[held] - network.predict(x[held])
    r2 = 1 - (error**2).sum() / ((y[held] - y[held].mean()) ** 2).sum()
    assert network.validation_scores_ == [pytest.approx(r2)]
    poisoned = clone(network).fit(x, np.where(np.cumsum(held) == 1, y + 1e6 * held, y))
    assert same(network, poisoned)
    assert poisoned.validation_scores_ != network.validation_scores_


def test_the_seed_decides_everything(sine: Data) -> None:
    seeded = NetworkRegressor(epochs=2, dropout=0.3, early_stopping=2, random_state=3)

    assert same(clone(seeded).fit(*sine), clone(seeded).fit(*sine))
    shared = np.random.RandomState(0)
    first, second = (NetworkRegressor(epochs=1, random_state=shared).fit(*sine) for _ in range(2))
    assert not same(first, second)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learning_rate": -1.0}, "`learning_rate` must be a number > 0, got -1.0"),
        ({"activation": "tahn"}, "unknown `activation` `tahn`; did you mean `tanh`?"),
        ({"momentum": 0.5}, "`momentum` must be 0 if `update` is 'adam', got 0.5"),
        ({"validation_fraction": 5}, "`validation_fraction` must be > 0 and < 1, got 5"),
        ({"schedule": "halve-on-plateau"}, "`early_stopping` must be > 0 for halve-on-plateau"),
        (
            {"early_stopping": 3, "validation_fraction": 0.01},
            "`validation_fraction` must hold out at least 2 rows",
        ),
    ],
    ids=str,
)
def test_fit_refuses_wrong_parameters(settings: dict[str, Any], message: str, plane: Data) -> None:
    with pytest.raises(InputError) as caught:
        NetworkRegressor(**settings).fit(*plane)

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["a", "b"], "`y` must be numbers, got array(['a', 'b'], dtype='<U1')"),
        ([0.0, 1e200], "`y` must be numbers up to ±1e+30, got [1e+200]"),
        ([0.0, np.nan], "Input y contains NaN."),
    ],
    ids=str,
)
def test_fit_refuses_wrong_targets(y: list[Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        NetworkRegressor().fit(np.eye(2), y)

    assert str(caught.value) == message


def test_training_that_diverges_is_an_error(plane: Data) -> None:
    steep = NetworkRegressor(activation="relu", update="sgd", learning_rate=1e6)

    with pytest.raises(ValueError, match=r"^training diverged in epoch \d+: .* `learning_rate`"):
        steep.fit(*plane)

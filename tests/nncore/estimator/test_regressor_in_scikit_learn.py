"""The regressor in scikit-learn's hands: its tools, and its `MLPRegressor` beside it.

At equal settings the two must take the same steps, and find equally good networks.
"""

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone, is_regressor
from sklearn.datasets import load_diabetes
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nncore.estimator import NetworkRegressor
from nncore.network import Network

Data = tuple[NDArray[Any], NDArray[Any]]


@pytest.fixture
def diabetes() -> Data:
    x, y = load_diabetes(return_X_y=True)
    return StandardScaler().fit_transform(x).astype(np.float32).astype(np.float64), y


def test_in_a_pipeline_searched_and_scored_across_folds(diabetes: Data) -> None:
    pipeline = make_pipeline(StandardScaler(), NetworkRegressor(epochs=20, random_state=0))
    grid = {
        "networkregressor__learning_rate": np.array([1e-6, 0.01]),
        "networkregressor__hidden_units": [(8,), (8, 8)],
    }

    search = GridSearchCV(
        pipeline, grid, cv=3, scoring=["r2", "neg_root_mean_squared_error"], refit="r2"
    )
    search.fit(*diabetes)

    assert is_regressor(search)
    assert search.best_params_["networkregressor__learning_rate"] == 0.01
    assert len(search.cv_results_["params"]) == 4
    assert search.cv_results_["mean_test_neg_root_mean_squared_error"].max() > -62
    assert cross_val_score(search.best_estimator_, *diabetes, cv=5).min() > 0.2


def test_a_pickle_predicts_and_a_clone_does_not(diabetes: Data) -> None:
    x, y = diabetes
    fitted = make_pipeline(StandardScaler(), NetworkRegressor(random_state=0)).fit(x, y)

    restored = pickle.loads(pickle.dumps(fitted))

    np.testing.assert_array_equal(restored.predict(x), fitted.predict(x))
    assert clone(fitted[-1]).get_params() == fitted[-1].get_params()
    with pytest.raises(NotFittedError):
        clone(fitted[-1]).predict(x)


def test_data_frames_are_known_by_the_names_of_their_columns() -> None:
    x, y = load_diabetes(return_X_y=True, as_frame=True)
    network = NetworkRegressor(epochs=2, random_state=0)

    fitted = clone(network).fit(x, y)

    assert fitted.feature_names_in_.tolist() == x.columns.tolist()
    plain = clone(network).fit(x.to_numpy(), y.to_numpy()).predict(x.to_numpy())
    np.testing.assert_array_equal(fitted.predict(x), plain)
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(x[x.columns[::-1]])
    two = clone(network).fit(x, pd.DataFrame({"y": y, "half": y / 2})).predict(x)
    assert two.shape == (442, 2)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("activation", "theirs"), [("tanh", "tanh"), ("sigmoid", "logistic")])
def test_steps_are_those_of_mlp_regressor(
    activation: str, theirs: str, weighted: bool, diabetes: Data
) -> None:
    x, y = diabetes[0][:60], diabetes[1][:60]
    w = np.random.default_rng(0).uniform(0.1, 3, size=60) if weighted else np.ones(60)
    mean = np.average(y, weights=w)
    deviation = np.sqrt(np.average((y - mean) ** 2, weights=w))
    standardised = ((y - mean) / deviation).astype(np.float32).astype(np.float64)
    rows = 60  # in mini-batches of all rows, the order they are drawn in cannot matter
    ours = NetworkRegressor(
        (7, 5),
        activation=activation,
        update="sgd",
        learning_rate=0.1,
        lmbda=4.0,
        mini_batch_size=rows,
        random_state=0,
    )
    mlp = MLPRegressor(
        hidden_layer_sizes=(7, 5),
        solver="sgd",
        activation=theirs,
        learning_rate_init=0.1,
        alpha=4.0,
        batch_size=rows,
        momentum=0,
        random_state=0,
    )
    ours.partial_fit(x, y, sample_weight=w)
    mlp.partial_fit(x, standardised, sample_weight=w)
    weights = [np.asfortranarray(c) for c in mlp.coefs_]
    biases = [b.copy() for b in mlp.intercepts_]
    ours.network_ = Network(weights, biases, activation, "linear", "quadratic")

    for _ in range(10):
        ours.partial_fit(x, y, sample_weight=w)
        mlp.partial_fit(x, standardised, sample_weight=w)

    for mine, its in zip(
        (*ours.network_.weights, *ours.network_.biases),
        (*mlp.coefs_, *mlp.intercepts_),
        strict=True,
    ):
        np.testing.assert_allclose(mine, its, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours.predict(x), mean + deviation * mlp.predict(x), rtol=1e-9)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # it ran all epochs
def test_as_accurate_as_mlp_regressor(diabetes: Data) -> None:
    x, y = diabetes
    standardised = (y - y.mean()) / y.std()  # `MLPRegressor` does not scale its targets
    folds = KFold(5, shuffle=True, random_state=0)

    def scores(regressor: BaseEstimator) -> NDArray[np.float64]:
        """Return R² on each fold, the mean of two seeds."""
        seeded = (clone(regressor).set_params(random_state=seed) for seed in range(2))
        return np.mean([cross_val_score(one, x, standardised, cv=folds) for one in seeded], axis=0)

    ours = scores(
        NetworkRegressor(learning_rate=0.01, mini_batch_size=32, epochs=30, init="glorot")
    )
    theirs_at_equal_settings = scores(
        MLPRegressor(
            hidden_layer_sizes=(30,),
            solver="adam",
            activation="logistic",
            learning_rate_init=0.01,
            alpha=0,
            batch_size=32,
            max_iter=30,
            tol=0,
            n_iter_no_change=30,
        )
    )

    standard_error = theirs_at_equal_settings.std(ddof=1) / np.sqrt(5)
    assert abs(ours.mean() - theirs_at_equal_settings.mean()) <= standard_error

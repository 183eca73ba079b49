"""The classifier in scikit-learn's hands: its tools, and its `MLPClassifier` beside it.

At equal settings the two must take the same steps, and find equally good networks.
"""

import pickle
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import nncore
from nncore.errors import InputError
from nncore.estimator import NetworkClassifier
from nncore.network import Network

SOFTMAX = {"output": "softmax", "cost": "log-likelihood"}


def test_in_a_pipeline_searched_and_scored_across_folds() -> None:
    x, y = load_wine(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), NetworkClassifier(epochs=5, random_state=0))
    grid = {
        "networkclassifier__learning_rate": np.array([1e-6, 0.5]),
        "networkclassifier__hidden_units": [(8,), (8, 8)],
    }

    search = GridSearchCV(
        pipeline, grid, cv=3, scoring=["accuracy", "neg_log_loss"], refit="accuracy"
    )
    search.fit(x, y)

    assert search.best_params_["networkclassifier__learning_rate"] == 0.5
    assert len(search.cv_results_["params"]) == 4
    assert np.isfinite(search.cv_results_["mean_test_neg_log_loss"]).all()
    assert cross_val_score(search.best_estimator_, x, y, cv=5).min() > 0.9


def test_a_pickle_predicts_and_a_clone_does_not() -> None:
    x, y = load_wine(return_X_y=True)
    fitted = make_pipeline(StandardScaler(), NetworkClassifier(random_state=0)).fit(x, y)

    restored = pickle.loads(pickle.dumps(fitted))

    np.testing.assert_array_equal(restored.predict_proba(x), fitted.predict_proba(x))
    assert clone(fitted[-1]).get_params() == fitted[-1].get_params()
    with pytest.raises(NotFittedError):
        clone(fitted[-1]).predict(x)


@pytest.mark.parametrize(
    ("settings", "labels", "classes", "message"),
    [
        ({}, [0, 1], None, "classes must be passed on the first call to partial_fit"),
        ({}, [0, 1], [0, 2], "`y` must have labels among [0, 2], got [1]"),
        ({}, [0, 0], [0], "`y` must have at least 2 classes, got 1 class: [0]"),
        ({"early_stopping": 3}, [0, 1], [0, 1], "`early_stopping` must be 0 for partial_fit"),
        ({"schedule": "cosine"}, [0, 1], [0, 1], "`schedule` must be 'constant' for partial_fit"),
        ({"warmup": 3}, [0, 1], [0, 1], "`warmup` must be 0 for partial_fit, got 3"),
    ],
    ids=str,
)
def test_partial_fit_refuses(
    settings: dict[str, Any], labels: list[int], classes: list[int] | None, message: str
) -> None:
    with pytest.raises(ValueError) as caught:
        NetworkClassifier(**settings).partial_fit(np.eye(2), labels, classes=classes)

    assert message in str(caught.value)


def test_partial_fit_refuses_other_classes() -> None:
    begun = NetworkClassifier().partial_fit(np.eye(2), [0, 1], classes=[0, 1])

    with pytest.raises(InputError, match=r"^`classes` must stay \[0, 1\], got \[0, 1, 2\]$"):
        begun.partial_fit(np.eye(2), [0, 1], classes=[0, 1, 2])


@pytest.mark.parametrize(("activation", "theirs"), [("tanh", "tanh"), ("sigmoid", "logistic")])
def test_steps_are_those_of_mlp_classifier(activation: str, theirs: str) -> None:
    x, y = load_wine(return_X_y=True)
    x = StandardScaler().fit_transform(x).astype(np.float32).astype(np.float64)
    rows = len(x)  # in mini-batches of all rows, the order they are drawn in cannot matter
    ours = NetworkClassifier(
        (7, 5),
        activation=activation,
        learning_rate=0.3,
        lmbda=4.0,
        mini_batch_size=rows,
        dtype="float64",
        random_state=0,
        **SOFTMAX,
    )
    mlp = MLPClassifier(
        (7, 5),
        solver="sgd",
        activation=theirs,
        learning_rate_init=0.3,
        alpha=4.0,
        batch_size=rows,
        momentum=0,
        random_state=0,
    )
    ours.partial_fit(x, y, classes=[0, 1, 2])
    mlp.partial_fit(x, y, classes=[0, 1, 2])
    weights = [np.asfortranarray(w) for w in mlp.coefs_]
    biases = [b.copy() for b in mlp.intercepts_]
    ours.network_ = Network(weights, biases, activation, "softmax", "log-likelihood")

    for _ in range(10):
        ours.partial_fit(x, y)
        mlp.partial_fit(x, y)

    for mine, its in zip(
        (*ours.network_.weights, *ours.network_.biases),
        (*mlp.coefs_, *mlp.intercepts_),
        strict=True,
    ):
        np.testing.assert_allclose(mine, its, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours.predict_proba(x), mlp.predict_proba(x), rtol=1e-9)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # it ran all epochs
@pytest.mark.parametrize(
    ("load", "activation", "theirs"),
    [(load_breast_cancer, "tanh", "tanh"), (load_wine, "sigmoid", "logistic")],
)
def test_as_accurate_as_mlp_classifier(
    load: Callable[..., Any], activation: str, theirs: str
) -> None:
    x, y = load(return_X_y=True)
    rate, size, epochs, lmbda = 0.1, 20, 30, 1.0
    folds = StratifiedKFold(10, shuffle=True, random_state=0)

    def accuracies(classifier: BaseEstimator) -> NDArray[np.float64]:
        """Return the accuracy on each fold, the mean of three seeds."""
        seeded = (clone(classifier).set_params(random_state=seed) for seed in range(3))
        scores = [
            cross_val_score(make_pipeline(StandardScaler(), one), x, y, cv=folds) for one in seeded
        ]
        return np.mean(scores, axis=0)

    ours = accuracies(
        NetworkClassifier(
            (30,),
            activation=activation,
            learning_rate=rate,
            lmbda=lmbda,
            mini_batch_size=size,
            epochs=epochs,
            init="glorot",
            **SOFTMAX,
        )
    )
    theirs_at_equal_settings = accuracies(
        MLPClassifier(
            (30,),
            solver="sgd",
            activation=theirs,
            learning_rate_init=rate,
            alpha=lmbda * size / (0.9 * len(x)),  # it divides by the mini-batch, not by the set
            batch_size=size,
            momentum=0,
            max_iter=epochs,
            tol=0,
            n_iter_no_change=epochs,
        )
    )

    standard_error = theirs_at_equal_settings.std(ddof=1) / np.sqrt(10)
    assert abs(ours.mean() - theirs_at_equal_settings.mean()) <= standard_error


def test_the_rest_of_nncore_does_not_load_scikit_learn() -> None:
    names = {module.name for module in pkgutil.walk_packages(nncore.__path__, "nncore.")}
    others = ", ".join(sorted(n for n in names if not n.startswith("nncore.estimator")))
    program = "import sys, {}; print('sklearn' in sys.modules)"

    def loads_it(modules: str) -> str:
        command = [sys.executable, "-c", program.format(modules)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert "nncore.training" in others
    assert loads_it(others) == "False"
    assert loads_it("nncore.estimator") == "True"

"""The programs that are compared: each learns from a problem and predicts its test rows.

Those of scikit-learn are preprocessed as its manual advises. All use one thread.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import loguniform
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import PredefinedSplit, RandomizedSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from benchmarks.tables.problem import Problem
from benchmarks.tables.space import TRIALS, mlp_space, sweep_settings
from nncore import load_dataset, load_model
from nncore.datasets import DataSet
from results import read_run
from results.analysis.certified_scores import score_outputs
from results.analysis.confirmation import best_candidates, judge
from sweeps import SweepConfig, parse_config, run_sweep
from sweeps.certification import open_test_set
from sweeps.confirmation import train_again

RARE = 0.01
CANDIDATES, NETWORKS = 3, 10  # trials that are confirmed, and networks of each
Predictions = NDArray[Any]


def nnsweep(problem: Problem, epochs: int | None) -> Predictions:
    """Return the predictions of the best network of a sweep."""
    with TemporaryDirectory() as folder:
        _sweep(problem, epochs, Path(folder) / "run")
        return _shipped_predictions(problem, Path(folder) / "run")


def confirmed(problem: Problem, epochs: int | None) -> Predictions:
    """Return the predictions of the ensemble that `nnsweep confirm --splits 10` makes of a sweep.

    Its networks learn from other divisions of the training and validation rows.
    """
    with TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        config, dataset = _sweep(problem, epochs, run)
        candidates = best_candidates(read_run(run), CANDIDATES)
        rows = train_again(config, dataset, run, candidates, NETWORKS, splits=True)
        overlap = len(dataset.validation) / len(dataset.train)
        trials = config.sweep.trials
        verdict = judge(candidates, rows, problem.seed, trials, config.metric, overlap=overlap)
        open_test_set(config, dataset, run, verdict, score_outputs)
        return _shipped_predictions(problem, run)


def _sweep(problem: Problem, epochs: int | None, run: Path) -> tuple[SweepConfig, DataSet]:
    settings = sweep_settings(problem.table, problem.data, epochs)
    settings["sweep"]["seed"] = problem.seed
    config = parse_config(settings)
    dataset = load_dataset(config.data.source)
    run_sweep(config, dataset, run)
    return config, dataset


def _shipped_predictions(problem: Problem, run: Path) -> Predictions:
    return load_model(run).predict(problem.inputs.iloc[problem.rows[2]])


def mlp(problem: Problem, epochs: int | None) -> Predictions:
    """Return the predictions of scikit-learn's network, tuned."""
    classes = problem.table.task == "classification"
    sweep = sweep_settings(problem.table, problem.data, epochs)
    settings = {
        "max_iter": sweep["training"]["epochs"],
        "early_stopping": True,
        "n_iter_no_change": sweep["training"]["early_stopping"],
        "random_state": problem.seed,
    }
    network = MLPClassifier(**settings) if classes else MLPRegressor(**settings)
    return _searched(problem, _dense(problem), network, mlp_space(sweep))


def linear(problem: Problem, epochs: int | None) -> Predictions:
    """Return the predictions of logistic regression or ridge regression, tuned."""
    if problem.table.task == "classification":
        model, space = LogisticRegression(max_iter=1000), {"C": loguniform(1e-3, 1e2)}
    else:
        model, space = Ridge(), {"alpha": loguniform(1e-2, 1e3)}
    return _searched(problem, _dense(problem), model, space)


def trees(problem: Problem, epochs: int | None) -> Predictions:
    """Return the predictions of gradient-boosted trees, tuned."""
    numbers, words = _kinds(_expert(problem))
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        min_frequency=RARE,
        max_categories=250,
    )
    columns = ColumnTransformer([("words", codes, words), ("numbers", "passthrough", numbers)])
    kind = (
        HistGradientBoostingClassifier
        if problem.table.task == "classification"
        else HistGradientBoostingRegressor
    )
    categories = list(range(len(words)))
    boosting = kind(categorical_features=categories or None, random_state=problem.seed)
    space = {
        "learning_rate": loguniform(0.02, 0.3),
        "max_leaf_nodes": [4, 8, 16, 31],
        "min_samples_leaf": [5, 10, 20, 40],
        "l2_regularization": loguniform(1e-3, 10.0),
    }
    return _searched(problem, columns, boosting, space)


PROGRAMS: dict[str, Callable[[Problem, int | None], Predictions]] = {
    "nnsweep": nnsweep,
    "confirmed": confirmed,
    "MLP": mlp,
    "linear": linear,
    "trees": trees,
}


def _expert(problem: Problem) -> pd.DataFrame:
    """Return the inputs that an expert would use: dates in parts, and no identifiers."""
    frame = problem.inputs.drop(columns=list(problem.table.ignored))
    for name in problem.table.dates:
        date = pd.to_datetime(frame.pop(name))
        parts = {"year": date.dt.year, "month": date.dt.month, "day": date.dt.day_of_week}
        frame = frame.assign(**{f"{name} {part}": column for part, column in parts.items()})
    texts = frame.select_dtypes(["object", "string"])
    unused = [name for name in texts if texts[name].nunique() in (1, len(frame))]
    return frame.drop(columns=[name for name in unused if texts[name].notna().all()])


def _kinds(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return the names of the columns of numbers and of words."""
    numbers = list(frame.select_dtypes(["number", "bool"]).columns)
    categories = [name for name in frame.columns if name not in numbers]
    return numbers, categories


def _dense(problem: Problem) -> ColumnTransformer:
    numbers, words = _kinds(_expert(problem))
    categories = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="(empty)"),
        OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE),
    )
    scaled = make_pipeline(SimpleImputer(), StandardScaler())
    return ColumnTransformer([("words", categories, words), ("numbers", scaled, numbers)])


def _target_scaled(problem: Problem, model: Any) -> Any:
    if problem.table.task == "classification":
        return model
    return TransformedTargetRegressor(model, transformer=StandardScaler())


def _searched(
    problem: Problem, columns: ColumnTransformer, model: Any, space: dict[str, Any]
) -> Predictions:
    """Return the predictions of the best settings, trained again on all but the test rows.

    As many settings are tried as the sweep has trials, and judged by the same validation rows.
    """
    train, validation, test = problem.rows
    fold = np.full(len(problem.frame), -1)
    fold[validation] = 0
    learned = np.sort(np.concatenate([train, validation]))
    step = f"{type(model).__name__.lower()}__"
    if problem.table.task == "regression":
        step = "transformedtargetregressor__regressor__"
    search = RandomizedSearchCV(
        make_pipeline(columns, _target_scaled(problem, model)),
        {f"{step}{key}": values for key, values in space.items()},
        n_iter=TRIALS,
        cv=PredefinedSplit(fold[learned]),
        random_state=problem.seed,
    )
    frame = _expert(problem)
    with threadpool_limits(1):
        search.fit(frame.iloc[learned], problem.target[learned])
        predicted: Predictions = search.predict(frame.iloc[test])
    return predicted

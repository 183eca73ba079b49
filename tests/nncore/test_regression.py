"""Regression: a network with linear outputs reaches least squares, and answers in target units."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from nncore import Ensemble, Model, Scaling, Split, TrialConfig, load_model, new_network, score
from nncore.components.metrics import METRICS
from nncore.datasets.dataset import make_target_split
from nncore.datasets.scaling import SCALINGS
from nncore.descent.backprop import sgd_step
from nncore.errors import InputError
from nncore.model_file import load_single_model
from nncore.network import Network
from nncore.scoring import score_and_metric
from nncore.task import DEFAULTS, check_task, default_config, default_metric
from nncore.training import train

LINEAR = replace(default_config(regression=True), hidden_units=(), dtype="float64")


def linear_data(k: int, noise: float = 0.0, n: int = 60) -> tuple[Split, np.ndarray]:
    """Rows of four inputs whose `k` targets are linear in them, plus noise; in thousands."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal((n, 4)).astype(np.float32)
    values = 1000 * (x.astype(np.float64) @ rng.standard_normal((4, k)) + 7)
    values += 1000 * noise * rng.standard_normal((n, k))
    targets = replace(SCALINGS["standard"](values), inputs=tuple(f"t{j}" for j in range(k)))
    return make_target_split(x, values, targets), values


def trained(split: Split, config: TrialConfig) -> Network:
    rng = np.random.default_rng(1)
    network = new_network(config, split.x.shape[1], split.y.shape[1], rng)
    for _ in train(network, config, rng, training=split):
        pass
    return network


@pytest.mark.parametrize("k", [1, 2])
def test_a_network_without_hidden_layers_reaches_least_squares(k: int) -> None:
    split, values = linear_data(k, noise=0.3)
    config = replace(LINEAR, learning_rate=0.5, mini_batch_size=60, epochs=200)
    model = Model(trained(split, config), (), Scaling(), split.targets)
    exact = LinearRegression().fit(split.x, values).predict(split.x)
    predicted = model.predict(split.x)
    assert predicted.shape == ((60,) if k == 1 else (60, k))
    np.testing.assert_allclose(predicted.reshape(60, k), exact, rtol=1e-5)


@pytest.mark.parametrize("update", ["sgd", "adam"])
def test_an_exact_linear_target_is_learned_by_mini_batches(update: str) -> None:
    split, values = linear_data(1)
    config = replace(LINEAR, learning_rate=0.05, mini_batch_size=10, epochs=150, update=update)
    network = trained(split, config)
    rmse = score_and_metric(network, split, METRICS["rmse"])[1]
    assert rmse < 1e-3 * values.std()


def test_metrics_are_in_the_units_of_the_targets_and_there_is_no_accuracy() -> None:
    split, values = linear_data(2, noise=0.3)
    network = trained(split, replace(LINEAR, epochs=2))
    outputs = network.feedforward(split.x.astype(np.float64))[1][-1]
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    predicted = outputs * deviation + mean
    functions = {"rmse": root_mean_squared_error, "mae": mean_absolute_error, "r2": r2_score}
    for name, function in functions.items():
        value = score_and_metric(network, split, METRICS[name])[1]
        assert value == pytest.approx(function(values, predicted), rel=1e-9)
    cost = 0.5 * ((outputs - split.y) ** 2).sum(axis=1).mean()
    assert score(network, split).cost == pytest.approx(cost)
    assert np.isnan(score(network, split).accuracy)


def test_records_have_the_metric_and_no_accuracies() -> None:
    split, _ = linear_data(1)
    rng, config = np.random.default_rng(1), replace(LINEAR, epochs=1)
    network = new_network(config, 4, 1, rng)
    (record,) = train(network, config, rng, training=split, validation=split, metric=METRICS["mae"])
    assert (record.train_accuracy, record.validation_accuracy) == (None, None)
    assert record.validation_metric == score_and_metric(network, split, METRICS["mae"])[1]


@given(seed=st.integers(0, 50), hidden=st.integers(1, 6))
def test_the_fast_step_of_a_single_output_is_the_readable_gradient(seed: int, hidden: int) -> None:
    split, _ = linear_data(1, n=7)
    config = replace(LINEAR, hidden_units=(hidden,), mini_batch_size=7, epochs=1, learning_rate=0.1)
    rng = np.random.default_rng(seed)
    network = new_network(config, 4, 1, rng)
    before = network.copy()
    for _ in train(network, config, rng, training=split):
        pass
    sgd_step(before, split.x.astype(np.float64), split.y, config, len(split))
    for k, (weights, biases) in enumerate(zip(before.weights, before.biases, strict=True)):
        np.testing.assert_allclose(network.weights[k], weights, atol=1e-12)
        np.testing.assert_allclose(network.biases[k], biases, atol=1e-12)


def test_settings_of_classes_are_refused() -> None:
    split, _ = linear_data(1)
    for key, value in {"output": "sigmoid", "class_weight": "balanced"}.items():
        config = replace(LINEAR, **{key: value})  # type: ignore[arg-type]
        with pytest.raises(InputError, match=f"`{key}` must be '{DEFAULTS[key]}' for regression"):
            check_task(vars(config), regression=True)
        check_task(vars(config), regression=False)
        with pytest.raises(InputError, match=f"`{key}` must be"):
            train(new_network(config, 4, 1, np.random.default_rng(1)), config,
                  np.random.default_rng(1), training=split)  # fmt: skip


def test_a_metric_is_chosen_by_the_task() -> None:
    assert default_metric(regression=False).name == "accuracy"
    assert default_metric(regression=True).name == "rmse"
    assert default_metric(regression=True, targets=2).name == "r2"
    assert default_config(regression=False) == TrialConfig()


def model_of(split: Split, factor: float = 1.0) -> Model:
    network = trained(split, replace(LINEAR, epochs=3))
    network.weights[0][:] *= factor
    return Model(network, (), Scaling(inputs=("a", "b", "c", "d")), split.targets)


@pytest.mark.parametrize("k", [1, 2])
def test_a_saved_model_predicts_the_same_numbers(tmp_path: Path, k: int) -> None:
    split, values = linear_data(k)
    model = model_of(split)
    model.save(tmp_path / "net.npz")
    again = load_single_model(tmp_path / "net.npz")
    assert again.target_names == model.target_names == ("t0", "t1")[:k]
    x = split.x.astype(np.float64)
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    by_hand = model.network.outputs(split.x)[1] * values.std(axis=0) + values.mean(axis=0)
    np.testing.assert_allclose(model.predict(x).reshape(-1, k), by_hand, rtol=1e-6)
    lines = repr(model).splitlines()
    assert lines[0] == f"Model [4, {k}], sigmoid, output linear"
    assert lines[2] == ("  1 target: t0" if k == 1 else "  2 targets: t0, t1")
    with pytest.raises(InputError, match="`predict_proba` must be called on a network of classes"):
        model.predict_proba(x)


def test_an_ensemble_answers_with_the_mean_in_target_units(tmp_path: Path) -> None:
    one, other = (linear_data(1, noise)[0] for noise in (0.0, 0.5))  # other means and deviations
    models = model_of(one), model_of(other, factor=2.0)
    Ensemble(models).save(tmp_path / "both.npz")
    both = load_model(tmp_path / "both.npz")
    x = one.x.astype(np.float64)
    mean = (models[0].predict(x) + models[1].predict(x)) / 2
    np.testing.assert_allclose(both.predict(x), mean, rtol=1e-12)
    with pytest.raises(InputError, match="`predict_proba` must"):
        both.predict_proba(x)
    renamed = replace(models[1], targets=replace(models[1].targets, inputs=("z",)))
    with pytest.raises(InputError, match="`target_names` must be the same in all models"):
        Ensemble((models[0], renamed))


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("target_scale", np.array([0.0]), "`target_scale` must be > 0"),
        ("target_scale", np.array([np.inf]), "`target_scale` must be finite"),
        ("target_offset", np.array([1.0, 2.0]), r"`target_offset` must have the shape \(1,\)"),
        ("target_offset", np.array([1], np.int64), "`target_offset` must have the dtype float64"),
        ("target_offset", None, "the array `target_offset` must be in the file"),
    ],
)
def test_a_damaged_file_is_refused(
    tmp_path: Path, key: str, value: np.ndarray | None, rule: str
) -> None:
    model_of(linear_data(1)[0]).save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz") as stored:
        arrays = dict(stored)
    arrays = {k: v for k, v in {**arrays, key: value}.items() if v is not None}
    np.savez(tmp_path / "bad.npz", **arrays)
    with pytest.raises(InputError, match=rule):
        load_model(tmp_path / "bad.npz")

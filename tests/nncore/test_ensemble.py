"""Several models that answer together, their file, and the model that a run folder stands for."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncore.config import TrialConfig
from nncore.datasets.scaling import Scaling
from nncore.errors import InputError
from nncore.model import Ensemble, Model
from nncore.model_file import load_model, load_single_model
from nncore.network import Network, new_network

CLASSES = ("zero", "one", "two")
SCALINGS = (Scaling(1.0, 256.0), Scaling(np.arange(6.0), np.arange(1.0, 7.0)))


def network(seed: int, hidden: tuple[int, ...] = (4,), dtype: str = "float32") -> Network:
    config = TrialConfig(hidden_units=hidden, dtype=dtype)
    return new_network(config, 6, 3, np.random.default_rng(seed))


@pytest.fixture
def pair() -> Ensemble:
    """Two models of different size and dtype, each with its own scaling."""
    return Ensemble(
        (
            Model(network(1), CLASSES, SCALINGS[0]),
            Model(network(2, (5, 2), "float64"), CLASSES, SCALINGS[1]),
        )
    )


def test_the_answer_by_hand() -> None:
    """Outputs 1·x and 3·x/2: their mean is 1.25·x, in each of the two columns."""
    linear = [
        Network([np.eye(2) * s], [np.zeros(2)], "sigmoid", "linear", "quadratic") for s in (1, 3)
    ]
    models = (
        Model(linear[0], ("dark", "light"), Scaling()),
        Model(linear[1], ("dark", "light"), Scaling(scale=2.0)),
    )
    both = Ensemble(models)
    assert both.predict_proba(np.array([[4, 8], [4, 0]])).tolist() == [[5.0, 10.0], [5.0, 0.0]]
    assert both.predict(np.array([[4, 8], [4, 0], [2, 2]])).tolist() == ["light", "dark", "dark"]


def test_each_model_scales_by_itself(pair: Ensemble) -> None:
    raw = np.random.default_rng(1).integers(0, 256, (1203, 6))  # more than one chunk
    alone = [model.predict_proba(raw).astype(np.float64) for model in pair.models]
    np.testing.assert_array_equal(pair.predict_proba(raw), (alone[0] + alone[1]) / 2)


@pytest.mark.parametrize("count", [1, 2])
def test_scaled_rows_give_the_bits_of_raw_rows(pair: Ensemble, count: int) -> None:
    raw = np.random.default_rng(1).integers(0, 256, (1203, 6))
    own = Ensemble(tuple(replace(model, scaling=SCALINGS[0]) for model in pair.models[:count]))
    scaled = SCALINGS[0].apply(raw)
    np.testing.assert_array_equal(own.outputs(scaled, SCALINGS[0]), own.predict_proba(raw))


def test_rows_of_another_scaling_are_scaled_anew(pair: Ensemble) -> None:
    raw = np.random.default_rng(1).integers(0, 256, (9, 6))
    found = pair.outputs(SCALINGS[1].apply(raw), SCALINGS[1])
    np.testing.assert_allclose(found, pair.predict_proba(raw), rtol=1e-5)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"classes": ("zero", "two", "one")}, "`classes` must be the same in all models"),
        ({"scaling": Scaling(inputs=tuple("abcdef"))}, "`inputs` must be the same in all models"),
    ],
)
def test_models_that_do_not_belong_together_are_refused(
    pair: Ensemble, change: dict[str, Any], rule: str
) -> None:
    with pytest.raises(InputError, match=rule):
        Ensemble((pair.models[0], replace(pair.models[1], **change)))


def test_no_model_is_refused() -> None:
    with pytest.raises(InputError, match="`models` must be at least one model, got 0"):
        Ensemble(())


def test_an_ensemble_comes_back_bit_for_bit(pair: Ensemble, tmp_path: Path) -> None:
    path = tmp_path / "both.npz"
    pair.save(path)
    raw = np.random.default_rng(3).normal(size=(20, 6))
    back = load_model(path)
    assert isinstance(back, Ensemble)
    assert (back.classes, back.inputs, back.n_in) == (CLASSES, None, 6)
    np.testing.assert_array_equal(back.predict_proba(raw), pair.predict_proba(raw))
    for one, other in zip(back.models, pair.models, strict=True):
        assert one.network.sizes == other.network.sizes
        np.testing.assert_array_equal(one.predict_proba(raw), other.predict_proba(raw))


def test_the_names_of_inputs_come_back(pair: Ensemble, tmp_path: Path) -> None:
    names = tuple("abcdef")
    named = [replace(one, scaling=Scaling(1.0, 2.0, names)) for one in pair.models]
    Ensemble(tuple(named)).save(tmp_path / "named.npz")
    assert load_model(tmp_path / "named.npz").inputs == names


def test_an_ensemble_is_no_single_model(pair: Ensemble, tmp_path: Path) -> None:
    pair.save(tmp_path / "both.npz")
    with pytest.raises(InputError, match="must hold a single model, got an ensemble"):
        load_single_model(tmp_path / "both.npz")


Arrays = dict[str, np.ndarray[Any, Any]]


class Tripwire:
    """Unpickling it would show."""

    sprung = False

    def __reduce__(self) -> Any:
        return (setattr, (Tripwire, "sprung", True))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda a: a.pop("model_1_weights_0"), r"in model 1, the array `weights_0` must be in"),
        (lambda a: a.pop("model_1_model"), r"in model 1, the array `model` must be in the file"),
        (
            lambda a: a.update(model_0_scale=np.float64(0)),
            r"in model 0, `scale` must be > 0, got 0.0",
        ),
        (
            lambda a: a.update(ensemble=np.array('{"models": 3}')),
            r"in model 2, the array `model` must be in the file",
        ),
        (lambda a: a.update(ensemble=np.array('{"models": 0}')), "`models` must be a whole number"),
        (lambda a: a.update(ensemble=np.array('{"models": true}')), "`models` must be a whole"),
        (lambda a: a.update(ensemble=np.array("{}")), "`models` must be a whole number >= 1"),
        (lambda a: a.update(ensemble=np.array("[]")), "`ensemble` must be a JSON object"),
        (lambda a: a.update(ensemble=np.array("no json")), "`ensemble` must be JSON"),
        (
            lambda a: a.update(model_1_biases_2=np.array([Tripwire()], dtype=object)),
            "must",
        ),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused(
    pair: Ensemble, tmp_path: Path, change: Callable[[Arrays], object], rule: str
) -> None:
    path = tmp_path / "both.npz"
    pair.save(path)
    with np.load(path) as file:
        arrays = dict(file)
    change(arrays)
    np.savez(path, allow_pickle=True, **arrays)
    with pytest.raises(InputError, match=rule) as caught:
        load_model(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not Tripwire.sprung


@pytest.fixture
def run(pair: Ensemble, tmp_path: Path) -> Path:
    """A run folder with the best network of its search, and an ensemble that nothing certifies."""
    pair.models[0].save(tmp_path / "best.npz")
    pair.save(tmp_path / "confirmed.npz")
    return tmp_path


def certify(run: Path, sha256: str | None) -> None:
    record = {"test_set": {"sha256": sha256}}
    (run / "confirmation.json").write_text(json.dumps(record))


def test_a_run_stands_for_its_best_network_until_one_is_certified(run: Path) -> None:
    assert isinstance(load_model(run), Model)
    certify(run, None)
    assert isinstance(load_model(run), Model)
    (run / "confirmation.json").write_text('{"test_set": {"accuracy": 0.9}}')  # an earlier version
    assert isinstance(load_model(run), Model)


def test_a_confirmed_run_stands_for_the_network_that_was_certified(run: Path) -> None:
    certify(run, hashlib.sha256((run / "confirmed.npz").read_bytes()).hexdigest())
    assert isinstance(load_model(run), Ensemble)
    assert isinstance(load_model(str(run)), Ensemble)


def test_another_network_does_not_pass_for_the_certified_one(run: Path) -> None:
    certify(run, "0" * 64)
    with pytest.raises(InputError, match=r"confirmed.npz` must be the file that confirmation.json"):
        load_model(run)
    (run / "confirmed.npz").unlink()
    with pytest.raises(InputError, match=r"must be a run folder with confirmed.npz"):
        load_model(run)


@pytest.mark.parametrize("text", ["{", "[1]", "{}", '{"test_set": 3}', "[" * 100_000])
def test_a_damaged_record_certifies_nothing(run: Path, text: str) -> None:
    (run / "confirmation.json").write_text(text)
    with pytest.raises(
        InputError, match=r"confirmation.json` must be the record of a confirmation"
    ):
        load_model(run)

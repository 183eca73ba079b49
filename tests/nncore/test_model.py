"""A model: prediction from raw inputs, and saving to a file and loading from it, bit for bit.

Files that are not saved models are the subject of `test_model_files`.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.components.costs import COSTS
from nncore.config import TrialConfig
from nncore.datasets.dataset import make_split
from nncore.datasets.scaling import Scaling
from nncore.descent.sgd import Sgd
from nncore.model import Model
from nncore.model_file import load_model
from nncore.network import Network, new_network

PAIRS = [(cost.name, output) for cost in COSTS.values() for output in cost.outputs]


def model(
    hidden: tuple[int, ...] = (4,),
    dtype: str = "float32",
    cost: str = "cross-entropy",
    output: str = "sigmoid",
    scale: float = 256.0,
) -> Model:
    config = TrialConfig(hidden_units=hidden, dtype=dtype, cost=cost, output=output)
    network = new_network(config, 6, 3, np.random.default_rng(0))
    return Model(network, ("zero", "one", "two"), Scaling(scale=scale))


@pytest.mark.parametrize("x_type", ["uint8", "int64", "float32", "float64"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_prediction_divides_raw_inputs_by_the_scale(dtype: str, x_type: str) -> None:
    raw = np.random.default_rng(1).integers(0, 256, (9, 6)).astype(x_type)
    kept = raw.copy()
    trained = model(dtype=dtype)
    expected = trained.network.feedforward(raw.astype(dtype) / 256)[1][-1]
    outputs = trained.predict_proba(raw)
    np.testing.assert_array_equal(outputs, expected)
    assert outputs.dtype == dtype
    np.testing.assert_array_equal(raw, kept)


def test_prediction_by_hand() -> None:
    """One input in quarters: z = (x/4 − 1, 0), so the first class wins where x > 4."""
    network = Network(
        [np.array([[1.0, 0.0]])], [np.array([-1.0, 0.0])], "sigmoid", "sigmoid", "cross-entropy"
    )
    judge = Model(network, ("large", "small"), Scaling(scale=4.0))
    assert judge.predict(np.array([[8], [3], [5], [0]])).tolist() == [
        "large",
        "small",
        "large",
        "small",
    ]
    assert judge.predict(np.array([[4]])).tolist() == ["large"]  # of equals the first
    np.testing.assert_array_equal(judge.predict_proba(np.array([[4]])), [[0.5, 0.5]])


def assert_same_model(one: Model, other: Model) -> None:
    assert one.classes == other.classes
    assert one.scaling == other.scaling
    a, b = one.network, other.network
    assert (a.activation, a.output, a.cost) == (b.activation, b.output, b.cost)
    for first, second in zip((*a.weights, *a.biases), (*b.weights, *b.biases), strict=True):
        assert first.dtype == second.dtype
        assert first.tobytes("A") == second.tobytes("A")
        assert second.flags.f_contiguous
        assert second.flags.writeable


@pytest.mark.parametrize(("cost", "output"), PAIRS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hidden", [(), (4,), (4, 1, 3)])
def test_a_model_comes_back_bit_for_bit(
    tmp_path: Path, hidden: tuple[int, ...], dtype: str, cost: str, output: str
) -> None:
    saved, path = model(hidden, dtype, cost, output, scale=0.1), tmp_path / "model.npz"
    saved.save(path)
    assert_same_model(saved, load_model(path))
    assert_same_model(saved, load_model(str(path)))


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=3, max_size=3),
    st.floats(-1e300, 1e300),
    st.floats(1e-300, 1e300),
)
def test_any_class_names_and_scaling_come_back(
    tmp_path_factory: pytest.TempPathFactory, classes: list[str], offset: float, scale: float
) -> None:
    path = tmp_path_factory.mktemp("model") / "model.npz"
    saved = Model(model().network, tuple(classes), Scaling(offset, scale))
    saved.save(path)
    assert_same_model(saved, load_model(path))


def test_the_names_of_inputs_come_back_or_none(tmp_path: Path) -> None:
    names = tuple(f"größe {k}" for k in range(model().network.sizes[0]))
    named = replace(model(), scaling=Scaling(scale=2.0, inputs=names))
    named.save(tmp_path / "named.npz")
    assert load_model(tmp_path / "named.npz").inputs == names
    model().save(tmp_path / "plain.npz")
    assert load_model(tmp_path / "plain.npz").inputs is None


@pytest.mark.parametrize("name", ["model.npz", "model", "model.v2", "größe ½.npz"])
def test_the_file_has_the_name_it_was_given(tmp_path: Path, name: str) -> None:
    model().save(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert_same_model(model(), load_model(tmp_path / name))


def test_saving_again_replaces_the_file(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    model((40, 40)).save(path)
    model((2,)).save(path)
    assert_same_model(model((2,)), load_model(path))


def test_a_loaded_model_can_be_trained_further(tmp_path: Path) -> None:
    """Its arrays are the ones that change: none is a copy made for BLAS."""
    path = tmp_path / "model.npz"
    model().save(path)
    network = load_model(path).network
    before = network.copy()
    split = make_split(np.ones((4, 6), np.float32), np.array([0, 1, 2, 0]), 3)
    descent = Sgd(network, TrialConfig(mini_batch_size=2, lmbda=1.0, regularizer="l2"), 4)
    descent.epoch(split, np.arange(4), 0.5)
    for now, old in zip(
        (*network.weights, *network.biases), (*before.weights, *before.biases), strict=True
    ):
        assert (now != old).all()

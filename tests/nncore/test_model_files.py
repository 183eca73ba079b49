"""Files that are not saved models: each is refused in one line that names the file.

Truncated, corrupted byte by byte, of another kind, pickled, or telling of layers that do not fit.
"""

import gc
import io
import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nncore.config import TrialConfig
from nncore.datasets.scaling import Scaling
from nncore.errors import InputError
from nncore.model import Model
from nncore.model_file import load_model
from nncore.network import new_network

Arrays = dict[str, NDArray[Any]]

WRONG: dict[str, list[Any]] = {
    "activation": [None, "sigmoyd", 3, ["sigmoid"], "softmax"],
    "output": [None, "sigmoyd", 3, ["sigmoid"], "softmax"],
    "cost": [None, "quadratik", 3, ["quadratic"], "log-likelihood"],
    "layers": [None, 0, -1, 2.0, "2", [2]],
    "classes": [None, ["one"], ["a", "b", "c"], 2],
    "inputs": ["abc", ["a", "b"], ["a", "b", 3], ["a", "b", "b"], {"a": 1, "b": 2, "c": 3}],
}
"""What no saved model says of itself; None stands for a key left out."""


class Tripwire:
    """An object that tells when it is unpickled."""

    sprung = False

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        return spring, ()


def spring() -> None:
    Tripwire.sprung = True


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a good model with two layers of weights."""
    network = new_network(TrialConfig(hidden_units=(2,)), 3, 2, np.random.default_rng(0))
    path = tmp_path / "model.npz"
    Model(network, ("no", "yes"), Scaling(scale=256.0)).save(path)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_model(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def rewrite(path: Path, change: Callable[[Arrays], None]) -> None:
    """Apply `change` to the arrays in the file at `path` and write them back."""
    with np.load(path) as file:
        arrays = dict(file)
    change(arrays)
    np.savez(path, **arrays)


def redescribe(path: Path, **changes: Any) -> None:
    """Change what the file says of its network; a value of None drops the key."""

    def change(arrays: Arrays) -> None:
        described = {**json.loads(str(arrays["model"])), **changes}
        kept = {key: value for key, value in described.items() if value is not None}
        arrays["model"] = np.array(json.dumps(kept))

    rewrite(path, change)


def test_the_good_file_is_good(path: Path) -> None:
    rewrite(path, lambda arrays: None)
    redescribe(path)
    assert load_model(path).network.sizes == (3, 2, 2)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "nothing.npz")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "must be a run folder with best.npz" in refusal(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"learning_rate = 0.5\n", b"PK", b"PK\x03\x04", bytes(1000), b"\x80\x04K\x01."],
    ids=["empty", "newline", "text", "two letters", "zip magic", "zeros", "pickle"],
)
def test_a_file_of_another_kind_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    refusal(path)


def test_a_single_array_is_refused(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    refusal(path)


def test_a_zip_of_something_else_is_refused(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    refusal(path)


def test_every_truncation_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        refusal(path)


@pytest.mark.parametrize("flip", [0x01, 0xFE])
def test_a_changed_byte_anywhere_is_refused_or_harmless(path: Path, flip: int) -> None:
    """Some bytes of a zip file mean nothing, such as dates; then the model is the same as ever."""
    whole, good = path.read_bytes(), load_model(path)
    harmless, messages = 0, []
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= flip
        path.write_bytes(bytes(changed))
        try:
            loaded = load_model(path)
        except InputError as error:
            messages.append(str(error))
            continue
        harmless += 1
        assert loaded.classes == good.classes
        for a, b in zip(loaded.network.weights, good.network.weights, strict=True):
            np.testing.assert_array_equal(a, b)
    assert harmless < len(whole) / 2
    assert not any("\n" in message for message in messages)


def test_a_corrupt_compressed_file_is_refused(path: Path) -> None:
    with np.load(path) as file:
        arrays = dict(file)
    np.savez_compressed(path, **arrays)
    whole = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("model.npy").header_offset
    whole[start + 80 : start + 100] = b"\xff" * 20
    path.write_bytes(bytes(whole))
    refusal(path)


@pytest.mark.parametrize("name", ["model", "weights_0", "biases_1"])
def test_nothing_is_ever_unpickled(path: Path, name: str) -> None:
    def plant(arrays: Arrays) -> None:
        arrays[name] = np.array([Tripwire()], dtype=object)

    rewrite(path, plant)
    refusal(path)
    assert not Tripwire.sprung
    with np.load(path, allow_pickle=True) as file:
        assert file[name] is not None
    assert Tripwire.sprung  # the wire does work
    Tripwire.sprung = False


@pytest.mark.parametrize(
    "name", ["model", "weights_0", "weights_1", "biases_0", "biases_1", "offset", "scale"]
)
def test_a_missing_array_is_refused(path: Path, name: str) -> None:
    rewrite(path, lambda arrays: arrays.__delitem__(name))
    assert name in refusal(path)


@pytest.mark.parametrize(
    ("name", "array", "rule"),
    [
        ("weights_0", np.zeros((3, 5), np.float32), "`biases_0` must have the shape (5,)"),
        ("weights_1", np.zeros((5, 2), np.float32), "`weights_1` must have 2 rows"),
        ("weights_1", np.zeros((2, 7), np.float32), "`biases_1` must have the shape (7,)"),
        ("weights_0", np.zeros(6, np.float32), "`weights_0` must have the shape (n_in, n_out)"),
        ("weights_0", np.zeros((3, 2, 1), np.float32), "`weights_0` must have the shape"),
        ("weights_0", np.float32(1.0), "`weights_0` must have the shape (n_in, n_out), got ()"),
        ("biases_0", np.zeros((2, 1), np.float32), "`biases_0` must have the shape (2,)"),
        ("biases_1", np.zeros(3, np.float32), "`biases_1` must have the shape (2,)"),
        ("weights_0", np.zeros((3, 2), np.int64), "`weights_0` must have the dtype float32 or"),
        ("weights_0", np.zeros((3, 2), np.complex64), "`weights_0` must have the dtype float32 or"),
        ("weights_0", np.full((3, 2), "a"), "`weights_0` must have the dtype float32 or float64"),
        ("biases_0", np.zeros(2, np.float16), "`biases_0` must have the dtype of `weights_0`"),
        ("scale", np.float64(0), "`scale` must be > 0, got 0.0"),
        ("scale", np.float64(-1), "`scale` must be > 0, got -1.0"),
        ("scale", np.float64(np.nan), "`scale` must be > 0, got nan"),
        ("scale", np.float64(np.inf), "`scale` must be finite, got inf"),
        ("scale", np.float32(1), "`scale` must have the dtype float64, got 'float32'"),
        ("scale", np.int64(1), "`scale` must have the dtype float64, got 'int64'"),
        ("scale", np.array("large"), "`scale` must have the dtype float64"),
        ("scale", np.ones(1), "`scale` must be one number or have the shape (3,)"),
        ("scale", np.ones(2), "`scale` must be one number or have the shape (3,)"),
        ("scale", np.ones((1, 3)), "`scale` must be one number or have the shape (3,)"),
        ("scale", np.array([1.0, 0.0, 1.0]), "`scale` must be > 0, got [1.0, 0.0, 1.0]"),
        ("scale", np.array([1.0, np.nan, 1.0]), "`scale` must be > 0"),
        ("offset", np.float64(np.nan), "`offset` must be finite, got nan"),
        ("offset", np.float64(np.inf), "`offset` must be finite, got inf"),
        ("offset", np.int64(0), "`offset` must have the dtype float64, got 'int64'"),
        ("offset", np.zeros(3), "`offset` must be one number or have the shape of `scale`, ()"),
    ],
)
def test_an_array_that_breaks_a_rule_is_refused_by_that_rule(
    path: Path, name: str, array: NDArray[Any], rule: str
) -> None:
    rewrite(path, lambda arrays: arrays.update({name: array}))
    assert rule in refusal(path)


def test_layers_of_different_dtypes_are_refused(path: Path) -> None:
    """The fused step computes in one dtype: other arrays would not be updated in place."""
    rewrite(path, lambda arrays: arrays.update(weights_0=np.zeros((3, 2), np.float64)))
    assert "`biases_0` must have the dtype of `weights_0`, float64, got 'float32'" in refusal(path)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("", "`model` must be JSON, got ''", id="empty"),
        pytest.param("not json", "`model` must be JSON, got 'not json'", id="no json"),
        pytest.param("[]", "`model` must be a JSON object, got []", id="list"),
        pytest.param("3", "`model` must be a JSON object, got 3", id="number"),
        pytest.param("null", "`model` must be a JSON object, got None", id="null"),
        pytest.param('"text"', "`model` must be a JSON object, got 'text'", id="string"),
        pytest.param("{}", "`model` must have the key `activation`, got []", id="bare"),
        pytest.param('{"layers": 2}', "key `activation`, got ['layers']", id="layers only"),
        pytest.param("[" * 100_000, "`model` must be JSON, got '[[[", id="deep"),
    ],
)
def test_a_wrong_description_is_refused_by_the_rule_it_breaks(
    path: Path, text: str, rule: str
) -> None:
    rewrite(path, lambda arrays: arrays.update(model=np.array(text)))
    assert rule in refusal(path)


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, values in WRONG.items() for value in values], ids=str
)
def test_a_wrong_choice_in_the_description_is_named(path: Path, key: str, value: Any) -> None:
    redescribe(path, **{key: value})
    assert f"`{key}`" in refusal(path)


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("layers", 0, "`layers` must be a whole number >= 1, got 0"),
        ("layers", 3, "the array `weights_2` must be in the file"),
        ("classes", ["one"], "`classes` must be a list of 2 names, one for each output"),
        ("classes", 2, "`classes` must be a list of 2 names, one for each output, got 2"),
        ("inputs", ["a", "b"], "`inputs` must be a list of 3 different names"),
        ("inputs", ["a", "b", "b"], "`inputs` must be a list of 3 different names"),
        ("activation", "sigmoyd", "unknown `activation` `sigmoyd`; did you mean `sigmoid`?"),
        ("output", "softmax", "`cost` 'cross-entropy' must be paired with `output` 'sigmoid'"),
    ],
)
def test_the_rule_that_a_description_breaks_is_named(
    path: Path, key: str, value: Any, rule: str
) -> None:
    redescribe(path, **{key: value})
    assert rule in refusal(path)


def test_sizes_that_are_not_there_cost_no_memory(path: Path) -> None:
    """As many weights as a petabyte holds, declared in a header of a hundred bytes."""
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (100000000, 2500000)}\n"
    size = len(header).to_bytes(2, "little")
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings(action="ignore"):
        archive.writestr("weights_0.npy", b"\x93NUMPY\x01\x00" + size + header.encode())
    assert "1,000,000,000,000,000 bytes that its header declares" in refusal(path)


def test_a_refused_file_is_closed_and_left_as_it_was(path: Path) -> None:
    content = path.read_bytes()[:500]
    path.write_bytes(content)
    with warnings.catch_warnings(record=True, action="always") as caught:
        refusal(path)
        gc.collect()
    assert [str(warning.message) for warning in caught] == []
    assert path.read_bytes() == content


def test_the_file_holds_plain_arrays(path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        assert sorted(archive.namelist()) == [
            "biases_0.npy",
            "biases_1.npy",
            "model.npy",
            "offset.npy",
            "scale.npy",
            "weights_0.npy",
            "weights_1.npy",
        ]

"""What a model takes and gives: arrays, data frames and scaled pixels in, labels out."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits

from nncore import load_dataset
from nncore.config import TrialConfig
from nncore.datasets.columns.inputs import Column
from nncore.datasets.scaling import Scaling
from nncore.errors import InputError
from nncore.model import Ensemble, Model
from nncore.model_file import load_model
from nncore.network import Network, new_network

AB = ("a", "b")


def table_model() -> Model:
    """Return a model of columns: "size" (a mean of 2 for empty cells), "color" and "sold"."""
    encoding = (
        Column("size", "number", "indicator", (2.0,)),
        Column("color", "category", categories=("blue", "red"), rare=True),
        Column("sold", "date", means=(2020.0, 6.0, 3.0), order="ymd"),
        Column("note", "unused"),
    )
    scaling = Scaling(inputs=("size", "color", "sold"), encoding=encoding)
    network = Network([np.eye(8)[:, :3]], [np.zeros(3)], "sigmoid", "linear", "quadratic")
    return Model(network, ("a", "b", "c"), scaling)


def test_a_model_of_columns_takes_a_data_frame_by_names_and_rows_by_place(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "sold": pd.to_datetime(["2021-03-04", None]),
            "color": pd.Series(["red", "mauve"], dtype="category"),
            "size": [1.5, None],
            "more": [0, 0],
        }
    )
    # size, size: empty, color = blue, of the eight inputs.
    wanted = [[1.5, 0.0, 0.0], [2.0, 1.0, 0.0]]
    model = table_model()
    assert (model.n_in, model.inputs) == (3, ("size", "color", "sold"))
    assert model.predict_proba(frame).tolist() == wanted
    rows = np.array([[1.5, "red", "2021-03-04"], [None, "mauve", None]], object)
    assert model.predict_proba(rows).tolist() == wanted
    assert Ensemble((model, model)).predict(frame).tolist() == ["a", "a"]
    model.save(tmp_path / "m.npz")
    loaded = load_model(tmp_path / "m.npz")
    assert loaded.encoding == model.encoding
    assert loaded.predict_proba(frame).tolist() == wanted
    with pytest.raises(InputError, match=r"^`x` must have the column 'color' that the network"):
        model.predict(frame[["size", "sold"]])
    with pytest.raises(InputError, match=r"^`x` must have the columns size, color, sold in each"):
        model.predict(rows[:, :2])
    with pytest.raises(InputError, match=r"^column 'size' of `x` must hold numbers, got 'big'$"):
        model.predict(frame.assign(size="big"))
    with pytest.raises(InputError, match=r"^row 0 of column 'sold' must be a date like those"):
        model.predict(frame.assign(sold="tomorrow"))


def test_scaled_rows_of_other_columns_have_no_raw_rows() -> None:
    model = table_model()
    x = np.ones((1, 8), np.float32)
    assert model.outputs(x, model.scaling).tolist() == [[1.0, 1.0, 1.0]]
    with pytest.raises(InputError, match=r"^`scaling` must be that of the model, which encodes"):
        model.outputs(x, Scaling())


def test_a_model_of_named_numbers_takes_a_data_frame() -> None:
    scaling = Scaling(np.zeros(2), np.ones(2), ("a", "b"))
    model = Model(
        Network([np.eye(2)], [np.zeros(2)], "sigmoid", "linear", "quadratic"), AB, scaling
    )
    assert model.predict_proba(pd.DataFrame({"b": [3], "a": [4]})).tolist() == [[4.0, 3.0]]


@pytest.mark.parametrize(
    ("classes", "labels"),
    [(("0", "7"), [7, 0]), (("-1", "1"), [1, -1]), (("01", "2"), ["2", "01"]), (AB, ["b", "a"])],
)
def test_whole_numbers_are_predicted_as_numbers(
    classes: tuple[str, ...], labels: list[Any]
) -> None:
    network = Network([np.eye(2)], [np.zeros(2)], "sigmoid", "linear", "quadratic")
    assert Model(network, classes, Scaling()).predict(np.array([[1, 4], [3, 2]])).tolist() == labels


def test_predictions_on_digits_compare_with_their_labels() -> None:
    digits = load_digits()
    network = new_network(TrialConfig(), 64, 10, np.random.default_rng(1))
    model = Model(network, tuple("0123456789"), load_dataset("digits").scaling)
    predicted = model.predict(digits.images)
    assert predicted.dtype.kind == digits.target.dtype.kind == "i"
    right = sum(int(p) == int(t) for p, t in zip(predicted, digits.target, strict=True))
    assert (predicted == digits.target).sum() == right > 0


def test_pixels_that_look_scaled_are_refused_in_one_line() -> None:
    network = Network([np.eye(4)], [np.zeros(4)], "sigmoid", "linear", "quadratic")
    model = Model(network, tuple("0123"), Scaling(scale=256.0))
    pixels = np.array([[0, 255, 3, 9], [1, 0, 0, 0]], np.uint8)
    assert model.predict(pixels).tolist() == [1, 0]
    assert model.predict(pixels[1:].astype(float)).tolist() == [0]  # nearly black, but raw
    with pytest.raises(InputError) as caught:
        model.predict(pixels / 255)
    assert str(caught.value) == (
        "`x` must hold raw inputs, because the network scales them itself; these look scaled, got "
        "values from 0 to 1"
    )


def test_a_model_is_shown_in_three_lines() -> None:
    model = table_model()
    assert repr(model).splitlines() == [
        "Model [8, 3], sigmoid, output linear",
        "  3 inputs: size, color, sold",
        "  3 classes: a, b, c",
    ]
    assert repr(Ensemble((model,))).splitlines()[0] == "Ensemble of 1 models such as [8, 3]"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoding": "all"}, "`encoding` must be a list of columns"),
        ({"encoding": [7]}, "`encoding` must have the keys"),
        ({"encoding": []}, "`encoding` must give 8 inputs, got 0"),
        ({"inputs": ["size", "sold", "color"]}, "`inputs` must be the columns of `encoding` that"),
        ({"inputs": ["size"]}, "`inputs` must be a list of 3 different names"),
        ({"inputs": None}, "`inputs` must be a list of 3 different names"),
    ],
)
def test_a_file_with_other_columns_than_its_network_is_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = tmp_path / "m.npz"
    table_model().save(path)
    with np.load(path) as file:
        arrays = dict(file)
    arrays["model"] = np.array(json.dumps({**json.loads(str(arrays["model"])), **changes}))
    np.savez(path, **arrays)
    with pytest.raises(InputError) as caught:
        load_model(path)
    assert str(caught.value).startswith(f"model file {path} must be a saved model: {message}")

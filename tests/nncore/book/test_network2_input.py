"""Networks on disk in the book's JSON, and wrong input to the book's interface.

Whatever is refused leaves the global generators where they were.
"""

# ruff: noqa: NPY002  the book's program draws from the global generators

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncore.book import network2
from nncore.errors import InputError
from tests.support.plain_book import seed, states


def test_json_round_trip_to_the_bit(tmp_path: Path) -> None:
    net = network2.Network([4, 3, np.int64(2)], cost=network2.QuadraticCost)
    net.SGD([(np.full((4, 1), 0.1), np.eye(2)[:, [0]])], 1, 1, 0.5)
    net.save(tmp_path / "net.json")
    saved = json.loads((tmp_path / "net.json").read_text())
    assert sorted(saved) == ["biases", "cost", "sizes", "weights"]
    assert (saved["sizes"], saved["cost"]) == ([4, 3, 2], "QuadraticCost")
    loaded = network2.load(str(tmp_path / "net.json"))
    assert (loaded.sizes, loaded.cost) == ([4, 3, 2], network2.QuadraticCost)
    for name in ("weights", "biases"):
        for got, wanted in zip(getattr(loaded, name), getattr(net, name), strict=True):
            np.testing.assert_array_equal(got, wanted)


OLD = """{"sizes": [2, 1], "cost": "CrossEntropyCost",
 "weights": [[[1, -2.5]]], "biases": [[[0.5]]]}"""


def test_a_network_saved_by_the_book(tmp_path: Path) -> None:
    """It loads, and advances the global generator by a new network's draws, as in the book."""
    (tmp_path / "old").write_text(OLD)
    np.random.randn(1, 1)  # the bias, then the weights
    np.random.randn(1, 2)
    after = states()
    seed(1)
    net = network2.load(tmp_path / "old")
    assert states() == after
    assert net.num_layers == 2
    np.testing.assert_array_equal(net.weights[0], [[1.0, -2.5]])
    z = net.feedforward(np.array([[4.0], [1.0]]))  # σ(4 − 2.5 + ½) = σ(2)
    np.testing.assert_allclose(z, [[1 / (1 + math.exp(-2))]], rtol=1e-15)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        "\x80",
        "{}",
        OLD.replace("CrossEntropyCost", "Network"),
        OLD.replace('"CrossEntropyCost"', "[]"),
        OLD.replace("[2, 1]", "[2, 2]"),
        OLD.replace("[2, 1]", "[1000000000, 1000000000]"),
        OLD.replace("[2, 1]", '"21"'),
        OLD.replace("[2, 1]", "[2.0, 1]"),
        OLD.replace("[[[0.5]]]", "[]"),
        OLD.replace("[[[0.5]]]", "[0.5]"),
        OLD.replace("[[[0.5]]]", "7"),
        OLD.replace("-2.5", "[1]"),
        OLD.replace("-2.5", '"a"'),
        OLD.replace("-2.5", "1" + "0" * 400),
    ],
)
def test_a_broken_network_file_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "net.json").write_text(content, encoding="latin-1")
    before = states()
    with pytest.raises(InputError, match=r"^network file .*net\.json must be a saved network: .+$"):
        network2.load(tmp_path / "net.json")
    assert states() == before


def test_a_missing_network_file_is_not_found_as_in_the_book(tmp_path: Path) -> None:
    for error in (FileNotFoundError, InputError):
        with pytest.raises(error, match=r"^network file .*none must exist$"):
            network2.load(tmp_path / "none")


def test_a_folder_and_a_name_that_is_too_long_are_no_network_files(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / ("x" * 5000)):
        with pytest.raises(InputError, match=r"^network file .*must be readable: ") as refused:
            network2.load(path)
        assert len(str(refused.value)) < 500


COLUMN, UNIT = np.zeros((3, 1)), np.eye(2)[:, [0]]


@pytest.mark.parametrize("cost", ["quadratic", None, object])
def test_what_is_no_cost_is_refused(cost: Any) -> None:
    match = "^`cost` must be a class with `fn` and `delta`, got '(str|NoneType|object)'$"
    with pytest.raises(InputError, match=match):
        network2.Network([2, 1], cost=cost)


@pytest.mark.parametrize("sizes", [[], [3], [3, 0], [3, 1.5], 3, "31"])
def test_wrong_sizes_are_refused(sizes: Any) -> None:
    with pytest.raises(
        InputError, match=r"^`sizes` must be a list of two or more widths >= 1, got"
    ):
        network2.Network(sizes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"training_data": None}, "`training_data` must hold one or more pairs"),
        ({"training_data": 3}, "`training_data` must hold one or more pairs"),
        ({"training_data": [1, 2]}, "`training_data` must hold one or more pairs"),
        ({"training_data": [(COLUMN, 0)]}, "`y of training_data` must have the shape (2, 1): "),
        (
            {"training_data": [(COLUMN[:, 0], UNIT)]},
            "`x of training_data` must have the shape (3, 1), got [(3,)]",
        ),
        (
            {"training_data": [(COLUMN, UNIT), (COLUMN[1:], UNIT)]},
            "must have the shape (3, 1), got [(2, 1), (3, 1)]",
        ),
        ({"training_data": [(COLUMN, UNIT), (UNIT, COLUMN)]}, "got [(2, 1), (3, 1)]"),
        ({"training_data": [(COLUMN, UNIT), (COLUMN.T, UNIT)]}, "must have the shape (3, 1): "),
        ({"training_data": [(COLUMN.astype(str), UNIT)]}, "`x of training_data` must hold numbers"),
        ({"epochs": -1}, "`epochs` must be a whole number >= 0, got -1"),
        ({"epochs": 2.0}, "`epochs` must be a whole number >= 0, got 2.0"),
        ({"mini_batch_size": 0}, "`mini_batch_size` must be a whole number >= 1, got 0"),
        ({"mini_batch_size": 2.5}, "`mini_batch_size` must be a whole number >= 1, got 2.5"),
        ({"eta": 0.0}, "`eta` must be a number > 0, got 0.0"),
        ({"eta": math.nan}, "`eta` must be a number > 0, got nan"),
        ({"eta": "1"}, "`eta` must be a number > 0, got '1'"),
        ({"lmbda": -1.0}, "`lmbda` must be a number >= 0, got -1.0"),
        ({"evaluation_data": None}, "`evaluation_data` must hold one or more pairs"),
        ({"evaluation_data": []}, "`evaluation_data` must hold one or more pairs"),
        (
            {"evaluation_data": [(COLUMN, UNIT)]},
            "`y of evaluation_data` must be a label",
        ),
        ({"evaluation_data": [(COLUMN, 2)]}, "must be a label from 0 to 1, got 2"),
        ({"evaluation_data": [(COLUMN, -1.0)]}, "must be a label from 0 to 1, got -1.0"),
        ({"evaluation_data": [(COLUMN, 0.5)]}, "must be a label from 0 to 1, got 0.5"),
        ({"evaluation_data": [(COLUMN, math.nan)]}, "must be a label from 0 to 1, got nan"),
        ({"evaluation_data": [(COLUMN, math.inf)]}, "must be a label from 0 to 1, got inf"),
        ({"evaluation_data": [(COLUMN, "1")]}, "must be a label from 0 to 1, got 'str'"),
        ({"evaluation_data": [(COLUMN, np.array("1"))]}, "must be a label from 0 to 1, got 'str'"),
        ({"evaluation_data": [(COLUMN, np.array(2))]}, "must be a label from 0 to 1, got 2"),
        (
            {"monitor_evaluation_accuracy": False, "early_stopping_n": 3},
            "`early_stopping_n` must go with a monitored accuracy, got 'none'",
        ),
    ],
)
def test_wrong_training_is_refused_in_one_line(change: dict[str, Any], message: str) -> None:
    settings = {
        "training_data": [(COLUMN, UNIT)],
        "epochs": 1,
        "mini_batch_size": 1,
        "eta": 0.5,
        "evaluation_data": [(COLUMN, 1)],
        "monitor_evaluation_accuracy": True,
    }
    net, before = network2.Network([3, 2]), states()
    with pytest.raises(InputError) as raised:
        net.SGD(**{**settings, **change})
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    assert states() == before


@pytest.mark.parametrize("name", ["weights", "biases"])
def test_arrays_of_the_wrong_shape_are_refused(name: str) -> None:
    net = network2.Network([3, 2])
    setattr(net, name, [np.zeros((2, 2))])
    with pytest.raises(InputError, match=rf"^`{name}` must have the shapes \[\(2, [31]\)\], got"):
        net.feedforward(COLUMN)


@pytest.mark.parametrize("mini_batch", [[], [(COLUMN, 0)], [(UNIT, UNIT)]])
def test_a_wrong_mini_batch_is_refused(mini_batch: Any) -> None:
    with pytest.raises(InputError, match=r"^`([xy] of )?mini_batch` must "):
        network2.Network([3, 2]).update_mini_batch(mini_batch, 0.5, 0.0, 1)
    with pytest.raises(InputError, match=r"^`n` must be the size of the training set, got 0$"):
        network2.Network([3, 2]).update_mini_batch([(COLUMN, UNIT)], 0.5, 0.0, 0)

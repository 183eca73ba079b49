"""Residuals, their growth and their worst rows, worked out by hand or by scipy."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from nncore.datasets.columns.inputs import Column
from nncore.datasets.scaling import Scaling
from nncore.model import Model
from nncore.network import Network
from results.analysis.predictions import (
    growth,
    input_places,
    predictions_of,
    raw_values,
    residual_bands,
    share_of_far,
    telling_columns,
    worst_rows,
)
from tests.support.predicted_runs import scored_numbers


def one(true, predicted):
    return predictions_of(scored_numbers(true, predicted))[0]


def test_residuals_are_true_minus_predicted():
    made = one([10, 20, 30, 40], [11, 18, 33, 36])
    assert made.target == "price"
    assert made.residuals.tolist() == [-1, 2, -3, 4]
    assert made.rmse == pytest.approx(np.sqrt(30 / 4))
    assert made.r2 == pytest.approx(1 - 30 / 500)  # the squares about the mean 25 are 500
    assert made.within(0.5) == 2.5  # of 1, 2, 3, 4
    assert made.within(0.9) == pytest.approx(3.7)


def test_classes_have_no_predictions_of_numbers():
    dataset = SimpleNamespace(targets=None)
    assert predictions_of(SimpleNamespace(dataset=dataset)) == []


def test_bands_are_quantiles_in_parts_of_equally_many_rows():
    predicted = np.arange(20.0)[::-1]  # sorted first: parts of 10 rows
    residuals = np.concatenate([np.full(10, 5.0), np.arange(10.0)])
    found = residual_bands(one(predicted + residuals, predicted), most=12)
    assert found["predicted"].tolist() == [4.5, 14.5]
    assert found["median"].tolist() == [4.5, 5.0]
    assert found["low"].tolist() == pytest.approx([0.9, 5.0])
    assert found["high"].tolist() == pytest.approx([8.1, 5.0])
    assert len(residual_bands(one(predicted, predicted), most=1)) == 1
    assert len(residual_bands(one([1.0], [1.0]), most=12)) == 1


def test_growth_is_spearmans_correlation_with_the_size():
    rng = np.random.default_rng(1)
    predicted = rng.uniform(1, 9, 40)
    residuals = predicted * rng.normal(size=40)
    correlation, p_value = growth(one(predicted + residuals, predicted))
    expected = stats.spearmanr(predicted, np.abs(residuals), alternative="greater")
    assert correlation == pytest.approx(expected.statistic)
    assert p_value == pytest.approx(expected.pvalue)


def test_growth_of_equal_or_few_rows_is_unknown():
    assert growth(one([1, 2, 3, 4], [2, 3, 4, 5])) == (0.0, 1.0)  # all residuals are 1
    assert growth(one([1, 2, 3, 4], [5, 5, 5, 5])) == (0.0, 1.0)  # all predictions are 5
    assert growth(one([1, 2, 4], [1, 3, 7])) == (0.0, 1.0)


def test_the_share_of_the_farthest_values():
    assert share_of_far(np.array([0.0, 1.0, 1.0, 2.0, 11.0]), 0.2) == pytest.approx(100 / 102)
    assert share_of_far(np.array([0.0, 1.0, 2.0]), 0.01) == 0.5  # one value at least
    assert share_of_far(np.full(5, 3.0), 0.5) == 0.0


def test_the_worst_rows_count_each_target_by_its_scale():
    true = [[0, 0], [0, 0], [0, 0]]
    predicted = [[3, 0], [0, 50], [2, 20]]
    # in deviations 1 and 10 of the targets: 3; 5; 2 and 2, so the squares are 9, 25, 8
    made = scored_numbers(true, predicted, names=("a", "b"), scale=[1.0, 10.0])
    assert worst_rows(made, 9).tolist() == [1, 0, 2]
    assert worst_rows(made, 1).tolist() == [1]


def linear(weights, **dataset):
    """Return a network without hidden layers on four rows of three inputs."""
    x = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 4], [1, 1, 4]], np.float32)
    network = Network(
        [np.asfortranarray(weights, dtype=np.float32)[:, None]],
        [np.zeros(1, np.float32)],
        "relu",
        "linear",
        "quadratic",
    )
    scaling = dataset["scaling"]
    model = Model(network, (), scaling, Scaling(0.0, 1.0, ("price",)))
    return scored_numbers(np.zeros(4), np.zeros(4), x=x, model=model, **dataset)


def test_a_column_tells_by_what_its_mean_changes():
    # The inputs deviate by 0.5, 0.5 and 2 from their means 0.5, 0.5 and 2 in every row.
    made = linear([3.0, 0.0, -1.0], scaling=Scaling(inputs=("area", "id", "age")))
    assert telling_columns(made, 5) == ["age", "area"]  # by 2 and 1.5; "id" has no effect
    assert telling_columns(made, 1) == ["age"]
    assert raw_values(made, "age").tolist() == [0, 0, 4, 4]


def test_the_inputs_of_a_column_move_together():
    columns = (
        Column("town", "category", categories=("A", "B")),
        Column("id", "unused"),
        Column("age", "number"),
    )
    made = linear([3.0, 3.0, 1.0], scaling=Scaling(inputs=("town", "id", "age"), encoding=columns))
    assert input_places(made) == {"town": [0, 1], "age": [2]}
    # Town changes the sum of its inputs by -1 or 1 in rows 3 and 4: 3 · √(2/4) = 2.12, age by 2.
    assert telling_columns(made, 5) == ["town", "age"]


def test_inputs_without_names_are_told_by_their_place():
    made = linear([0.0, 1.0, 0.0], scaling=Scaling())
    assert telling_columns(made, 5) == ["x[:, 1]"]

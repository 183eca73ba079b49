"""What a report says of predicted numbers: tiles, prose, worst rows, and curves of any size."""

import base64
import json
from types import SimpleNamespace

import numpy as np
import pytest

from nncore.components.metrics import METRICS
from nncore.datasets.columns.inputs import Column
from nncore.datasets.origin import Origin
from nncore.datasets.scaling import Scaling
from nncore.errors import InputError
from results.analysis.findings import Findings
from results.frames import read_run
from results.number_text import in_two_digits, with_article
from results.report.html import render
from results.report.page_table import page_data
from results.report.prose import opening_sentences
from results.report.verdict_card import verdict_card
from results.report.worst_rows import cell_text, worst_block
from tests.support.predicted_runs import EPOCHS, predicted_findings, predicted_run, scored_numbers

TRUE, PREDICTED = [100.0, 200.0, 300.0, 500.0], [110.0, 180.0, 330.0, 460.0]
X = np.array([[1.0, 2.0], [3.0, 2.0], [5.0, np.nan], [7.0, 2.5]])


class SumOfInputs:
    """A model whose prediction is the sum of the inputs."""

    def outputs(self, x, scaling):
        return x.sum(axis=1, keepdims=True)


def scored(**changes):
    given = {"x": np.nan_to_num(X), "model": SumOfInputs(), "scaling": Scaling(inputs=("a", "b"))}
    return scored_numbers(TRUE, PREDICTED, **given | changes)


@pytest.fixture
def found(write_run, monkeypatch):
    cells = {"a": X[:, 0], "b": X[:, 1], "town": np.array(["Ulm", "", "x" * 30, "Bonn"], object)}
    origin = Origin("line", ["2", "7", "11", "30"].__getitem__, cells)
    monkeypatch.setattr("results.report.worst_rows.validation_origin", lambda dataset: origin)
    return predicted_findings(predicted_run(write_run), scored())


def test_card_and_prose_speak_of_the_target(found):
    card = verdict_card(found)
    assert (card.label, card.value) == ("best validation RMSE", "48620")
    (said,) = card.sentences
    assert said == "The best is trial 0 with a validation RMSE of 48620, reached after epoch 2."
    assert "Target: price." in render(found)
    assert (
        "On 4 validation rows, half of the predictions of price are within 25.00 of the true "
        "value, nine in ten within 37.00."
    ) in opening_sentences(found)


def test_the_gain_over_the_mean_is_positive_if_the_error_is_smaller(found):
    """True values 100, 200, 300, 500, also in training: their mean 275 has an RMSE of 147.90.

    The residuals -10, 20, -30 and 40 have one of 27.39.
    """
    (gain,) = [one for one in verdict_card(found).gains if one.over == "the mean of the target"]
    assert (gain.by, gain.measured, gain.doubt) == ("+120.5", "validation data", "")


def test_the_worst_rows_have_their_line_and_telling_columns(found):
    block = worst_block(found)
    assert block["header"] == ["line", "true price", "predicted", "residual", "a", "b"]
    assert block["rows"] == [
        ["30", "500", "460.0", "40.00", "7", "2.500"],
        ["11", "300", "330.0", "-30.00", "5", ""],
        ["7", "200", "180.0", "20.00", "3", "2"],
        ["2", "100", "110.0", "-10.00", "1", "2"],
    ]
    assert "The line is that of the file." in block["text"]


def test_columns_of_text_are_shown_as_written(found):
    columns = (Column("town", "category", categories=("Bonn", "Ulm")),)
    scaling = Scaling(inputs=("town",), encoding=columns)
    found.__dict__["scored"] = scored(scaling=scaling)
    block = worst_block(found)
    assert (block["header"][-1], block["numbers"][-1]) == ("town", False)
    assert [row[-1] for row in block["rows"]] == ["Bonn", "x" * 17 + "…", "", "Ulm"]


def test_without_the_file_the_rows_have_no_place(found, monkeypatch):
    def gone(dataset):
        raise InputError("data file `a.csv` must be readable")

    monkeypatch.setattr("results.report.worst_rows.validation_origin", gone)
    block = worst_block(found)
    assert block["header"] == ["true price", "predicted", "residual", "a", "b"]
    assert [row[-2] for row in block["rows"]] == ["7", "5", "3", "1"]
    assert "line" not in block["text"]


def test_classes_have_no_worst_rows(small_run):
    found = Findings(read_run(small_run))
    found.__dict__["scored"] = SimpleNamespace(dataset=SimpleNamespace(targets=None))
    assert worst_block(found) is None


def test_the_page_has_the_table_and_no_word_of_classes(found):
    page = render(found)
    assert '<h3 id="worst">The worst rows</h3>' in page
    assert "<td>11</td>" not in page  # numbers stand right
    assert '<td class="number">-30.00</td>' in page
    assert "accuracy" not in page.partition('<script type="application/json"')[0]
    assert "rmse &lt; 51000" in page  # the median, 51040, in two digits


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e12])
def test_curves_of_any_size_unpack_to_what_they_were(write_run, size):
    rows = [row.rsplit(",", 1) for row in EPOCHS]
    epochs = [f"{start},{float(value) * size}" for start, value in rows]
    data = page_data(Findings(read_run(predicted_run(write_run, epochs=epochs))))
    packed = base64.b64decode(data["curves"]["validation_rmse"])
    values = data["metric"]["unit"] * np.frombuffer(packed, "<f2").astype(float)
    wanted = np.array([90210.0, 48620.0, np.inf, 51040.0, 53000.0]) * size
    assert values == pytest.approx(wanted, rel=1e-3)
    assert data["metric"]["decimals"] == 0
    json.dumps(data, allow_nan=False)


@pytest.mark.parametrize(("value", "decimals"), [(0.000012, 8), (0.5, 4), (99.996, 1), (5e7, 0)])
def test_the_table_shows_four_digits_of_the_best_value(found, value, decimals):
    found.__dict__["best"] = {"value": value}
    assert page_data(found)["metric"]["decimals"] == decimals


def test_metrics_without_a_unit_are_carried_as_they_are(write_run):
    data = page_data(Findings(read_run(predicted_run(write_run, metric="r2"))))
    assert (data["metric"]["unit"], data["metric"]["decimals"]) == (1.0, 4)


def test_numbers_and_articles_as_text():
    assert [cell_text(value) for value in (8.0, 1912.0, 0.5, np.nan)] == ["8", "1912", "0.5000", ""]
    assert [in_two_digits(value) for value in (51905.0, 0.3149, 2.0)] == ["52000", "0.31", "2"]
    names = ("rmse", "mae", "r2", "log_loss", "accuracy")
    said = [with_article(METRICS[name]) for name in names]
    assert said == ["an RMSE", "an MAE", "an R²", "a log loss", "an accuracy"]

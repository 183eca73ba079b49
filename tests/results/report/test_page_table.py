"""What the page carries: cells as plain JSON, and curves that unpack to what they were."""

import base64
import json
import shlex

import numpy as np
import pandas as pd
import pytest

from results.analysis.findings import Findings
from results.frames import read_run
from results.report import page_table
from results.report.page_table import cell_text, packed_curves, page_data, table_columns


def _unpacked(packed, name, dtype):
    return np.frombuffer(base64.b64decode(packed[name]), dtype)


def _curves(lengths, **columns):
    trial = np.repeat(np.arange(len(lengths)), lengths)
    epoch = np.concatenate([np.arange(1, n + 1) for n in lengths]).astype("int64")
    measures = dict.fromkeys(page_table.MEASURES, np.full(len(trial), np.nan))
    return pd.DataFrame({"trial": trial, "epoch": epoch, **measures, **columns})


def test_the_table_has_every_cell_of_the_trials(small_run):
    columns = {one["key"]: one for one in table_columns(Findings(read_run(small_run)))}
    assert list(columns)[:6] == [
        "trial", "accuracy", "learning_rate", "hidden_units", "mini_batch_size", "cost",
    ]  # fmt: skip
    assert columns["trial"]["values"] == [0, 1, 2, 3, 4]
    assert columns["accuracy"]["values"] == [90.0, None, None, 95.0, 92.5]
    assert columns["best_epoch"]["values"] == [2, None, None, 3, 1]
    endings = ["max_epochs", "diverged", "error", "max_epochs", "no_improvement"]
    assert columns["stop_reason"]["values"] == endings
    assert columns["seconds"]["values"] == [1.5, 0.5, None, None, None]
    assert columns["learning_rate"]["values"] == [0.1, 10.0, 1.0, 1.0, 0.5]
    assert columns["cost"]["numbers"] is False
    assert columns["hidden_units"]["numbers"] is True
    json.dumps(columns, allow_nan=False)


def test_the_page_has_the_command_that_trains_a_trial_again(small_run):
    command = page_data(Findings(read_run(small_run)))["train"]
    assert shlex.split(command) == ["nnsweep", "train", "--from", str(small_run), "--trial"]


def test_curves_unpack_to_what_they_were(small_run):
    found = Findings(read_run(small_run))
    packed = packed_curves(found.curves, found.run.trials)
    assert packed["lengths"] == [2, 1, 0, 3, 2]
    assert _unpacked(packed, "epoch", "<u2").tolist() == [1, 2, 1, 1, 2, 3, 1, 2]
    accuracy = 1 - _unpacked(packed, "validation_accuracy", "<f2").astype("float64")
    wanted = [0.85, 0.9, 0.1, 0.94, 0.93, 0.95, 0.925, 0.92]
    assert accuracy == pytest.approx(wanted, abs=5e-4)
    cost = _unpacked(packed, "validation_cost", "<f2").astype("float64")
    assert cost[2] == np.inf
    assert cost[3:] == pytest.approx([0.4, 0.3, 0.2, 0.4, 0.3], rel=1e-3)
    assert "train_accuracy" not in packed  # never measured


def test_accuracies_near_one_keep_their_digits():
    values = np.array([0.98, 0.9801, 0.9802, 0.9999])
    curves = _curves([4], validation_accuracy=values)
    packed = packed_curves(curves, pd.DataFrame({"number": [0]}))
    accuracy = 1 - _unpacked(packed, "validation_accuracy", "<f2").astype("float64")
    assert accuracy == pytest.approx(values, abs=1e-5)


def test_what_is_too_much_is_thinned_and_keeps_first_and_last(monkeypatch):
    monkeypatch.setattr(page_table, "MOST_POINTS", 10)
    curves = _curves([20, 5, 1], train_cost=np.arange(26.0))
    packed = packed_curves(curves, pd.DataFrame({"number": [0, 1, 2]}))
    epochs = _unpacked(packed, "epoch", "<u2").tolist()
    assert packed["lengths"] == [8, 3, 1]
    assert epochs == [1, 4, 7, 10, 13, 16, 19, 20, 1, 4, 5, 1]
    costs = _unpacked(packed, "train_cost", "<f2").tolist()
    assert costs == [0, 3, 6, 9, 12, 15, 18, 19, 20, 23, 24, 25]


def test_how_a_trial_ended_is_said_once(write_run):
    rows = [
        "0,complete,0.9,2,2,max_epochs,0.1,30,10,quadratic",
        "1,pruned,0.8,1,1,pruned,0.2,30,10,quadratic",
        "2,pruned,0.8,1,0,repeated,0.2,30,10,quadratic",
        "3,complete,0.9,2,0,repeated,0.1,30,10,quadratic",
        "4,failed,,,0,error,1.0,50,20,quadratic",
    ]
    found = Findings(read_run(write_run(trials=rows, epochs=())))
    columns = {one["key"]: one["values"] for one in table_columns(found)}
    wanted = ["max_epochs", "pruned", "repeated (pruned)", "repeated", "error"]
    assert columns["stop_reason"] == wanted
    assert {"ended", "reason", "state"}.isdisjoint(columns)


def test_without_a_script_values_have_the_form_that_they_have_with_one(small_run):
    data = page_data(Findings(read_run(small_run)))
    trial, value = data["columns"][:2]
    assert cell_text(value, 92.5, data["metric"]) == "92.50%"
    assert cell_text(value, None, data["metric"]) == ""
    assert cell_text(trial, 4, data["metric"]) == "4"

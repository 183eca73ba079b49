"""The data of the interactive charts: places that were worked out by hand, as plain JSON."""

import hashlib
import json
from pathlib import Path

import pytest

import results.report
from nncore.components.metrics import ACCURACY, METRICS
from results.analysis.findings import Findings
from results.frames import read_run
from results.report.page_scripts import LIBRARY, scripts
from results.report.page_views import BELOW, ScoreAxis, page_views
from tests.support.predicted_runs import predicted_run

UPLOT = "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"  # of version 1.6.32


def _views(folder):
    found = page_views(Findings(read_run(folder)))
    return json.loads(json.dumps(found, allow_nan=False))


@pytest.fixture(scope="module")
def small(small_run):
    """The views of the small run: values 90%, diverged, failed, 95% and 92.5%."""
    return _views(small_run)


def test_values_lie_between_the_bulk_of_the_trials_and_the_best(small):
    # The bulk is 76.25 to 95%: four times the lead of the best over the median, 91.25%.
    # With a margin of 5% on both sides, the axis goes from 75.3125 to 95.9375%.
    assert small["values"] == [0.7121, BELOW, None, 0.9545, 0.8333]
    value = small["value"]
    assert (value["low"], value["high"]) == pytest.approx((75.3125, 95.9375))
    assert value["span"] == [0.0455, 0.9545]
    assert value["ticks"] == [[0.2273, "80"], [0.4697, "85"], [0.7121, "90"], [0.9545, "95"]]
    assert (value["worst"], value["best"], value["below"]) == ("76.25%", "95.00%", "below 76.25%")
    assert value["label"] == "validation accuracy (%)"


def test_the_ranks_and_the_ends_of_the_trials_are_given_by_row(small):
    assert small["ranked"] == [3, 4, 0, 1]
    assert [small["kind_names"][kind] for kind in small["kinds"]] == [
        "complete", "diverged", "failed", "complete", "complete",
    ]  # fmt: skip
    assert small["shipped"] == {"row": 3, "name": "best: trial 3"}


def test_each_hyperparameter_has_its_own_scale(small):
    rate, units, batch, cost = small["dimensions"]
    assert rate["places"] == [0.3333, 1.0, 0.6667, 0.6667, 0.5663]  # log10(0.5 / 0.01) / 3
    assert rate["ticks"] == [[0.0, "0.01"], [0.3333, "0.1"], [0.6667, "1"], [1.0, "10"]]
    assert (rate["label"], rate["log"]) == ("learning_rate (log scale)", True)
    assert units["places"] == [0.2222, 1.0, 0.4444, 0.5556, 0.1111]
    assert (units["low"], units["high"], units["log"]) == (10, 100, False)
    assert batch["places"] == [0.5, 0.0, 1.0, 0.5, 1.0]
    assert cost["places"] == [0.0, 0.0, 1.0, 1.0, 1.0]
    assert cost["choices"] == [[0.0, "quadratic"], [1.0, "cross-entropy"]]
    assert cost["ends"] == [-0.5, 1.5]


def test_the_lines_through_a_choice_fan_out_the_better_the_higher(small):
    cost = small["dimensions"][3]
    assert cost["fan"] == 0.1
    assert cost["heights"] == [0.025, -0.025, None, 1.025, 0.975]


def test_the_best_so_far_is_over_trials_and_over_epochs(small):
    view = small["views"]["best_so_far"]
    assert view["rows"] == [0, 1, 3, 4]
    assert [panel["prices"] for panel in view["panels"]] == [[0, 1, 3, 4], [2, 3, 6, 8]]
    assert view["best"] == [0.7121, 0.7121, 0.9545, 0.9545]
    assert view["panels"][0]["x"]["ends"] == [-0.5, 4.5]


def test_the_axes_of_the_curves_are_those_of_all_epochs(small):
    view = small["views"]["learning_curves"]
    # best 95%, median 92.25%: the bulk begins at 81.25%; the margin is 0.6875 points
    assert (view["y"]["low"], view["y"]["high"]) == pytest.approx((80.5625, 95.6875))
    assert view["y"]["below"] == "below 81.25%"  # the trial that diverged
    assert view["x"]["ticks"] == [[1, "1"], [2, "2"], [3, "3"]]


def test_a_choice_has_a_median_from_three_trials_on(write_run):
    rows = [
        f"{n},complete,{value},1,1,max_epochs,0.1,30,10,{cost}"
        for n, (value, cost) in enumerate(
            [(0.9, "quadratic"), (0.94, "quadratic"), (0.92, "quadratic"), (0.95, "cross-entropy")]
        )
    ]
    found = _views(write_run(trials=rows, epochs=[]))
    (place, height), *others = found["dimensions"][3]["medians"]
    assert (place, others) == (0.0, [])
    assert height == found["values"][2]


def test_a_hyperparameter_that_a_trial_lacks_has_no_place(conditional_run):
    found = _views(conditional_run)
    _, cost, *_ = found["dimensions"]
    by_name = {one["name"]: one for one in found["dimensions"]}
    assert by_name["hidden_units"]["places"] == [None, 0.2222]
    assert by_name["mini_batch_size"]["places"] == [0.5, None]
    assert cost["places"] == [0.0, 1.0]
    not_set = found["views"]["parallel_coordinates"]["not_set"]
    assert by_name["mini_batch_size"]["heights"][1] == not_set


@pytest.mark.parametrize(
    ("trials", "epochs", "views"),
    [
        ([], [], set()),
        (["0,failed,,,0,error,0.1,30,10,quadratic"], [], set()),
        (
            ["0,complete,0.0,,1,diverged,0.1,30,10,quadratic"],
            ["0,0,1,0.1,0.5,0.1,0.6,0.1"],
            {"learning_curves"},
        ),
        (
            ["0,complete,0.9,1,1,max_epochs,0.1,30,10,quadratic"],
            [],
            {"best_so_far", "slices", "parallel_coordinates"},
        ),
    ],
    ids=["none", "failed", "diverged", "one"],
)
def test_what_has_nothing_to_show_is_left_to_the_static_figure(write_run, trials, epochs, views):
    assert set(_views(write_run(trials=trials, epochs=epochs))["views"]) == views


def test_of_a_loss_the_smaller_value_is_up():
    axis = ScoreAxis(-0.5, -0.1, METRICS["log_loss"])
    drawn = axis.drawn("log loss")
    assert [text for _, text in drawn["ticks"]] == ["0.5", "0.4", "0.3", "0.2", "0.1"]
    assert (drawn["low"], drawn["high"]) == pytest.approx((0.52, 0.08))
    worse, better = axis.places([-0.5, -0.1])
    assert 0 < worse < better < 1
    assert axis.places([-0.6, float("nan")]) == [BELOW, None]


def test_an_error_in_the_units_of_a_target_is_better_up(write_run):
    found = _views(predicted_run(write_run))
    first, diverged, last = found["values"]
    assert 0 < last == diverged < first < 1  # what was never measured has the worst value
    value = found["value"]
    assert value["low"] > 51040 > 48620 > value["high"]
    assert found["ranked"][0] == 0
    curves = found["views"]["learning_curves"]["y"]
    assert curves["low"] > curves["high"]
    assert curves["label"] == "validation RMSE"


def test_no_tick_lies_beyond_what_is_possible():
    drawn = ScoreAxis(0.99, 1.0, ACCURACY).drawn("accuracy")
    assert max(float(text) for _, text in drawn["ticks"]) == 100
    assert drawn["high"] > 100  # the margin for whole marks


def test_the_library_is_the_published_file_and_brings_its_license():
    path = Path(results.report.__file__).parent / "templates" / LIBRARY
    assert hashlib.sha256(path.read_bytes()).hexdigest() == UPLOT
    assert "Copyright (c) 2022 Leon Sorokin" in scripts()["library"]
    assert "</script" not in scripts()["library"] + scripts()["own"]

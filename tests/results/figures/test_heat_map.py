"""The heat map: cells counted by hand, and colors and numbers read back from the artists."""

import numpy as np
import pytest
from matplotlib.collections import QuadMesh

from results.analysis.positions import bin_trials, cell_count
from results.figures.heat_map import plot_heat_map
from sweeps.space.dimensions import Choices, Range

SPACE = {
    "learning_rate": Range(low=0.01, high=10.0, log=True),
    "mini_batch_size": Choices(choices=[5, 10, 20]),
}


@pytest.fixture
def trials(make_trials):
    # three decades in six cells: half a decade each
    rates = [0.01, 0.02, 0.04, 1.5, 10.0, 10.0]
    return make_trials(
        [0.7, 0.8, 0.9, 0.95, 0.6, None], learning_rate=rates, mini_batch_size=[5, 5, 5, 20, 10, 10]
    )


def test_cells_hold_the_median_and_the_count(trials):
    found = bin_trials(trials, SPACE, "learning_rate", "mini_batch_size")
    assert found.to_dict("split")["data"] == [
        [0, 0, 0.75, 2],
        [1, 0, 0.9, 1],
        [4, 2, 0.95, 1],
        [5, 1, 0.6, 1],  # the upper bound belongs to the last cell; the failed one counts nowhere
    ]


def test_trials_without_one_of_the_two_are_left_out(trials):
    trials.loc[3, "learning_rate"] = np.nan
    found = bin_trials(trials, SPACE, "learning_rate", "mini_batch_size")
    assert found["count"].sum() == 4


def test_the_map_shows_the_cells_and_the_best(trials, ax):
    plot_heat_map(trials, SPACE, "learning_rate", "mini_batch_size", ax)
    (mesh,) = [one for one in ax.collections if isinstance(one, QuadMesh)]
    grid = mesh.get_array().reshape(3, 6)
    assert grid[0, 0] == pytest.approx(0.75)
    assert grid[2, 4] == pytest.approx(0.95)
    assert grid.mask.sum() == 14
    said = {(round(text.get_position()[0], 2), text.get_text()) for text in ax.texts}
    assert {(0.5, "75.00%"), (0.5, "n = 2"), (4.5, "95.00%"), (4.5, "n = 1")} <= said
    (best,) = ax.lines
    x, y = best.get_xydata()[0]
    assert best.get_label() == "best: trial 3"
    assert x == pytest.approx(6 * np.log10(150) / 3)
    assert y == pytest.approx(2.5)
    assert ax.get_xlabel() == "learning_rate (log scale)"
    assert ax.get_ylabel() == "mini_batch_size"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["5", "10", "20"]


def test_numbers_are_readable_on_their_color(trials, ax):
    plot_heat_map(trials, SPACE, "learning_rate", "mini_batch_size", ax)
    colors = {text.get_text(): text.get_color() for text in ax.texts}
    assert colors["95.00%"] == "white"  # dark purple
    assert colors["60.00%"] != "white"  # green


def test_without_trials_a_sentence_is_drawn(make_trials, ax):
    trials = make_trials([None], learning_rate=[1.0], mini_batch_size=[5])
    plot_heat_map(trials, SPACE, "learning_rate", "mini_batch_size", ax)
    assert [text.get_text() for text in ax.texts] == ["no trial has a value yet"]


def test_few_whole_numbers_have_a_cell_each(make_trials):
    space = {"hidden_layers": Range(low=0, high=2), "epochs": Range(low=1, high=60)}
    assert [cell_count(space[name]) for name in space] == [3, 6]
    trials = make_trials([0.5, 0.6, 0.7], hidden_layers=[0, 1, 2], epochs=[1, 30, 60])
    assert bin_trials(trials, space, "hidden_layers", "epochs")["column"].tolist() == [0, 1, 2]


def test_two_that_never_meet_are_said(make_trials, ax):
    trials = make_trials([0.5, 0.6], learning_rate=[0.1, None], mini_batch_size=[None, 5])
    plot_heat_map(trials, SPACE, "learning_rate", "mini_batch_size", ax)
    wanted = "no complete trial has both learning_rate and mini_batch_size"
    assert [text.get_text() for text in ax.texts] == [wanted]


def test_what_a_pruner_cut_short_counts_in_no_cell_and_may_be_the_best(trials, ax):
    trials.loc[[1, 3], "state"] = "pruned"  # 0.8 beside 0.7 in one cell, and the best of all
    names = ("learning_rate", "mini_batch_size")
    plot_heat_map(trials, SPACE, *names, ax, "median")
    texts = {text.get_text() for text in ax.texts}
    assert {"70.00%", "90.00%", "60.00%"} <= texts
    assert not {"75.00%", "95.00%"} & texts
    assert ax.lines[0].get_label() == "best: trial 3"
    assert ax.get_title(loc="left").endswith("median of the n complete trials in each cell")


def test_what_patience_ended_counts_in_its_cell(trials, ax):
    trials.loc[1, "state"] = "pruned"
    plot_heat_map(trials, SPACE, "learning_rate", "mini_batch_size", ax, "none")
    assert "75.00%" in {text.get_text() for text in ax.texts}

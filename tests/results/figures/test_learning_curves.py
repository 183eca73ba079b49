"""The figures over time, read back from the artists they drew."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from results.analysis.trials import best_so_far, kind_of_trial, mean_curves
from results.figures.best_so_far import plot_best_so_far
from results.figures.learning_curves import plot_learning_curves
from results.figures.parallel_coordinates import plot_parallel_coordinates
from results.frames import read_run


def _labeled(ax):
    """Return the artists of the legend by their labels."""
    handles, labels = ax.get_legend_handles_labels()
    return dict(zip(labels, handles, strict=True))


def _text(ax):
    return [text.get_text() for text in ax.texts]


def _ticks(axis):
    axis.axes.figure.draw_without_rendering()
    return [text for text in (label.get_text() for label in axis.get_ticklabels()) if text]


def _lowest(ax, artist):
    """Return how far, in points, the middle of an artist's lowest mark lies above the axis."""
    ys = artist.get_transform().transform(artist.get_xydata())[:, 1]
    return (ys.min() - ax.bbox.y0) * 72 / ax.figure.dpi


def test_best_so_far_draws_trials_and_steps(make_trials, ax):
    values = [0.7, None, 0.9, 0.8]
    assert plot_best_so_far(best_so_far(make_trials(values)), ax) is ax
    artists = _labeled(ax)
    assert artists["one trial"].get_xydata().tolist() == [[0, 0.7], [2, 0.9], [3, 0.8]]
    steps = artists["best so far"]
    assert steps.get_xydata().tolist() == [[0, 0.7], [2, 0.9], [3, 0.9]]
    assert steps.get_drawstyle() == "steps-post"
    assert artists["best: trial 2"].get_xydata().tolist() == [[2, 0.9]]


def test_best_so_far_says_what_one_sees(make_trials, ax):
    plot_best_so_far(best_so_far(make_trials([0.7, 0.924, 0.8])), ax)
    assert ax.get_title(loc="left") == "Best so far: 92.40% at trial 1"
    assert ax.get_xlabel() == "trial"
    assert ax.get_ylabel() == "validation accuracy (%)"
    assert "80" in _ticks(ax.yaxis)
    assert not ax.spines["top"].get_visible()
    assert not ax.spines["right"].get_visible()


def test_the_first_of_equally_good_trials_is_the_best(make_trials, ax):
    plot_best_so_far(best_so_far(make_trials([0.7, 0.9, 0.9])), ax)
    assert ax.get_title(loc="left") == "Best so far: 90.00% at trial 1"


def test_values_below_the_bulk_are_marked_at_the_edge_and_counted(make_trials, ax):
    plot_best_so_far(best_so_far(make_trials([0.0, 0.9, 0.91, 0.1, 0.92, 0.93, 0.94])), ax)
    low, high = ax.get_ylim()
    assert 0.75 < low < 0.79
    assert 0.94 < high < 1
    # the median is 0.91 and the best leads by 0.03: four of these below it is 0.79
    artists = _labeled(ax)
    edge = artists["below 79.00%: 2 trials"]
    assert edge.get_xdata().tolist() == [0, 3]
    assert _lowest(ax, edge) == pytest.approx(0, abs=1e-9)
    assert edge.get_markerfacecolor() == "white"
    assert artists["one trial"].get_xdata().tolist() == [1, 2, 4, 5, 6]


def test_the_line_of_the_best_begins_where_it_can_be_seen(make_trials, ax):
    plot_best_so_far(best_so_far(make_trials([0.1, 0.2, 0.9, 0.91, 0.92, 0.93, 0.94])), ax)
    steps = _labeled(ax)["best so far"].get_xydata().tolist()
    assert steps == [[2, 0.9], [3, 0.91], [4, 0.92], [5, 0.93], [6, 0.94]]


@pytest.mark.parametrize("values", [[0.5, 0.6, 0.7], [0.9, 0.9], [0.0, 0.93, 0.9, 0.95, 0.94]])
def test_no_point_is_cut_by_the_axis(make_trials, ax, values):
    plot_best_so_far(best_so_far(make_trials(values)), ax)
    points = _labeled(ax)["one trial"]
    assert _lowest(ax, points) > points.get_markersize() / 2


@pytest.mark.parametrize("count", [1, 2, 3, 8, 40, 41, 298, 301])
def test_no_tick_lies_beyond_the_first_and_the_last_trial(make_trials, ax, count):
    plot_best_so_far(best_so_far(make_trials([0.5] * count)), ax)
    ticks = ax.get_xticks().tolist()
    assert ticks[0] == 0
    assert count / 2 <= ticks[-1] + 1 <= count
    left, right = ax.get_xlim()
    assert left < 0 <= count - 1 < right


def test_what_diverged_at_once_is_never_the_best(make_trials, ax):
    plot_best_so_far(best_so_far(make_trials([0.0, 0.2, 0.1], diverged=[0])), ax)
    artists = _labeled(ax)
    assert artists["one trial"].get_xydata().tolist() == [[0, 0.0], [1, 0.2], [2, 0.1]]
    assert artists["best so far"].get_xydata().tolist() == [[1, 0.2], [2, 0.2]]


def test_where_no_trial_learned_a_sentence_is_drawn(make_trials, ax):
    plot_best_so_far(best_so_far(make_trials([0.0, 0.0], diverged=[0, 1])), ax)
    assert _text(ax) == ["no trial learned anything before it diverged"]
    assert not ax.lines


@pytest.mark.parametrize("values", [[], [None], [None, None]])
def test_without_a_complete_trial_a_sentence_is_drawn(make_trials, ax, values):
    plot_best_so_far(best_so_far(make_trials(values)), ax)
    assert _text(ax) == ["no trial has a value yet"]


@pytest.mark.parametrize("values", [[0.5], [0.0, 0.0], [1.0, 1.0, 1.0]])
def test_few_or_equal_values_are_inside_the_axes(make_trials, ax, values):
    plot_best_so_far(best_so_far(make_trials(values)), ax)
    low, high = ax.get_ylim()
    assert low < min(values) <= max(values) < high
    assert all(0 <= float(label) <= 100 for label in _ticks(ax.yaxis))


def test_ticks_of_trials_and_epochs_are_whole(make_trials, write_run, ax):
    plot_best_so_far(best_so_far(make_trials([0.5, 0.6])), ax)
    assert all(label.lstrip("−").isdigit() for label in _ticks(ax.xaxis))


def test_kinds_tell_divergence_from_completion(make_trials):
    kinds = kind_of_trial(make_trials([0.5, 0.0, None], diverged=[1]))
    assert kinds.to_dict() == {0: "complete", 1: "diverged", 2: "failed"}


def _draw_run(folder, ax):
    run = read_run(folder)
    return plot_learning_curves(mean_curves(run.epochs), run.trials, ax)


def _segments(ax):
    lines = [artist for artist in ax.collections if isinstance(artist, LineCollection)]
    return [[segment.tolist() for segment in collection.get_segments()] for collection in lines]


def test_learning_curves_draw_every_trial_by_kind(write_run, ax):
    assert _draw_run(write_run(), ax) is ax
    complete, diverged = _segments(ax)
    # the best last, over the others
    assert complete == [
        [[1, 0.85], [2, 0.9]],
        [[1, 0.925], [2, 0.92]],
        [[1, 0.94], [2, 0.93], [3, 0.95]],
    ]
    assert diverged == [[[1, 0.1]]]
    labels = list(_labeled(ax))
    assert (labels[0], labels[-1]) == ("complete (3)", "best: trial 3")


def test_kinds_differ_in_color_line_and_marker(write_run, ax):
    folder = write_run()
    with (folder / "epochs.csv").open("a") as file:
        file.write("2,0,1,1.0,,,,0.5\n")
    _draw_run(folder, ax)
    artists = list(_labeled(ax).values())
    for look in ("get_color", "get_linestyle", "get_marker"):
        assert len({getattr(artist, look)() for artist in artists[:3]}) == 3


def test_a_curve_has_the_color_of_its_trial_in_the_parallel_coordinates(write_run, ax):
    run = read_run(write_run())
    plot_learning_curves(mean_curves(run.epochs), run.trials, ax)
    other = plot_parallel_coordinates(run.trials, run.space, Figure().subplots())
    (bundle,) = (artist for artist in other.collections if isinstance(artist, LineCollection))
    known = dict(zip(bundle.get_array(), bundle.to_rgba(bundle.get_array()), strict=True))
    colors = ax.collections[0].get_colors()
    expected = [known[value] for value in (0.9, 0.925, 0.95)]
    np.testing.assert_array_equal(colors[:, :3], np.array(expected)[:, :3])
    ends = ax.collections[1].get_facecolors()
    np.testing.assert_array_equal(ends[:, :3], colors[:, :3])
    # in print, too: the better the darker
    assert (np.diff(colors[:, :3] @ [0.299, 0.587, 0.114]) < 0).all()


def test_a_color_bar_says_the_values_where_they_differ(write_run, ax):
    _draw_run(write_run(), ax)
    (bar,) = ax.child_axes
    assert bar.get_ylabel() == "best validation accuracy (%)"
    # the values' median is 0.9125, the best leads by 0.0375: from 0.7625, the lowest color below
    assert bar.get_ylim() == pytest.approx((0.7625, 0.95))
    alone = Figure().subplots()
    _draw_run(write_run(trials=["0,complete,0.9,2,2,max_epochs,0.1,30,10,quadratic"]), alone)
    assert not alone.child_axes


def test_the_best_curve_is_highlighted_and_named(write_run, ax):
    _draw_run(write_run(), ax)
    best = _labeled(ax)["best: trial 3"]
    assert best.get_xydata().tolist() == [[1, 0.94], [2, 0.93], [3, 0.95]]
    assert best.get_linewidth() > 2
    assert ax.get_title(loc="left") == "Trial 3 is best: 95.00% after epoch 3"
    assert ax.get_xlabel() == "epoch"


def test_ends_below_the_bulk_are_marked_at_the_edge_and_counted(write_run, ax):
    # of the eight accuracies the median is 0.9225 and the best leads by 0.0275: four of these
    # below it is 0.8125, a margin under that is the edge
    _draw_run(write_run(), ax)
    low, _ = ax.get_ylim()
    assert 0.8 < low < 0.8125
    (edge,) = (mark for label, mark in _labeled(ax).items() if "below 81." in label)
    assert edge.get_label().startswith("diverged, below")
    assert edge.get_label().endswith(": 1 trial")
    assert edge.get_xdata().tolist() == [1]
    assert _lowest(ax, edge) == pytest.approx(0, abs=1e-9)


def test_a_curve_that_ends_below_the_bulk_is_no_dot_on_the_axis(write_run, ax):
    rows = [f"0,0,{epoch},0.1,,,,{0.9 + epoch / 1000}" for epoch in range(1, 9)]
    _draw_run(write_run(epochs=[*rows, "3,0,1,0.1,,,,0.9", "3,0,2,0.1,,,,0.1"]), ax)
    # the median of the ten is 0.9035 and the best leads by less than half a point: 0.8835
    edge = _labeled(ax)["ending below 88.35%: 1 trial"]
    assert edge.get_xdata().tolist() == [2]
    assert (edge.get_marker(), edge.get_markerfacecolor()) == ("v", "white")
    assert _lowest(ax, edge) == pytest.approx(0, abs=1e-9)
    dots = ax.collections[1].get_offsets().tolist()
    assert dots == [[8, 0.908]]


def test_best_value_and_epoch_are_those_of_the_trials(write_run, ax):
    # the epoch in which a trial diverged has an accuracy as well, here even the highest
    trials = ["0,complete,0.5,1,2,diverged,9.0,30,10,quadratic"]
    _draw_run(write_run(trials=trials, epochs=["0,0,1,9.0,,,,0.5", "0,0,2,9.0,nan,,nan,0.8"]), ax)
    assert ax.get_title(loc="left") == "Trial 0 is best: 50.00% after epoch 1"
    assert _labeled(ax)["best: trial 0"].get_xdata().tolist() == [1, 2]
    assert [[1, 0.5]] in [line.get_xydata().tolist() for line in ax.lines]


@pytest.mark.parametrize("best_epoch", ["", "0"])
def test_curves_without_a_trial_that_learned_have_no_best(write_run, ax, best_epoch):
    trials = [f"{n},complete,0.0,{best_epoch},1,diverged,9.0,30,10,quadratic" for n in range(3)]
    _draw_run(write_run(trials=trials, epochs=[f"{n},0,1,9.0,,,,0.1" for n in range(3)]), ax)
    assert ax.get_title(loc="left") == "No trial learned anything"
    assert list(_labeled(ax)) == ["diverged (3)"]


def test_a_single_curve_is_inside_the_axes(write_run, ax):
    rows = [f"0,0,{epoch},0.1,,,,{0.9 + epoch / 100}" for epoch in range(1, 6)]
    _draw_run(write_run(epochs=rows), ax)
    low, high = ax.get_ylim()
    assert low < 0.91 < 0.95 < high


def test_curves_are_means_over_replicates(write_run, ax):
    _draw_run(write_run(epochs=["0,0,1,0.1,,,,0.75", "0,1,1,0.1,,,,0.25"]), ax)
    assert _segments(ax) == [[[[1, 0.5]]]]


@pytest.mark.parametrize("epochs", [[], ["0,0,1,0.1,0.5,,,"]])
def test_without_validation_accuracies_a_sentence_is_drawn(write_run, ax, epochs):
    _draw_run(write_run(epochs=epochs), ax)
    assert _text(ax) == ["no values on validation data yet"]


def test_without_a_complete_trial_curves_have_no_best(write_run, ax):
    _draw_run(
        write_run(trials=["0,failed,,,1,error,0.1,30,10,quadratic"], epochs=["0,0,1,0.1,,,,0.75"]),
        ax,
    )
    assert list(_labeled(ax)) == ["failed (1)"]
    assert ax.get_title(loc="left") == "No trial has completed yet"


def test_epochs_without_an_accuracy_are_left_out_of_a_curve(write_run, ax):
    _draw_run(write_run(epochs=["0,0,1,0.1,,,,0.75", "0,0,2,0.1,,,,nan"]), ax)
    assert _segments(ax) == [[[[1, 0.75]]]]


def test_many_curves_are_drawn_as_pixels(make_trials, ax):
    trials = make_trials([0.5] * 501)
    curves = pd.DataFrame({"trial": range(501), "epoch": 1, "score": 0.5})
    plot_learning_curves(curves, trials, ax)
    assert ax.collections[0].get_rasterized()

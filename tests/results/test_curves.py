"""The figures over time, read back from the artists they drew."""

import pandas as pd
import pytest
from matplotlib.collections import LineCollection

from results.curves import kind_of_trial, plot_best_so_far, plot_learning_curves
from results.frames import read_run
from results.statistics import best_so_far, mean_curves


def _labelled(ax):
    """Return the artists of the legend by their labels."""
    handles, labels = ax.get_legend_handles_labels()
    return dict(zip(labels, handles, strict=True))


def _text(ax):
    return [text.get_text() for text in ax.texts]


def _ticks(axis):
    axis.axes.figure.draw_without_rendering()
    return [text for text in (label.get_text() for label in axis.get_ticklabels()) if text]


def test_best_so_far_draws_trials_and_steps(make_trials, ax):
    values = [0.7, None, 0.9, 0.8]
    assert plot_best_so_far(best_so_far(make_trials(values)), ax) is ax
    artists = _labelled(ax)
    assert artists["one trial"].get_xydata().tolist() == [[0, 0.7], [2, 0.9], [3, 0.8]]
    steps = artists["best so far"]
    assert steps.get_xydata().tolist() == [[0, 0.7], [2, 0.9], [3, 0.9]]
    assert steps.get_drawstyle() == "steps-post"
    assert artists["best: trial 2"].get_xydata().tolist() == [[2, 0.9]]


def test_best_so_far_says_what_one_sees(make_trials, ax):
    plot_best_so_far(best_so_far(make_trials([0.7, 0.924, 0.8])), ax)
    assert ax.get_title(loc="left") == "Best so far: 92.4 % at trial 1"
    assert ax.get_xlabel() == "trial"
    assert ax.get_ylabel() == "validation accuracy (%)"
    assert "80" in _ticks(ax.yaxis)
    assert not ax.spines["top"].get_visible()
    assert not ax.spines["right"].get_visible()


def test_the_first_of_equally_good_trials_is_the_best(make_trials, ax):
    plot_best_so_far(best_so_far(make_trials([0.7, 0.9, 0.9])), ax)
    assert ax.get_title(loc="left") == "Best so far: 90.0 % at trial 1"


def test_values_below_the_bulk_are_marked_at_the_edge_and_counted(make_trials, ax):
    plot_best_so_far(best_so_far(make_trials([0.0, 0.9, 0.91, 0.1, 0.92, 0.93, 0.94])), ax)
    low, high = ax.get_ylim()
    assert 0.5 < low < 0.9
    assert 0.94 < high < 1
    artists = _labelled(ax)
    edge = artists[f"below {100 * low:.1f} %: 2 trials"]
    assert edge.get_xydata().tolist() == [[0, low], [3, low]]
    assert artists["one trial"].get_xdata().tolist() == [1, 2, 4, 5, 6]


@pytest.mark.parametrize("values", [[], [None], [None, None]])
def test_without_a_complete_trial_a_sentence_is_drawn(make_trials, ax, values):
    plot_best_so_far(best_so_far(make_trials(values)), ax)
    assert _text(ax) == ["no complete trials yet"]


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
    assert complete == [
        [[1, 0.85], [2, 0.9]],
        [[1, 0.94], [2, 0.93], [3, 0.95]],
        [[1, 0.925], [2, 0.92]],
    ]
    assert diverged == [[[1, 0.1]]]
    labels = list(_labelled(ax))
    assert (labels[0], labels[-1]) == ("complete (3)", "best: trial 3")


def test_kinds_differ_in_colour_line_and_marker(write_run, ax):
    folder = write_run()
    with (folder / "epochs.csv").open("a") as file:
        file.write("2,0,1,1.0,,,,0.5\n")
    _draw_run(folder, ax)
    artists = list(_labelled(ax).values())
    for look in ("get_color", "get_linestyle", "get_marker"):
        assert len({getattr(artist, look)() for artist in artists[:3]}) == 3


def test_the_best_curve_is_highlighted_and_named(write_run, ax):
    _draw_run(write_run(), ax)
    best = _labelled(ax)["best: trial 3"]
    assert best.get_xydata().tolist() == [[1, 0.94], [2, 0.93], [3, 0.95]]
    assert best.get_linewidth() > 2
    assert ax.get_title(loc="left") == "Trial 3 learned best: 95.0 % after epoch 3"
    assert ax.get_xlabel() == "epoch"


def test_ends_below_the_bulk_are_marked_at_the_edge_and_counted(write_run, ax):
    # of the eight accuracies the median is 0.9225 and the best leads by 0.0275: four of these
    # below it is 0.8125, a margin under that is the edge
    _draw_run(write_run(), ax)
    low, _ = ax.get_ylim()
    assert 0.8 < low < 0.8125
    assert f"diverged (1), 1 ending below {100 * low:.1f} %" in _labelled(ax)
    ends = [line.get_xydata().tolist() for line in ax.lines]
    assert [[1, low]] in ends


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
    assert _text(ax) == ["no validation accuracies yet"]


def test_without_a_complete_trial_curves_have_no_best(write_run, ax):
    _draw_run(
        write_run(trials=["0,failed,,,1,error,0.1,30,10,quadratic"], epochs=["0,0,1,0.1,,,,0.75"]),
        ax,
    )
    assert list(_labelled(ax)) == ["failed (1)"]
    assert ax.get_title(loc="left") == "No trial has completed yet"


def test_epochs_without_an_accuracy_are_left_out_of_a_curve(write_run, ax):
    _draw_run(write_run(epochs=["0,0,1,0.1,,,,0.75", "0,0,2,0.1,,,,nan"]), ax)
    assert _segments(ax) == [[[[1, 0.75]]]]


def test_many_curves_are_drawn_as_pixels(make_trials, ax):
    trials = make_trials([0.5] * 501)
    curves = pd.DataFrame({"trial": range(501), "epoch": 1, "validation_accuracy": 0.5})
    plot_learning_curves(curves, trials, ax)
    assert ax.collections[0].get_rasterized()

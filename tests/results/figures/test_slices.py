"""The figures over the space, read back from the artists they drew."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from results.figures.parallel_coordinates import plot_parallel_coordinates
from results.figures.slices import plot_slice
from sweeps.space.dimensions import Choices, Range

LOG = Range(low=0.01, high=10.0, log=True)
LINEAR = Range(low=10, high=100, step=10)
COST = Choices(choices=["quadratic", "cross-entropy"])


def _labeled(ax):
    handles, labels = ax.get_legend_handles_labels()
    return dict(zip(labels, handles, strict=True))


def _labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def _text(ax):
    return [text.get_text() for text in ax.texts]


def _heights_above_axis(ax, artist, points):
    return artist.get_transform().transform(points)[:, 1] - ax.bbox.y0


def _bundle(ax) -> LineCollection:
    (collection,) = (a for a in ax.collections if isinstance(a, LineCollection))
    return collection


# --- slices


def test_a_slice_lies_on_a_logarithmic_axis_where_the_space_does(make_trials, ax):
    trials = make_trials([0.7, None, 0.9, 0.8], learning_rate=[0.1, 1.0, 0.4621, 10.0])
    assert plot_slice(trials, "learning_rate", LOG, ax) is ax
    assert ax.get_xscale() == "log"
    assert ax.get_xlabel() == "learning_rate (log scale)"
    assert _labeled(ax)["trial"].get_xydata().tolist() == [[0.1, 0.7], [0.4621, 0.9], [10.0, 0.8]]
    assert _labeled(ax)["best trial"].get_xydata().tolist() == [[0.4621, 0.9]]
    assert ax.get_title(loc="left") == "best learning_rate: 0.462"
    assert _labels(ax.xaxis) == ["0.01", "0.1", "1", "10"]
    low, high = ax.get_xlim()
    assert low < 0.01 < 10 < high


def test_a_slice_of_numbers_spans_the_space(make_trials, ax):
    plot_slice(make_trials([0.7, 0.9], hidden_units=[30, 60]), "hidden_units", LINEAR, ax)
    assert ax.get_xscale() == "linear"
    assert ax.get_xlabel() == "hidden_units"
    low, high = ax.get_xlim()
    assert low < 10 < 100 < high


def test_a_slice_of_choices_is_a_strip_with_medians(make_trials, ax):
    values = [0.7, 0.8, 0.9, 0.95, 0.6, 0.92]
    cost = ["quadratic", "quadratic", "cross-entropy", "cross-entropy", "quadratic"]
    plot_slice(make_trials(values, cost=[*cost, "cross-entropy"]), "cost", COST, ax)
    assert _labeled(ax)["trial"].get_xdata().tolist() == [0, 0, 1, 1, 0, 1]
    assert _labels(ax.xaxis) == ["quadratic", "cross-entropy"]
    medians = _labeled(ax)["median of a choice"].get_segments()
    assert [segment[0, 1] for segment in medians] == pytest.approx([0.7, 0.92])
    assert ax.get_title(loc="left") == "best cost: cross-entropy"


@pytest.mark.parametrize(("pruner", "medians"), [("median", [0.9]), ("none", [0.8])])
def test_what_a_pruner_cut_short_has_a_mark_and_no_say_in_the_median(
    make_trials, ax, pruner, medians
):
    trials = make_trials([0.8, 0.9, 0.95, 0.7, 0.75], cost=["quadratic"] * 5)
    trials.loc[[3, 4], ["state", "stop_reason"]] = "pruned"
    plot_slice(trials, "cost", COST, ax, pruner)
    drawn = _labeled(ax)["median of a choice"].get_segments()
    assert [segment[0, 1] for segment in drawn] == pytest.approx(medians)
    assert _labeled(ax)["pruned"].get_ydata().tolist() == [0.7, 0.75]


def test_fewer_than_three_trials_have_no_median(make_trials, ax):
    trials = make_trials([0.7, 0.8, 0.9], cost=["quadratic", "quadratic", "cross-entropy"])
    plot_slice(trials, "cost", COST, ax)
    assert set(_labeled(ax)) == {"trial", "best trial"}
    assert not ax.collections


def test_a_median_below_the_bulk_is_marked_at_the_edge(make_trials, ax):
    # the median of all is 0.91 and the best leads by 0.03: the bulk goes down to 0.79
    values = [0.1, 0.2, 0.9, 0.91, 0.92, 0.93, 0.94]
    cost = ["quadratic"] * 3 + ["cross-entropy"] * 4
    plot_slice(make_trials(values, cost=cost), "cost", COST, ax)
    artists = _labeled(ax)
    (shown,) = artists["median of a choice"].get_segments()
    assert shown[0, 1] == pytest.approx(0.925)
    edge = artists["median below 79.00%"]
    (segment,) = edge.get_segments()
    assert segment.mean(axis=0).tolist() == [0, 0]
    assert _heights_above_axis(ax, edge, segment) == pytest.approx([0, 0], abs=1e-9)


def test_what_diverged_is_told_apart_and_marked_at_the_edge(make_trials, ax):
    values = [0.9, 0.91, 0.92, 0.93, 0.94, 0.05, 0.0]
    trials = make_trials(values, diverged=[0, 6], hidden_units=[10, 20, 30, 40, 50, 60, 70])
    plot_slice(trials, "hidden_units", LINEAR, ax)
    # the median is 0.91 and the best leads by 0.03: four of these below it is 0.79
    text = "below 79.00%"
    artists = _labeled(ax)
    assert artists["diverged"].get_xydata().tolist() == [[10, 0.9]]
    for label, x in ((text, 60), (f"diverged, {text}", 70)):
        edge = artists[label]
        assert edge.get_xdata().tolist() == [x]
        assert _heights_above_axis(ax, edge, edge.get_xydata()) == pytest.approx([0], abs=1e-9)
    assert artists["diverged"].get_marker() != artists["trial"].get_marker()


@pytest.mark.parametrize("dimension", [LOG, LINEAR, Choices(choices=[10])])
@pytest.mark.parametrize("values", [[], [None], [0.5], [0.0, 0.0]])
def test_a_slice_of_little_is_drawn(make_trials, ax, dimension, values):
    plot_slice(make_trials(values, x=[10] * len(values)), "x", dimension, ax)
    complete = [value for value in values if value is not None]
    assert (_text(ax) == ["no trial has a value yet"]) == (not complete)


def test_the_best_of_a_slice_has_learned(make_trials, ax):
    trials = make_trials([0.0, 0.0, 0.0], diverged=[0, 1], hidden_units=[10, 20, 30])
    plot_slice(trials, "hidden_units", LINEAR, ax)
    assert _labeled(ax)["best trial"].get_xydata().tolist() == [[30, 0.0]]
    assert ax.get_title(loc="left") == "best hidden_units: 30"


def test_where_no_trial_learned_slices_and_coordinates_say_so(make_trials, ax):
    trials = make_trials([0.0, 0.0], diverged=[0, 1], hidden_units=[10, 20])
    plot_slice(trials, "hidden_units", LINEAR, ax)
    other = plot_parallel_coordinates(trials, {"hidden_units": LINEAR}, Figure().subplots())
    for axes in (ax, other):
        assert _text(axes) == ["no trial learned anything before it diverged"]
        assert not axes.lines
        assert not axes.collections


@pytest.mark.parametrize(("dimension", "at"), [(LOG, 0.1), (LINEAR, 40)])
def test_a_parameter_that_never_varied_is_drawn_over_its_range(make_trials, ax, dimension, at):
    plot_slice(make_trials([0.5, 0.6], x=[at, at]), "x", dimension, ax)
    low, high = ax.get_xlim()
    assert low < dimension.low < at < dimension.high < high
    assert _labeled(ax)["trial"].get_xydata().tolist() == [[at, 0.5], [at, 0.6]]


def test_users_text_is_shown_as_written(make_trials, ax):
    texts = ["$a_b$", "<script>"]
    plot_slice(make_trials([0.5, 0.6], **{"$x$": texts}), "$x$", Choices(choices=texts), ax)
    assert ax.get_xlabel() == r"\$x\$"
    assert _labels(ax.xaxis) == [r"\$a_b\$", "<script>"]


# --- parallel coordinates


def test_parallel_coordinates_put_each_trial_at_its_places(make_trials, ax):
    trials = make_trials(
        [0.9, 0.7, None, 0.8],
        learning_rate=[0.1, 10.0, 1.0, 0.01],
        hidden_units=[55, 10, 10, 100],
    )
    space = {"learning_rate": LOG, "hidden_units": LINEAR}
    assert plot_parallel_coordinates(trials, space, ax) is ax
    lines = _bundle(ax)
    # worst first, so that the better lines lie on top
    assert np.asarray(lines.get_array()).tolist() == [0.7, 0.8, 0.9]
    heights = [segment[:, 1].tolist() for segment in lines.get_segments()]
    assert np.array(heights) == pytest.approx(np.array([[1, 0], [0, 1], [1 / 3, 0.5]]))
    best = _labeled(ax)["best trial"]
    assert best.get_ydata() == pytest.approx([1 / 3, 0.5])
    assert best.get_linewidth() > 2
    assert _labels(ax.xaxis) == ["learning_rate", "hidden_units"]
    assert ax.get_title(loc="left") == "Trial 0 (thick line) is best with 90.00%"


def test_axes_name_their_ends_and_choices(make_trials, ax):
    trials = make_trials([0.9], learning_rate=[0.1], cost=["quadratic"])
    plot_parallel_coordinates(trials, {"learning_rate": LOG, "cost": COST}, ax)
    named = {(note.xy[0], round(note.xy[1], 6)): note.get_text() for note in ax.texts}
    assert named[0, 0.0] == "0.01"
    assert named[0, 1.0] == "10"
    assert named[1, 0.0] == "quadratic"
    assert named[1, 1.0] == "cross-entropy"


def test_lines_through_one_choice_fan_out_the_better_the_higher(make_trials, ax):
    values = [0.9, 0.6, 0.8, 0.7]
    trials = make_trials(values, cost=["quadratic"] * 3 + ["cross-entropy"])
    plot_parallel_coordinates(trials, {"cost": COST}, ax)
    heights = [segment[0, 1] for segment in _bundle(ax).get_segments()]
    # values 0.6, 0.7, 0.8, 0.9: three around 0 within a tenth, one alone at 1
    assert heights == pytest.approx([-0.1 / 3, 1.0, 0.0, 0.1 / 3])


def test_the_color_bar_spans_the_bulk(make_trials, ax):
    trials = make_trials([0.0, 0.9, 0.91, 0.92, 0.93], hidden_units=[10] * 5)
    plot_parallel_coordinates(trials, {"hidden_units": LINEAR}, ax)
    lines = _bundle(ax)
    # the median is 0.91 and the best leads by 0.02
    assert (lines.norm.vmin, lines.norm.vmax) == pytest.approx((0.83, 0.93))
    (bar,) = ax.child_axes
    assert bar.get_ylim() == pytest.approx((0.83, 0.93))
    assert bar.get_ylabel() == "best validation accuracy (%)"


def test_equal_values_need_no_color_bar(make_trials, ax):
    plot_parallel_coordinates(make_trials([0.9, 0.9], x=[10, 20]), {"x": LINEAR}, ax)
    assert not ax.child_axes


def test_labels_stand_in_white_boxes_left_of_their_axes_and_above_the_lines(make_trials, ax):
    trials = make_trials([0.9, 0.8], x=[10, 20], cost=["quadratic", "cross-entropy"])
    plot_parallel_coordinates(trials, {"x": LINEAR, "cost": COST}, ax)
    ax.figure.draw_without_rendering()
    highest = max(artist.get_zorder() for artist in (*ax.lines, *ax.collections))
    for note in ax.texts:
        box = note.get_bbox_patch()
        assert box.get_facecolor() == (1, 1, 1, 1)
        assert box.get_window_extent().x1 < ax.transData.transform(note.xy)[0]
        assert note.get_zorder() > highest


def test_few_lines_are_vectors_and_many_are_pixels(make_trials, ax):
    plot_parallel_coordinates(make_trials([0.5] * 500, x=[3] * 500), {"x": LINEAR}, ax)
    assert not _bundle(ax).get_rasterized()
    ax.clear()
    plot_parallel_coordinates(make_trials([0.5] * 501, x=[30] * 501), {"x": LINEAR}, ax)
    assert _bundle(ax).get_rasterized()


@pytest.mark.parametrize("values", [[], [None]])
def test_parallel_coordinates_of_nothing_say_so(make_trials, ax, values):
    plot_parallel_coordinates(make_trials(values, x=[10] * len(values)), {"x": LINEAR}, ax)
    assert _text(ax) == ["no trial has a value yet"]


def test_parameters_that_never_varied_are_drawn_straight(make_trials, ax):
    trials = make_trials([0.9, 0.8], learning_rate=[10.0, 10.0], cost=["only", "only"])
    space = {"learning_rate": LOG, "cost": Choices(choices=["only"])}
    plot_parallel_coordinates(trials, space, ax)
    heights = [segment[:, 1].tolist() for segment in _bundle(ax).get_segments()]
    # the worse line first; two lines through one choice lie a quarter of the fan off its middle
    assert np.array(heights) == pytest.approx(np.array([[1, 0.475], [1, 0.525]]))


def test_a_line_runs_below_an_axis_that_its_trial_does_not_have(make_trials, ax):
    space = {"momentum": Range(low=0.0, high=1.0), "dropout": Range(low=0.0, high=0.5)}
    trials = make_trials([0.9, 0.8], momentum=[0.5, 0.25], dropout=[float("nan"), 0.5])
    plot_parallel_coordinates(trials, space, ax)
    (lines,) = [one for one in ax.collections if isinstance(one, LineCollection)]
    (worse, better) = [segment[:, 1].tolist() for segment in lines.get_segments()]
    assert worse == [0.25, 1.0]
    assert better[0] == 0.5
    assert ax.get_ylim()[0] < better[1] < 0
    assert "not set" in [text.get_text() for text in ax.texts]


def test_a_slice_of_a_condition_has_the_limits_of_all_trials_and_only_the_true_best(
    make_trials, ax
):
    trials = make_trials([0.9, 0.92, 0.95, 0.4], hidden_units=[30, 60, None, None])
    plot_slice(trials, "hidden_units", LINEAR, ax)
    # of all four: the median is 0.91 and the best leads by 0.04
    low, high = ax.get_ylim()
    assert low < 0.75 < 0.95 < high
    assert ax.get_title(loc="left") == "best hidden_units: not set"
    assert "best trial" not in _labeled(ax)


def test_a_slice_of_what_no_trial_had_says_so(make_trials, ax):
    plot_slice(make_trials([0.9], hidden_units=[None]), "hidden_units", LINEAR, ax)
    assert _text(ax) == ["no trial with a value has hidden_units"]


def test_pruned_trials_have_a_mark_of_their_own(make_trials, ax):
    trials = make_trials([0.9, 0.92, 0.91], hidden_units=[30, 60, 90])
    trials.loc[2, "state"] = "pruned"
    plot_slice(trials, "hidden_units", LINEAR, ax)
    assert _labeled(ax)["pruned"].get_xdata().tolist() == [90]
    assert _labeled(ax)["trial"].get_xdata().tolist() == [30, 60]

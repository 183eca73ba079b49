"""The figures over the space, read back from the artists they drew."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection

from results.drawing import literal, number, parameter_text, short
from results.landscape import plot_importance, plot_parallel_coordinates, plot_slice
from results.scales import places, tick_values, ticks
from sweeps.space import Choices, Range

LOG = Range(low=0.01, high=10.0, log=True)
LINEAR = Range(low=10, high=100, step=10)
COST = Choices(choices=["quadratic", "cross-entropy"])


def _labelled(ax):
    handles, labels = ax.get_legend_handles_labels()
    return dict(zip(labels, handles, strict=True))


def _labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def _text(ax):
    return [text.get_text() for text in ax.texts]


def _bundle(ax) -> LineCollection:
    (collection,) = (a for a in ax.collections if isinstance(a, LineCollection))
    return collection


# --- scales


@pytest.mark.parametrize(
    ("dimension", "values", "expected"),
    [
        (LOG, [0.01, 0.1, 1.0, 10.0], [0, 1 / 3, 2 / 3, 1]),
        (LINEAR, [10, 55, 100], [0, 0.5, 1]),
        (Choices(choices=[5, 10, 20]), [20, 5, 10], [1, 0, 0.5]),
        (Choices(choices=["only"]), ["only", "only"], [0.5, 0.5]),
        (LOG, [], []),
    ],
)
def test_places(dimension, values, expected):
    assert places(pd.Series(values), dimension) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        (LOG, [0.01, 0.1, 1.0, 10.0]),
        (LINEAR, [10.0, 30.0, 50.0, 70.0, 90.0, 100.0]),
        (Range(low=10, high=100), [10.0, 20.0, 40.0, 60.0, 80.0, 100.0]),
        (Range(low=10, high=40, step=10), [10.0, 20.0, 30.0, 40.0]),
        (Range(low=1, high=3), [1.0, 2.0, 3.0]),
        (Range(low=0.0, high=0.5, step=0.25), [0.0, 0.25, 0.5]),
        (Range(low=0.2, high=0.8, log=True), [0.2, 0.8]),
        # 1 lies too near to 0.9 to be written beside it
        (Range(low=0.9, high=1000.0, log=True), [0.9, 10.0, 100.0, 1000.0]),
    ],
)
def test_tick_values_are_the_ends_and_round_values(dimension, expected):
    assert tick_values(dimension) == pytest.approx(expected)


def test_ticks_of_choices_name_them_all_or_some():
    assert ticks(COST) == [(0.0, "quadratic"), (1.0, "cross-entropy")]
    assert ticks(Choices(choices=["only"])) == [(0.5, "only")]
    many = ticks(Choices(choices=list(range(25))))
    assert [label for _, label in many] == ["0", "3", "6", "9", "12", "15", "18", "21", "24"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.46216, "0.462"),
        (1024, "1024"),
        (1e-05, "1e-05"),
        (5_000_000, "5e+06"),
        (True, "True"),
        ("a$b$", r"a\$b\$"),
        ("<script>", "<script>"),
        ("a very long choice indeed", "a very long choic…"),
    ],
)
def test_values_as_text(value, text):
    assert parameter_text(value) == text


def test_text_helpers():
    assert literal("$x$") == r"\$x\$"
    assert len(short("x" * 99)) == 18
    assert number(10.0) == "10"


# --- slices


def test_a_slice_lies_on_a_logarithmic_axis_where_the_space_does(make_trials, ax):
    trials = make_trials([0.7, None, 0.9, 0.8], learning_rate=[0.1, 1.0, 0.4621, 10.0])
    assert plot_slice(trials, "learning_rate", LOG, ax) is ax
    assert ax.get_xscale() == "log"
    assert ax.get_xlabel() == "learning_rate (log scale)"
    assert _labelled(ax)["trial"].get_xydata().tolist() == [[0.1, 0.7], [0.4621, 0.9], [10.0, 0.8]]
    assert _labelled(ax)["best trial"].get_xydata().tolist() == [[0.4621, 0.9]]
    assert ax.get_title(loc="left") == "best at 0.462"
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
    values = [0.7, 0.8, 0.9, 0.95, 0.6]
    cost = ["quadratic", "quadratic", "cross-entropy", "cross-entropy", "quadratic"]
    plot_slice(make_trials(values, cost=cost), "cost", COST, ax)
    assert _labelled(ax)["trial"].get_xdata().tolist() == [0, 0, 1, 1, 0]
    assert _labels(ax.xaxis) == ["quadratic", "cross-entropy"]
    medians = _labelled(ax)["median of a choice"].get_segments()
    assert [segment[0, 1] for segment in medians] == pytest.approx([0.7, 0.925])
    assert ax.get_title(loc="left") == "best at cross-entropy"


def test_what_diverged_is_told_apart_and_marked_at_the_edge(make_trials, ax):
    values = [0.9, 0.91, 0.92, 0.93, 0.94, 0.05, 0.0]
    trials = make_trials(values, diverged=[0, 6], hidden_units=[10, 20, 30, 40, 50, 60, 70])
    plot_slice(trials, "hidden_units", LINEAR, ax)
    low = ax.get_ylim()[0]
    text = f"below {100 * low:.1f} %"
    artists = _labelled(ax)
    assert artists["diverged"].get_xydata().tolist() == [[10, 0.9]]
    assert artists[text].get_xydata().tolist() == [[60, low]]
    assert artists[f"diverged, {text}"].get_xydata().tolist() == [[70, low]]
    assert artists["diverged"].get_marker() != artists["trial"].get_marker()


@pytest.mark.parametrize("dimension", [LOG, LINEAR, Choices(choices=[10])])
@pytest.mark.parametrize("values", [[], [None], [0.5], [0.0, 0.0]])
def test_a_slice_of_little_is_drawn(make_trials, ax, dimension, values):
    plot_slice(make_trials(values, x=[10] * len(values)), "x", dimension, ax)
    complete = [value for value in values if value is not None]
    assert (_text(ax) == ["no complete trials yet"]) == (not complete)


@pytest.mark.parametrize(("dimension", "at"), [(LOG, 0.1), (LINEAR, 40)])
def test_a_parameter_that_never_varied_is_drawn_over_its_range(make_trials, ax, dimension, at):
    plot_slice(make_trials([0.5, 0.6], x=[at, at]), "x", dimension, ax)
    low, high = ax.get_xlim()
    assert low < dimension.low < at < dimension.high < high
    assert _labelled(ax)["trial"].get_xydata().tolist() == [[at, 0.5], [at, 0.6]]


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
    best = _labelled(ax)["best trial"]
    assert best.get_ydata() == pytest.approx([1 / 3, 0.5])
    assert best.get_linewidth() > 2
    assert _labels(ax.xaxis) == ["learning_rate", "hidden_units"]
    assert ax.get_title(loc="left") == "Trial 0 is best with 90.0 %, drawn thick"


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


def test_the_colour_bar_spans_the_bulk(make_trials, ax):
    trials = make_trials([0.0, 0.9, 0.91, 0.92, 0.93], hidden_units=[10] * 5)
    plot_parallel_coordinates(trials, {"hidden_units": LINEAR}, ax)
    lines = _bundle(ax)
    assert lines.norm.vmax == 0.93
    assert 0.8 < lines.norm.vmin < 0.9
    assert lines.colorbar.extend == "min"
    assert lines.colorbar.ax.get_ylabel() == "validation accuracy (%)"


def test_few_lines_are_vectors_and_many_are_pixels(make_trials, ax):
    plot_parallel_coordinates(make_trials([0.5] * 500, x=[3] * 500), {"x": LINEAR}, ax)
    assert not _bundle(ax).get_rasterized()
    ax.clear()
    plot_parallel_coordinates(make_trials([0.5] * 501, x=[30] * 501), {"x": LINEAR}, ax)
    assert _bundle(ax).get_rasterized()


@pytest.mark.parametrize("values", [[], [None]])
def test_parallel_coordinates_of_nothing_say_so(make_trials, ax, values):
    plot_parallel_coordinates(make_trials(values, x=[10] * len(values)), {"x": LINEAR}, ax)
    assert _text(ax) == ["no complete trials yet"]


def test_parameters_that_never_varied_are_drawn_straight(make_trials, ax):
    trials = make_trials([0.9, 0.8], learning_rate=[10.0, 10.0], cost=["only", "only"])
    space = {"learning_rate": LOG, "cost": Choices(choices=["only"])}
    plot_parallel_coordinates(trials, space, ax)
    heights = [segment[:, 1].tolist() for segment in _bundle(ax).get_segments()]
    # the worse line first; two lines through one choice lie a quarter of the fan off its middle
    assert np.array(heights) == pytest.approx(np.array([[1, 0.475], [1, 0.525]]))


# --- importance


def test_importance_draws_the_largest_share_on_top(ax):
    shares = pd.Series({"learning_rate": 0.6, "$lmbda": 0.3, "init": 0.1})
    assert plot_importance(shares, ax) is ax
    assert [bar.get_width() for bar in ax.patches] == [0.6, 0.3, 0.1]
    assert _labels(ax.yaxis) == ["learning_rate", r"\$lmbda", "init"]
    assert ax.yaxis_inverted()
    assert _text(ax) == ["60.0 %", "30.0 %", "10.0 %"]
    assert ax.get_title(loc="left") == "learning_rate matters most: 60.0 %"
    assert "%" in ax.get_xlabel()


def test_importance_of_nothing_says_what_it_needs(ax):
    plot_importance(pd.Series(dtype="float64"), ax)
    assert _text(ax) == ["importance needs 10 complete trials of differing accuracy"]

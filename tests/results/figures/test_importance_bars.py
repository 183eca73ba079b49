"""The figure of importance, read back from its artists."""

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from nncore.components.metrics import METRICS
from results.analysis.importance import BETTER_HALF, WHOLE, Importance
from results.drawing.style import BLUE, PALE
from results.figures.importance_bars import plot_importance
from results.number_text import whole_percent

NAN = float("nan")
ROWS = {"rate": [0.6, 0.4, 0.8], "cost": [0.3, 0.1, 0.39], "init": [0.1, 0.0, 0.2]}


def _found(*leaders, over=WHOLE, ahead=False, rows=ROWS):
    table = pd.DataFrame(rows, index=["share", "low", "high"], dtype="float64").T
    return Importance(over, table, "by a model of 40 trials", leaders, ahead)


def test_each_share_is_a_bar_and_its_interval_a_line(ax):
    plot_importance(_found("rate"), ax)
    assert [bar.get_width() for bar in ax.patches] == [0.6, 0.3, 0.1]
    (lines,) = ax.collections
    spans = [(line[0][0], line[1][0]) for line in lines.get_segments()]
    assert spans == [(0.4, 0.8), (0.1, 0.39), (0.0, 0.2)]
    assert [to_hex(bar.get_facecolor()).upper() for bar in ax.patches] == [BLUE, PALE, PALE]
    # the share stands beside its name: at the line's end it would be read as that end
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["rate  60%", "cost  30%", "init  10%"]
    assert not ax.texts
    assert ax.get_xlim()[1] == pytest.approx(0.84)
    assert ax.yaxis_inverted()


@pytest.mark.parametrize(
    ("over", "metric", "wanted"),
    [
        (
            WHOLE,
            "accuracy",
            "share of the single effects on the accuracy (%)\n"
            "over the whole space\n"
            "by a model of 40 trials; lines: 95% intervals",
        ),
        (
            BETTER_HALF,
            "rmse",
            "share of the single effects on the RMSE (%)\n"
            "over the better half of the space; worse counts as the median\n"
            "by a model of 40 trials; lines: 95% intervals",
        ),
    ],
)
def test_the_axis_says_what_is_compared(ax, over, metric, wanted):
    plot_importance(_found(over=over), ax, METRICS[metric])
    assert ax.get_xlabel() == wanted


def test_one_that_never_varied_has_no_interval(ax):
    plot_importance(_found(rows={"rate": [1.0, 1.0, 1.0], "cost": [0.0, NAN, NAN]}), ax)
    (lines,) = ax.collections
    assert len(lines.get_segments()) == 1
    assert ax.get_xlim()[1] == 1.0


@pytest.mark.parametrize(
    ("leaders", "ahead", "title", "strong"),
    [
        (("rate",), True, "Whole space: rate matters most", 1),
        (("rate", "cost"), True, "Whole space: rate and cost ahead of the rest", 2),
        (("rate", "cost"), False, "Whole space: rate or cost matters most", 2),
        (("rate", "cost", "init"), False, "Whole space: rate, cost or init matters most", 3),
        ((), False, "Whole space: no clear first", 3),
    ],
)
def test_the_title_and_the_color_name_those_that_lead(ax, leaders, ahead, title, strong):
    plot_importance(_found(*leaders, ahead=ahead), ax)
    assert ax.get_title(loc="left") == title
    assert [to_hex(bar.get_facecolor()).upper() for bar in ax.patches].count(BLUE) == strong


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0%"), (0.004, "<1%"), (0.006, "1%"), (0.337, "34%")]
)
def test_shares_in_words(share, words):
    assert whole_percent(share) == words

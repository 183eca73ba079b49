"""The figure of importance, read back from its artists."""

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from results.analysis.importance import Importance, leader
from results.drawing.style import BLUE, PALE
from results.figures.importance_bars import plot_importance
from results.number_text import whole_percent

NAN = float("nan")


def _found(**rows):
    table = pd.DataFrame(rows, index=["share", "low", "high"], dtype="float64").T
    return Importance("PED-ANOVA", table, "the best of all")


def test_each_share_is_a_bar_and_its_interval_a_line(ax):
    plot_importance(_found(rate=[0.6, 0.4, 0.8], cost=[0.3, 0.1, 0.39], init=[0.1, 0.0, 0.2]), ax)
    assert [bar.get_width() for bar in ax.patches] == [0.6, 0.3, 0.1]
    (lines,) = ax.collections
    spans = [(line[0][0], line[1][0]) for line in lines.get_segments()]
    assert spans == [(0.4, 0.8), (0.1, 0.39), (0.0, 0.2)]
    assert [to_hex(bar.get_facecolor()).upper() for bar in ax.patches] == [BLUE, PALE, PALE]
    # the share stands beside its name: at the line's end it would be read as that end
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["rate  60%", "cost  30%", "init  10%"]
    assert not ax.texts
    assert ax.get_xlabel() == "PED-ANOVA importance (%)\nthe best of all"
    assert ax.get_title(loc="left") == "PED-ANOVA: rate mattered most"
    assert ax.get_xlim()[1] > 0.8
    assert ax.yaxis_inverted()


def test_without_intervals_there_are_bars_alone(ax):
    plot_importance(_found(rate=[0.6, NAN, NAN], cost=[0.4, NAN, NAN]), ax)
    assert not ax.collections
    assert ax.get_title(loc="left") == "PED-ANOVA: rate has the largest share"


def test_where_spreads_overlap_no_title_and_no_color_names_a_first(ax):
    plot_importance(_found(rate=[0.6, 0.1, 0.7], cost=[0.4, 0.3, 0.9]), ax)
    assert ax.get_title(loc="left") == "PED-ANOVA: no clear leader, the spreads overlap"
    assert len({bar.get_facecolor() for bar in ax.patches}) == 1


def test_where_nothing_can_be_said_the_reason_is(ax):
    nothing = Importance("fANOVA", _found(a=[1, 0, 1]).shares.iloc[:0], "needs 10 complete trials")
    plot_importance(nothing, ax)
    assert [text.get_text() for text in ax.texts] == ["fANOVA: needs 10 complete trials"]


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ({"a": [0.7, 0.5, 0.8], "b": [0.2, 0.1, 0.4], "c": [0.1, 0.0, 0.3]}, "a"),
        ({"a": [0.7, 0.4, 0.8], "b": [0.2, 0.1, 0.4]}, None),  # they touch
        ({"a": [0.7, 0.5, 0.8], "b": [0.2, 0.1, 0.4], "c": [0.1, 0.0, 0.6]}, None),  # c might lead
        ({"a": [0.9, NAN, NAN], "b": [0.1, NAN, NAN]}, None),
        ({"a": [1.0, 1.0, 1.0]}, "a"),
    ],
)
def test_what_leads_lies_above_all_others(rows, wanted):
    assert leader(_found(**rows)) == wanted


def test_where_nothing_is_known_nothing_leads():
    assert leader(Importance("PED-ANOVA", _found(a=[1, 0, 1]).shares.iloc[:0], "")) is None


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0%"), (0.004, "<1%"), (0.006, "1%"), (0.337, "34%")]
)
def test_shares_in_words(share, words):
    assert whole_percent(share) == words

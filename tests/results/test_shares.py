"""The figure of importance, read back from its artists."""

import pandas as pd
import pytest

from results.importance import Importance
from results.shares import leading, plot_importance, whole_percent

NAN = float("nan")


def _found(**rows):
    table = pd.DataFrame(rows, index=["share", "low", "high"], dtype="float64").T
    return Importance("PED-ANOVA", table, "the best of all")


def test_each_share_is_a_bar_and_its_interval_a_line(ax):
    plot_importance(_found(rate=[0.6, 0.4, 0.8], cost=[0.3, 0.1, 0.4], init=[0.1, 0.0, 0.2]), ax)
    assert [bar.get_width() for bar in ax.patches] == [0.6, 0.3, 0.1]
    (lines,) = ax.collections
    spans = [(line[0][0], line[1][0]) for line in lines.get_segments()]
    assert spans == [(0.4, 0.8), (0.1, 0.4), (0.0, 0.2)]
    assert [text.get_text() for text in ax.texts] == ["60 %", "30 %", "10 %"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["rate", "cost", "init"]
    assert ax.get_xlabel() == "PED-ANOVA importance (%)\nthe best of all"
    assert ax.get_title(loc="left") == "PED-ANOVA: rate mattered most"
    assert ax.get_xlim()[1] > 0.8
    assert ax.yaxis_inverted()


def test_without_intervals_there_are_bars_alone(ax):
    plot_importance(_found(rate=[0.6, NAN, NAN], cost=[0.4, NAN, NAN]), ax)
    assert not ax.collections
    assert ax.get_title(loc="left") == "PED-ANOVA: rate and cost"


def test_where_nothing_can_be_said_the_reason_is(ax):
    nothing = Importance("fANOVA", _found(a=[1, 0, 1]).shares.iloc[:0], "needs 10 complete trials")
    plot_importance(nothing, ax)
    assert [text.get_text() for text in ax.texts] == ["fANOVA: needs 10 complete trials"]


@pytest.mark.parametrize(
    ("shares", "count"), [([0.61, 0.39], 1), ([0.55, 0.45], 2), ([0.25] * 4, 4)]
)
def test_what_leads(shares, count):
    assert len(leading(pd.Series(shares))) == count


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0 %"), (0.004, "<1 %"), (0.006, "1 %"), (0.337, "34 %")]
)
def test_shares_in_words(share, words):
    assert whole_percent(share) == words

"""The timeline of workers: what was when, worked out by hand, and the bars that show it."""

import pandas as pd
import pytest
from matplotlib.collections import PolyCollection

from results.analysis.timeline import timeline
from results.figures.timeline import plot_timeline

START = pd.Timestamp("2026-01-02T03:04:05Z")


def _timings(*rows):
    """Return timings from rows of number, seconds after the start, duration and worker."""
    frame = pd.DataFrame(rows, columns=["number", "started", "seconds", "worker"])
    return frame.assign(started=START + pd.to_timedelta(frame["started"], unit="s"))


@pytest.fixture
def trials(make_trials):
    return make_trials([0.9, 0.8, None, 0.5], diverged=[3])


def test_two_workers_have_a_row_each(trials):
    found = timeline(
        _timings((0, 0, 4, "a"), (1, 1, 5, "b"), (2, 4, 2, "a"), (3, 6, 4, "b")), trials
    )
    assert found.bars["lane"].tolist() == [0, 1, 0, 1]
    assert found.bars["start"].tolist() == [0, 1, 4, 6]
    assert found.bars["kind"].tolist() == ["complete", "complete", "failed", "diverged"]
    assert (found.lanes, found.length) == (2, 10)
    assert found.busy == pytest.approx(15 / 20)
    assert found.pauses.empty


def test_a_worker_that_ended_leaves_its_row_to_the_next(trials):
    found = timeline(_timings((0, 0, 4, "a"), (1, 0, 9, "b"), (2, 5, 3, "c")), trials)
    assert found.bars["lane"].tolist() == [0, 1, 0]


def test_a_long_pause_is_cut_out(trials):
    found = timeline(_timings((0, 0, 10, "a"), (1, 50, 10, "a"), (2, 3660, 10, "b")), trials)
    # 40 s without work are shown; the hour from 60 to 3660 is not
    assert found.bars["start"].tolist() == [0, 50, 60]
    assert found.pauses.to_dict("records") == [{"at": 60.0, "seconds": 3600.0}]
    assert (found.lanes, found.length) == (1, 70)


def test_without_timings_there_is_no_timeline(trials, ax):
    assert timeline(_timings(), trials) is None
    assert timeline(_timings((7, 0, 1, "a")), trials) is None
    plot_timeline(None, ax)
    assert [text.get_text() for text in ax.texts] == ["no timings yet"]


def test_bars_stand_where_the_trials_were(trials, ax):
    found = timeline(
        _timings((0, 0, 4, "a"), (1, 1, 5, "b"), (2, 4, 2, "a"), (3, 6, 4, "b")), trials
    )
    plot_timeline(found, ax)
    bars = {one.get_label(): one for one in ax.collections if isinstance(one, PolyCollection)}
    assert set(bars) == {"complete", "failed", "diverged"}
    spans = [tuple(path.get_extents().intervalx) for path in bars["complete"].get_paths()]
    assert spans == [(0, 4), (1, 6)]
    assert [round(path.get_extents().y0) for path in bars["complete"].get_paths()] == [0, 1]
    assert len({one.get_facecolor().tobytes() for one in bars.values()}) == 3
    assert ax.get_title(loc="left") == "2 workers were busy for 75% of 10 s"
    assert ax.get_xlabel() == "time (s)"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1", "2"]


def test_long_runs_are_shown_in_hours_and_say_where_they_paused(trials, ax):
    rows = [(0, 0, 9000, "a"), (1, 9000, 1800, "a"), (2, 50_000, 3600, "a")]
    plot_timeline(timeline(_timings(*rows), trials), ax)
    assert ax.get_xlabel() == "time (h)"
    assert [text.get_text() for text in ax.texts] == ["pause of 10.9 h"]
    assert ax.get_title(loc="left") == "One worker was busy for 100% of 4 h"

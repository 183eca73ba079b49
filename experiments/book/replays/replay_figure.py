"""The figure of a replay: the author's numbers and ours in one panel for each series.

Where they agree, our dashed line lies on the author's broad line.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.book.figures.study_figure import panel_figure, panels_legend
from experiments.book.replays.replay import ReplayedSeries
from results.drawing.settings import default_settings
from results.drawing.style import PALE, VERMILLION, dress

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@default_settings()
def replay_figure(replayed: Sequence[ReplayedSeries]) -> "Figure":
    """Return the figure of a replay, with a panel for each series."""
    figure = panel_figure(len(replayed))
    for ax, series in zip(figure.axes, replayed, strict=False):
        xs = np.arange(1, series.of + 1)
        marker: dict[str, Any] = {"marker": "o", "markersize": 3} if series.of < 20 else {}
        ax.plot(xs, series.book, color=PALE, linewidth=4, label="the book", **marker)
        ax.plot(xs, series.values, "--", color=VERMILLION, linewidth=1.2, label="replay", **marker)
        ax.locator_params(axis="x", integer=True, min_n_ticks=1)
        ax.set_xlabel("epoch" if series.of > 9 else "training set, smallest first")
        dress(ax, f"{series.name}: {series.exact} of {series.of} equal")
    panels_legend(figure, len(replayed))
    return figure

"""Which hyperparameters mattered, as bars: each one's share and how sure that is.

What the shares mean, and why there are none, is said by `importance`, which computes them.
"""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from results.drawing import BLACK, BLUE, PALE, dress, literal, percent_ticks, say, short
from results.importance import Importance

WIDEST = 66  # letters of a line under the bars
STANDS_OUT = 1.5  # a share is called the largest if it is so many times the next


def plot_importance(found: Importance, ax: Axes) -> Axes:
    """Draw each hyperparameter's share as a bar with its interval, largest on top; return axes."""
    shares = found.shares["share"]
    if shares.empty:
        return say(ax, f"{found.method}: {found.basis}")
    leaders = leading(shares)
    rows = np.arange(len(shares))
    colours = [BLUE if name in leaders.index else PALE for name in shares.index]
    bars = ax.barh(rows, shares, color=colours, height=0.62)
    ends = found.shares[["low", "high"]].to_numpy(dtype="float64")
    known = ~np.isnan(ends).any(axis=1)
    if known.any():
        ax.hlines(rows[known], ends[known, 0], ends[known, 1], color=BLACK, linewidth=1.4)
    for bar, share, high in zip(bars, shares, ends[:, 1], strict=True):
        ax.annotate(
            whole_percent(share),
            (np.nanmax([share, high]), bar.get_y() + bar.get_height() / 2),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    ax.set_yticks(rows, [literal(str(name)) for name in shares.index])
    ax.invert_yaxis()
    ax.set_xlim(0, 1.18 * np.nanmax([shares.max(), *ends[known, 1]]))
    basis = textwrap.fill(found.basis, WIDEST)  # of a conditional space it is long
    ax.set_xlabel(f"{found.method} importance (%)\n{literal(basis)}", fontsize=9)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(percent_ticks())
    dress(ax, _importance_title(found.method, leaders), grid="x")
    ax.tick_params(axis="y", length=0, labelsize=10)
    return ax


def leading(shares: "pd.Series[float]") -> "pd.Series[float]":
    """Return the shares, which come largest first, that are not far below the largest."""
    return shares[STANDS_OUT * shares > shares.iloc[0]]


def whole_percent(share: float) -> str:
    """Return a share in words, with small ones as "<1 %"."""
    return "<1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def _importance_title(method: str, leaders: "pd.Series[float]") -> str:
    *others, last = [short(str(name)) for name in leaders.index]
    if not others:
        return f"{method}: {last} mattered most"
    if len(others) > 2:
        return f"{method}: {len(leaders)} mattered about as much"
    return f"{method}: {', '.join(others)} and {last}"

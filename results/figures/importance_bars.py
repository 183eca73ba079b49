"""Which hyperparameters mattered, as bars: the share of each and its uncertainty.

`results.analysis.importance` computes the shares and explains them.
"""

import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from results.analysis.importance import Importance, leader
from results.drawing.style import (
    BLACK,
    BLUE,
    PALE,
    dress,
    literal,
    percent_ticks,
    say,
    short,
)
from results.number_text import whole_percent

WIDEST = 66  # letters of a line under the bars


def plot_importance(importance: Importance, ax: Axes) -> Axes:
    """Draw each hyperparameter's share as a bar with its spread, largest on top; return axes.

    One that leads is in a stronger color than the others.
    """
    shares = importance.shares["share"]
    if shares.empty:
        return say(ax, f"{importance.method}: {importance.basis}")
    first = leader(importance)
    rows = np.arange(len(shares))
    colors = [BLUE if first in (None, name) else PALE for name in shares.index]
    ax.barh(rows, shares, color=colors, height=0.62)
    ends = importance.shares[["low", "high"]].to_numpy(dtype="float64")
    known = ~np.isnan(ends).any(axis=1)
    if known.any():
        ax.hlines(rows[known], ends[known, 0], ends[known, 1], color=BLACK, linewidth=1.4)
    # Beside the name: at the end of its line, a share would be read as that end.
    labels = [f"{literal(str(name))}  {whole_percent(share)}" for name, share in shares.items()]
    ax.set_yticks(rows, labels)
    ax.invert_yaxis()
    ax.set_xlim(0, 1.05 * np.nanmax([shares.max(), *ends[known, 1]]))
    basis = textwrap.fill(importance.basis, WIDEST)  # of a conditional space it is long
    ax.set_xlabel(f"{importance.method} importance (%)\n{literal(basis)}", fontsize=9)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(percent_ticks())
    dress(ax, _importance_title(importance), grid="x")
    ax.tick_params(axis="y", length=0, labelsize=10)
    return ax


def _importance_title(importance: Importance) -> str:
    first = leader(importance)
    if first is not None:
        return f"{importance.method}: {short(first)} mattered most"
    if importance.shares["high"].notna().any():
        return f"{importance.method}: no clear leader, the spreads overlap"
    return f"{importance.method}: {short(str(importance.shares.index[0]))} has the largest share"

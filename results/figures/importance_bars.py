"""Which hyperparameters mattered, as bars: each one's share and how sure that is.

What the shares mean, and why there are none, is said by `importance`, which computes them.
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
from results.text import whole_percent

WIDEST = 66  # letters of a line under the bars


def plot_importance(found: Importance, ax: Axes) -> Axes:
    """Draw each hyperparameter's share as a bar with its spread, largest on top; return axes.

    One that leads is in a stronger colour than the others.
    """
    shares = found.shares["share"]
    if shares.empty:
        return say(ax, f"{found.method}: {found.basis}")
    first = leader(found)
    rows = np.arange(len(shares))
    colours = [BLUE if first in (None, name) else PALE for name in shares.index]
    ax.barh(rows, shares, color=colours, height=0.62)
    ends = found.shares[["low", "high"]].to_numpy(dtype="float64")
    known = ~np.isnan(ends).any(axis=1)
    if known.any():
        ax.hlines(rows[known], ends[known, 0], ends[known, 1], color=BLACK, linewidth=1.4)
    # Beside the name: at the end of its line, a share would be read as that end.
    labels = [f"{literal(str(name))}  {whole_percent(share)}" for name, share in shares.items()]
    ax.set_yticks(rows, labels)
    ax.invert_yaxis()
    ax.set_xlim(0, 1.05 * np.nanmax([shares.max(), *ends[known, 1]]))
    basis = textwrap.fill(found.basis, WIDEST)  # of a conditional space it is long
    ax.set_xlabel(f"{found.method} importance (%)\n{literal(basis)}", fontsize=9)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(percent_ticks())
    dress(ax, _importance_title(found), grid="x")
    ax.tick_params(axis="y", length=0, labelsize=10)
    return ax


def _importance_title(found: Importance) -> str:
    first = leader(found)
    if first is not None:
        return f"{found.method}: {short(first)} mattered most"
    if found.shares["high"].notna().any():
        return f"{found.method}: no clear first, the spreads overlap"
    return f"{found.method}: {short(str(found.shares.index[0]))} has the largest share"

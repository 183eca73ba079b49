"""Which hyperparameters mattered, as bars: the share of each and its 95% interval.

`results.analysis.importance` computes the shares and explains them.
"""

import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from nncore.components.metrics import ACCURACY, Metric
from results.analysis.importance import BETTER_HALF, Importance
from results.drawing.style import BLACK, BLUE, PALE, dress, literal, percent_ticks, short
from results.number_text import listed, whole_percent

WIDEST = 62  # letters of a line under the bars
CLIPPED = "; worse counts as the median"


def plot_importance(importance: Importance, ax: Axes, metric: Metric = ACCURACY) -> Axes:
    """Draw each hyperparameter's share as a bar with its interval, largest on top; return axes.

    Those that lead are in a stronger color than the others.
    """
    shares = importance.shares["share"]
    rows = np.arange(len(shares))
    named = importance.leaders or shares.index
    colors = [BLUE if name in named else PALE for name in shares.index]
    ax.barh(rows, shares, color=colors, height=0.62)
    ends = importance.shares[["low", "high"]].to_numpy(dtype="float64")
    known = ~np.isnan(ends).any(axis=1)
    ax.hlines(rows[known], ends[known, 0], ends[known, 1], color=BLACK, linewidth=1.4)
    # Beside the name: at the end of its line, a share would be read as that end.
    labels = [f"{literal(str(name))}  {whole_percent(share)}" for name, share in shares.items()]
    ax.set_yticks(rows, labels)
    ax.invert_yaxis()
    ax.set_xlim(0, min(1.05 * np.nanmax([shares.max(), *ends[known, 1]]), 1.0))
    ax.set_xlabel(_axis_label(importance, metric), fontsize=9)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(percent_ticks())
    dress(ax, _importance_title(importance), grid="x")
    ax.tick_params(axis="y", length=0, labelsize=10)
    return ax


def _axis_label(importance: Importance, metric: Metric) -> str:
    clipped = CLIPPED if importance.over == BETTER_HALF else ""
    lines = (
        f"share of the single effects on the {metric.title} (%)",
        f"over {importance.over}{clipped}",
        f"{importance.basis}; lines: 95% intervals",
    )
    return literal("\n".join(textwrap.fill(line, WIDEST) for line in lines))


def _importance_title(importance: Importance) -> str:
    part = importance.over.removeprefix("the ").removesuffix(" of the space")
    names = [short(name) for name in importance.leaders]
    if not names:
        return f"{part[0].upper()}{part[1:]}: no clear first"
    if len(names) == 1:
        said = f"{names[0]} matters most"
    elif importance.ahead:
        said = f"{listed(names)} ahead of the rest"
    else:
        said = f"{', '.join(names[:-1])} or {names[-1]} matters most"
    return f"{part[0].upper()}{part[1:]}: {said}"

"""The files of a comparison: its tables for spreadsheet programs, and its figures.

`results.analysis.comparison` computes them; `results.figures.comparison` draws.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nncore.arguments import as_path, require_type
from results.analysis.comparison import Comparison
from results.drawing.save import new_figure, shared_legend, single_figure, write_figure
from results.drawing.settings import default_settings
from results.drawing.style import literal
from results.figures.comparison import (
    plot_best_curves,
    plot_differences,
    plot_distributions,
    plot_importances,
    plot_incumbents,
    shared_names,
)
from results.safe_csv import write_csv

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@default_settings()
def write_comparison(comparison: Comparison, folder: str | Path) -> None:
    """Write the tables and figures of a comparison into a folder.

    The tables are `budgets.csv`, `differences.csv` and `best_so_far.csv`; the figures, each as PNG
    and SVG, are `best_so_far`, `values`, `best_curves`, `importance` and `differences`.

    Parameters
    ----------
    comparison
        The runs.
    folder
        The folder, created if it is missing.

    Examples
    --------
    >>> from pathlib import Path
    >>> from results import read_runs, write_comparison
    >>> comparison = read_runs(["runs/first", "runs/second"])
    >>> write_comparison(comparison, "compare")
    >>> sorted(path.name for path in Path("compare").glob("*.csv"))
    ['best_so_far.csv', 'budgets.csv', 'differences.csv']
    """
    require_type(comparison, Comparison, "comparison", "a Comparison, which read_runs returns")
    folder = as_path(folder, "folder")
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(comparison.budgets, folder / "budgets.csv")
    write_csv(comparison.differences, folder / "differences.csv")
    write_csv(_in_values(comparison), folder / "best_so_far.csv")
    caption = literal(" and ".join(comparison.findings))
    importances = {label: one.importance[0] for label, one in comparison.findings.items()}
    shared, metric = shared_names(importances), comparison.metric
    figures = {
        "best_so_far": _incumbents_figure(comparison),
        "values": single_figure(
            8, 5, lambda ax: plot_distributions(comparison.distributions, ax, metric)
        ),
        "best_curves": single_figure(
            8, 5, lambda ax: plot_best_curves(comparison.best_curves, ax, metric)
        ),
        "importance": single_figure(
            8,
            2 + 0.25 * len(shared) * (1 + len(importances)),
            lambda ax: plot_importances(importances, ax),
        ),
        "differences": single_figure(
            8,
            2 + 0.7 * comparison.differences["mean"].count(),
            lambda ax: plot_differences(comparison.differences, ax, metric),
        ),
    }
    for name, figure in figures.items():
        write_figure(figure, folder / name, caption)


def _in_values(comparison: Comparison) -> pd.DataFrame:
    """Return `run, number, value, best, spent` of all runs, in units of the metric."""
    frame, metric = comparison.incumbents, comparison.metric
    values = frame.assign(value=metric.score(frame["score"]), best=metric.score(frame["best"]))
    return values[["run", "number", "value", "best", "spent"]]


def _incumbents_figure(comparison: Comparison) -> "Figure":
    figure = new_figure(11, 4)
    budgets = {"number": comparison.trials - 1, "spent": comparison.epochs}  # trials count from 0
    for ax, (price, budget) in zip(figure.subplots(1, 2), budgets.items(), strict=True):
        plot_incumbents(comparison.incumbents, ax, price, budget, comparison.metric)
    shared_legend(figure)
    return figure

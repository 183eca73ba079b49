"""A study's figure, and a replay's: panels side by side, written as PNG and SVG.

The same runs give the same bytes, and a file appears whole or not at all.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from experiments.chapter3.book_files import Book
from experiments.chapter3.replays.replay import Comparison
from experiments.chapter3.runs import Runs
from experiments.chapter3.study import Study
from results.drawing.style import GREY, PALE, VERMILLION, dress
from sweeps.records.atomic_files import replace_with

PER_ROW = 2
WIDTH, HEIGHT = 5.0, 3.6  # of a panel, in inches
DOTS_PER_INCH = 110


def study_figure(study: Study, runs: Runs, book: Book, caption: str) -> Figure:
    """Return the figure of a study; `caption` says whose runs these are."""
    figure = _figure(len(study.panels), caption)
    for ax, panel in zip(figure.axes, study.panels, strict=False):
        panel(ax, runs, book)
    return figure


def replay_figure(comparisons: Sequence[Comparison], caption: str) -> Figure:
    """Return the overlay of a replay: the author's numbers as a broad line, ours dashed on it."""
    figure = _figure(len(comparisons), caption)
    for ax, series in zip(figure.axes, comparisons, strict=False):
        xs = np.arange(1, series.of + 1)
        marker: dict[str, Any] = {"marker": "o", "markersize": 3} if series.of < 20 else {}
        ax.plot(xs, series.book, color=PALE, linewidth=4, label="the book", **marker)
        ax.plot(xs, series.values, "--", color=VERMILLION, linewidth=1.2, label="replay", **marker)
        ax.set_xlabel("epoch" if series.of > 9 else "training set, smallest first")
        dress(ax, f"{series.name}: {series.exact} of {series.of} the same")
        ax.legend(fontsize=8, frameon=False)
    return figure


def save_figure(figure: Figure, stem: Path, *, vector: bool = True) -> list[Path]:
    """Write `stem`.png, and `stem`.svg unless `vector` is False; return their paths."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    kinds: dict[str, dict[str, str | None]] = {"png": {"Software": None}}
    if vector:
        kinds["svg"] = {"Date": None}
    paths = []
    for kind, metadata in kinds.items():
        path = stem.parent / f"{stem.name}.{kind}"

        def save(temporary: Path, kind: str = kind, metadata: Any = metadata) -> None:
            figure.savefig(temporary, format=kind, dpi=DOTS_PER_INCH, metadata=metadata)

        with matplotlib.rc_context({"svg.hashsalt": stem.name}):
            replace_with(path, save)
        figure.set_layout_engine("none")  # laid out once, so that both files agree
        paths.append(path)
    return paths


def _figure(panels: int, caption: str) -> Figure:
    columns = min(PER_ROW, panels)
    rows = -(-panels // columns)
    width = WIDTH * columns if columns > 1 else 1.5 * WIDTH
    figure = Figure(figsize=(width, HEIGHT * rows + 0.3), layout="constrained")
    FigureCanvasAgg(figure)
    for ax in figure.subplots(rows, columns, squeeze=False).ravel()[panels:]:
        ax.set_axis_off()
    figure.suptitle(caption, x=0.01, ha="left", fontsize=9, color=GREY)
    return figure

"""The figure of a study: its panels side by side, written as PNG and SVG.

The same runs give the same bytes, and each file is written whole or not at all.
"""

from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from experiments.chapter3.book_files import BookFiles
from experiments.chapter3.runs import Runs
from experiments.chapter3.study import Study
from results.drawing.style import GREY
from sweeps.records.atomic_files import replace_with

PER_ROW = 2
WIDTH, HEIGHT = 5.0, 3.6  # of a panel, in inches
DOTS_PER_INCH = 110


def study_figure(study: Study, runs: Runs, book: BookFiles, caption: str) -> Figure:
    """Return the figure of a study.

    Parameters
    ----------
    study
        Its panels are drawn, two in a row.
    runs
        The runs of its arms, by name; empty for a study without arms.
    book
        The author's files, for the curves beside ours.
    caption
        The line above the figure, which says whose runs it shows.
    """
    figure = panel_figure(len(study.panels), caption)
    for ax, panel in zip(figure.axes, study.panels, strict=False):
        panel(ax, runs, book)
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
        figure.set_layout_engine("none")  # laid out once: both files agree
        paths.append(path)
    return paths


def panel_figure(panels: int, caption: str) -> Figure:
    """Return a figure of so many empty panels, two in a row, under the line `caption`."""
    columns = min(PER_ROW, panels)
    rows = -(-panels // columns)
    width = WIDTH * columns if columns > 1 else 1.5 * WIDTH
    figure = Figure(figsize=(width, HEIGHT * rows + 0.3), layout="constrained")
    FigureCanvasAgg(figure)
    for ax in figure.subplots(rows, columns, squeeze=False).ravel()[panels:]:
        ax.set_axis_off()
    figure.suptitle(caption, x=0.01, ha="left", fontsize=9, color=GREY)
    return figure

"""The figure of a study: its panels side by side, with one legend that covers none of them.

`results.drawing.save.write_figure` writes it, as it writes the figures of a sweep.
"""

from math import ceil
from typing import TYPE_CHECKING

from experiments.book.arm_runs import Runs
from experiments.book.book_files import BookFiles
from experiments.book.study import Study
from results.drawing.save import legend_entries, new_figure, shared_legend
from results.drawing.settings import default_settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PER_ROW = 2
WIDTH, HEIGHT = 5.0, 3.6  # of a panel, in inches
CAPTION_HEIGHT = 0.3
DOTS_PER_INCH = 110
LETTER, LINE = 0.075, 0.6  # of the legend, in inches: a letter, and what is beside a label


@default_settings()
def study_figure(study: Study, runs: Runs, book: BookFiles) -> "Figure":
    """Return the figure of a study.

    Parameters
    ----------
    study
        Its panels are drawn, two in a row.
    runs
        The runs of its arms, by name; empty for a study without arms.
    book
        The author's files, for the curves beside ours.
    """
    figure = panel_figure(len(study.panels))
    for ax, panel in zip(figure.axes, study.panels, strict=False):
        panel(ax, runs, book)
    panels_legend(figure, len(study.panels))
    return figure


def panels_legend(figure: "Figure", panels: int) -> None:
    """Put the legend of all panels into the free place of the last row, or else below them."""
    entries = legend_entries(figure)
    if len(figure.axes) > panels and entries:
        free = figure.axes[panels]
        free.legend(entries.values(), entries, loc="upper left", fontsize=9, frameon=False)
        return
    widest = LETTER * max(map(len, entries), default=0) + LINE
    most = max(1, int(figure.get_figwidth() / widest))
    rows = max(1, ceil(len(entries) / most))
    shared_legend(figure, columns=ceil(len(entries) / rows))  # rows of about equal length


def panel_figure(panels: int) -> "Figure":
    """Return a figure of `panels` empty panels, two in a row, with room for a caption."""
    columns = min(PER_ROW, panels)
    rows = -(-panels // columns)
    width = WIDTH * columns if columns > 1 else 1.5 * WIDTH
    figure = new_figure(width, HEIGHT * rows + CAPTION_HEIGHT, DOTS_PER_INCH)
    for ax in figure.subplots(rows, columns, squeeze=False).ravel()[panels:]:
        ax.set_axis_off()
    return figure

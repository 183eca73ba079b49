"""The figure of a study: its panels side by side.

`results.drawing.save.write_figure` writes it, as it writes the figures of a sweep.
"""

from typing import TYPE_CHECKING

from experiments.book.arm_runs import Runs
from experiments.book.book_files import BookFiles
from experiments.book.study import Study
from results.drawing.save import new_figure
from results.drawing.settings import default_settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PER_ROW = 2
WIDTH, HEIGHT = 5.0, 3.6  # of a panel, in inches
CAPTION_HEIGHT = 0.3
DOTS_PER_INCH = 110


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
    return figure


def panel_figure(panels: int) -> "Figure":
    """Return a figure of `panels` empty panels, two in a row, with room for a caption."""
    columns = min(PER_ROW, panels)
    rows = -(-panels // columns)
    width = WIDTH * columns if columns > 1 else 1.5 * WIDTH
    figure = new_figure(width, HEIGHT * rows + CAPTION_HEIGHT, DOTS_PER_INCH)
    for ax in figure.subplots(rows, columns, squeeze=False).ravel()[panels:]:
        ax.set_axis_off()
    return figure

"""The colors of a study's figure: one for each name, the same in all of its panels.

A name is what the legend shows: an arm, or a line of several arms.
"""

from weakref import WeakKeyDictionary

from matplotlib.axes import Axes
from matplotlib.figure import FigureBase

from results.drawing.style import BLACK, BLUE, GRAY, PALE, PURPLE, SKY, VERMILLION

COLORS = (BLUE, VERMILLION, SKY, PURPLE, BLACK, "#009E73", "#E69F00", PALE, GRAY)

_given: WeakKeyDictionary[FigureBase, dict[str, str]] = WeakKeyDictionary()


def color_of(ax: Axes, name: str) -> str:
    """Return the color of `name` in the figure of `ax`; a new name gets the next color."""
    assert ax.figure is not None
    colors = _given.setdefault(ax.figure, {})
    return colors.setdefault(name, COLORS[len(colors) % len(COLORS)])

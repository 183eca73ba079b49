"""Writes figures to disk, as PNG, as SVG or as both with the same layout.

The same figure gives the same bytes, and a failure leaves no partial file.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.image import BboxImage
from matplotlib.transforms import Bbox, TransformedBbox
from numpy.typing import NDArray

from results.drawing.settings import default_settings
from results.drawing.style import GRAY
from sweeps.records.atomic_files import replace_with

DOTS_PER_INCH = 150


def new_figure(width: float, height: float, dots_per_inch: int = DOTS_PER_INCH) -> Figure:
    """Return an empty figure, `width` by `height` inches, without global state."""
    figure = Figure(figsize=(width, height), dpi=dots_per_inch, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def single_figure(width: float, height: float, plot: Callable[[Axes], Axes]) -> Figure:
    """Return a figure of one panel that `plot` draws, with a legend below it if it has none."""
    figure = new_figure(width, height)
    if plot(figure.subplots()).get_legend() is None:
        shared_legend(figure)
    return figure


def shared_legend(figure: Figure, columns: int = 4) -> None:
    """Put one legend for all panels below them, in at most so many columns."""
    handles = legend_entries(figure)
    if handles:
        legend = figure.legend(
            handles.values(),
            handles.keys(),
            loc="outside lower center",
            ncols=min(len(handles), columns),
            fontsize=9,
            frameon=False,
        )
        for handle in legend.legend_handles:
            if handle is not None:
                handle.set_alpha(1.0)  # a mark as faint as in a crowd would be hard to see


def legend_entries(figure: Figure) -> dict[str, Artist]:
    """Return an artist for each label of a figure's panels."""
    entries = [ax.get_legend_handles_labels() for ax in figure.axes]
    return {
        label: handle
        for handles, labels in entries
        for handle, label in zip(handles, labels, strict=True)
    }


@default_settings()
def write_figure(
    figure: Figure, stem: Path, caption: str, formats: Sequence[str] = ("png", "svg")
) -> list[Path]:
    """Write `figure` as `stem`.png and `stem`.svg; return the paths of the files.

    `caption` is a small line of text above the figure. Of `formats`, one may be left out.
    """
    figure.suptitle(caption, x=0.01, ha="left", fontsize=9, color=GRAY)
    layout = figure.get_layout_engine()
    assert layout is not None
    layout.execute(figure)
    figure.set_layout_engine("none")  # one layout, so that all files agree
    _paint_crowds(figure)
    writers = {"png": write_png, "svg": _write_svg}
    return [writers[name](figure, stem) for name in formats]


# The canvases write the files, because `savefig` would draw everything once more.
@default_settings()
def write_png(figure: Figure, stem: Path) -> Path:
    """Write a figure that `write_figure` has written as SVG as `stem`.png too; return the path."""
    path, canvas = stem.with_suffix(".png"), FigureCanvasAgg(figure)
    replace_with(path, partial(canvas.print_png, metadata={"Software": None}))
    return path


def _write_svg(figure: Figure, stem: Path) -> Path:
    path, canvas = stem.with_suffix(".svg"), FigureCanvasSVG(figure)
    dots_per_inch = figure.dpi
    with matplotlib.rc_context({"svg.hashsalt": stem.name}):  # the same ids in every process
        replace_with(path, partial(canvas.print_svg, metadata={"Date": None}))
    figure.dpi = dots_per_inch  # a canvas of SVG leaves its own
    return path


def _paint_crowds(figure: Figure) -> None:
    """Replace each crowd, an artist that all files show as pixels, by an image of it.

    Drawing thousands of lines takes most of a figure's time; here it is done once for all files.
    """
    for ax in figure.axes:
        for place, artist in enumerate(
            ax.get_children()
        ):  # artists of equal order keep their order
            artist.set_zorder(artist.get_zorder() + 1e-6 * place)
        for artist in [one for one in ax.get_children() if one.get_rasterized()]:
            renderer = RendererAgg(*figure.bbox.size, figure.dpi)  # type: ignore[no-untyped-call]
            artist.draw(renderer)
            pixels = np.asarray(renderer.buffer_rgba())  # type: ignore[no-untyped-call]
            _show_instead(artist, ax, pixels)


def _show_instead(artist: Artist, ax: Axes, pixels: NDArray[np.uint8]) -> None:
    """Show the painted part of `pixels`, the whole figure from the top, in place of `artist`."""
    artist.set_visible(False)
    rows, columns = np.nonzero(pixels[..., 3])
    if not len(rows):
        return
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    height, figure = len(pixels), ax.get_figure()
    assert figure is not None
    ends = np.array([left, height - bottom, right, height - top]) / figure.dpi
    place = TransformedBbox(Bbox.from_extents(*ends), figure.dpi_scale_trans)
    image = BboxImage(place, interpolation="none", origin="upper", zorder=artist.get_zorder())
    image.set_data(pixels[top:bottom, left:right].copy())
    ax.add_artist(image).set_clip_on(False)

"""Crowds are painted once for both files, and the picture must not tell that they were."""

import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from results.saving import new_figure, write_figure


def _figure():
    """Return lines below, between and above two crowds of equal order, one of them out of sight."""
    figure = new_figure(3, 2)
    ax = figure.subplots()
    ax.set(xlim=(0, 10), ylim=(0, 10))
    points = np.random.default_rng(0).uniform(0, 10, (2, 300))
    for colour, crowd in (
        ("black", None),
        ("tab:blue", points),
        ("red", None),
        ("green", -points - 2),
    ):
        if crowd is None:
            ax.scatter(*points[:, :40], s=60, c=colour)
        else:
            ax.scatter(*crowd, c=colour, alpha=0.5, rasterized=True)
    return figure


def test_a_painted_crowd_looks_as_it_would_where_it_would(tmp_path):
    plain, drawn = _figure(), io.BytesIO()
    plain.suptitle("crowd", x=0.01, ha="left", fontsize=9, color="#666666")
    FigureCanvasAgg(plain).print_png(drawn)
    png, svg = write_figure(_figure(), tmp_path / "crowd", "crowd")
    expected, found = (np.asarray(Image.open(one).convert("RGB"), int) for one in (drawn, png))
    assert expected.shape == found.shape
    assert np.abs(expected - found).max() <= 6  # of 255: translucent paint is rounded once more
    assert svg.read_text("utf-8").count("<image") == 1

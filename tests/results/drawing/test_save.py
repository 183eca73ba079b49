"""Crowds are painted once for both files, and the picture must not tell that they were."""

import io

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from PIL import Image

from results.drawing.save import new_figure, write_figure


def _curves():
    """Return 600 learning curves that cross, translucent, between a line and larger marks."""
    figure = new_figure(6, 4)
    ax = figure.subplots()
    ax.set(xlim=(0, 29), ylim=(0, 1))
    rng, epochs = np.random.default_rng(0), np.arange(30.0)
    curves = rng.uniform(0.3, 1, (600, 1)) * (
        1 - np.exp(-rng.uniform(0.05, 0.6, (600, 1)) * epochs)
    )
    ax.plot([0, 29], [0, 1], color="black")
    lines = [np.column_stack([epochs, curve]) for curve in curves]
    ax.add_collection(LineCollection(lines, colors="#0072B2", alpha=0.3, rasterized=True))
    ax.scatter(epochs, curves.mean(axis=0), color="red", zorder=5)
    return figure


def _marks():
    """Return marks below, between and above two crowds of equal order, one of them out of sight."""
    figure = new_figure(3, 2)
    ax = figure.subplots()
    ax.set(xlim=(0, 10), ylim=(0, 10))
    points = np.random.default_rng(0).uniform(0, 10, (2, 300))
    for color, crowd in (
        ("black", None),
        ("tab:blue", points),
        ("red", None),
        ("green", -points - 2),
    ):
        if crowd is None:
            ax.scatter(*points[:, :40], s=60, c=color)
        else:
            ax.scatter(*crowd, c=color, alpha=0.5, rasterized=True)
    return figure


def _pixels(png) -> "np.ndarray":
    return np.asarray(Image.open(png).convert("RGB"), int)


def _distance(one, other) -> tuple[float, float]:
    """Return the mean over the pixels of the largest difference, of 255, and the share above 6."""
    differences = np.abs(one - other).max(axis=-1)
    return differences.mean(), (differences > 6).mean()


@pytest.mark.parametrize("make", [_curves, _marks])
def test_a_painted_crowd_looks_as_it_would_where_it_would(tmp_path, make):
    plain, drawn = make(), io.BytesIO()
    plain.suptitle("crowd", x=0.01, ha="left", fontsize=9, color="#666666")
    FigureCanvasAgg(plain).print_png(drawn)
    png, svg = write_figure(make(), tmp_path / "crowd", "crowd")
    expected, found = _pixels(drawn), _pixels(png)
    assert expected.shape == found.shape
    mean, beyond = _distance(expected, found)  # where many overlap, paint is rounded as often
    assert mean <= 2
    assert beyond <= 0.003
    for axis in (0, 1):  # the bounds are narrow: one pixel beside its place is far outside
        mean, beyond = _distance(expected, np.roll(found, 1, axis))
        assert mean > 4
        assert beyond > 0.03
    assert svg.read_text("utf-8").count("<image") == 1

"""The colors of values, on white paper and on the dark page; axes that fit the values."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from nncore.components.metrics import METRICS
from results.analysis.trials import bulk_limits
from results.drawing.style import VALUES, score_axis, score_colors

WHITE = np.ones(3)


def _luminance(color):
    """Return the relative luminance of an sRGB color, by WCAG 2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _on_paper(color):
    return np.asarray(color[:3])


def _in_the_dark(color):
    """Return what `invert(0.89) hue-rotate(180deg)` makes of a color: the page's dark filter."""
    gray = np.array([0.213, 0.715, 0.072])  # half a turn of hue is a mirroring at the grays
    inverted = 0.89 - 0.78 * np.asarray(color[:3])
    return np.clip(2 * gray @ inverted - inverted, 0, 1)


@pytest.mark.parametrize("shown", [_on_paper, _in_the_dark])
def test_every_color_of_a_value_is_seen_on_its_background(shown):
    background = shown(WHITE)
    contrasts = [_contrast(shown(VALUES(place)), background) for place in range(256)]
    assert min(contrasts) >= 3.0
    assert contrasts == sorted(contrasts)  # the better, the more it stands out


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e9])
def test_an_axis_in_units_of_a_target_fits_its_size(size):
    ax = Figure().subplots()
    score_axis(ax, -1.1 * size, -size, METRICS["rmse"])
    low, high = (end / size for end in ax.get_ylim())
    assert (low, high) == pytest.approx((-1.105, -0.995))  # 5% of 0.1 beyond both ends
    score_axis(ax, -size, -size, METRICS["rmse"])
    low, high = (end / size for end in ax.get_ylim())
    assert (low, high) == pytest.approx((-1.002, -0.998))  # 5% of 4% of the only value
    assert bulk_limits(pd.Series([-2.0, -1.0, -1.0]) * size, METRICS["rmse"]) == pytest.approx(
        (-1.02 * size, -size)  # the reach is four times 0.005 of the median
    )


def test_colors_in_units_of_a_target_fit_their_size():
    norm = score_colors(pd.Series([-3e-7, -3e-7]), METRICS["rmse"])["norm"]
    assert (norm.vmin, norm.vmax) == pytest.approx((-3e-7, -2.97e-7))

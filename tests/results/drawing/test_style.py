"""The colors of values: seen on white paper, and on the dark page that turns them round."""

import numpy as np
import pytest

from results.drawing.style import VALUES

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

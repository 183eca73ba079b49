"""Artificial expansion of image data: a random warp for each mini-batch, never stored.

A warp is a product with a sparse matrix, which takes a fraction of a millisecond.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator

from nncore.arrays.layout import Array
from nncore.config import TrialConfig

# Two packages of SciPy are imported where they are used: a worker that never warps starts faster.
if TYPE_CHECKING:
    from scipy.sparse import csr_array

ELASTIC_WIDTH = 4.0
"""Standard deviation, in pixels, of the Gaussian that smooths elastic displacements."""


@dataclass(frozen=True, kw_only=True)
class Warp:
    """One warp: for each pixel of the new image, its source in the old image.

    `rows` and `columns` are `(height * width,)`, in pixels of the old image.
    """

    rows: Array
    columns: Array


def draw_warp(config: TrialConfig, image_shape: tuple[int, int], noise: Generator) -> Warp:
    """Return a random warp: a shift, rotation, scaling and shear, and an elastic displacement.

    The first four are uniform between minus and plus the settings of `config`. Elastic
    displacements are uniform noise, smoothed by a Gaussian and multiplied by `config.elastic`
    (Simard, Steinkraus & Platt 2003). Each kind draws its numbers whether it is used or not, so
    switching one kind off does not change the others.
    """
    height, width = image_shape
    shift = config.shift * noise.uniform(-1, 1, 2)
    angle, scaling, shear = noise.uniform(-1, 1, 3) * (
        np.deg2rad(config.rotation),
        config.scaling,
        config.shear,
    )
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.array([[1.0, shear], [0.0, 1.0]]) * (1.0 + scaling)
    center = np.array([(height - 1) / 2, (width - 1) / 2])
    places = np.indices(image_shape).reshape(2, -1) - center[:, None]
    rows, columns = linear @ places + (center + shift)[:, None]
    bend = noise.uniform(-1, 1, (2, height, width))
    if config.elastic:
        from scipy.ndimage import gaussian_filter

        smooth = [gaussian_filter(field, ELASTIC_WIDTH, mode="constant").ravel() for field in bend]
        rows, columns = rows + config.elastic * smooth[0], columns + config.elastic * smooth[1]
    return Warp(rows=rows, columns=columns)


def warp_matrix(warp: Warp, image_shape: tuple[int, int]) -> "csr_array":
    """Return the bilinear map of `warp` as a sparse `(pixels, pixels)` matrix.

    Row i holds the weights of the four old pixels around the source of new pixel i; pixels outside
    the old image count as 0.
    """
    from scipy.sparse import csr_array

    height, width = image_shape
    top, left = np.floor(warp.rows), np.floor(warp.columns)
    down, right = warp.rows - top, warp.columns - left
    rows = np.stack([top, top, top + 1, top + 1], axis=1).astype(np.int64)
    columns = np.stack([left, left + 1, left, left + 1], axis=1).astype(np.int64)
    weights = np.stack(
        [(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right], axis=1
    )
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    indices = np.where(inside, rows * width + columns, 0)
    weights = np.where(inside, weights, 0.0)
    starts = np.arange(0, 4 * height * width + 1, 4)
    pixels = height * width
    return csr_array((weights.ravel(), indices.ravel(), starts), shape=(pixels, pixels))


class Expansion:
    """Warps mini-batches of images, each mini-batch by a new random warp."""

    def __init__(self, config: TrialConfig, image_shape: tuple[int, int], noise: Generator) -> None:
        self._config, self._image_shape, self._noise = config, image_shape, noise

    def __call__(self, x: Array) -> Array:
        """Return the images `x` `(m, pixels)`, warped, as a new C-ordered array."""
        warp = draw_warp(self._config, self._image_shape, self._noise)
        matrix = warp_matrix(warp, self._image_shape).astype(x.dtype)
        return np.ascontiguousarray((matrix @ x.T).T)

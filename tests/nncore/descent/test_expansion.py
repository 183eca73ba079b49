"""Expansion: warps that are the identity at strength 0, move pixels where they must, and repeat."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from nncore.config import WARPS, TrialConfig
from nncore.datasets.dataset import Split, make_split
from nncore.descent.expansion import Expansion, Warp, draw_warp, warp_matrix
from nncore.errors import InputError
from nncore.network import new_network
from nncore.training import train

SHAPE = (9, 12)
STRONG = TrialConfig(shift=2.0, rotation=20.0, scaling=0.2, shear=0.2, elastic=30.0)


def images(m: int, dtype: str = "float64") -> np.ndarray:
    return np.random.default_rng(1).random((m, 108)).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_warp_of_zero_strength_is_the_identity_to_the_bit(dtype: str) -> None:
    x = images(5, dtype)
    warped = Expansion(TrialConfig(), SHAPE, np.random.default_rng(2))(x)
    assert warped.dtype == dtype
    assert warped.tobytes() == x.tobytes()
    assert warped.flags.c_contiguous


@pytest.mark.parametrize("kind", WARPS)
def test_each_kind_of_warp_moves_and_repeats_under_its_seed(kind: str) -> None:
    config = replace(TrialConfig(), **{kind: getattr(STRONG, kind)})
    x = images(3)
    first, again, other = (
        Expansion(config, SHAPE, np.random.default_rng(seed))(x) for seed in (2, 2, 3)
    )
    assert first.tobytes() == again.tobytes()
    assert (first != x).any()
    assert (first != other).any()


def test_the_matrix_is_bilinear_interpolation() -> None:
    """SciPy's own interpolation of order 1, with zeros outside, at the same places."""
    warp = draw_warp(STRONG, SHAPE, np.random.default_rng(4))
    x = images(4)
    for image, warped in zip(x, (warp_matrix(warp, SHAPE) @ x.T).T, strict=True):
        places = np.stack([warp.rows, warp.columns])
        padded = np.pad(image.reshape(SHAPE), 50)
        expected = map_coordinates(padded, places + 50, order=1)
        np.testing.assert_allclose(warped, expected, atol=1e-12)


def test_a_shift_by_whole_pixels_moves_the_image_and_fills_with_zeros() -> None:
    rows, columns = np.indices(SHAPE)
    warp = Warp(rows=(rows + 1.0).ravel(), columns=(columns - 2.0).ravel())
    image = images(1).reshape(SHAPE)
    expected = np.zeros(SHAPE)
    expected[:-1, 2:] = image[1:, :-2]
    np.testing.assert_array_equal(
        (warp_matrix(warp, SHAPE) @ image.ravel()).reshape(SHAPE), expected
    )


@pytest.mark.parametrize(
    ("kind", "amount", "farthest"),
    [
        ("shift", 2.0, 2.0),
        # the corner is √(4² + 5.5²) = 6.8007 pixels from the center: a chord of 2 r sin(angle/2)
        ("rotation", 10.0, 2 * 6.8007 * np.sin(np.deg2rad(5))),
        ("scaling", 0.1, 0.68007),
        ("shear", 0.1, 0.55),
    ],
)
def test_no_pixel_looks_farther_than_the_strength_allows(
    kind: str, amount: float, farthest: float
) -> None:
    config, noise = replace(TrialConfig(), **{kind: amount}), np.random.default_rng(5)
    rows, columns = (axis.ravel() for axis in np.indices(SHAPE))
    reached = 0.0
    for _ in range(300):
        warp = draw_warp(config, SHAPE, noise)
        moves = np.hypot(warp.rows - rows, warp.columns - columns)
        if kind == "shift":  # each way at most so far
            moves = np.maximum(np.abs(warp.rows - rows), np.abs(warp.columns - columns))
        reached = max(reached, float(moves.max()))
    assert 0.9 * farthest < reached <= farthest * 1.001


def test_a_whole_mini_batch_shares_one_warp_and_the_next_has_another() -> None:
    expansion = Expansion(STRONG, SHAPE, np.random.default_rng(6))
    one = images(1)
    both = expansion(np.concatenate([one, one]))
    assert both[0].tobytes() == both[1].tobytes()
    assert (expansion(one) != both[:1]).any()


def test_one_kind_can_be_switched_off_without_changing_the_others() -> None:
    with_both = draw_warp(STRONG, SHAPE, np.random.default_rng(7))
    no_shift = draw_warp(replace(STRONG, shift=0.0), SHAPE, np.random.default_rng(7))
    differences = with_both.rows - no_shift.rows
    np.testing.assert_allclose(differences, differences[0], atol=1e-12)


def split() -> Split:
    rng = np.random.default_rng(8)
    return make_split(rng.random((40, 108), np.float32), rng.integers(0, 3, 40), 3)


def test_training_warps_without_touching_the_data_and_repeats() -> None:
    config, data = replace(STRONG, epochs=2, hidden_units=(5,)), split()
    kept = data.x.copy()

    def trained(config: TrialConfig) -> bytes:
        network = new_network(config, 108, 3, np.random.default_rng(1))
        noise = np.random.default_rng(2)
        rng = np.random.default_rng(3)
        for _ in train(network, config, rng, training=data, noise=noise, image_shape=SHAPE):
            pass
        return network.weights[0].tobytes()

    assert trained(config) == trained(config)
    assert trained(config) != trained(replace(config, **dict.fromkeys(WARPS, 0.0)))
    np.testing.assert_array_equal(data.x, kept)


def test_data_that_are_not_images_are_refused_by_name() -> None:
    config = TrialConfig(rotation=5.0)
    network = new_network(config, 108, 3, np.random.default_rng(1))
    with pytest.raises(
        InputError, match="`rotation` must be 0 for data that are not images, got 5"
    ):
        train(network, config, np.random.default_rng(1), training=split())

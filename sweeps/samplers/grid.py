"""The grid sampler: each cell of the grid once, in an order drawn from the seed.

In random order, even a sweep over part of the cells covers the whole space. The order does not
depend on the number of trials.
"""

from collections.abc import Callable, Sequence

import numpy as np

from sweeps.space.dimensions import Params, Space
from sweeps.space.grid_cells import grid_cells


def grid_points(space: Space, seed: int, without: Sequence[Params]) -> Callable[[int], Params]:
    """Return a function from k to the k-th cell, leaving out the cells in `without`."""
    rest = [cell for cell in grid_cells(space) if cell not in without]
    order = np.random.default_rng(seed).permutation(len(rest))
    return lambda number: rest[order[number]]

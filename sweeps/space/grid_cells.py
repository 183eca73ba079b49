"""The cells of a grid: every point of a space of choices and steps, each once.

They are counted here, and a config with the grid sampler is checked; `sweeps.samplers.grid` draws
the order of the cells.
"""

from collections.abc import Iterator
from itertools import islice

from nncore.errors import InputError, require
from sweeps.space.dimensions import Params, Space, points

MOST_CELLS = 100_000


def grid_cells(space: Space) -> Iterator[Params]:
    """Yield every point of a space whose dimensions all have a countable number of values."""
    counts = {name: range(dimension.count or 0) for name, dimension in space.items()}
    return points(space, {name: [*map(space[name].nth, counts[name])] for name in space})


def distinct_points(space: Space, limit: int) -> int | None:
    """Return the number of points of the space, None if there are `limit` or more."""
    counts = [dimension.count for dimension in space.values()]
    if any(count is None or count >= limit for count in counts):
        return None
    points_up_to_limit = sum(1 for _ in islice(grid_cells(space), limit))
    return points_up_to_limit if points_up_to_limit < limit else None


def check_grid(space: Space, trials: int) -> None:
    """Raise `InputError` unless the space is a grid of at least `trials` cells."""
    for name, dimension in space.items():
        if dimension.count is None:
            rule = "must have a `step` or `choices` if `sampler` is 'grid'"
            raise InputError(f"`space.{name}` {rule}, got a continuous range")
        rule = f"have at most {MOST_CELLS} values if `sampler` is 'grid'"
        require(dimension.count <= MOST_CELLS, f"space.{name}", rule, dimension.count)
    count = sum(1 for _ in islice(grid_cells(space), MOST_CELLS + 1))
    rule = f"have at most {MOST_CELLS} cells if `sampler` is 'grid'"
    if count > MOST_CELLS:
        raise InputError(f"`space` must {rule}, got more")
    require(trials <= count, "sweep.trials", f"be <= {count}, the size of the grid", trials)

"""Points that a sweep file gives: checked and converted to proposals.

Each must be in the space and have a value for every dimension that exists there. Start points are
tried by the first trials; of known results only the sampler is told.
"""

from collections.abc import Sequence
from typing import Any

from nncore.errors import InputError, require
from nncore.words_of_others import unknown_key
from sweeps.space.dimensions import Params, Space, exists
from sweeps.space.hidden_layers import as_params


def start_points(space: Space, tables: Sequence[dict[str, Any]]) -> list[Params]:
    """Return the points in the tables `[[start]]`.

    Raises
    ------
    InputError
        If a point is not in the space, has more or fewer dimensions, or is given twice.
    """
    points: list[Params] = []
    for number, table in enumerate(tables):
        params = point_in(space, table, f"start.{number}")
        require(params not in points, f"start.{number}", "differ from the others", params)
        points.append(params)
    return points


def point_in(space: Space, table: dict[str, Any], where: str) -> Params:
    """Return the point of `space` in `table`; `InputError`, which names `where`, if it is none."""
    table, params = as_params(table, space), Params()
    for name, dimension in space.items():
        if exists(dimension, params):
            if name not in table:
                raise InputError(f"`{where}.{name}` must be given")
            try:
                params[name] = dimension.member(table[name])
            except ValueError as error:
                raise InputError(f"`{where}.{name}` {error}") from error
    for name in table:
        if name not in space:
            raise unknown_key(f"name in `{where}`", name, space)
        if name not in params:
            raise InputError(
                f"`{where}.{name}` must be left out, as its `when` does not hold there"
            )
    return params

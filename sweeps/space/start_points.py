"""The start points, which the first trials of a sweep try: checked and converted to proposals.

Each must be in the space and have a value for every dimension that exists there.
"""

from collections.abc import Mapping, Sequence
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
        params = _point(space, as_params(table, space), f"start.{number}")
        require(params not in points, f"start.{number}", "differ from the others", params)
        points.append(params)
    return points


def _point(space: Space, table: Mapping[str, Any], where: str) -> Params:
    params: Params = {}
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

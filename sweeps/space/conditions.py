"""The conditions of a space (`when`): checked, ordered, and resolved as far as they are fixed.

A condition on a fixed setting is decided here, once; a condition on a dimension, point by point.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from nncore.config import FLAGS, HYPERPARAMETERS, NAMES
from nncore.errors import InputError, require, unknown
from nncore.words_of_others import unknown_key
from sweeps.space.dimensions import Dimension, Params, Space, points
from sweeps.space.hidden_layers import WIDTHS


def resolve(space: Space, fixed: Mapping[str, Any]) -> Space:
    """Return `space` in an order that conditions allow, without dimensions that never exist.

    `fixed` are the settings that are not searched. A condition on a fixed setting holds for all
    points or for none. Each dimension comes after those in its condition.

    Raises
    ------
    InputError
        If a condition has an unknown name or an impossible value, or conditions form a circle.
    """
    resolved: Space = {}
    for name in _in_order(space):
        conditions = (space[name].when or {}).items()
        known = {k: _members(name, k, space[k], vs) for k, vs in conditions if k in space}
        others = {k: values for k, values in conditions if k not in space}
        for key, values in others.items():
            _check_fixed(name, key, values)
        if all(fixed[k] in vs for k, vs in others.items()) and known.keys() <= resolved.keys():
            resolved[name] = space[name].model_copy(update={"when": known or None})
    return resolved


def _in_order(space: Space) -> list[str]:
    """Return the names in their order, but each after the names in its condition."""
    waiting, placed = list(space), dict[str, None]()
    while waiting:
        ready = (n for n in waiting if _parents(space, n) <= placed.keys())
        name = next(ready, None)
        if name is None:
            listed = ", ".join(f"`{name}`" for name in waiting)
            raise InputError(f"conditions in `when` must not be circular, got {listed}")
        placed[name] = None
        waiting.remove(name)
    return list(placed)


def _parents(space: Space, name: str) -> set[str]:
    return (space[name].when or {}).keys() & space.keys()


def _members(name: str, key: str, parent: Dimension, values: list[Any]) -> list[Any]:
    where = f"`space.{name}.when.{key}`"
    if parent.count is None:
        raise InputError(f"{where} must name a dimension with choices or steps, got a range")
    try:
        return [parent.member(value) for value in values]
    except ValueError as error:
        raise InputError(f"{where} {error}") from error


def _check_fixed(name: str, key: str, values: list[Any]) -> None:
    where = f"space.{name}.when"
    if key not in HYPERPARAMETERS:
        raise unknown_key(f"name in `{where}`", key, HYPERPARAMETERS)
    require(key != WIDTHS, where, "not name a fixed list of widths", key)
    for value in values:
        if key in NAMES:
            require(isinstance(value, str), f"{where}.{key}", "be a name", value)
            if value not in NAMES[key]:
                raise unknown(f"`{key}`", value, NAMES[key])
        else:
            kind = "true or false" if key in FLAGS else "a number"
            fits = isinstance(value, bool) if key in FLAGS else type(value) in (int, float)
            require(fits, f"{where}.{key}", f"be {kind}", value)


def corners(space: Space, joined: Iterable[str]) -> Iterator[Params]:
    """Yield points of the space that together have every bound of every dimension.

    `joined` are hyperparameters that must fit together: the points have all combinations of their
    bounds. Every point can be proposed.
    """
    boundary = {name: _boundary_values(space, name) for name in space}
    for group in (*({name} for name in space), {name for name in joined if name in space}):
        varied = group.union(*(_ancestors(space, name) for name in group))
        values = {n: values if n in varied else values[:1] for n, values in boundary.items()}
        yield from points(space, values)


def _ancestors(space: Space, name: str) -> set[str]:
    ancestors, waiting = set[str](), [name]
    while waiting:
        new = _parents(space, waiting.pop()) - ancestors
        ancestors |= new
        waiting += new
    return ancestors


def _boundary_values(space: Space, name: str) -> list[Any]:
    """Return the ends, the values in conditions, and one value in no condition, if there is one."""
    dimension = space[name]
    named = [v for d in space.values() for v in (d.when or {}).get(name, ())]
    countable = range(dimension.count or 0) if named else ()
    unnamed = (v for v in map(dimension.nth, countable) if v not in named)
    return list(dict.fromkeys((*dimension.ends, *named, *islice(unnamed, 1))))

"""The book's own strategy: one hyperparameter at a time, from coarse steps to fine ones.

Nielsen ch. 3, "How to choose a neural network's hyper-parameters?": find the learning rate's order
of magnitude, then λ's, then the others', and start again with finer steps.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import fields
from itertools import cycle
from typing import Any

from nncore.config import TrialConfig
from sweeps.space.dimensions import Choices, Dimension, Params, Range, Space, exists
from sweeps.space.hidden_layers import WIDTHS, subject
from sweeps.trial import Result

Key = frozenset[tuple[str, Any]]

FIRST = ("learning_rate", "lmbda", "mini_batch_size")
"""The order in the book; the other hyperparameters follow in the order of the space."""

LINE = 3
"""The number of new values on a line; each round then narrows the range to half or less."""


class Coordinate:
    """Searches along one line after another, each through the best point so far.

    A line varies one hyperparameter: over all its choices, or over evenly spaced values. In the
    first round the values span the whole range, then the interval between the neighbors of the
    best value. If a generation has room for several lines, their best values are combined into one
    point, which is tried first. The next lines go through that point if it improves on the best,
    otherwise through the best point again. No point is tried twice. If no line has a new point, the
    points come from `elsewhere`.
    """

    replays = True

    def __init__(self, space: Space, elsewhere: Callable[[int], Params]) -> None:
        self._space, self._elsewhere = space, elsewhere
        self._names = cycle(sorted(space, key=_place_in_order))
        self._base = _complete(space, {})
        self._best, self._best_value = self._base, -math.inf
        self._distance: dict[str, float] = {}
        self._waiting: list[tuple[str, Any]] = []
        self._values: dict[Key, float] = {}
        self._running: list[tuple[str | None, Params]] = []

    def ask(self, number: int) -> Params:
        """Return the next point, which joins the current generation."""
        name, params = self._next(number)
        self._take(name, params)
        return params

    def add(self, params: Params) -> None:
        """Add a point from elsewhere; the search starts at the first point of all."""
        self._base = self._base if self._values else params
        self._take(None, params)

    def tell(self, results: Sequence[Result]) -> None:
        """End the current generation and choose the point through which the next lines go."""
        before = self._best_value
        ended = [
            (name, params, result.value)
            for (name, params), result in zip(self._running, results, strict=True)
            if result.value is not None
        ]
        for _, params, value in ended:
            self._values[_key(params)] = value
            if value > self._best_value:
                self._best, self._best_value = params, value
        reached = max((value for *_, value in ended), default=-math.inf)
        self._base = self._best if reached < before else self._with_winners(ended)
        self._running = []

    def _with_winners(self, ended: list[tuple[str | None, Params, float]]) -> Params:
        """Return the base with the best value of each line that improved on it."""
        standing = self._values.get(_key(self._base), -math.inf)
        winners: dict[str, tuple[float, Any]] = {}
        for name, params, value in ended:
            if name is not None and value > winners.get(name, (standing,))[0]:
                winners[name] = value, params[name]
        chosen = {name: value for name, (_, value) in winners.items()}
        return _complete(self._space, {**self._base, **chosen}) if chosen else self._best

    def _take(self, name: str | None, params: Params) -> None:
        self._running.append((name, params))
        self._values.setdefault(_key(params), -math.inf)

    def _next(self, number: int) -> tuple[str | None, Params]:
        """Return the next point, with the name of the hyperparameter that its line varies."""
        if self._is_new(self._base):
            return None, self._base
        for _ in range(len(self._space) + 1):
            while self._waiting:
                name, value = self._waiting.pop(0)
                params = self._with(name, value)
                if self._is_new(params):
                    return name, params
            name = next(self._names)
            if name in self._base:
                self._waiting = [(name, value) for value in self._line(name)]
        return None, self._elsewhere(number)

    def _with(self, name: str, value: Any) -> Params:
        return _complete(self._space, {**self._base, name: value})

    def _is_new(self, params: Params) -> bool:
        return _key(params) not in self._values

    def _line(self, name: str) -> list[Any]:
        """Return the new values of `name` on its next line, and record their distance."""
        dimension = self._space[name]
        if isinstance(dimension, Choices):
            return dimension.choices
        low, high = self._limits(name, dimension)
        inner = name in self._distance  # then the ends are neighbors of the best value
        for count in range(LINE, 2 * LINE + 1):  # some values may have been tried already
            places = _evenly(low, high, count + 2 * inner)
            values = [_value_at(place, dimension) for place in places]
            values = values[1:-1] if inner else values
            new = [value for value in values if self._is_new(self._with(name, value))]
            if len(new) >= LINE:
                break
        self._distance[name] = places[1] - places[0]
        return new

    def _limits(self, name: str, dimension: Range) -> tuple[float, float]:
        if name not in self._distance:
            return 0.0, 1.0
        here, distance = _place_of(self._base[name], dimension), self._distance[name]
        return max(0.0, here - distance), min(1.0, here + distance)


def _key(params: Params) -> Key:
    return frozenset(params.items())


def _evenly(low: float, high: float, count: int) -> list[float]:
    return [low + (high - low) * k / (count - 1) for k in range(count)]


def _place_in_order(name: str) -> int:
    return FIRST.index(name) if name in FIRST else len(FIRST)


def _complete(space: Space, values: Params) -> Params:
    """Return the point with these values; its other dimensions have their usual values."""
    params: Params = {}
    for name, dimension in space.items():
        if exists(dimension, params):
            params[name] = values[name] if name in values else _usual(name, dimension)
    return params


def _usual(name: str, dimension: Dimension) -> Any:
    """Return the hyperparameter's default if the dimension has it, otherwise the middle value."""
    try:
        return dimension.member(USUAL.get(subject(name)))
    except ValueError:
        return dimension.choices[0] if isinstance(dimension, Choices) else _value_at(0.5, dimension)


USUAL = {
    **{field.name: field.default for field in fields(TrialConfig)},
    WIDTHS: TrialConfig.hidden_units[0],
}


def _place_of(value: float, dimension: Range) -> float:
    """Return where `value` lies between 0, the low end, and 1, the high end."""
    low, high = dimension.low, dimension.high
    if dimension.log:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)


def _value_at(place: float, dimension: Range) -> Any:
    """Return the value of the dimension that is nearest to `place`."""
    low, high = dimension.low, dimension.high
    value = low * (high / low) ** place if dimension.log else low + (high - low) * place
    if dimension.count is None:
        return min(max(value, float(low)), float(high))
    return dimension.nth(round((value - low) / (dimension.step or 1)))

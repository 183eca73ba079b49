"""The space of a sweep: one dimension per hyperparameter, a range or choices.

It defines the valid values, and which dimensions exist at a point. Samplers propose the points.
"""

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from pydantic import StrictBool, StrictFloat, StrictInt, field_validator, model_validator

from nncore.errors import shown
from sweeps.space.plain_values import PlainModel, for_programs_only, plain

Scalar = bool | int | float | str
Number = StrictInt | StrictFloat
When = dict[str, list[Any]]
SMALLEST = 1e-30
NEAR_STEP, NEAR = 1e-8, 1e-12
"""How near a value must be to one of the space, in steps and relative to the value.

Both are needed, because 0.1 has no exact binary form: 0.1 + 0.2 is not the 0.3 of a space.
"""


class _Conditional(PlainModel):
    """The base of ranges and choices: `when`, their condition."""

    when: When | None = None

    @field_validator("when", mode="before")
    @classmethod
    def _lists(cls, when: Any) -> Any:
        """Read a single value as a list of one."""
        if not isinstance(when, dict):
            return when
        return {name: v if isinstance(v, list) else [v] for name, v in when.items()}

    @field_validator("when")
    @classmethod
    def _some(cls, when: When | None) -> When | None:
        if when == {}:
            raise ValueError("must have at least one condition, got none")
        for name, values in (when or {}).items():
            if not values:
                raise ValueError(f"must have at least one value of `{name}`, got none")
        return when


class Range(_Conditional):
    """Numbers from `low` to `high`, both included; whole if both bounds and the step are whole.

    Attributes
    ----------
    when
        The values that other hyperparameters must have for this dimension to exist: one value or a
        list of values for each name. Without it, the dimension exists in all trials.
    low, high
        The bounds, both included.
    log
        Whether to draw on a logarithmic scale, evenly over orders of magnitude.
    step
        Draw only `low`, `low + step`, and so on up to `high`.

    Raises
    ------
    InputError
        If the range is empty, or `log` or `step` does not fit it.

    Examples
    --------
    >>> from sweeps import Range
    >>> Range(10, 100, step=10).count
    10
    >>> Range(0.01, 10.0, log=True).ends
    [0.01, 10.0]
    """

    low: Number
    high: Number
    log: StrictBool = False
    step: Number | None = None

    @for_programs_only
    def __init__(
        self,
        low: float,
        high: float,
        *,
        log: bool = False,
        step: float | None = None,
        when: Mapping[str, Any] | None = None,
    ) -> None:
        self._set(low=low, high=high, log=log, step=step, when=when)

    @model_validator(mode="after")
    def _check(self) -> Self:
        low, high, step = self.low, self.high, self.step or 1
        for key, number in (("low", low), ("high", high), ("step", step)):
            if not _is_finite(number):
                raise ValueError(f"must have a finite {key}, got {shown(number)}")
        if not _is_finite(high - low):
            raise ValueError(f"must have a finite high - low, got low = {low}, high = {high}")
        if self.low >= self.high:
            raise ValueError(f"must have low < high, got low = {self.low}, high = {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"must have low > 0 if log = true, got low = {self.low}")
        if self.log and self.low < SMALLEST:
            raise ValueError(f"must have low >= {SMALLEST} if log = true, got low = {self.low}")
        if self.step is not None and self.log:
            raise ValueError("must have either a step or log = true, got both")
        if self.step is not None and not (self.step > 0 and _decimal(step) <= _span(low, high)):
            raise ValueError(f"must have 0 < step <= high - low, got step = {shown(self.step)}")
        if self.step is not None and not _divides(self.step, self.low, self.high):
            raise ValueError(
                f"must have a step that divides high - low, got low = {self.low}, "
                f"high = {self.high}, step = {self.step}"
            )
        return self

    @property
    def whole(self) -> bool:
        """Whether all values are whole numbers."""
        return all(isinstance(n, int) for n in (self.low, self.high, self.step) if n is not None)

    @property
    def ends(self) -> list[Any]:
        """Both bounds, with the type of proposed values."""
        return [self.low, self.high] if self.whole else [float(self.low), float(self.high)]

    @property
    def count(self) -> int | None:
        """The number of values, or None for all numbers between the bounds."""
        if self.step is None and not self.whole:
            return None
        return 1 + round((self.high - self.low) / (self.step or 1))

    def nth(self, index: int) -> Any:
        """Return the value with this `index`, from 0 to below `count`."""
        value = _decimal(self.low) + index * _decimal(self.step or 1)
        return int(value) if self.whole else float(value)

    def member(self, value: Any) -> Any:
        """Return the range's own value that equals `value`, up to rounding errors.

        Every value from outside passes here before it is used: from samplers, start points,
        conditions, tables and databases. Raises `ValueError` if the range has no such value.
        """
        value, margin = plain(value), self.step or 0
        number = isinstance(value, int if self.whole else int | float)
        near = number and self.low - margin <= value <= self.high + margin
        if near and not isinstance(value, bool):
            nearest = self._nearest(value)
            if self.low <= nearest <= self.high and self._is_near(value, nearest):
                return nearest
            if self.low <= value <= self.high:
                rule = f"{self.low} plus a multiple of {self.step}"
                raise ValueError(f"must be {rule}, got {shown(value)}")
        kind = "a whole number" if self.whole else "a number"
        raise ValueError(f"must be {kind} from {self.low} to {self.high}, got {shown(value)}")

    def _nearest(self, value: float) -> Any:
        """Return the number of the range's scale, not necessarily within its bounds."""
        if self.step is None:
            return value if self.whole else float(value)
        return self.nth(round((value - self.low) / self.step))

    def _is_near(self, value: float, nearest: float) -> bool:
        if self.step is None or self.whole:
            return value == nearest
        return math.isclose(value, nearest, rel_tol=NEAR, abs_tol=NEAR_STEP * self.step)

    def in_floats(self) -> "Range":
        """Return the range of all numbers between the same bounds."""
        return self.model_copy(update={"low": float(self.low), "high": float(self.high)})


def _is_finite(number: float) -> bool:
    """Return whether `number` is finite as a float, too; an integer may be too large for that."""
    return abs(number) <= sys.float_info.max


def _decimal(number: float) -> Decimal:
    """Return the decimal number as which `number` is written: 0.1 has no exact binary form."""
    return Decimal(str(number))


def _span(low: float, high: float) -> Decimal:
    return _decimal(high) - _decimal(low)


def _divides(step: float, low: float, high: float) -> bool:
    """Return whether steps from `low` reach `high`."""
    try:
        return _span(low, high) % _decimal(step) == 0
    except InvalidOperation:  # infinite, or more steps than 28 digits can count
        return False


class Choices(_Conditional):
    """One of a list of values.

    Attributes
    ----------
    when
        As in a range.
    choices
        Names, numbers or booleans; for `hidden_units`, also lists of widths.

    Raises
    ------
    InputError
        If there are no choices, two are equal, or one is no plain value.

    Examples
    --------
    >>> from sweeps import Choices
    >>> Choices(["sigmoid", "relu"], when={"output": "sigmoid"}).when
    {'output': ['sigmoid']}
    """

    choices: list[Any]

    @for_programs_only
    def __init__(self, choices: Sequence[Any], *, when: Mapping[str, Any] | None = None) -> None:
        self._set(choices=choices, when=when)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.choices:
            raise ValueError("must have at least one choice, got none")
        for choice in self.choices:
            if not isinstance(choice, Scalar):
                kinds = "numbers, texts or booleans"
                raise ValueError(f"must have {kinds} as choices, got {shown(choice)}")  # noqa: TRY004
            if not isinstance(choice, str) and not _is_finite(choice):
                raise ValueError(f"must have finite numbers as choices, got {shown(choice)}")
        if len(set(self.choices)) < len(self.choices):  # 1, 1.0 and true are equal, too
            raise ValueError(f"must have distinct choices, got {shown(self.choices)}")
        return self

    @property
    def ends(self) -> list[Any]:
        """Every choice."""
        return list(self.choices)

    @property
    def count(self) -> int:
        """The number of choices."""
        return len(self.choices)

    def nth(self, index: int) -> Any:
        """Return the choice with this `index`, from 0."""
        return self.choices[index]

    def member(self, value: Any) -> Any:
        """Return the choice that equals `value`, up to rounding errors; see `Range.member`.

        Raises `ValueError` if none does.
        """
        value = plain(value)
        alike = [c for c in self.choices if isinstance(c, bool) == isinstance(value, bool)]
        for choice in alike:
            if choice == value:
                return choice
        for choice in alike if isinstance(value, float) else ():
            if isinstance(choice, float) and math.isclose(choice, value, rel_tol=NEAR):
                return choice
        raise ValueError(f"must be one of {shown(self.choices)}, got {shown(value)}")

    def in_floats(self) -> "Choices":
        """Return the same choices with whole numbers as floats."""
        floats = [float(c) if type(c) is int else c for c in self.choices]
        return self.model_copy(update={"choices": floats})


Dimension = Range | Choices
Space = dict[str, Dimension]
"""The dimensions by name, in the order of the file, but each after those in its condition."""

Params = dict[str, Any]
"""A point of the space: the value of each dimension that exists there."""


def dimension_kind(spec: Any) -> str:
    """Return the kind of dimension, "choices" or "range", in a table of the sweep file."""
    is_choices = isinstance(spec, Choices) or (isinstance(spec, dict) and "choices" in spec)
    return "choices" if is_choices else "range"


def exists(dimension: Dimension, params: Params) -> bool:
    """Return whether the point `params` has this dimension; it needs the names in its condition.

    A dimension whose condition names a dimension that does not exist at the point does not exist.
    """
    conditions = (dimension.when or {}).items()
    return all(name in params and params[name] in values for name, values in conditions)


def points(space: Space, values: Mapping[str, Sequence[Any]]) -> Iterator[Params]:
    """Yield every point with these `values`; the last dimension varies fastest."""

    def extended(params: Params, names: Sequence[str]) -> Iterator[Params]:
        if not names:
            yield params
        elif not exists(space[names[0]], params):
            yield from extended(params, names[1:])
        else:
            for value in values[names[0]]:
                yield from extended({**params, names[0]: value}, names[1:])

    return extended({}, tuple(space))


def column(name: str) -> str:
    """Return the column of the hyperparameter `name` in `trials.csv`.

    It is the name itself, except for `epochs`: the column `epochs` has the number of epochs that
    were trained, so the hyperparameter is in the column `max_epochs`.
    """
    return "max_epochs" if name == "epochs" else name

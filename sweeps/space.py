"""The space that a sweep searches: one dimension per hyperparameter, as ranges and choices.

It says what may be proposed and knows nothing of who proposes.
"""

from decimal import Decimal, InvalidOperation
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    StrictBool,
    StrictFloat,
    StrictInt,
    model_validator,
)

Scalar = bool | int | float | str
Number = StrictInt | StrictFloat
SMALLEST = 1e-30


class Range(BaseModel):
    """Numbers from `low` to `high`, both included; whole numbers if both bounds (and the step) are.

    `log` draws them evenly over orders of magnitude; `step` keeps to low, low + step, and so on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: Number
    high: Number
    log: StrictBool = False
    step: Number | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"must have low < high, got low = {self.low}, high = {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"must have low > 0 where log = true, got low = {self.low}")
        if self.log and self.low < SMALLEST:
            raise ValueError(f"must have low >= {SMALLEST} where log = true, got low = {self.low}")
        if self.step is not None and self.log:
            raise ValueError("must have either a step or log = true, got both")
        if self.step is not None and not 0 < self.step <= self.high - self.low:
            raise ValueError(f"must have 0 < step <= high - low, got step = {self.step}")
        if self.step is not None and not _divides(self.step, self.low, self.high):
            raise ValueError(
                f"must have high - low a multiple of step, got low = {self.low}, "
                f"high = {self.high}, step = {self.step}"
            )
        return self

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are meant."""
        return all(isinstance(n, int) for n in (self.low, self.high, self.step) if n is not None)

    @property
    def ends(self) -> list[Any]:
        """Both bounds, as they would be proposed."""
        return [self.low, self.high] if self.whole else [float(self.low), float(self.high)]

    def in_floats(self) -> "Range":
        """Return the range of all numbers between the same bounds."""
        return self.model_copy(update={"low": float(self.low), "high": float(self.high)})


def _divides(step: float, low: float, high: float) -> bool:
    """Return whether steps from `low` meet `high`; in decimals, because 0.1 has no binary form."""
    try:
        return (Decimal(str(high)) - Decimal(str(low))) % Decimal(str(step)) == 0
    except InvalidOperation:  # without end, or more steps than 28 digits can count
        return False


class Choices(BaseModel):
    """One of a list of values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    choices: list[Any]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.choices:
            raise ValueError("must have at least one choice, got none")
        for choice in self.choices:
            if not isinstance(choice, Scalar):
                kinds = "numbers, texts or booleans"
                raise ValueError(f"must have {kinds} as choices, got {choice}")  # noqa: TRY004
        if len(set(self.choices)) < len(self.choices):  # 1, 1.0 and true are equal, too
            raise ValueError(f"must have choices that differ, got {self.choices}")
        return self

    def in_floats(self) -> "Choices":
        """Return the same choices with whole numbers as floats."""
        return Choices(choices=[float(c) if type(c) is int else c for c in self.choices])

    @property
    def ends(self) -> list[Any]:
        """Every choice."""
        return list(self.choices)


Dimension = Range | Choices
Space = dict[str, Dimension]
Params = dict[str, Any]


def dimension_kind(spec: Any) -> str:
    """Return which kind of dimension a table from the config file means."""
    is_choices = isinstance(spec, Choices) or (isinstance(spec, dict) and "choices" in spec)
    return "choices" if is_choices else "range"

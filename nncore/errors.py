"""The error for wrong input, as opposed to a fault in the program.

Every package raises it with a one-sentence message; the command prints this message and exits
with 2.
"""

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Wrong input: the message names the key or file, the rule, and the invalid value.

    Parameters
    ----------
    message
        One sentence on one line.
    argument
        The argument of a public function that is wrong, or that overrides the refusal. The message
        shows it in backticks, so a command can replace it by its own option.

    Examples
    --------
    >>> from nncore import InputError, TrialConfig
    >>> try:
    ...     TrialConfig(lmbda=-1.0)
    ... except InputError as error:
    ...     print(error)
    `lmbda` must be a number >= 0, got -1.0
    """

    def __init__(self, *message: str, argument: str | None = None) -> None:
        super().__init__(*message)
        self.argument = argument


def require(condition: bool, key: str, rule: str, got: object) -> None:
    """Raise `InputError` unless `condition` holds.

    The message is "`lmbda` must be >= 0, got -1.0" for the key "lmbda" and the rule "be >= 0".
    """
    if not condition:
        raise InputError(f"`{key}` must {rule}, got {got!r}")


def unknown(kind: str, name: str, known: Iterable[str]) -> InputError:
    """Return the error for a name that is not in `known`; it suggests the nearest known name."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(names)}"
    return InputError(f"unknown {kind} `{name}`; {hint}")

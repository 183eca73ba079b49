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
        One sentence on one line. Of a longer message than `MOST_CHARACTERS`, the middle is left
        out.
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
        super().__init__(*map(shortened, message))
        self.argument = argument


MOST_CHARACTERS = 480
"""The length of the longest message: with the name of the command before it, below 500."""

MOST_SHOWN = 120
"""The length of the longest value or name that a message shows whole."""


def shortened(message: str, most: int = MOST_CHARACTERS) -> str:
    """Return `message` with at most `most` characters; "…" stands for the middle of a longer one.

    Both ends stay, because a message begins with the key and often ends with the value or a hint.
    """
    if len(message) <= most:
        return message
    end = most // 3
    return f"{message[: most - end - 1]}…{message[-end:]}"


def shown(value: object) -> str:
    """Return `value` as a message shows it: its repr, shortened."""
    try:
        return shortened(repr(value), MOST_SHOWN)
    except (RecursionError, ValueError):  # nested too deep, or an integer of too many digits
        return f"a value of type {type(value).__name__} that is too long to show"


def require(condition: bool, key: str, rule: str, got: object) -> None:
    """Raise `InputError` unless `condition` holds.

    The message is "`lmbda` must be >= 0, got -1.0" for the key "lmbda" and the rule "be >= 0".
    """
    if not condition:
        raise InputError(f"`{key}` must {rule}, got {shown(got)}")


def unknown(kind: str, name: str, known: Iterable[str], meant: str | None = None) -> InputError:
    """Return the error for a name that is not in `known`.

    It suggests the name `meant`; by default it is the nearest known name.
    """
    names = sorted(known)
    near = [meant] if meant else difflib.get_close_matches(name[:MOST_SHOWN], names, n=1)
    listed = f"known: {', '.join(names)}" if names else "no name is valid here"
    hint = f"did you mean `{near[0]}`?" if near else listed
    text = name if name.isprintable() else repr(name)[1:-1]
    return InputError(f"unknown {kind} `{shortened(text, MOST_SHOWN)}`; {hint}")

"""The one error that means the input is wrong rather than the program.

Every layer raises it at its boundary with one finished sentence; the command prints it and exits
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
        The argument of a public function that is wrong, or that lifts the refusal. It stands in the
        message in backticks, so that a command can show its own option in that place.
    """

    def __init__(self, *message: str, argument: str | None = None) -> None:
        super().__init__(*message)
        self.argument = argument


def require(condition: bool, key: str, rule: str, got: object) -> None:
    """Raise `InputError` "`key` must rule, got got" unless `condition` holds."""
    if not condition:
        raise InputError(f"`{key}` must {rule}, got {got!r}")


def unknown(kind: str, name: str, known: Iterable[str]) -> InputError:
    """Return the error for a name that is not among `known`; it names the nearest, if any."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(names)}"
    return InputError(f"unknown {kind} `{name}`; {hint}")

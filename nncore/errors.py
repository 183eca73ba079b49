"""The error for wrong input, as opposed to a fault in the program, and the text of its message.

Every package raises it with a one-sentence message; the command prints this message and exits
with 2. A message is one line of bounded length, whatever values, names and files it speaks of.
"""

import difflib
import math
import re
from collections.abc import Iterable, Iterator
from datetime import date, time
from itertools import islice
from pathlib import PurePath
from typing import Any


class InputError(ValueError):
    """Wrong input: the message names the key or file, the rule, and the invalid value.

    Parameters
    ----------
    message
        One sentence, which becomes one line of at most 480 characters, as `one_line` makes it.
    argument
        The argument of a public function that is wrong, or that overrides the refusal; several are
        a tuple. The message shows it in backticks, so a command can replace it by its own option.

    Examples
    --------
    >>> from nncore import InputError, TrialConfig
    >>> try:
    ...     TrialConfig(lmbda=-1.0)
    ... except InputError as error:
    ...     print(error)
    `lmbda` must be a number >= 0, got -1.0
    """

    def __init__(self, *message: str, argument: str | tuple[str, ...] | None = None) -> None:
        super().__init__(*map(one_line, message))
        self.argument = argument


def require(condition: bool, key: str, rule: str, got: object) -> None:
    """Raise `InputError` unless `condition` holds.

    The message is "`lmbda` must be >= 0, got -1.0" for the key "lmbda" and the rule "be >= 0".
    """
    if not condition:
        raise InputError(f"`{named(key)}` must {one_line(rule, MOST_OF_RULE)}, got {shown(got)}")


def unknown(kind: str, name: str, known: Iterable[str], meant: str | None = None) -> InputError:
    """Return the error for a name that is not in `known`.

    It suggests the name `meant`; by default it is the nearest known name. Of many names, a less
    near one is suggested too, before they are all listed.
    """
    names = sorted(known)
    listed = f"known: {', '.join(names)}" if names else "no name is valid here"
    near = difflib.get_close_matches(
        name[:MOST_SHOWN], names, n=1, cutoff=NEAR if len(listed) < MOST_OF_RULE else LESS_NEAR
    )
    near = [meant] if meant else near
    hint = f"did you mean `{named(near[0])}`?" if near else listed
    return InputError(f"unknown {one_line(kind, MOST_OF_RULE)} `{named(name)}`; {hint}")


MOST_CHARACTERS = 480
"""The length of the longest message: with the name of the command before it, below 500."""

MOST_SHOWN = 120
"""The length of the longest value, name or word that a message shows whole."""

MOST_OF_RULE = 220
"""The length of the longest rule: it fits into one message with a name and a value."""

NEAR, LESS_NEAR = 0.6, 0.5
"""How similar a name must be to be suggested, from 0 to 1, as difflib measures it."""

LONG_WORD = re.compile(rf"\S{{{MOST_SHOWN + 1},}}")


def one_line(message: str, most: int = MOST_CHARACTERS) -> str:
    """Return `message` on one line of at most `most` printable characters.

    Of a longer message, first the middle of each long word, such as a path, is left out, then the
    middle of the message: it begins with the key and often ends with the value or a hint.
    """
    lines = filter(None, map(str.strip, message.splitlines()))
    text = _printable(" ".join(lines))
    if len(text) > most:
        text = LONG_WORD.sub(lambda word: _cut(word[0], MOST_SHOWN), text)
    return _cut(text, most)


def named(name: object, most: int = MOST_SHOWN) -> str:
    """Return a name, a path or another text as a message shows it without quotes: printable, short.

    It has at most `most` characters.
    """
    text = str(name)
    if len(text) > 2 * most:  # what is cut away anyway need not be made printable
        text = text[:most] + text[-most:]
    return _cut(_printable(text), most)


def shown(value: object) -> str:
    """Return `value` as a message shows it: on one line of at most `MOST_SHOWN` characters.

    A short value of a plain type is shown by its repr, an array by its shape and dtype, and an
    object of any other class by the name of the class. The time and memory that this takes do not
    grow with the value, and no error in its own methods or attributes leaves this function.
    """
    try:
        text = _shown(value, MOST_SHOWN)
        if len(text) > MOST_SHOWN:  # leave room for the number of further items
            text = _shown(value, MOST_SHOWN * 3 // 4)
        return _cut(_printable(text), MOST_SHOWN)
    except Exception:  # an attribute of the value may raise anything
        return _of_type(value)


def _cut(text: str, most: int) -> str:
    """Return `text` with at most `most` characters; "…" stands for the middle of a longer one."""
    if len(text) <= most:
        return text
    end = most // 3
    return f"{text[: most - end - 1]}…{text[len(text) - end :]}"


def _printable(text: str) -> str:
    """Return `text` with escape sequences for control characters and the like."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


BOUNDED = (bool, float, complex, date, time, type(None), type(...))
"""The types whose repr is short for each value; `date` has the subclass `datetime`."""

MOST_BITS = 2000  # 603 digits; Python writes at least 640 whatever its limit is
DEEPEST = 6  # brackets in brackets that are shown
SMALL = 256  # bytes: an array of so many may be shown by its repr


def _shown(value: object, room: int, depth: int = 0) -> str:
    """Return `value` as text; what is longer than `room` may be shortened at any place.

    The methods of the built-in types are called rather than those of their subclasses, which may do
    anything.
    """
    if type(value) in BOUNDED or type(value).__module__ == "datetime":
        return repr(value)
    if isinstance(value, int):
        return _whole(value, room)
    if isinstance(value, str | bytes | bytearray):
        return _quoted(value, room)
    for kind in COLLECTIONS:
        if isinstance(value, kind):
            return _collected(value, kind, room, depth)
    if isinstance(value, PurePath):
        return f"{type(value).__name__}({_quoted(str(value), room)})"
    if isinstance(value, type):
        return f"the class {named(value.__name__, MOST_SHOWN // 2)}"
    if isinstance(getattr(value, "shape", None), tuple):
        return _array(value)
    return float.__repr__(value) if isinstance(value, float) else _of_type(value)


def _of_type(value: object) -> str:
    return f"a value of type {named(type(value).__name__, MOST_SHOWN // 2)}"


def _whole(value: int, room: int) -> str:
    bits = int.bit_length(value)
    if bits > MOST_BITS:
        return f"a whole number of about {round(bits * math.log10(2)):,} digits"
    return _cut(int.__repr__(value), max(room, 3))


def _quoted(text: str | bytes | bytearray, room: int) -> str:
    kind: Any = next(k for k in (str, bytes, bytearray) if isinstance(text, k))
    if kind.__len__(text) > 2 * room:
        text = kind.__getitem__(text, slice(room)) + kind.__getitem__(text, slice(-room, None))
    return _cut(kind.__repr__(text), max(room, 3))


COLLECTIONS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    dict: ("{", "}"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
}
"""The brackets of each kind of collection."""


def _collected(value: Any, kind: Any, room: int, depth: int) -> str:
    """Return a collection with the first items that fit into `room`, and the number of others."""
    size = kind.__len__(value)
    if size == 0:
        return repr(kind())
    opening, closing = COLLECTIONS[kind]
    if depth == DEEPEST:
        return f"{opening}…{closing}"
    texts: list[str] = []
    left = room - len(opening) - len(closing)
    pairs: Iterator[tuple[Any, ...]] = (
        iter(dict.items(value)) if kind is dict else ((item,) for item in kind.__iter__(value))
    )
    for pair in islice(pairs, size):
        if left <= 0:
            texts.append(f"… {size - len(texts):,} more")
            break
        texts.append(": ".join(_shown(part, left, depth + 1) for part in pair))
        left -= len(texts[-1]) + 2
    comma = "," if kind is tuple and size == 1 else ""
    return f"{opening}{', '.join(texts)}{comma}{closing}"


def _array(value: Any) -> str:
    """Return an array or a data frame by its shape and dtype; a small array by its repr."""
    dtype: Any = getattr(value, "dtype", None)
    if type(value).__module__ == "numpy" and dtype.kind in "biufcmMUS" and value.nbytes <= SMALL:
        text = " ".join(repr(value).split())
        if len(text) <= MOST_SHOWN:
            return text
    name = named(type(value).__name__.removeprefix("nd"), MOST_SHOWN // 3)
    shape = _shown(tuple(value.shape), MOST_SHOWN // 3, DEEPEST - 1)
    of = f" of {named(dtype.name)}" if isinstance(getattr(dtype, "name", None), str) else ""
    return f"{'an' if name[0] in 'AEIOaeio' else 'a'} {name} {shape}{of}"

"""TOML as the sweep writes it and as `--set` changes it, between plain tables and text.

It knows TOML and the two sections that share their keys, and little of what the keys mean.
"""

import tomllib
from collections.abc import Mapping
from typing import Any

from nncore.errors import InputError, require
from sweeps.space.hidden_layers import subject

REPLACED = {"choices": ("low", "high", "log", "step"), "low": ("choices",), "high": ("choices",)}
"""What a dimension loses when it is given one of these: it has choices or a range, not both."""


def dump_tables(tables: Mapping[str, Any]) -> str:
    """Return `tables` as TOML: each a section of one line per key, a list of tables as several."""
    lines: list[str] = []
    for name, table in tables.items():
        many = isinstance(table, list)
        for entry in table if many else [table]:
            lines += [f"[[{name}]]" if many else f"[{name}]"]
            lines += [*(f"{key} = {_toml(value)}" for key, value in entry.items()), ""]
    return "\n".join(lines)


def apply_setting(tables: dict[str, Any], text: str) -> None:
    """Change `tables` as a text "section.key=value" says, or `start=[{...}, ...]`.

    Raises
    ------
    InputError
        If it is no such text, or leads through what is no table.
    """
    key, _, value = text.partition("=")
    path = key.strip()
    named = ("." in path or path == "start") and value != ""
    require(named, "--set", "be SECTION.KEY=VALUE", text)
    put(tables, path, _toml_value(value.strip()))


def put(tables: dict[str, Any], path: str, value: Any) -> None:
    """Set the key "section.key", or one deeper inside it, to `value`.

    What is searched is not fixed, and the other way round: a setting moves its key. A dimension
    with a condition stays, for it needs a value where it does not exist. Choices take the place of
    a range, and a bound of a range that of choices.
    """
    *parents, last = path.split(".")
    table: Any = tables
    for depth, name in enumerate(parents, 1):
        table = _child(table, name, ".".join(parents[:depth]))
    if isinstance(table, list):
        table[_index(table, last, path)] = value
    else:
        table[last] = value
    if len(parents) == 2 and parents[0] == "space":
        for name in REPLACED.get(last, ()):
            table.pop(name, None)
    other = {"training": "space", "space": "training"}.get(parents[0]) if parents else None
    if other:
        _move(tables, path.split(".")[1], other)


def _move(tables: dict[str, Any], key: str, other: str) -> None:
    """Remove from the section `other` what sets the same as `key`, unless `when` divides them."""
    searched, rivals = tables.get("space"), tables.get(other)
    if not isinstance(rivals, dict):
        return
    for name in [name for name in rivals if subject(name) == subject(key)]:
        dimension = searched.get(key if other == "training" else name) if searched else None
        if not (isinstance(dimension, dict) and "when" in dimension):
            del rivals[name]


def _child(table: Any, name: str, path: str) -> Any:
    if isinstance(table, dict):
        child = table.setdefault(name, {})
    else:
        child = table[_index(table, name, path)]
    if not isinstance(child, dict | list):
        raise InputError(f"`{path}` must be a table, got {child!r}")
    return child


def _index(entries: list[Any], name: str, path: str) -> int:
    fits = name.isdecimal() and int(name) < len(entries)
    require(fits, path, f"be a number below {len(entries)}, from 0", name)
    return int(name)


def _toml_value(text: str) -> Any:
    try:
        tables = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text  # a bare word means itself: no one wants to quote quotes for the shell
    return tables["value"] if set(tables) == {"value"} else text


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        escaped = "".join(_toml_character(c) for c in value)
        return f'"{escaped}"'
    return repr(value)


def _toml_character(c: str) -> str:
    if c in '"\\':
        return "\\" + c
    return c if c.isprintable() else f"\\U{ord(c):08X}"

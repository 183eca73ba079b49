"""Writes the tables of a sweep as TOML, and changes them by settings such as "section.key=value".

It knows the layout of a sweep file, and which keys of [training] and [space] exclude each other.
"""

import difflib
import tomllib
from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.items import Item

from nncore.config import HYPERPARAMETERS
from nncore.errors import MOST_SHOWN, InputError, named, require, shown
from sweeps.config.sections import DataSection, SweepSection
from sweeps.space.hidden_layers import subject
from sweeps.space.plain_values import DEEPEST

REPLACED = {"choices": ("low", "high", "log", "step"), "low": ("choices",), "high": ("choices",)}
"""The keys that a dimension loses when a setting gives it this key: choices exclude a range."""


def dump_tables(tables: Mapping[str, Any]) -> str:
    """Return `tables` as TOML, each a section with one line per key.

    A list of tables becomes several sections of one name; a table in a section is written inline.
    """
    document = tomlkit.document()
    for name, table in tables.items():
        if isinstance(table, list):
            sections = tomlkit.aot()
            for entry in table:
                sections.append(_section(entry))
            document.add(name, sections)
        else:
            document.add(name, _section(table))
    return tomlkit.dumps(document)


def parse_toml(text: str) -> dict[str, Any]:
    """Return the tables in a TOML text.

    Raises
    ------
    tomllib.TOMLDecodeError
        If the text is not TOML.
    InputError
        If a value is nested too deep or a whole number has too many digits for Python.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError as error:
        raise InputError("arrays and tables must not be nested so deep") from error
    except ValueError as error:
        raise InputError("a whole number must have fewer digits") from error


def setting_value(value: Any) -> str:
    """Return `value` as it is written in a setting: as TOML, but a text without quotes."""
    return value if isinstance(value, str) else _inline(value).as_string()


def apply_setting(tables: dict[str, Any], text: str) -> None:
    """Change `tables` by a setting "section.key=value", or "start=[{...}, ...]", or "known=[]".

    Raises
    ------
    InputError
        If `text` is not a setting, or its path leads through a value that is not a table.
    """
    key, _, value = text.partition("=")
    path = key.strip()
    fits = "." in path or path in ("start", "known")
    if not (fits and value and path.count(".") <= DEEPEST):
        message = f"`settings` must be SECTION.KEY=VALUE, got {shown(text)}"
        raise InputError(message + _meant(path), argument="settings")
    put(tables, path, _parsed(path, value.strip()))


def _meant(word: str) -> str:
    """Return the key that a word without a section probably means, as the end of a message."""
    keys = [f"training.{key}" for key in HYPERPARAMETERS]
    for section, model in (("sweep", SweepSection), ("data", DataSection)):
        keys += [f"{section}.{key}" for key in model.model_fields]
    by_name = {key.rpartition(".")[2]: key for key in reversed(keys)}
    near = difflib.get_close_matches(word[:MOST_SHOWN], by_name, n=1)
    return f"; did you mean `{by_name[near[0]]}`?" if near else ""


def put(tables: dict[str, Any], path: str, value: Any) -> None:
    """Set the key "section.key", or a key deeper inside it, to `value`.

    A hyperparameter is either fixed in [training] or searched in [space]: setting it in one section
    removes it from the other. A dimension with a condition stays, because [training] holds its
    value where the condition does not hold. Choices replace a range, and a bound of a range
    replaces choices.
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
    """Remove from the section `other` the keys that set the same as `key`, but for conditions."""
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
        raise InputError(f"`{named(path)}` must be a table, got {shown(child)}")
    return child


def _index(entries: list[Any], name: str, path: str) -> int:
    fits = name.isdecimal() and len(name) < 10 and int(name) < len(entries)
    require(fits, path, f"be an index >= 0 and < {len(entries)}", name)
    return int(name)


def _parsed(path: str, text: str) -> Any:
    try:
        tables = parse_toml(f"value = {text}")
    except InputError as error:
        raise InputError(f"`{named(path)}`: {error}, got {shown(text)}") from error
    except tomllib.TOMLDecodeError:
        return text  # a bare word is a text: in a shell, quotes would need quotes themselves
    return tables["value"] if set(tables) == {"value"} else text


def _section(table: Mapping[str, Any]) -> tomlkit.items.Table:
    section = tomlkit.table()
    for key, value in table.items():
        section.add(key, _inline(value))
    return section


def _inline(value: Any) -> Item:
    """Return `value` as TOML on one line; a table as `{...}`."""
    if not isinstance(value, Mapping):
        plain: Item = tomlkit.item(list(value) if isinstance(value, tuple) else value)
        return plain
    table = tomlkit.inline_table()
    for key, item in value.items():
        table.add(key, _inline(item))
    return table

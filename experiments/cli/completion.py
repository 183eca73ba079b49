"""What the shells complete besides commands and options: run folders, data sets and settings.

A shell starts the command at each press of Tab, so nothing here loads more than the schema.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from experiments.cli.schema_file import schema
from sweeps.records.is_run import runs_in

RUNS = Path("runs")
"""The folder in which `nnsweep run` makes run folders."""


def run_folders(incomplete: str) -> list[str]:
    """Return the run folders whose path begins with `incomplete`, here and in `runs/`.

    If there are none, the shell completes files and folders.
    """
    parent, _, _ = incomplete.rpartition("/")
    parents = [Path(f"{parent}/") if "/" in incomplete else Path()]
    if not parent:
        parents.append(RUNS)
    found = {str(path) for folder in parents for path in runs_in(folder)}
    return sorted(path for path in found if path.startswith(incomplete))


def data_sets(incomplete: str) -> list[str]:
    """Return the names of data sets that begin with `incomplete`; a shell also completes files."""
    data: dict[str, Any] = schema()["definitions"]["DataSection"]["properties"]
    return _beginning(data["name"]["examples"], incomplete)


def settings(incomplete: str) -> list[str]:
    """Return settings "section.key=value" that begin with `incomplete`.

    A key with names has one for each name, another key one with its default.
    """
    return _beginning(_settings(), incomplete)


def data_settings(incomplete: str) -> list[str]:
    """Return settings "data.key=value" that begin with `incomplete`."""
    return [text for text in settings(incomplete) if text.startswith("data.")]


def names_of(key: str) -> Callable[[str], list[str]]:
    """Return the function that completes the names of the hyperparameter `key`."""

    def names(incomplete: str) -> list[str]:
        return _beginning(schema()["properties"]["training"]["properties"][key]["enum"], incomplete)

    return names


def _beginning(texts: Iterable[str], incomplete: str) -> list[str]:
    return [text for text in texts if text.startswith(incomplete)]


def _settings() -> Iterator[str]:
    found = schema()
    sections = {
        "sweep": found["definitions"]["SweepSection"],
        "data": found["definitions"]["DataSection"],
        "training": found["properties"]["training"],
        "pruner": found["properties"]["pruner"],
    }
    for section, table in sections.items():
        for key, values in table["properties"].items():
            for value in values.get("enum") or [values.get("default", "")]:
                yield f"{section}.{key}={_text(value)}"


def _text(value: Any) -> str:
    """Return a value as it is written in a setting."""
    return str(value).lower() if isinstance(value, bool) else str(value)

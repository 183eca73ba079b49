"""Writes what repeats the code: the keys, commands and names in `docs/reference/`, and the schema.

`make reference` runs it. A test compares the pages with its output, so they cannot drift.
"""

import json
import re
import textwrap as wrap
from collections.abc import Callable, Iterator
from dataclasses import fields
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from textwrap import fill
from typing import Any, get_args

import typer
from pydantic import BaseModel

import nnsweep
from experiments.cli.app import app
from nncore.config import COUNTS, FLAGS, NAMES, NUMBERS, TrialConfig
from nncore.datasets import dataset_info, dataset_names
from sweeps.config.json_schema import meanings, sweep_schema
from sweeps.config.known import KnownResult
from sweeps.config.sections import DataSection, SweepSection
from sweeps.pruners.catalogue import PRUNERS
from sweeps.space.dimensions import Choices, Range

REFERENCE = Path(__file__).parent / "reference"
TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
SCHEMA = Path(__file__).parents[1] / "experiments" / "sweep_files" / "sweep.schema.json"


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """Return a table in Markdown; what Markdown would read as HTML or as a new cell is escaped."""
    lines = [" | ".join(map(_escaped, row)) for row in (head, *rows)]
    lines.insert(1, " | ".join("---" for _ in head))
    return "\n".join(f"| {line} |" for line in lines)


def _escaped(cell: str) -> str:
    """Return `cell` with `|` escaped, and `<` too where it is not part of code."""
    parts = cell.replace("|", "\\|").split("`")
    return "`".join(p if i % 2 else p.replace("<", "&lt;") for i, p in enumerate(parts))


def toml(value: Any) -> str:
    """Return a default as a sweep file would state it; nothing if there is none."""
    if value is None or value == {}:
        return ""
    if isinstance(value, str):
        return f'`"{value}"`'
    shown = str(list(value) if isinstance(value, tuple) else value)
    return f"`{shown.lower() if isinstance(value, bool) else shown}`"


def trial_table() -> str:
    """Return the table of the keys of `[training]` and `[space]`."""
    meaning = meanings(TrialConfig)
    rows = ((f"`{f.name}`", toml(f.default), _allowed(f.name), meaning[f.name])
            for f in fields(TrialConfig))  # fmt: skip
    return table(("key", "default", "allowed values", "meaning"), rows)


def _allowed(key: str) -> str:
    if key in NAMES:
        return ", ".join(toml(name) for name in NAMES[key])
    if key in NUMBERS:
        return f"a number {NUMBERS[key][0]}"
    if key in FLAGS:
        return "`true`, `false`"
    return f"a whole number >= {COUNTS[key]}" if key in COUNTS else "whole numbers >= 1"


def model_table(model: type[BaseModel]) -> str:
    """Return the table of the keys that a pydantic model reads."""
    meaning = meanings(model)
    rows = []
    for name, field in model.model_fields.items():
        names = [value for value in get_args(field.annotation) if isinstance(value, str)]
        one_of = f" One of {', '.join(map(toml, names))}." if names else ""
        default = "required" if field.is_required() else toml(field.default)
        rows.append((f"`{name}`", default, meaning[name] + one_of))
    return table(("key", "default", "meaning"), iter(rows))


def pruner_table() -> str:
    """Return the table of the settings of each pruner."""
    rows = (
        (toml(pruner), f"`{key}`", toml(value) or "no bound")
        for pruner, entry in PRUNERS.items()
        for key, value in entry.settings.items()
    )
    return table(("`sweep.pruner`", "key", "default"), rows)


def data_set_table() -> str:
    """Return the table of the data sets of the catalogue."""
    rows = (
        (f"`{d.name}`", d.description, "/".join(f"{n:,}" for n in d.sizes), d.source, d.license)
        for d in map(dataset_info, dataset_names())
    )
    return table(("name", "content", "training/validation/test", "source", "license"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "SweepSection": lambda: model_table(SweepSection),
    "DataSection": lambda: model_table(DataSection),
    "Range": lambda: model_table(Range),
    "Choices": lambda: model_table(Choices),
    "KnownResult": lambda: model_table(KnownResult),
    "TrialConfig": trial_table,
    "pruners": pruner_table,
    "data_sets": data_set_table,
}


def with_tables(text: str) -> str:
    """Return a page with each of its marked tables written anew."""
    return TABLE.sub(lambda match: f"{match[1]}\n{TABLES[match[2]]()}\n\n{match[3]}", text)


COMPLETION = (
    "`nnsweep --install-completion` lets bash, zsh and fish complete commands and options with the "
    "Tab key, and also run folders, names of data sets, names such as those of costs, and the "
    "settings of `--set`. In zsh, the first Tab of a session only loads the completion. "
    "`nnsweep --show-completion` prints the script instead.\n\n"
    "[JSON output](json.md) describes what `--json` prints."
)


def commands_page() -> str:
    """Return the page of all commands, from the descriptions that `--help` shows."""
    parts = [
        "# Commands",
        "Every command prints its own section of this page with `--help` or `-h`.",
        _in_short_lines(COMPLETION),
    ]
    for words, command in _commands(("nnsweep",), typer.main.get_command(app)):
        rows = [_parameter_row(p) for p in command.params if p.name != "help"]
        parts += [f"## `{' '.join(words)}`", _in_short_lines(cleandoc(command.help or ""))]
        parts += [table(("argument or option", "default", "meaning"), iter(rows))] if rows else []
    return "\n\n".join(parts) + "\n"


def _in_short_lines(text: str) -> str:
    """Return a text with lines of at most 110 characters."""
    return "\n".join(wrap.fill(line, 110) for line in text.split("\n"))


def _commands(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands((*words, name), inner)


def _parameter_row(parameter: Any) -> tuple[str, str, str]:
    option = parameter.opts[0].startswith("-")
    flag = getattr(parameter, "is_flag", False)
    # Where the help names no placeholder, the name of the parameter serves as one.
    value = parameter.metavar or parameter.name.upper()
    names = ", ".join(parameter.opts)
    name = f"{names} {value}" if option and not flag else names
    default = parameter.default
    shown = "" if flag or default in (None, ()) else f"`{default}`"
    if isinstance(parameter.show_default, str):  # a default that depends on the machine or a file
        shown = parameter.show_default
    return f"`{name if option else value}`", shown, parameter.help or ""


WIDTH = 120
PACKAGES = {
    "sweeps": "Define and run sweeps.",
    "results": "Read run folders, draw figures and write reports.",
    "nncore": "The network, its training and the data sets.",
}


def python_page() -> str:
    """Return the page of the public names; the site replaces each `:::` by the documentation."""
    intro = (
        "`import nnsweep` offers what most programs need. The packages have further names: import "
        "these from their package, as in `from nncore import gradient_check`."
    )
    homes = {name: _home("nnsweep", name) for name in nnsweep.__all__}
    own = [name for name, home in homes.items() if home.startswith("experiments.")]
    others = ", ".join(f"`{name}`" for name in homes if name not in own)
    parts = ["# Python API", fill(intro, WIDTH)]
    parts += ["## `nnsweep`", "Run sweeps and confirm their results."]
    parts += [f"::: {homes[name]}" for name in own]
    parts += [fill(f"The other names of `nnsweep` are those of the packages: {others}.", WIDTH)]
    for package, purpose in PACKAGES.items():
        parts += [f"## `{package}`", purpose]
        parts += [f"::: {_home(package, name)}" for name in import_module(package).__all__]
    return "\n\n".join(parts) + "\n"


def _home(package: str, name: str) -> str:
    public = getattr(import_module(package), name)
    return f"{getattr(public, '__module__', package)}.{name}"


def pages() -> dict[Path, str]:
    """Return the text of every page that the code decides, wholly or in part."""
    tables = {
        page: with_tables(page.read_text("utf-8"))
        for page in sorted(REFERENCE.glob("*.md"))
        if "<!-- table: " in page.read_text("utf-8")
    }
    return {
        **tables,
        REFERENCE / "commands.md": commands_page(),
        REFERENCE / "python.md": python_page(),
        SCHEMA: json.dumps(sweep_schema(), ensure_ascii=False, indent=1) + "\n",
    }


if __name__ == "__main__":
    for page, text in pages().items():
        page.write_text(text, "utf-8")

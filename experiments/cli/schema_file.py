"""The JSON schema of the sweep file, which comes with the package: read, and written for editors.

`make reference` writes it from the models of the sweep file, so a command need not load them.
"""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

SCHEMA = "sweep.schema.json"
SCHEMA_LINE = f"#:schema ./{SCHEMA}\n"
"""The first line of a sweep file whose schema is beside it, as TOML extensions of editors read it.

The path is relative: it works offline, in a repository and on another computer, which neither an
address nor the path of an installed package does.
"""


def schema_text() -> str:
    """Return the schema as JSON."""
    return (files("experiments.sweep_files") / SCHEMA).read_text("utf-8")


def schema() -> dict[str, Any]:
    """Return the schema."""
    parsed: dict[str, Any] = json.loads(schema_text())
    return parsed


def check_place(folder: Path) -> None:
    """Raise `InputError` if the folder has another file under the name of the schema."""
    from nncore.errors import InputError

    path = folder / SCHEMA
    if not path.exists():
        return
    try:
        is_ours = json.loads(path.read_bytes())["title"] == schema()["title"]
    except (KeyError, OSError, TypeError, ValueError):
        is_ours = False
    if not is_ours:
        raise InputError(f"{path} must be the schema of nnsweep or no file, got another file")


def write_schema(folder: Path) -> None:
    """Write the schema into a folder, over that of an older version."""
    from sweeps.records.atomic_files import replace_file

    path, content = folder / SCHEMA, schema_text().encode()
    if not path.exists() or path.read_bytes() != content:
        replace_file(path, content)

"""Checks sweep files as an editor does: by the schema that comes with the package."""

import json
from importlib.resources import files
from typing import Any

from jsonschema import Draft7Validator

SCHEMA = json.loads((files("experiments.sweep_files") / "sweep.schema.json").read_text("utf-8"))
CHECKER = Draft7Validator(SCHEMA)


def faults(tables: dict[str, Any]) -> list[str]:
    """Return the faults that the schema finds in the tables of a sweep file."""
    return [f"{error.json_path}: {error.message}" for error in CHECKER.iter_errors(tables)]

"""The JSON schema of the sweep file, with which editors complete and check it.

pydantic writes the schema of the models; the keys that depend on the catalogues are added here. The
schema is of draft 7, the latest that the editors' TOML extensions know.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from inspect import cleandoc
from typing import Any

from nncore.config import COUNTS, FLAGS, HYPERPARAMETERS, NAMES, NUMBERS, TrialConfig
from nncore.datasets.catalogue import dataset_names
from nncore.datasets.scaling import SCALINGS
from sweeps.config.known import KnownResult
from sweeps.config.sections import DataSection, SweepSection
from sweeps.config.sweep_config import SweepConfig
from sweeps.pruners.catalogue import AUTO, LEAST, PRUNERS
from sweeps.space.dimensions import Choices, Range
from sweeps.space.hidden_layers import LAYERS, MOST_LAYERS, WIDTHS

Schema = dict[str, Any]

TITLE = "A sweep file of nnsweep"
"""By its title a file is known as this schema, of whichever version."""

DESCRIBED = (SweepSection, DataSection, KnownResult, Range, Choices)
WIDTH_OF_LAYER = rf"^{WIDTHS}_[1-9][0-9]?$"
BOUNDS = {">=": "minimum", ">": "exclusiveMinimum", "<=": "maximum", "<": "exclusiveMaximum"}
SECTION = re.compile(r"^(?:Parameters|Attributes)\n-+\n(.*?)(?=\n\n\w+\n-+\n|\Z)", re.M | re.S)
WIDTH: Schema = {"type": "integer", "minimum": 1}
NUMBER: Schema = {"type": "number"}


def sweep_schema() -> Schema:
    """Return the JSON schema of the sweep file.

    What it accepts may still be refused when it is read: it knows the keys and the values of each,
    not the rules that join several.
    """
    found = _tidy(SweepConfig.model_json_schema(ref_template="#/definitions/{model}"))
    parts = {model.__name__: found["definitions"][model.__name__] for model in DESCRIBED}
    for model in DESCRIBED:
        _describe(parts[model.__name__], model)
    data = parts["DataSection"]["properties"]
    data["name"]["examples"] = list(dataset_names())
    data["scale"]["enum"] = list(SCALINGS)
    data["target"] = {**data["target"], "type": ["string", "array"]}
    for name in ("Range", "Choices"):
        parts[name]["properties"]["when"] = {"$ref": "#/definitions/Condition"}
    parts["Condition"] = {
        **_of_space(_condition),
        "minProperties": 1,
        "description": meanings(Range)["when"],
    }
    described = {name: text.rstrip(".") + "." for name, text in meanings(SweepConfig).items()}
    sections: Schema = {
        "sweep": {"$ref": "#/definitions/SweepSection"},
        "pruner": _table(_pruner_keys()),
        "data": {"$ref": "#/definitions/DataSection"},
        "training": _table(_training_keys()),
        "space": {**_of_space(_dimension), "minProperties": 1},
        "start": {"type": "array", "items": _of_space(_value)},
        "known": {"type": "array", "items": {"$ref": "#/definitions/KnownResult"}},
    }
    for name, section in sections.items():
        section["description"] = described[name]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": TITLE,
        **_table(sections),
        "required": ["sweep", "space"],
        "definitions": parts,
    }


def meanings(described: type) -> dict[str, str]:
    """Return the meaning of each key, from the numpydoc section of a class's docstring."""
    section = SECTION.search(cleandoc(described.__doc__ or ""))
    words: dict[str, list[str]] = {}
    names: list[str] = []
    for line in section[1].splitlines() if section else ():
        if line.startswith(" "):
            for name in names:
                words[name].append(line.strip())
        elif line:
            names = [name.strip(" `") for name in line.partition(" :")[0].split(",")]
            words |= {name: [] for name in names}
    return {name: " ".join(lines) for name, lines in words.items()}


def _tidy(node: Any) -> Any:
    """Return a schema of pydantic without titles, and without null, which TOML does not have."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidy = {
        {"$defs": "definitions"}.get(key, key): (
            {name: _tidy(part) for name, part in value.items()}
            if key in ("properties", "$defs")
            else _tidy(value)
        )
        for key, value in node.items()
        if key not in ("title", "prefixItems") and (key, value) != ("default", None)
    }
    if "prefixItems" in node:  # a tuple, whose items are of one type
        tidy["items"] = _tidy(node["prefixItems"][0])
    options = [part for part in tidy.pop("anyOf", ()) if part != {"type": "null"}]
    if [part.get("type") for part in options] == ["integer", "number"]:
        options = options[1:]
    return {**options[0], **tidy} if len(options) == 1 else tidy | _any_of(options)


def _any_of(options: list[Schema]) -> Schema:
    return {"anyOf": options} if options else {}


def _describe(schema: Schema, model: type) -> None:
    """Describe the keys of a model as its docstring does."""
    schema.pop("description", None)
    for name, meaning in meanings(model).items():
        schema["properties"][name]["description"] = meaning


def _table(keys: Schema) -> Schema:
    return {"type": "object", "properties": keys, "additionalProperties": False}


def _bounded(rule: str) -> Schema:
    """Return the schema of a number with a rule such as ">= 0 and < 1"."""
    pairs = (part.split() for part in rule.split(" and "))
    return NUMBER | {BOUNDS[sign]: float(bound) for sign, bound in pairs}


def _value(key: str) -> Schema:
    """Return the schema of a value of the hyperparameter `key`."""
    if key in NAMES:
        return {"enum": list(NAMES[key])}
    if key in FLAGS:
        return {"type": "boolean"}
    if key in NUMBERS:
        return _bounded(NUMBERS[key][0])
    if key == WIDTHS:
        return {"anyOf": [WIDTH, {"type": "array", "items": WIDTH}, {"type": "string"}]}
    if key == WIDTH_OF_LAYER:
        return WIDTH
    if key == LAYERS:
        return {"type": "integer", "minimum": 0, "maximum": MOST_LAYERS}
    return {"type": "integer", "minimum": COUNTS[key]}


def _training_keys() -> Schema:
    defaults, meaning = asdict(TrialConfig()), meanings(TrialConfig)
    defaults[WIDTHS] = list(defaults[WIDTHS])
    keys = {
        key: _value(key) | {"default": defaults[key], "description": meaning[key]}
        for key in HYPERPARAMETERS
    }
    keys[WIDTHS]["anyOf"] = keys[WIDTHS]["anyOf"][:2]  # the text "100-50" is for spaces
    return keys


def _dimension(key: str) -> Schema:
    """Return the schema of a dimension: choices, and for numbers also a range."""
    choices = {"$ref": "#/definitions/Choices"}
    known: Schema = {"properties": {"choices": {"items": _value(key)}}}
    searched = {"allOf": [choices, known]}
    if key in (*NAMES, *FLAGS):
        return searched
    return {"anyOf": [{"$ref": "#/definitions/Range"}, searched]}


def _condition(key: str) -> Schema:
    """Return the schema of the values that a condition allows: one, or a list."""
    values: Schema = {"type": "array", "items": _value(key), "minItems": 1}
    return {"anyOf": [_value(key), values]}


def _of_space(schema_of: Callable[[str], Schema]) -> Schema:
    """Return the schema of a table with the names of a space, each with its own `schema_of`."""
    meaning = {**meanings(TrialConfig), LAYERS: "The number of hidden layers."}
    keys = {key: schema_of(key) | {"description": text} for key, text in meaning.items()}
    width = schema_of(WIDTH_OF_LAYER) | {"description": "The width of one hidden layer."}
    return {**_table(keys), "patternProperties": {WIDTH_OF_LAYER: width}}


def _pruner_keys() -> Schema:
    """Return the settings of all pruners; which of them a pruner has is said in words."""
    having: dict[str, dict[str, Any]] = {}
    for pruner, entry in PRUNERS.items():
        for key, default in entry.settings.items():
            having.setdefault(key, {})[pruner] = default
    return {key: _setting(key, defaults) for key, defaults in having.items()}


def _setting(key: str, defaults: Mapping[str, Any]) -> Schema:
    """Return the schema of a setting, with its default by pruner."""
    if key in LEAST:
        schema: Schema = {"type": "integer", "minimum": LEAST[key]}
        if AUTO in defaults.values():
            schema = _any_of([schema, {"enum": [AUTO]}])
    elif any(isinstance(default, bool) for default in defaults.values()):
        schema = {"type": "boolean"}
    else:
        schema = dict(NUMBER)
    listed = " or ".join(
        name if default is None else f"{name} (default {str(default).lower()})"
        for name, default in defaults.items()
    )
    return schema | {"description": f"For the pruner {listed}."}

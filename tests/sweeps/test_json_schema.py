"""The JSON schema of the sweep file: it knows every key, and refuses what a reader would mistype.

That it accepts every valid config is tested with the configs of `test_config_read_back`.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from experiments import sweep_files
from nncore.config import HYPERPARAMETERS
from nncore.errors import InputError
from sweeps.config import parse_config
from tests.support.sweep_schema import SCHEMA, faults

CHECKOUT = Path(__file__).parents[2]
READY = sorted(CHECKOUT.glob("experiments/sweep_files/*.toml"))
RUNS = sorted(CHECKOUT.glob("docs/*/sweep.toml"))
VALID = """
sweep = { name = "a" }
space.lmbda = { low = 0, high = 5 }
"""


def test_the_schema_is_one_of_draft_7() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"


@pytest.mark.parametrize(
    "path", [*READY, *RUNS], ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_the_ready_sweeps_and_the_files_of_runs_have_no_faults(path: Path) -> None:
    assert faults(tomllib.loads(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "pruner = { lower = 0.5 }\nsweep = { name = 'a', pruner = 'threshold' }",
        "pruner = { min_resource = 'auto' }\nsweep = { name = 'a', pruner = 'halving' }",
        "data = { name = 'a.csv', target = 'price', image = [28, 28] }",
        "data = { name = 'a.csv', target = ['price', 'size'], scale = 'none', rare = 0.5 }",
        "training = { hidden_units = 30 }",
        "training = { hidden_units = [100, 30], nesterov = true }",
        "space = { hidden_units = { choices = [[100, 30], '100-50', 'none', 30] } }",
        "space = { hidden_layers = { choices = [1, 2] }, hidden_units_1 = { low = 1, high = 9 } }",
        "space.momentum = { low = 0.1, high = 0.9, when = { update = 'sgd' } }",
        "space.momentum = { choices = [0.5, 0.9], when = { update = ['sgd', 'adam'] } }",
        "start = [{ lmbda = 5.0 }]",
        "known = [{ value = 0.9, epochs = 3, params = { lmbda = 1.0 } }]",
    ],
)
def test_it_accepts_what_the_reference_describes(text: str) -> None:
    assert faults({**tomllib.loads(VALID), **tomllib.loads(text)}) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("sweep = { trials = 3 }", "$.sweep"),  # no name
        ("sweep = { name = 'a', trails = 3 }", "$.sweep"),
        ("sweep = { name = 'a', trials = 0 }", "$.sweep.trials"),
        ("sweep = { name = 'a', trials = '3' }", "$.sweep.trials"),
        ("sweep = { name = 'a b' }", "$.sweep.name"),
        ("sweep = { name = 'a', sampler = 'tpee' }", "$.sweep.sampler"),
        ("sweep = { name = 'a', metric = 'acc' }", "$.sweep.metric"),
        ("swep = {}", "$"),
        ("space = {}", "$.space"),
        ("space.leraning_rate = { low = 0.1, high = 1.0 }", "$.space"),
        ("space.lmbda = { low = 0.1 }", "$.space.lmbda"),
        ("space.lmbda = { low = 0.1, high = 1.0, hihg = 2.0 }", "$.space.lmbda"),
        ("space.lmbda = { low = 0.1, high = 1.0, choices = [1] }", "$.space.lmbda"),
        ("space.lmbda = { choices = [-1.0] }", "$.space.lmbda"),
        ("space.lmbda = 3", "$.space.lmbda"),
        ("space.cost = { choices = ['quadratik'] }", "$.space.cost.choices[0]"),
        ("space.lmbda = { low = 0, high = 1, when = { ouput = 'sigmoid' } }", "$.space.lmbda"),
        ("training = { epoch = 3 }", "$.training"),
        ("training = { epochs = 0 }", "$.training.epochs"),
        ("training = { cost = 'cross entropy' }", "$.training.cost"),
        ("training = { dropout = 1.0 }", "$.training.dropout"),
        ("training = { learning_rate = 0 }", "$.training.learning_rate"),
        ("data = { name = 'a.csv', lable = 'species' }", "$.data"),
        ("data = { name = 'a.npz', scale = 'units' }", "$.data.scale"),
        ("data = { name = 'digits', folds = 1 }", "$.data.folds"),
        ("pruner = { warmup = 3 }", "$.pruner"),
        ("start = [{ leraning_rate = 1.0 }]", "$.start[0]"),
    ],
)
def test_it_finds_the_place_of_a_fault_that_the_reader_refuses(text: str, place: str) -> None:
    tables = {**tomllib.loads(VALID), **tomllib.loads(text)}
    assert [fault.partition(": ")[0] for fault in faults(tables)] == [place]
    with pytest.raises(InputError):
        parse_config(tables)


def keys_of(schema: dict[str, Any], where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every key of a part of the schema, with its place."""
    for name, part in schema.get("properties", {}).items():
        yield f"{where}.{name}", part


def test_every_key_has_a_description_for_the_editor() -> None:
    sections = dict(keys_of(SCHEMA, "$"))
    parts = {**sections, **SCHEMA["definitions"]}
    keys = {place: key for name, part in parts.items() for place, key in keys_of(part, name)}
    assert {f"$.training.{name}" for name in HYPERPARAMETERS} <= keys.keys()
    undescribed = [
        place
        for place, key in (sections | keys).items()
        if not {"description", "$ref"} & key.keys()
    ]
    assert undescribed == []


def test_the_package_has_it() -> None:
    assert (Path(sweep_files.__path__[0]) / "sweep.schema.json").is_file()

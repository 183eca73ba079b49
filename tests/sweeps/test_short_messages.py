"""Sweep files with any fault, and any value from Python, are refused in one short line."""

import copy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.config import parse_config
from sweeps.errors import OutageError
from sweeps.workers.dask_worker import DifferentEnvironmentError
from sweeps.workers.dead_workers import WorkerDiedError
from tests.support.odd_values import LONGEST, odd_texts, odd_values, refusal

FIRST = Path(__file__).parents[2] / "experiments" / "sweep_files" / "first.toml"
TABLES: dict[str, Any] = tomllib.loads(FIRST.read_text("utf-8"))
TABLES["pruner"] = {"min_resource": 2}
TABLES["sweep"]["pruner"] = "halving"
TABLES["space"]["momentum"] = {"low": 0.0, "high": 0.9, "when": {"init": ["large"]}}
TABLES["start"] = [{"learning_rate": 0.5, "lmbda": 1.0}]


def places(table: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of each key and index in the tables."""
    inner: Any = table.items() if isinstance(table, dict) else enumerate(table)
    for key, value in inner:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


PLACES = list(places(TABLES))


def check(tables: Any) -> None:
    """Check that the tables are valid, or refused in one short line."""
    message = refusal(lambda: parse_config(tables))
    assert len(message) < LONGEST
    assert message.isprintable()


def parent_of(tables: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        tables = tables[key]
    return tables


@given(st.sampled_from(PLACES), odd_values(large=False))
def test_any_value_in_a_sweep_file(path: tuple[Any, ...], value: Any) -> None:
    tables = copy.deepcopy(TABLES)
    parent_of(tables, path)[path[-1]] = value
    check(tables)


@given(st.sampled_from(PLACES), odd_texts() | st.integers(), odd_values(large=False))
def test_any_key_in_a_sweep_file(path: tuple[Any, ...], key: Any, value: Any) -> None:
    tables = copy.deepcopy(TABLES)
    parent = parent_of(tables, path)
    if isinstance(parent, dict):
        parent[key] = value
    check(tables)


@given(odd_values(large=False))
def test_any_value_in_place_of_a_sweep_file(value: Any) -> None:
    check(value)


@pytest.mark.parametrize("count", [1, 10_000])
def test_any_number_of_faults_and_long_lists(count: int) -> None:
    for table in ("sweep", "data", "training", "space"):
        check({**TABLES, table: {**TABLES[table], **{f"key {k}": k for k in range(count)}}})
    labels = [f"label {k}" for k in range(count)]
    check({**TABLES, "space": {"cost": {"choices": labels}}})
    check({**TABLES, "data": {"name": "a.csv", "label": labels[0], "ignore": labels}})


@given(odd_texts(), odd_texts())
def test_errors_from_outside_are_short_too(one: str, two: str) -> None:
    errors = (
        OutageError(f"storage {one} failed: {two}"),
        DifferentEnvironmentError(one, two),
        WorkerDiedError(range(10_000)),
    )
    for error in errors:
        assert len(str(error)) < LONGEST
        assert str(error).isprintable()

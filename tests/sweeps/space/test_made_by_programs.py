"""Ranges, choices and configs that a program makes: short calls, and one line if they are wrong."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from nncore.errors import InputError
from sweeps import Choices, Range, SweepConfig, parse_config

SPACE = {"learning_rate": {"low": 0.1, "high": 1.0}}


def test_positions_and_names_make_the_same() -> None:
    assert Range(10, 100, step=10) == Range(low=10, high=100, step=10, log=False, when=None)
    assert Choices(["a", "b"], when={"c": 1}) == Choices(choices=("a", "b"), when={"c": [1]})


@pytest.mark.parametrize("made", [Range(0.1, 1, log=True), Choices([1, 2], when={"a": [3]})])
def test_what_a_program_makes_is_what_a_file_has(made: Range | Choices) -> None:
    assert type(made).model_validate(made.model_dump()) == made
    assert type(made)(**made.model_dump()) == made
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == made


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Range(5, 1), "`Range` must have low < high, got low = 5, high = 1"),
        (lambda: Range("a", 1), "`low` must be a number, got 'a'"),  # type: ignore[arg-type]
        (lambda: Range(1, True), "`high` must be a number, got True"),
        (
            lambda: Range(0, 1, log=True),
            "`Range` must have low > 0 if log = true, got low = 0",
        ),
        (
            lambda: Range(0, 1, log="yes"),  # type: ignore[arg-type]
            "`log` must be a valid boolean, got 'yes'",
        ),
        (lambda: Range(0, 1, when={}), "`when` must have at least one condition, got none"),
        (lambda: Choices([]), "`Choices` must have at least one choice, got none"),
        (lambda: Choices(5), "`choices` must be a valid list, got 5"),  # type: ignore[arg-type]
        (lambda: Choices([1, 1.0]), "`Choices` must have distinct choices, got [1, 1.0]"),
        (lambda: Choices(["\ud800"]), "texts must be Unicode, got "),
        (
            lambda: SweepConfig(sweep={"name": "a"}, space=SPACE),
            "a SweepConfig must be made by parse_config(tables) or load_config(path)",
        ),
    ],
)
def test_wrong_arguments_are_told_in_one_line(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        make()
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)
    assert not isinstance(error.value, ValidationError)
    assert error.value.__suppress_context__ or error.value.__context__ is None


def test_in_a_config_the_same_faults_name_their_key() -> None:
    tables = {"sweep": {"name": "a"}, "space": {"lmbda": {"low": 5, "high": 1}}}
    with pytest.raises(InputError, match=r"^`space\.lmbda` must have low < high, got low = 5"):
        parse_config(tables)
    dimension = Range(1, 5)
    config = parse_config({**tables, "space": {"lmbda": dimension}})
    assert config.space["lmbda"] == Range(1.0, 5.0)

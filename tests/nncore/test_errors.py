"""Messages of wrong input: one line of bounded length, whatever the input."""

import pytest

from nncore.errors import InputError, require, shown, unknown

LONGEST = 500


def test_a_short_message_and_value_are_shown_whole() -> None:
    with pytest.raises(InputError) as caught:
        require(False, "lmbda", "be >= 0", -1.0)
    assert str(caught.value) == "`lmbda` must be >= 0, got -1.0"
    assert str(InputError("x" * 480)) == "x" * 480


@pytest.mark.parametrize(
    "value",
    ["x" * 5000, list(range(5000)), 10**5000, 10**400, {"a": "b" * 5000}],
    ids=["text", "list", "digits", "integer", "table"],
)
def test_a_message_about_a_long_value_keeps_its_beginning_and_its_rule(value: object) -> None:
    with pytest.raises(InputError) as caught:
        require(False, "lmbda", "be >= 0", value)
    message = str(caught.value)
    assert message.startswith("`lmbda` must be >= 0, got ")
    assert len(message) < LONGEST
    assert len(message.splitlines()) == 1


def test_of_a_value_that_is_nested_too_deep_the_outer_brackets_are_shown() -> None:
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    assert shown(nested) == "[[[[[[[…]]]]]]]"


def test_any_message_is_short_and_keeps_both_ends() -> None:
    message = str(InputError("begin" + "x" * 5000 + "end"))
    assert len(message) < LONGEST
    assert message.startswith("begin")
    assert message.endswith("end")


def test_an_unknown_name_is_shown_on_one_line_and_cut() -> None:
    message = str(unknown("cost", "a\nb" + "x" * 5000, ["quadratic"]))
    assert message.startswith(r"unknown cost `a\nbxxx")
    assert message.endswith("`; known: quadratic")
    assert len(message) < LONGEST

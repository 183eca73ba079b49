"""Messages of wrong input: one line of bounded length, whatever the input."""

import tracemalloc
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nncore.config import HYPERPARAMETERS, TrialConfig
from nncore.errors import InputError, named, one_line, require, shown, unknown
from tests.support.odd_values import LONGEST, Hostile, hostile_array, odd_texts, odd_values, refusal


def test_a_short_message_and_value_are_shown_whole() -> None:
    with pytest.raises(InputError) as caught:
        require(False, "lmbda", "be >= 0", -1.0)
    assert str(caught.value) == "`lmbda` must be >= 0, got -1.0"
    assert str(InputError("x" * 480)) == "x" * 480


@given(odd_texts(), odd_texts(), odd_values())
def test_require_says_one_short_line_of_any_key_rule_and_value(
    key: str, rule: str, value: object
) -> None:
    with pytest.raises(InputError) as caught:
        require(False, key, rule, value)
    message = str(caught.value)
    assert len(message) < LONGEST
    assert message.isprintable()
    assert "` must " in message
    assert message.endswith(f", got {shown(value)}")
    assert str(InputError(message)) == message


PLAIN = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.frozensets(st.integers() | st.text())
        | st.sets(st.integers())
    ),
)


@given(PLAIN)
def test_a_plain_value_is_shown_by_its_repr_if_that_is_short(value: object) -> None:
    whole = repr(value)
    deep = any(bracket * 3 in whole for bracket in "[({")
    assume(not deep)
    if len(whole) <= 120:
        assert shown(value) == whole
    else:
        assert "…" in shown(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (10**5000, "a whole number of about 5,000 digits"),
        (-(10**1_000_000), "a whole number of about 1,000,000 digits"),
        (np.zeros((50_000, 784), np.float32), "an array (50000, 784) of float32"),
        (np.arange(4), "array([0, 1, 2, 3])"),
        (np.eye(2), "array([[1., 0.], [0., 1.]])"),
        (np.arange(4)[3], "np.int64(3)"),
        (hostile_array(), "an array (1,) of object"),
        (np.array(["x" * 10**6]), "an array (1,) of str32000000"),
        (
            [(np.zeros((784, 1)), 5)] * 3,
            "[(an array (784, 1) of float64, 5), (an array (784, 1) of float64, 5",
        ),
        (pd.DataFrame(np.zeros((1000, 5))), "a DataFrame (1000, 5)"),
        (pd.Series([1.5]), "a Series (1,) of float64"),
        (Path("a b"), "PosixPath('a b')"),
        (namedtuple("Pair", "a b")(1, "x"), "(1, 'x')"),
        (list(range(1000)), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,"),
        (Hostile(), "a value of type Hostile"),
        (Hostile, "the class Hostile"),
        ((n for n in ()), "a value of type generator"),
        ("\x1b[31m\u202e\n", r"'\x1b[31m\u202e\n'"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isprintable() else "",
)
def test_other_values_are_named_by_what_they_are(value: object, expected: str) -> None:
    if len(expected) < 60:
        assert shown(value) == expected
    else:
        assert shown(value).startswith(expected)


def test_of_a_long_collection_the_first_items_and_the_number_of_others_are_shown() -> None:
    text = shown(list(range(1000)))
    first, _, more = text.removeprefix("[").removesuffix("]").rpartition(", … ")
    count = len(first.split(", "))
    assert first == ", ".join(map(str, range(count)))
    assert more == f"{1000 - count} more"


def test_of_a_value_that_is_nested_too_deep_the_outer_brackets_are_shown() -> None:
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    assert shown(nested) == "[[[[[[[…]]]]]]]"


class Asked:
    """A value that counts how often it is looked at."""

    times = 0

    @property
    def shape(self) -> None:
        Asked.times += 1


def test_the_work_does_not_grow_with_the_value() -> None:
    counts = []
    for size in (1000, 100_000):
        Asked.times = 0
        shown([[Asked()] * size] * size)
        counts.append(Asked.times)
    assert counts[0] == counts[1] < 200


@pytest.mark.parametrize(
    "value",
    ["x" * 10**7, b"x" * 10**7, [10**9] * 10**6, dict.fromkeys(range(10**5)), 1 << 10**7],
    ids=["text", "bytes", "list", "dict", "integer"],
)
def test_the_memory_does_not_grow_with_the_value(value: object) -> None:
    tracemalloc.start()
    try:
        shown(value)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100_000


@given(odd_texts(), st.sampled_from((40, 120, 480)))
def test_a_name_is_printable_and_short(text: str, most: int) -> None:
    name = named(text, most)
    assert name.isprintable()
    assert len(name) <= most
    if text.isprintable() and len(text) <= most:
        assert name == text


@given(odd_texts(), odd_texts(), odd_texts())
def test_any_message_is_one_short_line(one: str, two: str, three: str) -> None:
    message = one_line(f"`{one}` {two} {three}")
    assert message.isprintable()
    assert len(message) <= 480
    assert one_line(message) == message


def test_any_message_is_short_and_keeps_both_ends() -> None:
    message = str(InputError("begin" + "x" * 5000 + "end"))
    assert len(message) < LONGEST
    assert message.startswith("begin")
    assert message.endswith("end")


def test_a_long_path_hides_no_other_word_of_a_message() -> None:
    path = "/a-folder" * 450
    rule = "must have the columns of the network, " + ", ".join(f"column {k}" for k in range(20))
    message = str(InputError(f"`{path}` {rule}"))
    assert message.startswith("`/a-folder/a-folder")
    assert message.endswith(f"a-folder` {rule}")


def test_a_message_of_several_lines_becomes_one() -> None:
    assert str(InputError("a fault:\n  at this place\r\n\tand \x1b[31mhere")) == (
        r"a fault: at this place and \x1b[31mhere"
    )


def test_an_unknown_name_is_shown_on_one_line_and_cut() -> None:
    message = str(unknown("cost", "a\nb" + "x" * 5000, ["quadratic"]))
    assert message.startswith(r"unknown cost `a\nbxxx")
    assert message.endswith("`; known: quadratic")
    assert len(message) < LONGEST


@given(odd_texts(), st.lists(odd_texts(), max_size=8))
def test_any_unknown_name_among_any_known_gives_one_short_line(name: str, known: list[str]) -> None:
    message = str(unknown("`label`", name, known))
    assert len(message) < LONGEST
    assert message.isprintable()


@given(st.sampled_from(HYPERPARAMETERS), odd_values())
def test_a_setting_of_any_value_is_taken_or_refused_in_one_short_line(key: str, value: Any) -> None:
    message = refusal(lambda: TrialConfig(**{key: value}))
    assert len(message) < LONGEST
    assert message.isprintable()

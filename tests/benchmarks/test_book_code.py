"""The calls that the benchmark of the book's code compares compute the same numbers."""

import pytest

from benchmarks.book_code import Call, calls, check


@pytest.mark.parametrize("call", calls(), ids=lambda call: call.name)
def test_both_sides_of_a_call_agree(call: Call) -> None:
    check(call)


def test_sides_that_differ_are_noticed() -> None:
    with pytest.raises(AssertionError):
        check(Call("different", lambda: [1.0, 2.0], lambda: [1.0, 2.1]))

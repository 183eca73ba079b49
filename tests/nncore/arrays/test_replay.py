"""Both forms of a list of calls do the same, whatever is in the list, and give back what they took.

Lists are drawn at random, of calls that the compiled form knows and of calls that it must leave to
Python: other shapes, orders and dtypes, memory that overlaps, wrong arguments.
"""

import gc
import sys
import threading
import tracemalloc
from _thread import interrupt_main
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.linalg import get_blas_funcs

from nncore.arrays import replay as module
from nncore.arrays.blas import one_blas_thread
from nncore.arrays.layout import Array
from nncore.arrays.operations import Operation
from nncore.arrays.replay import PURE, Rows, form, replay

ROWS = 2


@pytest.fixture
def pure(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run in the form that the parameter says."""
    monkeypatch.setenv(PURE, str(int(request.param)))
    assert form() == ("python" if request.param else "compiled")
    return bool(request.param)


IN_FORMS = pytest.mark.parametrize("pure", [False, True], ids=["compiled", "python"], indirect=True)

# ---- lists at random: all arrays are views of one piece of memory, so some overlap ----

DTYPES = st.sampled_from(["float32", "float64"])
SHAPES = st.sampled_from([(6,), (1,), (2, 3), (3, 2), (3, 3), (2, 2), (1, 1), (0,), ()])
ORDERS = st.sampled_from(["C", "F", "strided", "read-only"])
VIEWS = st.tuples(DTYPES, st.integers(0, 80), SHAPES, ORDERS)
NUMBERS = st.sampled_from([0, 1, -2, 0.5, 1e-46, 1e300, np.float64(0.1), np.float32(0.1), 10**400])
UNARY = st.sampled_from([np.tanh, np.sqrt, np.sign, np.exp])
BINARY = st.sampled_from([np.add, np.subtract, np.multiply, np.divide, np.greater_equal])
Drawn = tuple[Any, ...]


@st.composite
def calls(draw: st.DrawFn) -> Drawn:
    """Draw a call as the step makes it; in half of the cases, one argument becomes any other."""
    kind = draw(st.sampled_from(["unary", "binary", "maximum", "repeat", "take", *BLAS]))
    dtype, order = draw(DTYPES), draw(st.sampled_from("CF"))
    m, k, n = (draw(st.integers(1, 3)) for _ in range(3))
    ta, tb = draw(st.sampled_from([(0, 0), (0, 1), (1, 0), (1, 1)]))

    def at(place: int, *shape: int, order: str = "F") -> Drawn:
        return dtype, 20 * place, shape, order

    same = [at(place, m, n, order=order) for place in (1, 2, draw(st.sampled_from([1, 2, 3])))]
    rest: list[Any] = {
        "unary": [same[0], same[2]],
        "binary": [same[0], draw(st.just(same[1]) | NUMBERS), same[2]],
        "maximum": [*same[:2], same[2]],
        "repeat": [at(1, m, n, order="C"), at(2, n)],
        "take": [at(1, m, n, order="C"), at(2, ROWS, n, order="C")],
        "gemm": [
            *(draw(NUMBERS), at(1, *((k, m) if ta else (m, k)))),
            *(at(2, *((n, k) if tb else (k, n))), draw(NUMBERS), at(3, m, n), ta, tb),
        ],
        "gemv": [draw(NUMBERS), at(1, m, n), at(2, n), draw(NUMBERS), at(3, m), 0],
        "axpy": [at(1, n), at(2, n), n, draw(NUMBERS)],
    }[kind]
    if draw(st.booleans()):
        rest[draw(st.integers(0, len(rest) - 1))] = draw(VIEWS | NUMBERS)
    function = {"unary": UNARY, "binary": BINARY}.get(kind, st.none())
    return kind, draw(function), *rest


BLAS = ("gemm", "gemv", "axpy")


class Memory:
    """Memory filled from a fixed seed, and the calls on views of it."""

    def __init__(self) -> None:
        self.whole = np.random.default_rng(1).normal(size=120)
        self.rows = np.zeros(ROWS, np.int64)

    def view(self, drawn: Drawn) -> Array:
        dtype, start, shape, order = drawn
        size = int(np.prod(shape))
        elements = self.whole.view(dtype)[start:]
        step = 2 if order == "strided" else 1
        view = elements[: step * size : step].reshape(shape, order="F" if order == "F" else "C")
        view.flags.writeable = order != "read-only"
        return view

    def operation(self, drawn: Drawn) -> Operation | None:
        """Return the call; None if it cannot be written down, as a method of a number."""
        kind, function, *rest = drawn
        arguments = tuple(map(self.argument, rest))
        if kind in ("unary", "binary"):
            return function, arguments
        if kind == "maximum":
            return (partial(np.maximum, out=arguments[2]), arguments[:2])
        if kind in BLAS:
            typed = [argument for argument in arguments if isinstance(argument, np.ndarray)]
            tail = {"gemm": (1,), "gemv": (), "axpy": ()}[kind]
            if kind == "gemv":
                arguments = (*arguments[:5], 0, 1, 0, 1, arguments[5], 1)
            return get_blas_funcs(kind, typed), (*arguments, *tail)
        if not isinstance(arguments[0], np.ndarray):
            return None
        if kind == "repeat":
            return arguments[0].__setitem__, (..., arguments[1])
        return arguments[0].take, (self.rows, 0, arguments[1], "clip")

    def argument(self, drawn: Any) -> Any:
        return self.view(drawn) if isinstance(drawn, tuple) else drawn


def outcome(drawn: list[Drawn], order: list[int]) -> tuple[bytes, str]:
    """Return the memory after the list, and the name of the error that ended it."""
    memory, error = Memory(), ""
    operations = [made for call in drawn if (made := memory.operation(call)) is not None]
    with np.errstate(all="ignore"), one_blas_thread():
        try:
            replay(operations, memory.rows)(np.array(order, np.int64))
        except Exception as raised:  # whatever it is, both forms must raise it
            error = f"{type(raised).__name__}: {raised}"
    return memory.whole.tobytes(), error


@example(drawn=[("unary", np.exp, 1, ("float32", 20, (1, 1), "C"))], order=[0, 1])
@settings(max_examples=400, deadline=None)
@given(
    drawn=st.lists(calls(), min_size=1, max_size=3), order=st.sampled_from([[0, 1], [-5, 1, 9, 0]])
)
def test_both_forms_do_the_same_whatever_is_in_the_list(
    drawn: list[Drawn], order: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PURE, "0")
        compiled = outcome(drawn, order)
        patch.setenv(PURE, "1")
        assert compiled == outcome(drawn, order)


# ---- the order of calls, errors and interrupts ----


@IN_FORMS
def test_rows_are_taken_block_by_block_and_calls_keep_their_order(pure: bool) -> None:
    source, out = np.arange(12.0).reshape(6, 2), np.empty((2, 2))
    rows, seen = np.zeros(2, np.int64), list[Any]()
    operations: list[Operation] = [
        (source.take, (rows, 0, out, "clip")),
        (lambda: seen.append(out.tolist()), ()),
        (np.multiply, (out, 10.0, out)),
        (lambda: seen.append(rows.tolist()), ()),
        (lambda: seen.append(out.tolist()), ()),
    ]
    replay(operations, rows)(np.array([5, 0, 2, 3]))
    assert seen == [
        *([[10.0, 11.0], [0.0, 1.0]], [5, 0], [[100.0, 110.0], [0.0, 10.0]]),
        *([[4.0, 5.0], [6.0, 7.0]], [2, 3], [[40.0, 50.0], [60.0, 70.0]]),
    ]


@IN_FORMS
def test_an_error_of_a_call_ends_the_list(pure: bool) -> None:
    count = np.zeros(3)
    operations: list[Operation] = [
        (np.add, (count, 1.0, count)),
        (int, ("many",)),
        (np.add, (count, 10.0, count)),
    ]
    with pytest.raises(ValueError, match="many"):
        replay(operations, np.zeros(1, np.int64))(np.arange(5))
    assert count.tolist() == [1.0, 1.0, 1.0]


@IN_FORMS
def test_an_interrupt_ends_the_list_within_a_block(pure: bool) -> None:
    count = np.zeros(3)
    operations: list[Operation] = [(interrupt_main, ()), (np.add, (count, 1.0, count))]
    with pytest.raises(KeyboardInterrupt):
        replay(operations, np.zeros(1, np.int64))(np.arange(5))
    assert count[0] <= 1


def test_other_threads_run_while_the_compiled_form_does() -> None:
    # No thread is asked to make way, so another one runs only if this one lets it.
    before, seen, go = sys.getswitchinterval(), list[int](), threading.Event()
    count = np.zeros(100_000)
    program = replay([(np.add, (count, 1.0, count))], np.zeros(1, np.int64))
    other = threading.Thread(target=lambda: (go.wait(), seen.append(1)))
    other.start()
    sys.setswitchinterval(1000)
    try:
        go.set()
        order = np.zeros(1, np.int64)
        for _ in range(10_000):
            program(order)
            if seen:
                break
    finally:
        sys.setswitchinterval(before)
    other.join()
    assert seen


# ---- which form runs, and what it takes ----


def test_the_python_form_runs_on_demand_and_where_the_other_was_not_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(PURE, raising=False)
    assert form() == "compiled"
    monkeypatch.setattr(module, "_replay", None)
    monkeypatch.setattr(module, "_missing", "no such module", raising=False)
    assert form() == "python"


def test_arrays_are_given_back_with_the_program() -> None:
    array, rows = np.ones(5), np.zeros(1, np.int64)
    counts = sys.getrefcount(array), sys.getrefcount(rows)
    program = replay([(np.add, (array, 1.0, array)), (len, ("calls",))], rows)
    program(np.zeros(7, np.int64))
    assert sys.getrefcount(array) > counts[0]
    del program
    assert (sys.getrefcount(array), sys.getrefcount(rows)) == counts


def test_a_program_that_reaches_itself_is_collected() -> None:
    held = list[Any]()
    array = np.ones(5)
    count = sys.getrefcount(array)
    held.append(replay([(np.add, (array, 1.0, array)), (held.count, (0,))], np.zeros(1, np.int64)))
    del held
    gc.collect()
    assert sys.getrefcount(array) == count


def test_nothing_is_left_over_of_many_programs_and_many_runs() -> None:
    array, rows, order = np.ones(5), np.zeros(1, np.int64), np.zeros(50, np.int64)

    def work(times: int) -> None:
        for _ in range(times):
            replay([(np.add, (array, 1.0, array)), (len, ("calls",))], rows)(order)

    work(10)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        work(300)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 300  # less than one byte for each program


@pytest.mark.parametrize(
    ("operations", "rows", "order"),
    [
        ([(len, "ab")], np.zeros(1, np.int64), np.zeros(1, np.int64)),
        ([[len, ("ab",)]], np.zeros(1, np.int64), np.zeros(1, np.int64)),
        ([(len, ("ab",))], np.zeros(1, np.int32), np.zeros(1, np.int64)),
        ([(len, ("ab",))], np.zeros(0, np.int64), np.zeros(1, np.int64)),
        ([(len, ("ab",))], np.zeros(4, np.int64)[::2], np.zeros(2, np.int64)),
        ([(len, ("ab",))], np.zeros(2, np.int64), np.zeros(3, np.int64)),
        ([(len, ("ab",))], np.zeros(2, np.int64), np.zeros(2, np.int32)),
        ([(len, ("ab",))], np.zeros(2, np.int64), np.zeros(4, np.int64)[::2]),
    ],
)
def test_the_compiled_form_takes_nothing_that_it_would_misread(
    operations: Any, rows: Rows, order: Rows
) -> None:
    with pytest.raises((TypeError, ValueError), match=r"operation must|rows must|order must"):
        replay(operations, rows)(order)

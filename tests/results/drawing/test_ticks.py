"""Where values lie on their axis, which ticks name them, and how they read as text."""

import pandas as pd
import pytest

from results.analysis.positions import places
from results.drawing.style import literal, parameter_label, short
from results.drawing.ticks import tick_values, ticks
from results.number_text import format_number
from sweeps.space.dimensions import Choices, Range

LOG = Range(low=0.01, high=10.0, log=True)
LINEAR = Range(low=10, high=100, step=10)
COST = Choices(choices=["quadratic", "cross-entropy"])


@pytest.mark.parametrize(
    ("dimension", "values", "expected"),
    [
        (LOG, [0.01, 0.1, 1.0, 10.0], [0, 1 / 3, 2 / 3, 1]),
        (LINEAR, [10, 55, 100], [0, 0.5, 1]),
        (Choices(choices=[5, 10, 20]), [20, 5, 10], [1, 0, 0.5]),
        (Choices(choices=["only"]), ["only", "only"], [0.5, 0.5]),
        (LOG, [], []),
    ],
)
def test_places(dimension, values, expected):
    assert places(pd.Series(values), dimension) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        (LOG, [0.01, 0.1, 1.0, 10.0]),
        (LINEAR, [10.0, 40.0, 70.0, 100.0]),
        (Range(low=10, high=100), [10.0, 40.0, 70.0, 100.0]),
        (Range(low=0.0, high=0.9), [0.0, 0.3, 0.6, 0.9]),
        (Range(low=0, high=1), [0.0, 1.0]),
        (Range(low=10, high=80, step=10), [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0]),
        # 62 has no round parts: the low end is far from 20, the high end too near to 60
        (Range(low=2, high=64), [2.0, 20.0, 40.0, 60.0]),
        # nine steps of 7: every second one, and 70 is only half as far
        (Range(low=7, high=70, step=7), [7.0, 21.0, 35.0, 49.0, 63.0]),
        (Range(low=10, high=40, step=10), [10.0, 20.0, 30.0, 40.0]),
        (Range(low=1, high=3), [1.0, 2.0, 3.0]),
        (Range(low=0.0, high=0.5, step=0.25), [0.0, 0.25, 0.5]),
        (Range(low=0.2, high=0.8, log=True), [0.2, 0.8]),
        # 1 lies too near to 0.9 to be written beside it
        (Range(low=0.9, high=1000.0, log=True), [0.9, 10.0, 100.0, 1000.0]),
    ],
)
def test_tick_values_are_round_or_even(dimension, expected):
    assert tick_values(dimension) == pytest.approx(expected)


def test_ticks_of_choices_name_them_all_or_some():
    assert ticks(COST) == [(0.0, "quadratic"), (1.0, "cross-entropy")]
    assert ticks(Choices(choices=["only"])) == [(0.5, "only")]
    many = ticks(Choices(choices=list(range(25))))
    assert [label for _, label in many] == ["0", "3", "6", "9", "12", "15", "18", "21", "24"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.46216, "0.462"),
        (1024, "1024"),
        (1e-05, "1e-05"),
        (5_000_000, "5e+06"),
        (True, "True"),
        ("a$b$", r"a\$b\$"),
        ("<script>", "<script>"),
        ("a very long choice indeed", "a very long choic…"),
    ],
)
def test_values_as_text(value, text):
    assert parameter_label(value) == text


def test_text_helpers():
    assert literal("$x$") == r"\$x\$"
    assert len(short("x" * 99)) == 18
    assert format_number(10.0) == "10"

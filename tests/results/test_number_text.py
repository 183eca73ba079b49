"""Numbers in words: times across the borders of the units, differences and p-values."""

import pytest

from results.number_text import duration, listed, p_text, signed_points


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.043, "0.04 s"),
        (0.0052, "0.005 s"),
        (0.96, "1 s"),
        (1.04, "1 s"),
        (2.34, "2.3 s"),
        (12.34, "12 s"),
        (89, "89 s"),
        (90, "1.5 min"),
        (120, "2 min"),
        (5399, "90 min"),
        (5400, "1.5 h"),
        (86_400, "24 h"),
        (200_000, "2.3 days"),
        (86_400 * 1234.5, "1,234.5 days"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("difference", "text"),
    [(0.0015, "+0.15"), (-0.02, "-2.00"), (0.0, "+0.00"), (-0.00001, "+0.00"), (0.1, "+10.00")],
)
def test_differences_in_points(difference: float, text: str) -> None:
    assert signed_points(difference) == text


@pytest.mark.parametrize(
    ("p_value", "text"),
    [(0.3, "p = 0.3"), (0.001, "p = 0.001"), (0.00099, "p < 0.001"), (1.0, "p = 1")],
)
def test_p_values(p_value: float, text: str) -> None:
    assert p_text(p_value) == text


def test_lists_in_prose() -> None:
    assert [listed("abc"[:n]) for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]

"""Times in words, across the borders of the units."""

import pytest

from results.number_text import duration


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

"""The short form of the fuzz: damaged sweep files and settings are refused in one short line."""

from collections import Counter
from pathlib import Path

from benchmarks.fuzz import FAULTS, outcomes

CASES = 250


def test_no_case_ends_in_a_traceback_a_hang_or_a_long_message(tmp_path: Path) -> None:
    found = list(outcomes(CASES, 0, tmp_path))
    assert [outcome for outcome in found if outcome[0] in FAULTS] == []
    kinds = Counter(kind for kind, _ in found)
    assert kinds["valid"] > CASES / 20
    assert kinds["refused"] > CASES / 4
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.toml"]

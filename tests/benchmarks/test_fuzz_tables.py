"""The short form of the fuzz of tables: each damaged file is read or refused in one line."""

from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.fuzz_tables import FORMATS
from benchmarks.support.fuzzed_files import FAULTS, outcomes

CASES = 200
EACH = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_no_damaged_file_ends_in_a_traceback_a_hang_or_a_long_message(tmp_path: Path) -> None:
    found = list(outcomes(FORMATS, CASES, 0, tmp_path))
    assert [outcome for outcome in found if outcome[1] in FAULTS] == []
    counts = Counter((name, kind) for name, kind, _ in found)
    for name in FORMATS:
        assert counts[name, "refused"] > CASES / 16, name
        assert counts[name, "read"] > 0, name
    assert list(tmp_path.iterdir()) == []


@given(st.integers(0, 2**63))
@EACH
def test_nor_does_any_other(tmp_path: Path, seed: int) -> None:
    found = list(outcomes(FORMATS, len(FORMATS), seed, tmp_path))
    assert [outcome for outcome in found if outcome[1] in FAULTS] == []

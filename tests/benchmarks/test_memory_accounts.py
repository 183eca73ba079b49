"""What Linux says about a process's memory, read right."""

import os
import subprocess
import sys

import pytest

from benchmarks.overhead import lines
from benchmarks.support.memory import Memory, descendants, memory_of, parse

ROLLUP = """\
5594d1f5d000-7ffd6a1fe000 ---p 00000000 00:00 0                          [rollup]
Rss:               31200 kB
Pss:               20010 kB
Pss_Dirty:          9000 kB
Shared_Clean:      12000 kB
Shared_Dirty:          0 kB
Private_Clean:       200 kB
Private_Dirty:     19000 kB
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc")


def test_rollup_by_hand() -> None:
    assert parse(ROLLUP) == Memory(private=19_200 * 1024, shared_out=20_010 * 1024)


@linux
def test_processes_and_theirs_are_found() -> None:
    child = "print('ready', flush=True); input()"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"  # the grandchild's
        found = descendants(os.getpid())
        theirs = descendants(process.pid)
        assert len(theirs) == 2
        assert {*theirs} < {*found}
        assert all(memory_of(pid).private > 0 for pid in theirs)
        process.communicate(b"\n")
    assert memory_of(process.pid) == Memory(0, 0)


def test_lines_name_each_figure() -> None:
    shown = lines("start", {"first_epoch_seconds": {"1": 1.25, "2": 2.5}, "trials": 32})

    assert "first epoch seconds" in shown
    assert "1.25 with --jobs 1, 2.50 with --jobs 2" in shown
    assert shown.endswith("32")

"""Files are replaced whole, appended to by whole lines, and read as JSON or refused in one line."""

import errno
import io
import subprocess
import sys
from pathlib import Path

import pytest

from nncore.errors import InputError
from sweeps.records.atomic_files import append, cut_torn_line, read_json, replace_file, replace_with


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace_file(path, b"old")

    def fail(temporary: Path) -> None:
        temporary.write_bytes(b"half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        replace_with(path, fail)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("before", "after"), [(b"", b""), (b"a\n", b"a\n"), (b"a\nb", b"a\n"), (b"ab", b"")]
)
def test_a_torn_line_is_cut(before: bytes, after: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    cut_torn_line(path)
    assert not path.exists()
    append(path, before)
    cut_torn_line(path)
    assert path.read_bytes() == after


def test_a_disk_that_takes_a_part_gets_the_rest_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "table.csv"
    append(path, b"1,2\n")
    taken = iter([3, 2, 100])

    class Reluctant(io.FileIO):
        def write(self, content: bytes) -> int:  # type: ignore[override]
            count = next(taken, None)
            if count is None:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(content[:count]) or 0

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", lambda self, mode, buffering: Reluctant(self, "a"))
        append(path, b"3,4,5,6\n")
        taken = iter([5])
        with pytest.raises(OSError, match="No space left"):
            append(path, b"7,8,9,10\n")
    assert path.read_bytes() == b"1,2\n3,4,5,6\n"


def test_a_json_file_that_is_not_there_is_empty_where_it_may_be(tmp_path: Path) -> None:
    path = tmp_path / "confirmation.json"
    assert read_json(path, missing_ok=True) == {}
    with pytest.raises(InputError, match=r"confirmation\.json` must be readable, got: No such"):
        read_json(path)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b'"x"', b"\x00", b'{"a": "\xff"}', b"[" * 100_000]
)
def test_a_json_file_without_an_object_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "environment.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"environment\.json` must be"):
        read_json(path)


def test_two_writers_of_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "report.html"

    def interrupted(temporary: Path) -> None:
        temporary.write_bytes(b"first")
        replace_file(path, b"the second writer begins later and ends earlier")
        assert path.read_bytes() == b"the second writer begins later and ends earlier"

    replace_with(path, interrupted)
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_files_that_killed_writers_left_are_gone_after_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    program = f"""if True:
        import os, pathlib
        from sweeps.records.atomic_files import replace_with
        path = pathlib.Path({str(path)!r})
        def die(temporary):
            temporary.write_bytes(b"half of a long page")
            os.kill(os.getpid(), 9)
        replace_with(path, lambda _: replace_with(path, lambda _: replace_with(path, die)))"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    assert len(list(tmp_path.iterdir())) == 3
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_processes_that_write_one_file_at_once_all_end_well(tmp_path: Path) -> None:
    path = tmp_path / "figure.svg"
    program = """if True:
        import pathlib, sys
        from sweeps.records.atomic_files import replace_file
        for _ in range(300):
            replace_file(pathlib.Path(sys.argv[1]), sys.argv[2].encode() * 20_000)"""
    started = [
        subprocess.Popen([sys.executable, "-c", program, path, letter], stderr=subprocess.PIPE)
        for letter in "ab"
    ]
    errors = [process.communicate()[1] for process in started]
    assert errors == [b"", b""]
    assert path.read_bytes() in (b"a" * 20_000, b"b" * 20_000)
    assert list(tmp_path.iterdir()) == [path]

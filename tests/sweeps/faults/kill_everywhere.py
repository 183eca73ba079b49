"""Resume a small sweep from what a kill leaves behind, for each write that changes a file.

Run as a script by test_kills.py: `kill_everywhere.py CONFIG FOLDER`. It prints one JSON object.
Each run is a forked process group of its own; a profiling hook sees every call that may change a
file. A first run copies its folder after each call that did: a kill before the next call would
leave these files. At one in eight of them a run is really killed, and leaves the same files.
On Linux, no process outlives the test, however the test ends.
"""

import ctypes
import hashlib
import io
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from nncore.datasets import load_dataset
from sweeps import under_way
from sweeps.config import load_config
from sweeps.sweep import run_sweep

WRITES = {"write", "flush", "close", "fsync", "truncate", "replace", "rename", "unlink", "mkdir"}
WRITES |= {"symlink", "open"}
TIMELESS = ("trials.csv", "epochs.csv", "sweep.toml", "environment.json", "best.npz")
APPENDED = ("journal.log", "epochs.csv", "timings.csv", "trials.csv")


class Hook:
    """A profiling hook that calls `before(number, name)` before each call that may change a file.

    Calls are numbered from 0; `name` says which function is called.
    """

    def __init__(self, before: Callable[[int, str], None]) -> None:
        self._before = before
        self._number = 0
        self.appended = ""
        """The name of the file to which the last call appended a line that a kill could tear."""

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        if event != "c_call" or arg.__name__ not in WRITES:
            return
        file = arg.__self__
        if not isinstance(file, (io.IOBase, ModuleType)):  # such as a string's `replace`
            return
        self._before(self._number, arg.__name__)
        self._number += 1
        raw = isinstance(file, io.FileIO) and arg.__name__ == "write"
        buffered = isinstance(file, io.BufferedWriter) and arg.__name__ == "flush"
        name = str(file.name) if raw or buffered else ""
        self.appended = name if name.endswith(APPENDED) else ""


def kill_at(wanted: int, expected: str) -> Hook:
    """Return a hook that kills this process group before its call number `wanted`."""

    def before(number: int, name: str) -> None:
        if number == wanted:
            sys.setprofile(None)
            assert name == expected, f"call {number} is {name} and was {expected} before"
            os.killpg(0, signal.SIGKILL)

    return Hook(before)


def copy_changes(folder: Path, copies: Path, note: Path) -> Hook:
    """Return a hook that copies `folder` before each call before which its files changed.

    `note` then has the number of all calls, and for each copy the call's number and name, and the
    file whose last line a kill could have torn. A copy's name in `copies` is the call's number.
    """
    changes: list[tuple[int, str, str]] = []
    states = [fingerprint(folder)]

    def before(number: int, name: str) -> None:
        sys.setprofile(None)
        if (state := fingerprint(folder)) != states[-1]:
            states.append(state)
            changes.append((number, name, Path(hook.appended).name))
            shutil.copytree(folder, copies / str(number), symlinks=True)
        note.write_text(json.dumps({"calls": number + 1, "changes": changes}))
        sys.setprofile(hook)

    hook = Hook(before)
    return hook


def fingerprint(folder: Path) -> str:
    """Return a hash of the names and the contents of all files of `folder`."""
    state = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        state.update(f"{path}:".encode())
        if path.is_symlink():
            state.update(str(path.readlink()).encode())
        elif path.is_file():
            state.update(hashlib.sha256(path.read_bytes()).digest())
    return state.hexdigest()


def end_with_parent() -> None:
    """Let Linux kill this process as soon as its parent process ends, for any reason."""
    if sys.platform == "linux":
        set_parent_death_signal = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


def in_child(hook: Hook | None, config: Any, dataset: Any, folder: Path) -> bool:
    """Run the sweep in a forked process group; return whether it came to its end."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        end_with_parent()
        if os.getppid() != parent:  # it has ended already
            os._exit(1)
        sys.setprofile(hook)
        run_sweep(config, dataset, folder)
        sys.setprofile(None)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0, "a run failed instead of going on"
    return True


def names(folder: Path) -> list[str]:
    """Return the names of all files and folders in `folder`."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def _left(folder: Path) -> tuple[list[str], dict[str, bytes]]:
    """Return what is in a folder and holds neither times nor random parts: names, and contents.

    Optuna gives a random name to a lock of its journal.
    """
    uuid = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    known = [re.sub(uuid, "*", name) for name in names(folder)]
    timeless = (path for path in folder.rglob("*") if path.name.startswith(TIMELESS))
    return known, {str(path.relative_to(folder)): path.read_bytes() for path in timeless}


def tables(folder: Path) -> tuple[object, ...]:
    """Return what must not differ: tables and best weights, and the names of all files."""
    kept = ("trials.csv", "epochs.csv", "sweep.toml", "best.npz")
    return names(folder), *((folder / name).read_bytes() for name in kept)


def main() -> None:
    end_with_parent()
    under_way.EVERY = 0.0  # all epochs are reported: which calls there are depends on no clock
    config, folder = load_config(Path(sys.argv[1])), Path(sys.argv[2])
    dataset = load_dataset(config.data.name)
    copies, killed, torn = (folder / name for name in ("copies", "killed", "torn"))
    hook = copy_changes(folder / "whole", copies, folder / "note")
    in_child(hook, config, dataset, folder / "whole")
    whole = tables(folder / "whole")
    noted = json.loads((folder / "note").read_text())
    different: list[str] = []
    kills = tears = 0
    for place, (number, name, line) in enumerate(noted["changes"]):
        left = copies / str(number)
        if place % 8 == place // 8 % 8:  # one in eight, at another place of each eight
            assert not in_child(kill_at(number, name), config, dataset, killed)
            assert _left(killed) == _left(left), f"killed at call {number}"
            shutil.rmtree(left)
            killed.rename(left)
            kills += 1
        if line:
            shutil.copytree(left, torn, symlinks=True)
            os.truncate(torn / line, (torn / line).stat().st_size - 7)
            tears += 1
        for resumed in (left, torn) if line else (left,):
            in_child(None, config, dataset, resumed)
            if tables(resumed) != whole:
                different.append(f"{resumed.name} at call {number}")
            shutil.rmtree(resumed)
    counts = {"kills": kills, "copies": len(noted["changes"]), "tears": tears}
    print(json.dumps({"calls": noted["calls"], **counts, "different": different}))


main()

"""Run the small sweep once for each write that it makes, killed at that write, and then resumed.

Run as a script by test_kills.py: `kill_everywhere.py CONFIG FOLDER`. It prints one JSON object.
Each run is a forked process group of its own; a profiling hook sees every call that changes a file
and sends SIGKILL to the group just before it is made.
"""

import io
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from nncore.datasets import load_dataset
from sweeps.config import load_config
from sweeps.sweep import run_sweep

WRITES = {"write", "flush", "close", "fsync", "truncate", "replace", "rename", "unlink", "mkdir"}
WRITES |= {"symlink", "open"}
APPENDED = ("journal.log", "epochs.csv", "timings.csv", "trials.csv")


class KillAt:
    """A profiling hook that kills this process group before its write number `number`.

    If what was just written is a line that a kill could have torn, it first leaves the file's name
    in `note`.
    """

    def __init__(self, number: int, note: Path) -> None:
        self.left = number
        self.note = note
        self.appended = ""

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        if event != "c_call" or arg.__name__ not in WRITES:
            return
        if self.left == 0:
            sys.setprofile(None)
            self.note.write_text(self.appended)
            os.killpg(0, signal.SIGKILL)
        self.left -= 1
        file = arg.__self__
        raw = isinstance(file, io.FileIO) and arg.__name__ == "write"
        buffered = isinstance(file, io.BufferedWriter) and arg.__name__ == "flush"
        name = str(file.name) if raw or buffered else ""
        self.appended = name if name.endswith(APPENDED) else ""


def in_child(kill_at: KillAt | None, config: Any, dataset: Any, folder: Path) -> bool:
    """Run the sweep in a forked process group; return whether it came to its end."""
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        sys.setprofile(kill_at)
        run_sweep(config, dataset, folder)
        sys.setprofile(None)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0, "a run failed instead of going on"
    return True


def tables(folder: Path) -> tuple[object, ...]:
    """Return what must not differ: tables and best weights, and the names of all files."""
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
    tables = ("trials.csv", "epochs.csv", "sweep.toml", "best.npz")
    return names, *((folder / name).read_bytes() for name in tables)


def main() -> None:
    config, folder = load_config(Path(sys.argv[1])), Path(sys.argv[2])
    dataset = load_dataset(config.data.name)
    in_child(None, config, dataset, folder / "whole")
    whole = tables(folder / "whole")
    killed, torn, note = folder / "killed", folder / "torn", folder / "note"
    different: list[str] = []
    kills = tears = 0
    while not in_child(KillAt(kills, note), config, dataset, killed):
        line = note.read_text()
        if line:
            shutil.copytree(killed, torn)
            last = torn / Path(line).name
            os.truncate(last, last.stat().st_size - 7)
            tears += 1
        for left in (killed, torn):
            if left == killed or line:
                in_child(None, config, dataset, left)
                if tables(left) != whole:
                    different.append(f"{left.name} at write {kills}")
                shutil.rmtree(left)
        kills += 1
    print(json.dumps({"kills": kills, "tears": tears, "different": different}))


main()

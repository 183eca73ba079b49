"""Memory of a process and its descendants, from Linux's `/proc`.

USS is the memory that only one process uses. PSS adds its share of memory that several processes
map, so PSS values can be added up.
"""

from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1e6


@dataclass(frozen=True)
class Memory:
    """Bytes of one process: `private` is its USS, `shared_out` its PSS."""

    private: int
    shared_out: int


def descendants(pid: int) -> list[int]:
    """Return `pid` and all its living descendants."""
    found = [pid]
    for parent in found:
        for listed in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += map(int, listed.read_text("ascii").split())
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def memory_of(pid: int) -> Memory:
    """Return the memory of process `pid`, zeros if it has ended."""
    try:
        return parse(Path(f"/proc/{pid}/smaps_rollup").read_text("ascii"))
    except (FileNotFoundError, ProcessLookupError):
        return Memory(0, 0)


def parse(rollup: str) -> Memory:
    """Return the memory in the text of an `smaps_rollup`, whose kB have 1,024 bytes."""
    fields = [line.split() for line in rollup.splitlines()[1:]]
    kilobytes = {words[0]: int(words[1]) for words in fields}
    private = kilobytes["Private_Clean:"] + kilobytes["Private_Dirty:"]
    return Memory(1024 * private, 1024 * kilobytes["Pss:"])

"""What a run reports while it is under way, in the folder `running` of its run folder.

The parent writes one file about the run. Each worker appends a line per epoch to a file of its
trial. The folder is deleted at the end of the run, so a folder without a run was left by a kill.
"""

import json
import math
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import perf_counter
from uuid import uuid4

from sweeps.trial import OnValue

RUNNING = "running"
RUN_FILE = "run.json"
MOST_FILES = 2_000  # more than the workers of a run
LONGEST = 1_000  # bytes that are read at each end of a file
EVERY = 0.1  # seconds between two lines of a report


class Reports:
    """The folder of the reports, as the parent writes it; made by `open_reports`.

    It has a random name: a worker on another machine finds no such folder there, unless it shares
    the run folder, and then reports nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, done: int, epochs: int) -> None:
        """Write when the run starts, and how many trials and epochs were finished before it."""
        facts = {"started": datetime.now(UTC).isoformat(), "done": done, "epochs": epochs}
        unfinished = self._folder / f"{RUN_FILE}.tmp"
        unfinished.write_text(json.dumps(facts), "utf-8")
        unfinished.replace(self._folder / RUN_FILE)

    def path(self, number: int) -> str:
        """Return the file to which the worker of trial `number` reports."""
        return str(self._folder.resolve() / f"{number:06d}.csv")

    def drop(self, number: int) -> None:
        """Delete the report of a trial that trains no longer."""
        with suppress(OSError):
            Path(self.path(number)).unlink(missing_ok=True)


@contextmanager
def open_reports(run: Path) -> Iterator[Reports]:
    """Give a new folder for the reports of the run in the folder `run`, and delete it at the end.

    What an earlier run left is deleted first.
    """
    _clear(run)
    folder = run / RUNNING / str(uuid4())
    folder.mkdir(parents=True)
    try:
        yield Reports(folder)
    finally:
        with suppress(OSError):
            (folder / RUN_FILE).unlink(missing_ok=True)
        _clear(run)


def _clear(run: Path) -> None:
    """Delete the folder of the reports; a file that a worker makes meanwhile may stay."""
    folder = run / RUNNING
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)
    else:
        folder.unlink(missing_ok=True)


@contextmanager
def epoch_reports(path: str | None, clock: Callable[[], float] = perf_counter) -> Iterator[OnValue]:
    """Give a function that reports an epoch and its value to the file at `path`.

    Of short epochs, only one in `EVERY` seconds of the `clock` is reported. A trial does not fail
    because its report cannot be written: then there is none.
    """
    due = -math.inf

    def report(epoch: int, value: float) -> None:
        nonlocal due
        if file is not None and clock() >= due:
            due = clock() + EVERY
            _append(file, b"%d,%r\n" % (epoch, float(value)))

    file = None if path is None else _open(path)
    try:
        if file is not None:
            _append(file, f"started,{datetime.now(UTC).isoformat()}\n".encode())
        yield report
    finally:
        if file is not None:
            with suppress(OSError):  # some file systems report a full disk only here
                os.close(file)


def _open(path: str) -> int | None:
    with suppress(OSError):
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o666)
    return None


def _append(file: int, line: bytes) -> None:
    with suppress(OSError):
        os.write(file, line)


@dataclass(frozen=True)
class TrialReport:
    """A trial that trains now: its last epoch, 0 before the first, and the value after it."""

    number: int
    started: datetime | None
    epoch: int
    value: float


@dataclass(frozen=True)
class RunReport:
    """The reports of a run that is under way, or that was killed.

    Parameters
    ----------
    started
        When the run started; None if that cannot be read.
    done, epochs
        How many trials and epochs were finished before.
    trials
        The trials that train now, by number.
    ignored
        The files that are no reports.
    """

    started: datetime | None
    done: int
    epochs: int
    trials: tuple[TrialReport, ...]
    ignored: tuple[Path, ...]


def read_reports(run: Path) -> RunReport | None:
    """Return the reports of the run in the folder `run`; None if it is not under way."""
    started, done, epochs = None, 0, 0
    trials, ignored = list[TrialReport](), list[Path]()
    file = next(iter(sorted((run / RUNNING).glob(f"*/{RUN_FILE}"))), None)
    if file is None:
        return None
    try:
        started, done, epochs = _run_facts(file)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        ignored.append(file)
    others = (path for path in file.parent.iterdir() if not path.name.startswith(RUN_FILE))
    with suppress(FileNotFoundError):  # the run has just ended
        for path in islice(others, MOST_FILES):
            try:
                trials.append(_trial_report(path))
            except FileNotFoundError:  # the trial has just ended
                continue
            except (OSError, ValueError):
                ignored.append(path)
    by_number = sorted(trials, key=lambda trial: trial.number)
    return RunReport(started, done, epochs, tuple(by_number), tuple(sorted(ignored)))


def _run_facts(file: Path) -> tuple[datetime, int, int]:
    head, _ = _ends(file)
    facts = json.loads(head)
    return _time(facts["started"]), _count(facts["done"]), _count(facts["epochs"])


def _trial_report(path: Path) -> TrialReport:
    """Return the report in a file; `ValueError` if it is none."""
    if not re.fullmatch(r"\d{6,9}\.csv", path.name):
        raise ValueError
    head, tail = _ends(path)
    number, started, epoch, value = int(path.stem), None, 0, math.nan
    first, whole, _ = head.partition(b"\n")
    if whole:
        name, _, text = first.decode("ascii").partition(",")
        if name != "started":
            raise ValueError
        started = _time(text)
    *earlier, last = tail[: tail.rfind(b"\n") + 1].splitlines() or [b""]
    if earlier:
        numbers = re.fullmatch(rb"(\d{1,9}),(-?[\d.e+-]{1,30}|-?inf|nan)", last)
        if not numbers:
            raise ValueError
        epoch, value = int(numbers[1]), float(numbers[2])
    return TrialReport(number, started, epoch, value)


def _ends(path: Path) -> tuple[bytes, bytes]:
    """Return the beginning and the end of a plain file; `ValueError` if it is another thing."""
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        known = os.fstat(file)
        if not stat.S_ISREG(known.st_mode):
            raise ValueError
        start = max(0, known.st_size - LONGEST)
        return os.pread(file, LONGEST, 0), os.pread(file, LONGEST, start)
    finally:
        os.close(file)


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError
    try:
        time.astimezone()
    except OverflowError as error:  # near the first or the last year
        raise ValueError from error
    return time


def _count(number: object) -> int:
    if type(number) is not int or number < 0:
        raise ValueError
    return number

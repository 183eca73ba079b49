"""Each table through the commands that a user would type: `data info`, `run` and `confirm`.

What a command refused or warned of is kept, with its exit code and processor time.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.tables.catalogue import Table
from benchmarks.tables.files import shipped
from benchmarks.tables.problem import data_section
from benchmarks.tables.space import sweep_settings
from sweeps.config.toml import dump_tables, setting_value

NNSWEEP = (sys.executable, "-c", "from experiments.cli.app import main; main()")
STEPS = ("info", "run", "confirm")


@dataclass(frozen=True)
class Step:
    """What became of one command: its exit code, processor seconds, result and complaints."""

    table: str
    command: str
    code: int
    seconds: float
    result: str
    complaints: str


def steps(table: Table, folder: Path, epochs: int | None) -> list[Step]:
    """Return what the commands make of `table`; the first that fails is the last."""
    settings = sweep_settings(table, data_section(table, shipped(table, folder)), epochs)
    section = settings["data"]
    name = settings["sweep"]["name"]
    file = folder / f"{name}.toml"
    file.write_text(dump_tables(settings))
    run = folder / "runs" / name
    words = {
        "info": ["data", "info", section["name"], *_options(section)],
        "run": ["run", str(file), "--out", str(run), "--jobs", "1"],
        "confirm": ["confirm", str(run), "--jobs", "1"],
    }
    done: list[Step] = []
    for command in STEPS:
        done.append(_step(table, command, words[command], run))
        if done[-1].code:
            break
    return done


def _options(section: dict[str, Any]) -> list[str]:
    """Return `[data]` as options of `data info`."""
    options = [f"--{key}={section[key]}" for key in ("label", "target", "scale") if key in section]
    others = section.keys() - {"name", "label", "target", "scale"}
    for key in sorted(others):
        options += ["--set", f"data.{key}={setting_value(section[key])}"]
    return options


def _step(table: Table, command: str, words: list[str], run: Path) -> Step:
    before = os.times()
    done = subprocess.run([*NNSWEEP, *words], check=False, capture_output=True, text=True)
    after = os.times()
    seconds = sum(after[2:4]) - sum(before[2:4])  # of child processes
    lines = complaints(done.stderr, run.parents[1])  # the folder of the table
    result = "" if done.returncode else _result(command, done.stdout, run)
    return Step(table.name, command, done.returncode, round(seconds, 1), result, "\n".join(lines))


def complaints(printed: str, folder: Path) -> list[str]:
    """Return the lines of errors and warnings, without the paths of this machine."""
    found = re.findall(r"(?m)^(?:nnsweep:|warning:|Traceback).*|\w+Warning: .*", printed)
    return [line.replace(f"{folder}/", "") for line in found]


def _result(command: str, printed: str, run: Path) -> str:
    """Return what the command found, in a few words."""
    if command == "info":
        lines = printed.splitlines()
        inputs = next(line for line in lines if line.startswith("inputs: "))
        counts = next((line.split()[1:] for line in lines if line.startswith("all ")), None)
        if counts is None:  # of numbers, a line tells the rows of each split
            counts = re.findall(r" (?:train|validation|test) +([0-9,]+)", printed)
        total = sum(int(count.replace(",", "")) for count in counts)
        return f"{total:,} rows, {inputs.removeprefix('inputs: ').replace('features', 'inputs')}"
    if command == "run":
        return next(line for line in printed.splitlines() if " trials finished" in line)
    record = json.loads((run / "confirmation.json").read_text())
    return f"{record['metric']} {record['test_set']['ensemble']['value']:.3f} on the test set"

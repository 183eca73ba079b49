"""Runs the tables through the commands and the comparison, and writes the page of the results.

Results are kept in CSV files as soon as they are known; the same command goes on where it stopped.
"""

import argparse
import time
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sklearn.exceptions import ConvergenceWarning

from benchmarks.support.options import count
from benchmarks.tables.catalogue import TABLES, Table
from benchmarks.tables.commands import Step, steps
from benchmarks.tables.files import shipped, shuffled
from benchmarks.tables.page import page
from benchmarks.tables.problem import Problem
from benchmarks.tables.programs import PROGRAMS
from benchmarks.tables.results import Score, append, read

SPLITS = 5


def compare(tables: Sequence[Table], splits: int, epochs: int | None, path: Path) -> None:
    """Append to the file at `path` the score of each program on each split of each table."""
    known = {(score.table, score.split, score.program) for score in read(path, Score)}
    with TemporaryDirectory() as name:
        for table in tables:
            file = shipped(table, Path(name))
            for split in range(splits):
                missing = [p for p in PROGRAMS if (table.name, split, p) not in known]
                problem = Problem(table, shuffled(table, file, split), split)
                append(path, _scores(problem, missing, epochs))


def _scores(problem: Problem, programs: Iterable[str], epochs: int | None) -> Iterable[Score]:
    rows = len(problem.rows[0]) + len(problem.rows[1]), len(problem.rows[2])
    for name in programs:
        start = time.process_time()
        score = problem.score(PROGRAMS[name](problem, epochs))
        seconds = time.process_time() - start
        print(f"{problem.table.name}, split {problem.seed}, {name}: {score:.4f}, {seconds:.1f} s")
        yield Score(
            problem.table.name, problem.seed, name, round(score, 6), round(seconds, 2), *rows
        )


def try_commands(tables: Sequence[Table], epochs: int | None, path: Path) -> None:
    """Append to the file at `path` what the commands make of each table."""
    known = {step.table for step in read(path, Step)}
    with TemporaryDirectory() as name:
        for table in tables:
            if table.name in known:
                continue
            done = steps(table, Path(name), epochs)
            append(path, done)
            for step in done:
                print(f"{step.table}, {step.command}: exit code {step.code}, {step.result}")


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables", description=__doc__)
    names = [table.name for table in TABLES]
    parser.add_argument("--tables", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--splits", type=count, default=SPLITS, help=f"by default {SPLITS}")
    parser.add_argument("--epochs", type=count, help="by default those of `nnsweep init --data`")
    parser.add_argument("--only", choices=("commands", "comparison", "page"))
    parser.add_argument("--out", type=Path, default=Path("docs/tables"), help="of the CSV files")
    given = parser.parse_args()
    tables = [table for table in TABLES if table.name in given.tables]
    given.out.mkdir(parents=True, exist_ok=True)
    commands, comparison = given.out / "commands.csv", given.out / "comparison.csv"
    warnings.simplefilter("ignore", ConvergenceWarning)  # the epochs are equal, not enough for all
    if given.only in (None, "commands"):
        try_commands(tables, given.epochs, commands)
    if given.only in (None, "comparison"):
        compare(tables, given.splits, given.epochs, comparison)
    text = page(read(comparison, Score), read(commands, Step), given.epochs)
    given.out.with_suffix(".md").write_text(text)


main()

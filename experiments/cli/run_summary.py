"""The end of `nnsweep run`: the report is written, then the result and its files are printed.

Every finished trial is already in the run folder, whatever happens to the report.
"""

import shlex
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from experiments.cli import exit_codes
from experiments.cli.interrupts import os_error_line, typed_words
from experiments.cli.progress import counted

if TYPE_CHECKING:
    from sweeps.config import SweepConfig
    from sweeps.progress import SweepProgress

FILES = {
    "trials.csv": "one row per trial",
    "epochs.csv": "one row per trial and epoch",
    "best.npz": "the best network",
    "confirmation.json": "the result of `nnsweep confirm`",
    "summary.json": "the results as JSON, for other programs",
    "figures/": "every figure of the report, as PNG and SVG",
    "report.html": "the report: open it in a browser",
}


def finish_run(sweep: "SweepConfig", result: "SweepProgress", folder: Path) -> int:
    """Write the report of a sweep that has ended, print its result and return the exit code."""
    try:
        from results.report.html import write_report  # slow enough to be interrupted as well

        write_report(folder)
    except KeyboardInterrupt:
        _print_without_report(result, folder, "the report was interrupted")
        return exit_codes.INTERRUPTED
    except OSError as error:  # for example a full disk
        reason = os_error_line(error, folder)
        _print_without_report(result, folder, f"the report could not be written: {reason}")
        return exit_codes.FAILED
    _print_result(sweep, result, folder)
    return exit_codes.FAILED if result.failed else 0


def file_lines(folder: Path) -> Iterator[str]:
    """Yield a line on each file of a run folder that exists."""
    there = [name for name in FILES if (folder / name).exists()]
    width = max(map(len, there), default=0)
    yield from (f"  {folder}/{name:<{width}}  {FILES[name]}" for name in there)


def _print_without_report(result: "SweepProgress", folder: Path, reason: str) -> None:
    typer.echo(f"\n{_finished(result)}, all kept; {reason}", err=True)
    typer.echo(f"\nNext: nnsweep report {shlex.quote(str(folder))}  # writes the report", err=True)


def _finished(result: "SweepProgress") -> str:
    return f"{result.done} of {result.trials} trials finished"


def _print_result(sweep: "SweepConfig", result: "SweepProgress", folder: Path) -> None:
    from sweeps.progress import SweepEnd

    best = "no trial completed" if result.done == result.failed else "no trial learned"
    if result.best_value is not None:
        best = f"best validation accuracy {result.best_value:.2%} (trial {result.best_number})"
    counts = "".join(f", {text}" for text in counted(result))
    if result.failed:
        counts += f" (see {folder}/errors/)"
    typer.echo(f"\n{_finished(result)}{counts}; {best}")
    if result.end == SweepEnd.TIMEOUT:
        typer.echo("stopped by --timeout; the same command resumes")
    if result.end == SweepEnd.EPOCH_BUDGET:
        budget = f"sweep.epoch_budget = {sweep.sweep.epoch_budget:,}"
        typer.echo(f"stopped by {budget}: the trials trained {result.epochs:,} epochs")
    typer.echo("\n" + "\n".join(file_lines(folder)))
    typer.echo(f"\nNext: nnsweep show {shlex.quote(str(folder))}")
    more = _more_trials(sweep)
    if result.end == SweepEnd.TRIALS and more > result.trials:
        typer.echo(f"      {_same_command(more)}  # adds trials to this sweep")


def _more_trials(sweep: "SweepConfig") -> int:
    """Return twice the trials of `sweep`, or all cells of its grid if they are fewer."""
    from sweeps.space.grid_cells import grid_cells

    twice = 2 * sweep.sweep.trials
    if sweep.sweep.sampler != "grid":
        return twice
    return sum(1 for _ in islice(grid_cells(sweep.space), twice))


def _same_command(trials: int) -> str:
    """Return the command that was typed, with another total of trials."""
    words, kept = iter(typed_words()), []
    for word in words:
        if word == "--trials":
            next(words, None)
        elif not word.startswith("--trials="):
            kept.append(word)
    return shlex.join(["nnsweep", *kept, "--trials", str(trials)])

"""What `nnsweep run` does when a sweep is over: it writes the report and says where everything is.

How it ended comes first, then the best, the files, and what may be typed next.
"""

import shlex
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from experiments.cli import exit_codes
from experiments.cli.interrupts import typed_words
from experiments.cli.progress import counted

if TYPE_CHECKING:
    from sweeps.config import SweepConfig
    from sweeps.progress import SweepProgress

FILES = (
    ("trials.csv", "one row per trial"),
    ("epochs.csv", "one row per trial and epoch"),
    ("best.npz", "the best network"),
    ("summary.json", "what was found, for programs"),
    ("figures/", "every figure of the report, as PNG and SVG"),
    ("report.html", "all of it on one page: open it in a browser"),
)


def end(sweep: "SweepConfig", result: "SweepProgress", folder: Path) -> int:
    """Write the report of a sweep that is over, print how it ended, and return the exit code."""
    try:
        from results.report.html import write_report  # takes long enough to be interrupted as well

        write_report(folder)
    except KeyboardInterrupt:
        _show_unreported(result, folder, "the report is not yet")
        return exit_codes.INTERRUPTED
    except OSError as error:  # a full disk, say
        what = f"{error.strerror or error}: {error.filename or folder}"
        _show_unreported(result, folder, f"the report is not: {what}")
        return exit_codes.FAILED
    _show_result(sweep, result, folder)
    return exit_codes.FAILED if result.failed else 0


def _show_unreported(result: "SweepProgress", folder: Path, why: str) -> None:
    every = "all " if result.done == result.trials else ""
    typer.echo(f"\n{every}{_done(result)} are done and kept; {why}", err=True)
    typer.echo(f"\nNext: nnsweep report {shlex.quote(str(folder))}  # writes it", err=True)


def _done(result: "SweepProgress") -> str:
    of = f" of {result.trials}" if result.done < result.trials else ""
    return f"{result.done}{of} trials"


def _show_result(sweep: "SweepConfig", result: "SweepProgress", folder: Path) -> None:
    """Print how the sweep ended, its best, and where everything is."""
    from sweeps.progress import SweepEnd

    best = "no trial completed"
    if result.best_value is not None:
        best = f"best validation accuracy {result.best_value:.2%} (trial {result.best_number})"
    counts = "".join(f", {text}" for text in counted(result))
    if result.failed:
        counts += f" (see {folder}/errors/)"
    typer.echo(f"\n{_done(result)} done{counts}; {best}")
    if result.end == SweepEnd.TIMEOUT:
        typer.echo("ended by --timeout; the same command goes on from there")
    if result.end == SweepEnd.EPOCH_BUDGET:
        budget = sweep.sweep.epoch_budget
        typer.echo(f"ended by sweep.epoch_budget = {budget}, with {result.epochs} epochs trained")
    typer.echo("")
    for name, meaning in FILES:
        if (folder / name).exists():
            typer.echo(f"  {folder}/{name:<12} {meaning}")
    typer.echo(f"\nNext: nnsweep show {shlex.quote(str(folder))}")
    more = _more_trials(sweep)
    if result.end == SweepEnd.TRIALS and more > result.trials:
        typer.echo(f"      {_same_command(more)}  # goes on with this sweep")


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

"""What `nnsweep run` says when a sweep is over: how it ended, the best, the files, what is next."""

import shlex
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import typer

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


def show_result(sweep: "SweepConfig", result: "SweepProgress", folder: Path) -> None:
    """Print how the sweep ended, its best, and where everything is."""
    best = "no trial completed"
    if result.best_value is not None:
        best = f"best validation accuracy {result.best_value:.2%} (trial {result.best_number})"
    counts = "".join(f", {text}" for text in counted(result))
    if result.failed:
        counts += f" (see {folder}/errors/)"
    of = f" of {result.trials}" if result.done < result.trials else ""
    typer.echo(f"\n{result.done}{of} trials done{counts}; {best}")
    if result.end == "timeout":
        typer.echo("ended by --timeout; the same command goes on from there")
    if result.end == "epoch_budget":
        budget = sweep.sweep.epoch_budget
        typer.echo(f"ended by sweep.epoch_budget = {budget}, with {result.epochs} epochs trained")
    typer.echo("")
    for name, meaning in FILES:
        if (folder / name).exists():
            typer.echo(f"  {folder}/{name:<12} {meaning}")
    typer.echo(f"\nNext: nnsweep show {shlex.quote(str(folder))}")
    more = _more_trials(sweep)
    if result.end == "trials" and more > result.trials:
        typer.echo(f"      {_same_command(more)}  # goes on with this sweep")


def _more_trials(sweep: "SweepConfig") -> int:
    """Return twice the trials of `sweep`, or all cells of its grid if they are fewer."""
    from sweeps.grid import cells

    twice = 2 * sweep.sweep.trials
    if sweep.sweep.sampler != "grid":
        return twice
    return sum(1 for _ in islice(cells(sweep.space), twice))


def _same_command(trials: int) -> str:
    """Return the command that was typed, with another total of trials."""
    words, kept = iter(typed_words()), []
    for word in words:
        if word == "--trials":
            next(words, None)
        elif not word.startswith("--trials="):
            kept.append(word)
    return shlex.join(["nnsweep", *kept, "--trials", str(trials)])

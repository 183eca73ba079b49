"""The end of `nnsweep run` and of `nnsweep confirm`: the report is written, the files are listed.

Every finished trial is already in the run folder, whatever happens to the report.
"""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from experiments.cli import exit_codes
from experiments.cli.json_output import print_json
from experiments.cli.messages import os_error_line, typed_words
from experiments.cli.run_facts import written_facts
from experiments.cli.running.progress import counted_points
from results.collector import collector_paused
from results.progress_text import finished_text, result_text
from sweeps.records.file_names import (
    BEST_MODEL,
    CONFIRMATION_RECORD,
    CONFIRMATION_TABLE,
    CONFIRMED_MODEL,
    EPOCHS,
    ERRORS,
    TRIALS,
)

if TYPE_CHECKING:
    from sweeps.config import SweepConfig
    from sweeps.progress import SweepProgress

FILES = {
    TRIALS: "one row per trial",
    EPOCHS: "one row per trial, replicate and epoch",
    BEST_MODEL: "the best network of the search",
    CONFIRMED_MODEL: "the certified networks",
    CONFIRMATION_TABLE: "one row per confirmed trial and seed",
    CONFIRMATION_RECORD: "the result of `nnsweep confirm`",
    "summary.json": "the results as JSON, for other programs",
    "figures/": "every figure of the report, as SVG",
    "report.html": "the report: open it in a browser",
}


def finish_run(
    config: "SweepConfig", result: "SweepProgress", folder: Path, *, as_json: bool
) -> int:
    """Write the report of a sweep that has ended, print its result and return the exit code."""
    if code := write_report_or_say(folder, f"{finished_text(result)} and saved"):
        return code
    if as_json:
        print_json({**written_facts(folder), "end": result.end})
    else:
        _print_result(config, result, folder)
    return exit_codes.FAILED if result.failed else 0


@collector_paused()
def write_report_or_say(folder: Path, saved: str) -> int:
    """Write the report and return 0, or say what is `saved` without it and return the exit code."""
    try:
        from results.report.html import write_report  # slow enough to be interrupted as well

        write_report(folder)
    except KeyboardInterrupt:
        _print_without_report(saved, folder, "the report was interrupted")
        return exit_codes.INTERRUPTED
    except OSError as error:  # for example a full disk
        reason = os_error_line(error, folder)
        _print_without_report(saved, folder, f"the report could not be written: {reason}")
        return exit_codes.FAILED
    return 0


def file_lines(folder: Path) -> Iterator[str]:
    """Yield a line on each file of a run folder that exists."""
    there = [name for name in FILES if (folder / name).exists()]
    width = max(map(len, there), default=0)
    yield from (f"  {folder}/{name:<{width}}  {FILES[name]}" for name in there)


def _print_without_report(saved: str, folder: Path, reason: str) -> None:
    from nncore.errors import one_line

    typer.echo("\n" + one_line(f"{saved}; {reason}"), err=True)
    typer.echo(f"\nNext: nnsweep report {shlex.quote(str(folder))}  # writes the report", err=True)


def _print_result(config: "SweepConfig", result: "SweepProgress", folder: Path) -> None:
    from results.report.command_lines import first_confirm_command
    from sweeps.progress import SweepEnd
    from sweeps.space.grid_cells import distinct_points

    typer.echo(f"\n{result_text(result)}")
    if result.failed:
        typer.echo(f"for the errors of the trials that failed see {folder}/{ERRORS}/")
    points = distinct_points(config.space, config.sweep.trials)
    if points is not None and result.repeated:
        typer.echo(
            f"the search space has only {counted_points(points)}: {result.repeated:,} of "
            f"{result.done:,} trials repeated an earlier one and took its result without training"
        )
    if result.end == SweepEnd.TIMEOUT:
        typer.echo("stopped by --timeout; the same command resumes the sweep")
    if result.end == SweepEnd.EPOCH_BUDGET:
        budget = f"sweep.epoch_budget = {config.sweep.epoch_budget:,}"
        typer.echo(f"stopped by {budget}: the trials trained {result.epochs:,} epochs")
    typer.echo("\n" + "\n".join(file_lines(folder)))
    run = shlex.quote(str(folder))
    typer.echo(f"\nNext: nnsweep show {run}")
    typer.echo(f"      nnsweep check {run}  # {_checks_text(folder)}")
    if result.best_value is not None and not (folder / CONFIRMATION_RECORD).exists():
        purpose = "not confirmed yet: trains the best trials again, then tests the winner"
        typer.echo(f"      {first_confirm_command(folder, config)}  # {purpose}")
    more = _more_trials(config)
    if result.end == SweepEnd.TRIALS and more > result.trials:
        typer.echo(f"      {_same_command(more)}  # adds trials to this sweep")


def _checks_text(folder: Path) -> str:
    """Return how many checks of the run warn, by its summary."""
    from results.checks.catalogue import warnings_text
    from results.report.summary_json import SUMMARY, RunSummary

    return warnings_text(one.status for one in RunSummary.read(folder / SUMMARY).checks)


def _more_trials(config: "SweepConfig") -> int:
    """Return twice the trials of `config`, or all points of its space if they are fewer.

    If trials compete, it is the end of a generation.
    """
    from sweeps.config.whole_generations import whole_trials
    from sweeps.space.grid_cells import distinct_points

    twice = 2 * config.sweep.trials
    return whole_trials(config, distinct_points(config.space, twice) or twice)


def _same_command(trials: int) -> str:
    """Return the command that was typed, with another total of trials."""
    words, kept = iter(typed_words()), []
    for word in words:
        if word == "--trials":
            next(words, None)
        elif not word.startswith("--trials="):
            kept.append(word)
    return shlex.join(["nnsweep", *kept, "--trials", str(trials)])

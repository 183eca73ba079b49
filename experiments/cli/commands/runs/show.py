"""`nnsweep show`: the best trials of a run, its files and the next useful step.

It also works while the sweep is running.
"""

import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.json_output import print_json
from experiments.cli.options import Json, RunArgument
from experiments.cli.run_facts import run_facts, top_facts
from experiments.cli.running.run_end import file_lines
from experiments.cli.running.status_lines import head_line, status_lines
from experiments.cli.running.watch import watch as watch_run
from results.collector import collector_paused
from results.progress_text import no_best_text
from sweeps.records.file_names import CONFIRMATION_RECORD, ERRORS, TRIALS

if TYPE_CHECKING:
    import pandas as pd

    from results.frames import Run

TOP = 10
BLOCKS, SPARKS = "▁▂▃▄▅▆▇█", 6


@collector_paused()
def show(
    run: RunArgument,
    top: Annotated[int, typer.Option(metavar="K", help="Number of best trials to show.")] = TOP,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch", help="Show what the run is doing now, again and again, until it ends."
        ),
    ] = False,
    methods: Annotated[
        bool,
        typer.Option(
            "--methods", help="Print only a paragraph on how the run was made, for a paper."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the best trials of a run and the paths of its files.

    While the run is under way, the command also shows the trials that train now, the epochs per
    second and the time left. A finished trial waits until all trials of lower numbers have
    finished; then it enters the tables.
    """
    from experiments.cli.tables import print_table
    from nncore.errors import require
    from results.analysis.findings import Findings
    from results.analysis.trials import learned, top_trials
    from results.frames import read_run
    from results.number_text import value_text
    from results.report.certificate import certified_lines
    from sweeps.trial import TrialState

    require(top >= 1, "--top", "be a whole number >= 1", top)
    source = read_run(run)
    alone = not (watch and (as_json or methods))
    require(alone, "--watch", "be used without --json and --methods", watch)
    if watch:
        watch_run(run, source.config)
        return
    findings = Findings(source)
    if methods:
        from results.report.methods_prose import methods_paragraph

        typer.echo(methods_paragraph(findings))
        return
    if as_json:
        print_json({**run_facts(findings), "top": top_facts(findings, top)})
        return
    trials, metric = source.trials, source.metric
    typer.echo("\n".join(_status_lines(source)))
    if len(trials):
        typer.echo(f"stop reasons: {_stop_reasons(trials)}")
    typer.echo("\n" + "\n".join(certified_lines(findings)))
    best = top_trials(learned(trials), top)
    if len(best):
        title = "best trial" if len(best) == 1 else f"best {len(best)} trials"
        typer.echo(f"\n{title} by validation {metric.title}")
        curves = findings.curves
        print_table(
            ["trial", metric.title, "epoch", "curve", "stop_reason", *source.space],
            [
                [str(row["number"]), value_text(metric, row["value"]), str(row["best_epoch"])]
                + [sparkline(curves[curves["trial"] == row["number"]][metric.column])]
                + [row["stop_reason"]]
                + [_cell(row[name]) for name in source.space]
                for _, row in best.iterrows()
            ],
        )
    elif len(trials):
        failed = int((trials["state"] == TrialState.FAILED).sum())
        errors = f"; for trials that failed see {run}/{ERRORS}/" if failed else ""
        typer.echo(f"\n{no_best_text(len(trials), failed)}{errors}")
    typer.echo("\n" + "\n".join(file_lines(run)))
    typer.echo(f"\nNext: {_next_step(source, can_be_confirmed=len(best) > 0)}")


def sparkline(values: "pd.Series[float]") -> str:
    """Return a curve as at most six block characters, from lowest to highest value."""
    known = values.dropna()
    if known.empty:
        return ""
    every = max(1, -(-len(known) // SPARKS))
    shown = known.iloc[::-every].iloc[::-1]  # always includes the last epoch
    low, high = shown.min(), shown.max()
    steps = (shown - low) / ((high - low) or 1.0) * (len(BLOCKS) - 1)
    return "".join(BLOCKS[round(step)] for step in steps)


def _status_lines(run: "Run") -> list[str]:
    """Return how far the run is; if it is under way or was killed, also what it trains."""
    from results.frames import params_of

    status = run.status
    number = status.progress.best_number
    best = status.waiting.get(number, {}) if number is not None else {}
    if status.state in ("finished", "stopped") and not best:
        return [head_line(status, run.config)]
    if number is not None and number < len(run.trials):
        best = params_of(run.trials.iloc[number], run.config.space)
    return [*status_lines(status, run.config, best, datetime.now(UTC)), ""]


def _next_step(run: "Run", *, can_be_confirmed: bool) -> str:
    """Return the next useful step: watch, resume, write the report, confirm, or read it."""
    from results.report.command_lines import first_confirm_command, watch_command

    if run.status.is_running:
        return watch_command(run.folder)
    folder, shown = run.folder, shlex.quote(str(run.folder))
    if not run.budget_spent:
        return "type the same `nnsweep run` command again to resume this sweep"
    page, record = folder / "report.html", folder / CONFIRMATION_RECORD
    recorded = [path.stat().st_mtime_ns for path in (folder / TRIALS, record) if path.exists()]
    if not page.exists() or page.stat().st_mtime_ns < max(recorded):
        return f"nnsweep report {shown}"
    if can_be_confirmed and not record.exists():
        return first_confirm_command(folder, run.config)
    return f"open {shlex.quote(str(page))} in a browser"


def _stop_reasons(trials: "pd.DataFrame") -> str:
    """Return the number of trials for each stop reason, the most frequent first."""
    counts = trials["stop_reason"].value_counts()
    return ", ".join(f"{count} {reason}" for reason, count in counts.items())


def _cell(value: object) -> str:
    if str(value) in ("None", "nan", "<NA>"):  # its `when` does not hold in this trial
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)

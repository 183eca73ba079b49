"""`nnsweep ablate`: what each change from the defaults to the winner is worth.

The networks are trained on seeds that neither the search nor a confirmation has used.
"""

import shlex
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.interrupts import resumable, say_resumable
from experiments.cli.options import (
    Anyway,
    Jobs,
    MovedData,
    RunArgument,
    local_workers,
    note_moved_data,
)
from experiments.cli.running.progress import best_text
from experiments.cli.running.run_end import write_report_or_say

if TYPE_CHECKING:
    from nncore.components.metrics import Metric
    from results.analysis.ablation import Winner
    from sweeps.ablation.arms import AblationProgress
    from sweeps.ablation.changes import Changes


def ablate(
    run: RunArgument,
    seeds: Annotated[
        int, typer.Option(metavar="R", help="Number of fresh seeds for each mean.")
    ] = 5,
    jobs: Jobs = None,
    data: MovedData = None,
    anyway: Anyway = False,
) -> int:
    """Measure what each change from the defaults is worth.

    The winner is the trial that won the confirmation, or the best trial if the run is not
    confirmed. Starting from the defaults, the winner's hyperparameters are set one after the other,
    at each step the one that helps most on R seeds. The effect of each step, of each change alone,
    and of each change in the winner are then estimated on R other seeds, with 95% intervals and
    p-values corrected by Holm's method.
    """
    from experiments.cli.tables import print_table
    from nncore.datasets import load_dataset
    from nncore.errors import InputError, require
    from results.analysis.ablation import ablation_record, winner_of
    from results.analysis.findings import Findings
    from results.frames import read_run
    from results.report.ablation_prose import sentences, table_header, table_rows
    from sweeps.ablation.arms import changes_on, train_arms
    from sweeps.ablation.design import number_of_networks
    from sweeps.records.data_file import find_data
    from sweeps.records.file_names import ABLATION_RECORD, ABLATION_ROWS, ABLATION_TABLE

    require(seeds >= 2, "--seeds", "be a whole number >= 2", seeds)
    workers = local_workers(jobs)
    source = read_run(run)
    note_moved_data(run, data)
    winner = winner_of(Findings(source))
    config, dataset = source.config, load_dataset(find_data(run, source.config.data.source))
    changes = changes_on(config, dataset, winner.params)
    if not changes.groups:
        raise InputError(
            f"`{run}` must have a winner that differs from the defaults, got trial {winner.trial}"
        )
    total = number_of_networks(len(changes.groups), seeds)
    typer.echo(_plan_line(winner, changes, seeds, total), err=True)
    with resumable(run) as stop:
        ablation = train_arms(
            config,
            dataset,
            run,
            changes,
            seeds,
            workers=workers,
            anyway=anyway,
            on_progress=partial(_print_line, changes, config.metric),
            stop_requested=stop.is_set,
        )
    if ablation.path is None:
        reached = f"{len(ablation.rows)} of {total} networks trained"
        if not stop.is_set():
            reached = f"nnsweep: {reached}; for the errors see {run / ABLATION_ROWS}/*.txt"
        return say_resumable(reached, interrupted=stop.is_set())
    record = ablation_record(source, winner, changes, ablation, seeds)
    record.write(run / ABLATION_RECORD)
    quoted = shlex.quote(str(run))
    print_table(table_header(record), table_rows(record))
    typer.echo("\n" + "\n".join(sentences(record)))
    if code := write_report_or_say(run, "the ablation is saved"):
        return code
    typer.echo(f"\n  {run}/{ABLATION_TABLE}   one row per network")
    typer.echo(f"  {run}/{ABLATION_RECORD}  these results")
    typer.echo(f"  {run}/report.html    the report, with this table and a figure")
    following = f"predict {quoted} FILE" if winner.confirmed else f"confirm {quoted}"
    typer.echo(f"\nNext: nnsweep {following}")
    return 0


def _plan_line(winner: "Winner", changes: "Changes", seeds: int, total: int) -> str:
    count = len(changes.groups)
    what = "1 change" if count == 1 else f"{count} changes"
    return f"trial {winner.trial}: {what} from the defaults; {total} networks on 2 x {seeds} seeds"


def _print_line(changes: "Changes", metric: "Metric", progress: "AblationProgress") -> None:
    latest = progress.latest
    if latest is None:
        if progress.done:
            before = f"{progress.done} of {progress.total} networks are already trained"
            typer.echo(f"resuming: {before}", err=True)
        return
    names = [name for number in sorted(latest.arm) for name in changes.groups[number]]
    value = best_text(latest.measured.value, latest.measured.best_epoch, metric)
    typer.echo(
        f"{progress.done}/{progress.total}  {latest.stage}, {', '.join(names) or 'defaults'}, "
        f"seed {latest.seed}: {value}",
        err=True,
    )

"""`nnsweep confirm`: train the best trials on fresh seeds, then test the winner, once.

A sweep chooses by validation data alone; the result on the test set is recorded in the run folder.
"""

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.interrupts import resumable, say_resumable
from experiments.cli.options import DECISIVE, Jobs, RunArgument, local_workers
from experiments.cli.running.progress import best_text

if TYPE_CHECKING:
    from sweeps.confirmation import ConfirmationProgress
    from sweeps.records.confirmation_record import ConfirmationRecord


def confirm(
    run: RunArgument,
    top: Annotated[
        int, typer.Option(metavar="K", help="Number of best trials to train again.")
    ] = 3,
    seeds: Annotated[
        int, typer.Option(metavar="R", help="Number of fresh seeds for each of these trials.")
    ] = 10,
    jobs: Jobs = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="Open the test set even if it was opened before. confirmation.json records every "
            "opening.",
        ),
    ] = False,
    anyway: Annotated[
        bool,
        typer.Option(
            "--anyway",
            help=f"Continue even if {DECISIVE} have changed since the run.",
        ),
    ] = False,
) -> int:
    """Retrain the best trials on fresh seeds; test the winner once.

    The best value of a search is biased upward: it is the largest of many noisy values. Fresh seeds
    give an unbiased mean for each of the K best trials, with a confidence interval. The trial with
    the highest mean on validation data is then scored on the test set.
    """
    from nncore.datasets import load_dataset
    from nncore.errors import require
    from results.analysis.confirmation import best_candidates, judge
    from results.frames import read_run
    from results.report.confirmation_prose import sentences
    from sweeps.confirmation import check_unopened, open_test_set, train_again
    from sweeps.records.data_file import find_data
    from sweeps.records.file_names import (
        CONFIRMATION_RECORD,
        CONFIRMATION_TABLE,
        CONFIRMED_NETWORKS,
    )

    require(top >= 1, "--top", "be a whole number >= 1", top)
    require(seeds >= 2, "--seeds", "be a whole number >= 2", seeds)
    workers = local_workers(jobs)
    source = read_run(run)
    candidates = best_candidates(source, top)
    check_unopened(run, again=again)
    config, dataset = source.config, load_dataset(find_data(run, source.config.data.source))
    with resumable(run) as stop:
        rows = train_again(
            config,
            dataset,
            run,
            candidates,
            seeds,
            workers=workers,
            anyway=anyway,
            on_progress=_print_line,
            stop_requested=stop.is_set,
        )
    total = len(candidates) * seeds
    if len(rows) < total:
        reached = f"{len(rows)} of {total} networks trained; the test set was not opened"
        if not stop.is_set():
            reached = f"nnsweep: {reached}; for the errors see {run / CONFIRMED_NETWORKS}/*.txt"
        return say_resumable(reached, interrupted=stop.is_set())
    verdict = judge(candidates, rows, config.sweep.seed, len(source.trials), config.metric)
    record = open_test_set(config, dataset, run, verdict, again=again)
    _print_candidates(record)
    typer.echo("\n" + "\n".join(sentences(record)))
    typer.echo(f"\n  {run}/{CONFIRMATION_TABLE}   one row per trial and seed")
    typer.echo(f"  {run}/{CONFIRMATION_RECORD}  these results, and when the test set was opened")
    typer.echo(f"\nNext: nnsweep report {shlex.quote(str(run))}  # adds this to the report")
    return 0


def _print_line(progress: "ConfirmationProgress") -> None:
    latest = progress.latest
    if latest is None:
        if 0 < progress.done < progress.total:
            before = f"{progress.done} of {progress.total} networks are already trained"
            typer.echo(f"resuming: {before}", err=True)
        return
    accuracy = best_text(latest.value, latest.best_epoch)
    typer.echo(
        f"{progress.done}/{progress.total}  trial {latest.trial}, seed {latest.seed}: "
        f"{accuracy}, {latest.epochs} epochs ({latest.stop_reason})",
        err=True,
    )


def _print_candidates(record: "ConfirmationRecord") -> None:
    from experiments.cli.tables import print_table

    seeds = len(record.seeds)
    print_table(
        ["trial", "value in the search", f"mean of {seeds} seeds", "95% from", "to"],
        [
            [
                str(candidate.trial),
                f"{candidate.search_value:.2%}",
                f"{candidate.mean:.2%}",
                *([f"{end:.2%}" for end in candidate.ci] if candidate.ci else ("", "")),
            ]
            for candidate in sorted(record.candidates, key=lambda c: -c.mean)
        ],
    )

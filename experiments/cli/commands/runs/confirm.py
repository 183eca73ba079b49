"""`nnsweep confirm`: train the best trials on fresh seeds, then test the winner, once.

A sweep chooses by validation data alone; the result on the test set is recorded in the run folder.
"""

import math
import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.interrupts import resumable, say_resumable
from experiments.cli.json_output import print_json
from experiments.cli.options import (
    Anyway,
    Jobs,
    Json,
    MovedData,
    RunArgument,
    local_workers,
    note_moved_data,
)
from experiments.cli.running.progress import best_text
from experiments.cli.running.run_end import file_lines, write_report_or_say
from sweeps.records.file_names import CONFIRMATION_RECORD, CONFIRMED_MODEL

if TYPE_CHECKING:
    from nncore.components.metrics import Metric
    from sweeps.confirmation import ConfirmationProgress
    from sweeps.records.confirmation_record import ConfirmationRecord


def confirm(
    run: RunArgument,
    top: Annotated[
        int, typer.Option(metavar="K", help="Number of best trials to train again.")
    ] = 3,
    seeds: Annotated[
        int | None,
        typer.Option(
            metavar="R", show_default="10", help="Number of fresh seeds for each of these trials."
        ),
    ] = None,
    splits: Annotated[
        int | None,
        typer.Option(
            metavar="S",
            help="Train each of these trials on this many fresh splits of the training and "
            "validation rows instead, each with a fresh seed. Use it in place of --seeds.",
        ),
    ] = None,
    jobs: Jobs = None,
    data: MovedData = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="Open the test set even if it was opened before. confirmation.json records every "
            "opening.",
        ),
    ] = False,
    anyway: Anyway = False,
    as_json: Json = False,
) -> int:
    """Retrain the best trials on fresh seeds; test the winner once.

    The best value of a search is biased upward: it is the largest of many noisy values. Fresh seeds
    give an unbiased mean for each of the K best trials, with a confidence interval. The networks of
    the trial with the highest mean on validation data are then scored on the test set, alone and
    together, and kept as confirmed.npz. The report is written again.

    With --splits the interval also covers the choice of the training rows, so it is wider.
    """
    from experiments.from_python.confirmation import certify
    from nncore.datasets import load_dataset
    from nncore.errors import require
    from results.analysis.confirmation import best_candidates
    from results.frames import read_run
    from results.report.confirmation_prose import sentences
    from sweeps.certification import check_unopened, restore_confirmed
    from sweeps.confirmation import train_again
    from sweeps.records.data_file import find_data
    from sweeps.records.file_names import CONFIRMED_NETWORKS, SPLIT_NETWORKS

    require(top >= 1, "--top", "be a whole number >= 1", top)
    require(splits is None or seeds is None, "--seeds", "be left out with --splits", seeds)
    option, given = ("--seeds", seeds) if splits is None else ("--splits", splits)
    count = 10 if given is None else given
    require(count >= 2, option, "be a whole number >= 2", count)
    workers = local_workers(jobs)
    source = read_run(run)
    note_moved_data(run, data)
    candidates = best_candidates(source, top)
    if not again and restore_confirmed(source.config, run):
        made = f"made {run / CONFIRMED_MODEL} again; the test set was not opened"
        typer.echo(made, err=as_json)
        if as_json:
            _print_json(run)
        return write_report_or_say(run, f"{run / CONFIRMED_MODEL} is saved")
    check_unopened(run, again=again)
    config, dataset = source.config, load_dataset(find_data(run, source.config.data.source))
    with resumable(run) as stop:
        rows = train_again(
            config,
            dataset,
            run,
            candidates,
            count,
            splits=splits is not None,
            workers=workers,
            anyway=anyway,
            on_progress=partial(_print_line, "seed" if splits is None else "split", config.metric),
            stop_requested=stop.is_set,
        )
    total = len(candidates) * count
    if len(rows) < total:
        reached = f"{len(rows)} of {total} networks trained; the test set was not opened"
        if not stop.is_set():
            networks = CONFIRMED_NETWORKS if splits is None else SPLIT_NETWORKS
            reached = f"nnsweep: {reached}; for the errors see {run / networks}/*.txt"
        return say_resumable(reached, interrupted=stop.is_set())
    typer.echo("scoring the winner and the baselines on the test set", err=True)
    record = certify(source, dataset, candidates, rows, splits=splits is not None, again=again)
    if as_json:
        _print_json(run)
        return write_report_or_say(run, "the confirmation is saved")
    _print_candidates(record)
    typer.echo("\n" + "\n".join(sentences(record)))
    if code := write_report_or_say(run, "the confirmation is saved"):
        return code
    typer.echo("\n" + "\n".join(file_lines(run)))
    typer.echo(f"\nNext: nnsweep predict {shlex.quote(str(run))} FILE")
    return 0


def _print_json(run: Path) -> None:
    from sweeps.records.confirmation_record import ConfirmationRecord

    record = ConfirmationRecord.read(run / CONFIRMATION_RECORD)
    print_json({"folder": run, **record.plain()})


def _print_line(counted: str, metric: "Metric", progress: "ConfirmationProgress") -> None:
    latest = progress.latest
    if latest is None:
        if 0 < progress.done < progress.total:
            before = f"{progress.done} of {progress.total} networks are already trained"
            typer.echo(f"resuming: {before}", err=True)
        return
    best = best_text(latest.value, latest.best_epoch, metric)
    typer.echo(
        f"{progress.done}/{progress.total}  trial {latest.trial}, {counted} {latest.seed}: "
        f"{best}, {latest.epochs} epochs ({latest.stop_reason})",
        err=True,
    )


def _print_candidates(record: "ConfirmationRecord") -> None:
    from experiments.cli.tables import print_table
    from results.analysis.fresh_values import seeds_text
    from results.number_text import value_text

    metric = record.judged_by
    print_table(
        [
            "trial",
            "value in the search",
            f"mean of {seeds_text(record)}",
            "95% from",
            "to (uncorrected)",
        ],
        [
            [
                f"{candidate.trial}{' (winner)' if candidate.trial == record.winner else ''}",
                value_text(metric, candidate.search_value),
                value_text(metric, candidate.mean),
                *([value_text(metric, end) for end in candidate.ci] if candidate.ci else ("", "")),
            ]
            for candidate in sorted(
                record.candidates, key=lambda c: (math.isnan(c.mean), -metric.score(c.mean))
            )
        ],
    )

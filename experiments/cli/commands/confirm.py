"""`nnsweep confirm`: the best trials on fresh seeds, and then, once, the winner on the test set.

The sweep chooses by validation data alone; what the test set says is recorded in the run folder.
"""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli import exit_codes
from experiments.cli.interrupts import interruptible, say_how_to_resume

if TYPE_CHECKING:
    from sweeps.confirmation import ConfirmationProgress
    from sweeps.records.confirmation_record import ConfirmationRecord


def confirm(
    run: Annotated[Path, typer.Argument(help="A run folder.", metavar="RUN")],
    top: Annotated[int, typer.Option(help="How many of the best trials.")] = 3,
    seeds: Annotated[int, typer.Option(help="Fresh seeds for each of them.")] = 10,
    jobs: Annotated[
        int | None, typer.Option(help="Worker processes; one per core if not given.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Open the test set although it was opened before.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Go on although versions, BLAS or data changed.")
    ] = False,
) -> int:
    """Train the best trials on fresh seeds, then score the winner on the test set, once."""
    from nncore.datasets import load_dataset
    from nncore.errors import require
    from results.analysis.confirmation import best_candidates, judge, sentences
    from results.frames import read_run
    from sweeps.confirmation import KEPT, check_unopened, open_test_set, train_again
    from sweeps.errors import OutageError
    from sweeps.workers.local import LocalWorkers, available_cores

    require(top >= 1, "--top", "be a whole number >= 1", top)
    require(seeds >= 2, "--seeds", "be a whole number >= 2", seeds)
    jobs = available_cores() if jobs is None else jobs
    require(jobs >= 1, "--jobs", "be a whole number >= 1", jobs)
    found = read_run(run)
    candidates = best_candidates(found, top)
    check_unopened(run, again=again)
    config, dataset = found.config, load_dataset(found.config.data.source)
    total = len(candidates) * seeds
    with interruptible() as stop:
        try:
            rows = train_again(
                config,
                dataset,
                run,
                candidates,
                seeds,
                workers=LocalWorkers(jobs),
                anyway=anyway,
                on_progress=_print_line,
                stop_requested=stop.is_set,
            )
        except OutageError as error:
            typer.echo(f"nnsweep: {error}; what had finished is kept", err=True)
            say_how_to_resume()
            return exit_codes.FAILED
        except KeyboardInterrupt:  # the second one: what had finished is kept
            say_how_to_resume()
            return exit_codes.INTERRUPTED
    if len(rows) < total:
        typer.echo(f"\n{len(rows)} of {total} networks trained; the test set stays shut", err=True)
        if not stop.is_set():
            typer.echo(f"nnsweep: some failed; why is in {run / KEPT}/*.txt", err=True)
        say_how_to_resume()
        return exit_codes.INTERRUPTED if stop.is_set() else exit_codes.FAILED
    verdict = judge(candidates, rows, config.sweep.seed, len(found.trials))
    record = open_test_set(config, dataset, run, verdict, again=again)
    _print_candidates(record)
    typer.echo("\n" + "\n".join(sentences(record)))
    typer.echo(f"\n  {run}/confirmation.csv   one row per trial and seed")
    typer.echo(f"  {run}/confirmation.json  the verdict, and that the test set was opened")
    typer.echo(f"\nNext: nnsweep report {shlex.quote(str(run))}  # the page, with all this")
    return 0


def _print_line(progress: "ConfirmationProgress") -> None:
    latest = progress.latest
    if latest is None:
        if 0 < progress.done < progress.total:
            typer.echo(f"{progress.done} of {progress.total} networks trained before", err=True)
        return
    typer.echo(
        f"{progress.done}/{progress.total}  trial {latest.trial}, seed {latest.seed}: "
        f"{latest.value:.2%}, {latest.epochs} epochs ({latest.stop_reason})",
        err=True,
    )


def _print_candidates(record: "ConfirmationRecord") -> None:
    from experiments.cli.tables import print_table

    seeds = len(record.seeds)
    print_table(
        ["trial", "in the search", f"mean of {seeds}", "95 % from", "to"],
        [
            [
                str(candidate.trial),
                f"{candidate.search_value:.2%}",
                f"{candidate.mean:.2%}",
                *(f"{end:.2%}" for end in candidate.ci),
            ]
            for candidate in sorted(record.candidates, key=lambda c: -c.mean)
        ],
    )

"""`nnsweep run`: run a sweep file into a run folder and write the report.

Repeating the same command resumes the sweep.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli import completion
from experiments.cli.completion import data_sets, run_folders
from experiments.cli.interrupts import resumable, say_resumable
from experiments.cli.messages import data_notes, row_numbers_note
from experiments.cli.options import (
    OWN_FILE,
    Anyway,
    Group,
    Ignore,
    Jobs,
    Json,
    Target,
    local_workers,
)
from experiments.cli.running.old_run import begin_with
from experiments.cli.running.progress import progress_display
from experiments.cli.running.report_ahead import report_loaded_ahead
from experiments.cli.running.run_end import finish_run
from experiments.cli.sweep_file import load_sweep

if TYPE_CHECKING:
    from sweeps.config import SweepConfig
    from sweeps.progress import OnProgress, SweepProgress
    from sweeps.workers.tasks import Workers

EXAMPLES = """\b
Examples:
  nnsweep run                                  a first sweep on 5,000 digits
  nnsweep run my.toml --dry-run                check a sweep file
  nnsweep run my.toml --set training.epochs=10 --trials 100
  nnsweep run --data flowers.csv --label species
  nnsweep run --data houses.csv --target price
  nnsweep run next.toml --from runs/mnist-first"""

TIMEOUT_NOTE = """\
note: with --timeout the number of trials depends on the clock; the rows of the tables are still
the same, byte for byte, as the first rows of a longer run"""


def run(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            show_default="a first sweep: 40 trials on 5,000 digits",
            help="A sweep file (TOML); `nnsweep init` writes one.",
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            autocompletion=data_sets,
            show_default="[data] of the sweep file",
            help=f"A data set that `nnsweep data list` shows, or {OWN_FILE}.",
        ),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Column of a table that holds the classes."),
    ] = None,
    target: Target = None,
    ignore: Ignore = None,
    group: Group = None,
    old: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="RUN",
            autocompletion=run_folders,
            help="Begin with what this run knows: its results teach the sampler, or, if their "
            "values are not comparable, its best points are tried first.",
        ),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            show_default="`trials` of the sweep file",
            help="Total number of trials, including those that are already finished.",
        ),
    ] = None,
    jobs: Jobs = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            autocompletion=completion.settings,
            help="Change a setting of the sweep file, for example training.epochs=10. "
            "Repeat the option to change several.",
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            show_default="no limit",
            help="Start no new trials after this time; trials already running finish normally.",
        ),
    ] = None,
    storage: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            show_default="a file in the run folder",
            help="Database for the Optuna study: SQLite, PostgreSQL or MySQL, for example "
            "sqlite:///sweeps.db.",
        ),
    ] = None,
    backend: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            autocompletion=lambda: ["loky", "dask"],
            help="Where trials run: loky (processes on this machine) or dask (a Dask cluster; "
            "needs --scheduler and does not allow --jobs).",
        ),
    ] = "loky",
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Address of the Dask scheduler, for example tcp://host:8786.",
        ),
    ] = None,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", help="Print a line for each finished trial, with its hyperparameters."
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", show_default="runs/<name of the sweep>", help="The run folder."
        ),
    ] = None,
    anyway: Anyway = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Check the sweep, print its search space and estimated time, and exit.",
        ),
    ] = False,
    as_json: Json = False,
) -> int:
    """Run a sweep, or resume it, and write its report.

    The run folder then holds tables of all trials and epochs, the best network, figures and a
    report. If a run is interrupted, the same command resumes it.
    """
    from nncore.datasets import load_dataset
    from nncore.errors import require
    from sweeps.progress import SweepEnd
    from sweeps.records.data_file import find_data
    from sweeps.records.file_names import TRIALS
    from sweeps.sweep import check_sweep, run_sweep

    require(not (dry_run and as_json), "--json", "be left out with --dry-run", as_json)
    config = load_sweep(
        file,
        data=data,
        label=label,
        target=target,
        ignore=ignore,
        group=group,
        trials=trials,
        settings=settings or [],
        out=out,
    )
    workers = _workers(backend, scheduler, jobs)
    require(timeout is None or timeout > 0, "--timeout", "be a number of seconds > 0", timeout)
    folder = out or Path("runs") / config.sweep.name
    source = find_data(folder, config.data.source)
    if file and not source.path and (file.parent / TRIALS).exists():  # of another run
        source = find_data(file.parent, source)
    dataset = load_dataset(source)
    notes = data_notes(dataset)
    if file is None and not ignore and config.data.ignore:
        notes.append(row_numbers_note(config.data.ignore))
    if old:
        config, taken = begin_with(old, config, dataset, folder)
        notes += taken
    if dry_run:
        from experiments.cli.running.dry_run import dry_run_lines

        check_sweep(config, dataset, folder, workers=workers, storage=storage, anyway=anyway)
        for line in dry_run_lines(config, dataset, workers.parallel_trials(), folder):
            typer.echo(line)
        for note in notes:
            typer.echo(note, err=True)
        return 0
    at_once = workers.parallel_trials()
    notes += _notes(config, at_once, timeout)
    head = _head_line(config, at_once, folder)
    with (
        resumable(folder) as stop,
        progress_display(verbose=verbose, head=head, folder=folder) as on_progress,
    ):
        if at_once > 1:  # otherwise the trials train in this process
            on_progress = report_loaded_ahead(on_progress, config.sweep.generation)
        result = run_sweep(
            config,
            dataset,
            folder,
            workers=workers,
            timeout=timeout,
            storage=storage,
            anyway=anyway,
            on_progress=_with_notes(notes, on_progress),
            stop_requested=stop.is_set,
        )
    if result.end == SweepEnd.STOPPED:
        reached = f"interrupted after {result.done} of {result.trials} trials"
        return say_resumable(reached, interrupted=True)
    return finish_run(config, result, folder, as_json=as_json)


def _workers(backend: str, scheduler: str | None, jobs: int | None) -> "Workers":
    """Return the workers that the options describe."""
    from nncore.errors import InputError, require, unknown
    from sweeps.workers.dask import DaskWorkers

    if backend == "loky":
        require(scheduler is None, "--scheduler", "be used with --backend dask only", scheduler)
        return local_workers(jobs)
    if backend != "dask":
        raise unknown("`--backend`", backend, ("dask", "loky"))
    if scheduler is None:
        raise InputError(
            "`--scheduler` must be given with --backend dask, for example tcp://host:8786"
        )
    rule = "be left out with --backend dask, where each worker has its own threads"
    require(jobs is None, "--jobs", rule, jobs)
    return DaskWorkers(scheduler)


def _head_line(config: "SweepConfig", at_once: int, folder: Path) -> str:
    """Return what the run is about to do, in one line."""
    from nncore.errors import one_line
    from results.number_text import count_of_trials

    trials = f"{count_of_trials(config.sweep.trials)}, {at_once} at a time, in {folder}"
    return one_line(f"{config.sweep.name} on {config.data.name}: {trials}")


def _notes(config: "SweepConfig", parallel_trials: int, timeout: float | None) -> list[str]:
    """Return the lines on settings that are allowed but may surprise."""
    from nncore.errors import one_line
    from sweeps.samplers.catalogue import SAMPLERS

    notes = []
    generation = config.sweep.generation
    if parallel_trials > max(1, generation / 2):
        price = ", but the sampler then learns from results less often"
        notes.append(
            f"note: sweep.generation = {generation} leaves some of {parallel_trials} workers idle; "
            f"{2 * parallel_trials} keeps most of them busy"
            + (price if SAMPLERS[config.sweep.sampler].adaptive else "")
        )
    if names := SAMPLERS[config.sweep.sampler].left_to_chance(config.space):
        listed = ", ".join(f"`{name}`" for name in names)
        notes.append(
            f"note: sampler {config.sweep.sampler} draws {listed} at random: it learns only about "
            "ranges that every trial has; sampler tpe learns about all hyperparameters"
        )
    if config.known and not SAMPLERS[config.sweep.sampler].uses_known:
        notes.append(f"note: sampler {config.sweep.sampler} does not use the known results")
    notes = [one_line(note) for note in notes]
    return notes if timeout is None else [*notes, TIMEOUT_NOTE]


def _with_notes(notes: list[str], on_progress: "OnProgress") -> "OnProgress":
    """Return `on_progress`, preceded by `notes` at its first call: the run is accepted by then."""

    def update(progress: "SweepProgress") -> None:
        while notes:
            typer.echo(notes.pop(0), err=True)
        on_progress(progress)

    return update

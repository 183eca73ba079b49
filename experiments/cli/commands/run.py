"""`nnsweep run` and `nnsweep init`: from a TOML file to a run folder with its tables and figures.

The same command again goes on where the last one ended.
"""

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli import exit_codes
from experiments.cli.interrupts import interruptible, say_how_to_resume
from experiments.cli.progress import progress_display
from experiments.cli.run_summary import end

if TYPE_CHECKING:
    from nncore.datasets import DataSet
    from sweeps.config import SweepConfig
    from sweeps.progress import OnProgress, SweepProgress
    from sweeps.workers.tasks import Workers

TIMEOUT_NOTE = """\
--timeout: how many trials there will be depends on the clock, not on the config alone; what is
written is still, byte for byte, the beginning of the longer run"""


def run(
    config: Annotated[
        Path | None, typer.Argument(help="Sweep file; without one, a first sweep on 5,000 digits.")
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="Data set or .npz or .csv file, instead of [data].")
    ] = None,
    label: Annotated[
        str | None, typer.Option(help="Column of classes in a .csv, instead of [data] label.")
    ] = None,
    trials: Annotated[int | None, typer.Option(help="Total number of trials.")] = None,
    jobs: Annotated[
        int | None, typer.Option(help="Worker processes; one per core if not given. Not for dask.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Any key, e.g. training.epochs=10."),
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Start no trial after so long.")
    ] = None,
    storage: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Database of the study; a journal file if not given."),
    ] = None,
    backend: Annotated[
        str, typer.Option(help="Where trials run: loky (this machine) or dask (a cluster).")
    ] = "loky",
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler, as tcp://host:8786.")
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Print a line for each trial.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Run folder; runs/<name> if not given.")] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Resume although versions, BLAS or data changed.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check, show the space and the time, run nothing.")
    ] = False,
) -> int:
    """Run a sweep, or go on with it, and write its tables, figures and report."""
    from nncore.datasets import load_dataset
    from nncore.errors import require
    from sweeps.config import load_config
    from sweeps.errors import OutageError
    from sweeps.progress import SweepEnd
    from sweeps.sweep import check_sweep, run_sweep

    on_data, on_others = ([], settings or []) if data is None else _apart(settings or [])
    overrides = {"data.label": label if data is None else None, "sweep.trials": trials}
    with _sweep_file(config) as path:
        sweep = load_config(path, on_others, **overrides)
    if data is not None:
        sweep = _on_other_data(sweep, data, label, on_data)
    workers = _workers(backend, scheduler, jobs)
    require(timeout is None or timeout > 0, "--timeout", "be a number of seconds > 0", timeout)
    folder = out or Path("runs") / sweep.sweep.name
    dataset = load_dataset(sweep.data.source)
    if dry_run:
        check_sweep(sweep, dataset, folder, workers=workers, storage=storage, anyway=anyway)
        _show_plan(sweep, dataset, workers.threads(), folder)
        return 0
    notes = [*_on_idle_jobs(workers.threads(), sweep.sweep.generation)]
    notes += [*_on_what_is_left_to_chance(sweep), *([] if timeout is None else [TIMEOUT_NOTE])]
    with interruptible() as stop, progress_display(verbose=verbose) as on_progress:
        try:
            result = run_sweep(
                sweep,
                dataset,
                folder,
                workers=workers,
                timeout=timeout,
                storage=storage,
                anyway=anyway,
                on_progress=_after(notes, on_progress),
                stop_requested=stop.is_set,
            )
        except OutageError as error:
            typer.echo(f"nnsweep: {error}; what had finished is kept", err=True)
            say_how_to_resume()
            return exit_codes.FAILED
        except BrokenPipeError:
            raise
        except OSError as error:  # a full disk, say
            what = f"{error.strerror or error}: {error.filename or folder}"
            typer.echo(f"nnsweep: {what}; what had finished is kept", err=True)
            say_how_to_resume()
            return exit_codes.FAILED
        except KeyboardInterrupt:  # the second one
            say_how_to_resume()
            return exit_codes.INTERRUPTED
    if result.end == SweepEnd.STOPPED:
        typer.echo(f"\ninterrupted after {result.done} of {result.trials} trials", err=True)
        say_how_to_resume()
        return exit_codes.INTERRUPTED
    return end(sweep, result, folder)


def init(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("sweep.toml"),
) -> None:
    """Write a commented sweep file to start from; the sweep is named after the file."""
    from nncore.errors import InputError

    name = re.sub(r"[^A-Za-z0-9._-]+", "-", file.stem).strip("._-")[:100] or "sweep"
    with _sweep_file(None) as template:
        text = template.read_text("utf-8").replace('"mnist-first"', f'"{name}"'.ljust(13), 1)
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(text)
    except OSError as error:
        raise InputError(f"sweep file {file} must be new and writable: {error.strerror}") from error
    typer.echo(f"wrote {file}\n\nNext: nnsweep run {shlex.quote(str(file))} --dry-run")


def _workers(backend: str, scheduler: str | None, jobs: int | None) -> "Workers":
    """Return the workers that the options name."""
    from nncore.errors import InputError, require, unknown
    from sweeps.workers.dask import DaskWorkers
    from sweeps.workers.local import LocalWorkers, available_cores

    if backend == "dask":
        if scheduler is None:
            raise InputError("`--scheduler` must be given with --backend dask: tcp://host:8786")
        rule = "be left out with --backend dask, where workers have their own threads"
        require(jobs is None, "--jobs", rule, jobs)
        return DaskWorkers(scheduler)
    if backend != "loky":
        raise unknown("backend", backend, ("dask", "loky"))
    require(scheduler is None, "--scheduler", "come with --backend dask", scheduler)
    return LocalWorkers(available_cores() if jobs is None else jobs)


def _apart(settings: list[str]) -> tuple[list[str], list[str]]:
    """Return the settings of [data] and the others."""
    on_data = [text for text in settings if text.strip().startswith("data.")]
    return on_data, [text for text in settings if text not in on_data]


def _on_other_data(
    sweep: "SweepConfig", data: str, label: str | None, settings: list[str]
) -> "SweepConfig":
    """Return `sweep` with `data` in place of all of [data]; a file is split and scaled as a file.

    `split` and `scale` of [data] are kept where one file takes the place of another.
    """
    from nncore.datasets.data_source import is_file_name
    from sweeps.config import load_config

    before = sweep.data.source
    kept: list[str] = []
    if before.is_file and is_file_name(data):
        kept = [f"data.split={list(before.split)}", f"data.scale={before.scale}"]
    with _sweep_file(None) as path:  # its [data] has nothing but a name
        other = load_config(path, [*kept, *settings], **{"data.name": data, "data.label": label})
    return sweep.model_copy(update={"data": other.data})


@contextmanager
def _sweep_file(given: Path | None) -> Iterator[Path]:
    """Give the path of the sweep file, or of the first sweep that comes with the package."""
    if given:
        yield given
        return
    with as_file(files("experiments.sweeps") / "first.toml") as path:
        yield path


def _on_idle_jobs(jobs: int, generation: int) -> Iterator[str]:
    if jobs > 1 and jobs > generation / 4:
        yield (
            f"{jobs} jobs will wait at the end of each generation of {generation} trials; "
            f"sweep.generation = {4 * jobs} keeps them busy (it changes the proposals)"
        )


def _on_what_is_left_to_chance(sweep: "SweepConfig") -> Iterator[str]:
    from sweeps.samplers.proposer import dimensions_left_to_chance

    if names := dimensions_left_to_chance(sweep):
        listed = ", ".join(f"`{name}`" for name in names)
        yield (
            f"sampler {sweep.sweep.sampler} leaves {listed} to chance: it searches ranges that "
            "every trial has; tpe searches all"
        )


def _after(notes: list[str], on_progress: "OnProgress") -> "OnProgress":
    """Return `on_progress` with `notes` before its first: then nothing is refused any more."""

    def update(progress: "SweepProgress") -> None:
        while notes:
            typer.echo(notes.pop(0), err=True)
        on_progress(progress)

    return update


def _show_plan(sweep: "SweepConfig", dataset: "DataSet", jobs: int, folder: Path) -> None:
    from experiments.cli.dry_run import plan_lines

    for line in plan_lines(sweep, dataset, jobs, folder):
        typer.echo(line)

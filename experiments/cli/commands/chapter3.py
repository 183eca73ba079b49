"""`nnsweep chapter3`: lists and runs the studies of chapter 3, and replays the published files.

Repeating the same command resumes an interrupted run.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from experiments.cli import exit_codes
from experiments.cli.options import Jobs, local_workers
from experiments.cli.running.progress import best_text
from results.number_text import duration

if TYPE_CHECKING:
    from experiments.chapter3.replays.replay import ReplayedSeries
    from experiments.chapter3.report.study_report import StudyReport
    from experiments.chapter3.study import Study
    from experiments.chapter3.training.study_runner import RunReport, StudyRunner

app = typer.Typer(
    help="Reproduce chapter 3 of Nielsen's book: studies over several seeds, and exact replays.",
    invoke_without_command=True,
)
Entry = TypeVar("Entry")

FOLDER, QUICK_FOLDER = Path("runs/chapter3"), Path("runs/chapter3-quick")
SEEDS, QUICK_SEEDS = 5, 2


@app.callback()
def options(context: typer.Context) -> None:
    """Reproduce chapter 3 of Nielsen's book: studies over several seeds, and exact replays."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("list")
def list_studies() -> None:
    """List the studies and replays, with the time that each takes and the files it needs."""
    from experiments.chapter3.replays.catalogue import REPLAYS
    from experiments.chapter3.studies import STUDIES
    from experiments.cli.tables import print_table

    rows = [[s.name, duration(60 * s.minutes), s.needs, s.question] for s in STUDIES.values()]
    print_table(["study", "time", "needs", "question"], rows)
    total = sum(study.minutes for study in STUDIES.values())
    typer.echo(
        f"\nTimes are for one core and one seed. All studies take {duration(60 * total)} or less, "
        "because some of them share runs.\n"
    )
    replays = [
        [r.name, duration(60 * r.minutes), f"mnist, {r.file}.json"] for r in REPLAYS.values()
    ]
    print_table(["replay", "time", "needs"], replays)


@app.command()
def run(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…|all]", help="Studies to run; see `list`.")
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(metavar="R", help="Seeds per setting.", show_default="5, or 2 with --quick"),
    ] = None,
    jobs: Jobs = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Run a shortened version on mnist-5k.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder for all studies.",
            show_default="runs/chapter3, or runs/chapter3-quick with --quick",
        ),
    ] = None,
) -> int:
    """Run studies, or resume them, and print which claims of the book are reproduced."""
    from experiments.chapter3.book_files import BookFiles
    from experiments.chapter3.report.study_report import write_study_report
    from experiments.chapter3.studies import STUDIES
    from experiments.chapter3.training.study_runner import StudyRunner
    from nncore.errors import require

    studies = _named(names, STUDIES, "study")
    seeds = (QUICK_SEEDS if quick else SEEDS) if seeds is None else seeds
    require(seeds >= 1, "--seeds", "be a whole number >= 1", seeds)
    workers = local_workers(jobs)
    folder = out or (QUICK_FOLDER if quick else FOLDER)
    studies = [study.quick_form() for study in studies] if quick else studies
    runner = StudyRunner([arm for study in studies for arm in study.arms], seeds, folder)
    code = _train(runner, workers.jobs, folder)
    book = BookFiles(withheld=quick)
    for study in studies:
        report = write_study_report(study, runner, folder / study.name, book, quick=quick)
        _print_report(study, report)
    for name, reason in book.missing.items():
        typer.echo(f"the figures do not show the book's curve {name}: {reason}", err=True)
    typer.echo(f"\nFigures and tables are in {folder}/<study>/")
    return code


@app.command()
def replay(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…|all]", help="Replays to run; see `list`.")
    ] = None,
    jobs: Jobs = None,
    seeds: Annotated[
        int,
        typer.Option(
            metavar="R",
            help="Number of seeds for the replays whose later epochs depend on rounding.",
        ),
    ] = SEEDS,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER",
            help="Folder for all studies; the figures are written to its subfolder `replays`.",
        ),
    ] = FOLDER,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Repeat the author's own runs and compare every number with the published files."""
    from experiments.chapter3.book_files import BookFiles
    from experiments.chapter3.replays.catalogue import REPLAYS
    from experiments.chapter3.replays.replay import run_replay
    from nncore.errors import InputError, require

    chosen = _named(names, REPLAYS, "replay")
    require(seeds >= 1, "--seeds", "be a whole number >= 1", seeds)
    workers = local_workers(jobs)
    book = BookFiles()
    playable = [entry for entry in chosen if book[entry.file] is not None]
    if not playable:
        raise InputError(next(iter(book.missing.values())))
    for reason in book.missing.values():
        typer.echo(f"skipped a replay: {reason}", err=True)
    results = {}
    for entry in playable:
        if not as_json:
            typer.echo(f"replaying {entry.name}, about {duration(60 * entry.minutes)}", err=True)
        results[entry.name] = run_replay(entry)
        _draw_replay(entry.name, results[entry.name], out)
    if as_json:
        replays = [{"name": name, "series": list(map(asdict, s))} for name, s in results.items()]
        typer.echo(json.dumps({"replays": replays}, ensure_ascii=False))
    else:
        _print_replays(results, seeds, workers.jobs, out)
    return exit_codes.FAILED if len(playable) < len(chosen) else 0


def _named(names: Sequence[str] | None, catalogue: "dict[str, Entry]", kind: str) -> "list[Entry]":
    from nncore.errors import InputError, unknown

    if not names:
        raise InputError(f"name a {kind}, or `all`; known: {', '.join(catalogue)}")
    if "all" in names:
        return list(catalogue.values())
    for name in names:
        if name not in catalogue:
            raise unknown(kind, name, [*catalogue, "all"])
    return [catalogue[name] for name in dict.fromkeys(names)]


def _train(runner: "StudyRunner", jobs: int, folder: Path) -> int:
    """Train the missing runs, print each as it ends, and return the exit code.

    Raises `typer.Exit` if the training is cut short.
    """
    from experiments.cli.interrupts import resumable, say_resumable
    from sweeps.records.atomic_files import replace_file

    with resumable(folder) as stop:
        failures = runner.run(jobs, _print_run, stop.is_set)
    if stop.is_set():
        raise typer.Exit(say_resumable("interrupted", interrupted=True))
    for number, failure in enumerate(failures):
        path = folder / "errors" / f"{number:06d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, failure.error.encode())
        typer.echo(f"{failure.arm}, seed {failure.seed}: failed, see {path}", err=True)
    return exit_codes.FAILED if failures else 0


def _print_run(report: "RunReport") -> None:
    from nncore.components.metrics import ACCURACY

    result = "failed"
    if outcome := report.outcome:
        accuracy = best_text(outcome.value, outcome.best_step, ACCURACY)
        result = f"validation accuracy {accuracy} in {duration(outcome.seconds)}"
    counter = f"{report.done}/{report.runs}"
    typer.echo(f"{counter}  {report.arm}, seed {report.seed}: {result}", err=True)


def _print_report(study: "Study", report: "StudyReport | None") -> None:
    if report is None:
        typer.echo(f"\n{study.name}: not judged, because some of its runs failed")
        return
    typer.echo(f"\n{study.name}: {report.status}")
    for verdict in report.verdicts:
        typer.echo(f"  {verdict.sentence}")


def _draw_replay(name: str, series: "Sequence[ReplayedSeries]", folder: Path) -> None:
    from experiments.chapter3.replays.replay_figure import replay_figure
    from results.drawing.save import write_figure

    caption = f"{name}: the author's seeds, float64"
    figures = folder / "replays"
    figures.mkdir(parents=True, exist_ok=True)
    write_figure(replay_figure(series), figures / name, caption)


def _print_replays(
    results: "dict[str, list[ReplayedSeries]]", seeds: int, jobs: int, folder: Path
) -> None:
    from experiments.chapter3.replays.replay_table import replay_rows
    from experiments.cli.tables import print_table

    def train(runner: "StudyRunner") -> bool:
        try:
            return _train(runner, jobs, folder) == 0
        except typer.Exit:  # the replays are done: print their table without intervals
            return False

    header, rows = replay_rows(results, seeds, train, folder)
    print_table(header, rows)
    typer.echo(f"\nFigures are in {folder}/replays/")

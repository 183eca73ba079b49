"""`nnsweep chapter3`: the book's third chapter, its published files replayed and its studies run.

One command per figure, or one for all; an interrupted one goes on where it ended.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from experiments.cli import exit_codes
from sweeps.duration import duration

if TYPE_CHECKING:
    from experiments.chapter3.replays.replay import Comparison
    from experiments.chapter3.report.study_report import Report
    from experiments.chapter3.study import Study
    from experiments.chapter3.training.engine import Plan, RunDone

app = typer.Typer(
    help="Repeat chapter 3 of the book: its figures, and its questions over many seeds.",
    invoke_without_command=True,
)
Entry = TypeVar("Entry")
Jobs = Annotated[int | None, typer.Option(help="Worker processes; one per core if not given.")]

FOLDER, QUICK_FOLDER = Path("runs/chapter3"), Path("runs/chapter3-quick")
SEEDS, QUICK_SEEDS = 5, 2


@app.callback()
def options(context: typer.Context) -> None:
    """Repeat chapter 3 of the book: its figures, and its questions over many seeds."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("list")
def list_studies() -> None:
    """List the studies and the replays, what each costs and what it needs."""
    from experiments.chapter3.replays.catalogue import REPLAYS
    from experiments.chapter3.studies import STUDIES
    from experiments.cli.tables import print_table

    rows = [[s.name, duration(60 * s.minutes), s.needs, s.question] for s in STUDIES.values()]
    print_table(["study", "time", "needs", "question"], rows)
    total = sum(study.minutes for study in STUDIES.values())
    typer.echo(
        f"\nTimes are those of one core and one seed; {duration(60 * total)} in all, less for what "
        "two studies share.\n"
    )
    replays = [
        [r.name, duration(60 * r.minutes), f"mnist, {r.file}.json"] for r in REPLAYS.values()
    ]
    print_table(["replay", "time", "needs"], replays)


@app.command()
def run(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…|all]", help="Studies; see `list`.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Runs of each arm; 5 if not given, 2 with --quick.")
    ] = None,
    jobs: Jobs = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Small and short, on mnist-5k: to see it work.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder of all studies; runs/chapter3 if not given.")
    ] = None,
) -> int:
    """Run studies, or go on with them, and say what was reproduced."""
    from experiments.chapter3.book_files import Book
    from experiments.chapter3.report.study_report import write_report
    from experiments.chapter3.studies import STUDIES
    from experiments.chapter3.training.engine import Plan
    from nncore.errors import require
    from sweeps.workers.local import available_cores

    studies = _named(names, STUDIES, "study")
    seeds = (QUICK_SEEDS if quick else SEEDS) if seeds is None else seeds
    jobs = available_cores() if jobs is None else jobs
    require(seeds >= 1, "--seeds", "be a whole number >= 1", seeds)
    require(jobs >= 1, "--jobs", "be a whole number >= 1", jobs)
    folder = out or (QUICK_FOLDER if quick else FOLDER)
    studies = [study.shrunk() for study in studies] if quick else studies
    plan = Plan([arm for study in studies for arm in study.arms], seeds, folder)
    code = _train(plan, jobs, folder)
    book = Book(closed=quick)
    for study in studies:
        report = write_report(study, plan, folder / study.name, book, quick=quick)
        _say_report(study, report)
    for name, reason in book.missing.items():
        typer.echo(f"without the book's curve {name}: {reason}", err=True)
    typer.echo(f"\nFigures and tables are in {folder}/<study>/")
    return code


@app.command()
def replay(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…|all]", help="Replays; see `list`.")
    ] = None,
    jobs: Jobs = None,
    seeds: Annotated[int, typer.Option(help="Runs for the bands where rounding decides.")] = SEEDS,
    out: Annotated[Path, typer.Option(help="Folder for the figures, and of all studies.")] = FOLDER,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Repeat the author's own runs and compare them with the published files, count for count."""
    from experiments.chapter3.book_files import Book
    from experiments.chapter3.replays.catalogue import REPLAYS
    from experiments.chapter3.replays.replay import run_replay
    from nncore.errors import InputError, require
    from sweeps.workers.local import available_cores

    chosen = _named(names, REPLAYS, "replay")
    require(seeds >= 1, "--seeds", "be a whole number >= 1", seeds)
    jobs = available_cores() if jobs is None else jobs
    require(jobs >= 1, "--jobs", "be a whole number >= 1", jobs)
    book = Book()
    playable = [entry for entry in chosen if book[entry.file] is not None]
    if not playable:
        raise InputError(next(iter(book.missing.values())))
    for reason in book.missing.values():
        typer.echo(f"left out: {reason}", err=True)
    results = {}
    for entry in playable:
        if not as_json:
            typer.echo(f"replaying {entry.name}, about {duration(60 * entry.minutes)}", err=True)
        results[entry.name] = run_replay(entry)
        _draw_replay(entry.name, results[entry.name], out)
    if as_json:
        replays = [{"name": name, "series": list(map(_plain, c))} for name, c in results.items()]
        typer.echo(json.dumps({"replays": replays}, ensure_ascii=False))
    else:
        _say_replays(results, seeds, jobs, out)
    return exit_codes.FAILED if len(playable) < len(chosen) else 0


def _named(names: Sequence[str] | None, catalogue: "dict[str, Entry]", kind: str) -> "list[Entry]":
    from nncore.errors import InputError, unknown

    if not names:
        raise InputError(f"a {kind} must be named, or `all`; known: {', '.join(catalogue)}")
    if "all" in names:
        return list(catalogue.values())
    for name in names:
        if name not in catalogue:
            raise unknown(kind, name, [*catalogue, "all"])
    return [catalogue[name] for name in dict.fromkeys(names)]


def _train(plan: "Plan", jobs: int, folder: Path) -> int:
    """Train the missing runs, print each one, and return the exit code.

    Raises `typer.Exit` if the training is cut short.
    """
    from experiments.cli.interrupts import resumable, say_resumable
    from sweeps.records.atomic_files import replace_file

    with resumable(folder) as stop:
        failures = plan.run(jobs, _say_run, stop.is_set)
    if stop.is_set():
        raise typer.Exit(say_resumable("interrupted", interrupted=True))
    for number, failure in enumerate(failures):
        path = folder / "errors" / f"{number:06d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, failure.error.encode())
        typer.echo(f"{failure.arm}, seed {failure.seed}, failed: see {path}", err=True)
    return exit_codes.FAILED if failures else 0


def _say_run(done: "RunDone") -> None:
    outcome = done.outcome
    value = "failed" if outcome.value is None else f"{outcome.value:.2%}"
    typer.echo(
        f"{done.done}/{done.runs}  {done.arm}, seed {done.seed}: {value}, "
        f"{outcome.epochs} epochs in {duration(outcome.seconds)}",
        err=True,
    )


def _say_report(study: "Study", report: "Report | None") -> None:
    if report is None:
        typer.echo(f"\n{study.name}: not finished, some of its runs failed")
        return
    typer.echo(f"\n{study.name}: {report.status}")
    for verdict in report.verdicts:
        typer.echo(f"  {verdict.sentence}")


def _draw_replay(name: str, comparisons: "Sequence[Comparison]", folder: Path) -> None:
    from experiments.chapter3.figures.study_figure import replay_figure, save_figure

    caption = f"{name}: the author's seeds, float64"
    save_figure(replay_figure(comparisons, caption), folder / "replays" / name)


def _say_replays(
    results: "dict[str, list[Comparison]]", seeds: int, jobs: int, folder: Path
) -> None:
    from experiments.chapter3.replays.bands import replay_rows
    from experiments.cli.tables import print_table

    def train(plan: "Plan") -> int:
        try:
            return _train(plan, jobs, folder)
        except typer.Exit as end:  # the replays are done: their table is printed without bands
            return end.exit_code

    header, rows = replay_rows(results, seeds, train, folder)
    print_table(header, rows)
    typer.echo(f"\nFigures are in {folder}/replays/")


def _plain(series: "Comparison") -> dict[str, Any]:
    keys: Iterable[str] = (
        "name",
        "values",
        "book",
        "exact",
        "of",
        "first_difference",
        "largest_difference",
    )
    return {key: getattr(series, key) for key in keys}

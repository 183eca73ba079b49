"""`nnsweep book`: lists and runs the studies of the book, and replays the published files.

Repeating the same command resumes an interrupted run. `nnsweep chapter3` is its older name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from experiments.cli import exit_codes
from experiments.cli.help_text import Command, CommandGroup
from experiments.cli.json_output import print_json
from experiments.cli.options import Jobs, Json, local_workers
from experiments.cli.running.progress import best_text
from results.number_text import duration

if TYPE_CHECKING:
    from experiments.book.replays.replay import ReplayedSeries
    from experiments.book.report.study_report import StudyReport
    from experiments.book.study import Study
    from experiments.book.training.study_runner import RunReport, StudyRunner

Entry = TypeVar("Entry")

OLDER_NAME = "chapter3"
OLDER_STUDIES = ("perceptron", "descent", "gradient-check")
"""The studies of earlier chapters that `nnsweep chapter3` has had from the beginning."""

SEEDS, QUICK_SEEDS = 5, 2


def _folder(context: typer.Context, quick: bool = False) -> Path:
    """Return the default folder of all studies, which each of the two names of the command has."""
    return Path("runs", _name(context) + ("-quick" if quick else ""))


def _name(context: typer.Context) -> str:
    """Return the name under which the command was called."""
    assert context.parent is not None
    return context.parent.info_name or ""


def _studies(context: typer.Context) -> "dict[str, Study]":
    """Return the studies by name: all, or chapter 3's and `OLDER_STUDIES` under the older name."""
    from experiments.book.studies import CHAPTERS, STUDIES

    if _name(context) != OLDER_NAME:
        return STUDIES
    return {name: STUDIES[name] for name in OLDER_STUDIES} | CHAPTERS[OLDER_NAME]


def list_studies(context: typer.Context) -> None:
    """List the studies and replays.

    The list has the time that each takes and the files that it needs.
    """
    from experiments.book.replays.catalogue import REPLAYS
    from experiments.book.studies import CHAPTERS
    from experiments.cli.tables import print_table

    studies = _studies(context)
    chapters = {name: chapter for chapter, own in CHAPTERS.items() for name in own}
    rows = [
        [chapters[s.name], s.name, duration(60 * s.minutes), s.needs, s.question]
        for s in studies.values()
    ]
    print_table(["chapter", "study", "time", "needs", "question"], rows)
    total = sum(study.minutes for study in studies.values())
    typer.echo(
        f"\nTimes are for one core and one seed. All studies take {duration(60 * total)} or less, "
        "because some of them share runs.\n"
    )
    replays = [
        [r.name, duration(60 * r.minutes), f"mnist, {r.file}.json"] for r in REPLAYS.values()
    ]
    print_table(["replay", "time", "needs"], replays)


def run(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME|all", help="The studies or chapters to run, as `list` shows them."
        ),
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
            show_default="runs/ and the command's name, as runs/book; runs/book-quick with --quick",
        ),
    ] = None,
) -> int:
    """Run studies, or resume them, and judge the claims of the book.

    Each claim is reproduced, not reproduced or undecided; figures and tables show why.
    """
    from experiments.book.book_files import BookFiles
    from experiments.book.report.study_report import write_study_report
    from experiments.book.studies import CHAPTERS
    from experiments.book.training.study_runner import StudyRunner
    from nncore.errors import require

    studies = _named(_without_chapters(names or (), CHAPTERS), _studies(context), "study")
    seeds = (QUICK_SEEDS if quick else SEEDS) if seeds is None else seeds
    require(seeds >= 1, "--seeds", "be a whole number >= 1", seeds)
    workers = local_workers(jobs)
    folder = out or _folder(context, quick)
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


def replay(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME|all", help="The replays to run, as `list` shows them."),
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
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder for all studies; the figures are written to its subfolder `replays`.",
            show_default="runs/ and the command's name, as runs/book",
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """Repeat the author's own runs, with the author's seeds.

    Every number is compared with the published files.
    """
    from experiments.book.book_files import BookFiles
    from experiments.book.replays.catalogue import REPLAYS
    from experiments.book.replays.replay import run_replay
    from nncore.errors import InputError, require

    chosen = _named(names, REPLAYS, "replay")
    require(seeds >= 1, "--seeds", "be a whole number >= 1", seeds)
    workers = local_workers(jobs)
    folder = out or _folder(context)
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
        _draw_replay(entry.name, results[entry.name], folder)
    if as_json:
        replays = [{"name": name, "series": list(map(asdict, s))} for name, s in results.items()]
        print_json({"replays": replays})
    else:
        _print_replays(results, seeds, workers.jobs, folder)
    return exit_codes.FAILED if len(playable) < len(chosen) else 0


def _without_chapters(
    names: Sequence[str], chapters: "Mapping[str, Mapping[str, Study]]"
) -> list[str]:
    """Return `names` with each chapter replaced by its studies."""
    return [study for name in names for study in chapters.get(name, (name,))]


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
    from experiments.book.replays.replay_figure import replay_figure
    from results.drawing.save import write_figure

    caption = f"{name}: the author's seeds, float64"
    figures = folder / "replays"
    figures.mkdir(parents=True, exist_ok=True)
    write_figure(replay_figure(series), figures / name, caption)


def _print_replays(
    results: "dict[str, list[ReplayedSeries]]", seeds: int, jobs: int, folder: Path
) -> None:
    from experiments.book.replays.replay_table import replay_rows
    from experiments.cli.tables import print_table

    def train(runner: "StudyRunner") -> bool:
        try:
            return _train(runner, jobs, folder) == 0
        except typer.Exit:  # the replays are done: print their table without intervals
            return False

    header, rows = replay_rows(results, seeds, train, folder)
    print_table(header, rows)
    typer.echo(f"\nFigures are in {folder}/replays/")


def _group(summary: str) -> typer.Typer:
    """Return the command with its subcommands, described by `summary`."""
    group = typer.Typer(cls=CommandGroup, help=summary, invoke_without_command=True)
    group.command("list", cls=Command)(list_studies)
    group.command("run", cls=Command)(run)
    group.command("replay", cls=Command)(replay)

    @group.callback()
    def show_help(context: typer.Context) -> None:
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    return group


app = _group(
    "Reproduce chapters 1 to 3 of Nielsen's book. Studies repeat its questions over several seeds, "
    "and replays repeat the author's own runs, number for number."
)
older_app = _group(
    "Run chapter 3, as `nnsweep book` does. This is the older name of that command; its folder is "
    "runs/chapter3."
)

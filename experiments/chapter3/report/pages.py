"""Writes `docs/chapter3/`, one page per study and one overview, from finished run folders.

`python -m experiments.chapter3.report.pages runs/chapter3 docs/chapter3` reads what `nnsweep
chapter3 run` wrote.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.chapter3.book_files import Book
from experiments.chapter3.figures.study_figure import save_figure, study_figure
from experiments.chapter3.report.study_folder import read_study
from experiments.chapter3.report.study_report import figure_caption, missing_files
from experiments.chapter3.runs import Runs
from experiments.chapter3.studies import STUDIES
from experiments.chapter3.study import Study
from experiments.chapter3.verdicts import Verdict, spread, summary
from nncore.errors import InputError
from sweeps.records.atomic_files import replace_file


@dataclass(frozen=True)
class Page:
    """All that a study's page shows."""

    study: Study
    runs: Runs
    seeds: int
    verdicts: Sequence[Verdict]
    missing: Sequence[str]


def write_pages(folder: Path, docs: Path) -> list[Path]:
    """Write a page and a figure for each study in `folder`, and the overview; return the pages.

    Raises
    ------
    InputError
        If a study of the catalogue has not been run in full there.
    """
    book = Book()
    pages = [_page(study, folder / study.name, book) for study in STUDIES.values()]
    docs.mkdir(parents=True, exist_ok=True)
    for page in pages:
        caption = figure_caption(page.study, page.seeds, quick=False)
        figure = study_figure(page.study, page.runs, book, caption)
        save_figure(figure, docs / "figures" / page.study.name, vector=False)
        _write(docs / f"{page.study.name}.md", page_lines(page))
    _write(docs / "README.md", overview_lines(pages))
    return [docs / "README.md", *(docs / f"{page.study.name}.md" for page in pages)]


def _page(study: Study, folder: Path, book: Book) -> Page:
    runs: Runs = {}
    seeds = 1
    if study.arms:
        runs, about = read_study(folder)
        if about["quick"] or {arm.arm for arm in runs.values()} != set(study.arms):
            raise InputError(
                f"`{folder}` must hold a full run of {study.name} as it is now; "
                f"`nnsweep chapter3 run {study.name} --out {folder.parent}` makes one"
            )
        seeds = about["seeds"]
    return Page(study, runs, seeds, study.check(runs), missing_files(study, book))


def page_lines(page: Page) -> Iterable[str]:
    """Yield the lines of a study's page."""
    study = page.study
    yield f"# {study.name}"
    yield ""
    yield f"**{study.question}**"
    yield ""
    yield f"The book: {study.found}"
    yield ""
    yield f"Here: {summary(page.verdicts)}."
    yield ""
    yield f"![{study.question}](figures/{study.name}.png)"
    yield ""
    if study.arms:
        yield from _arm_table(page)
    if study.table:
        yield from _table(study.table(page.runs))
    yield from (f"- {verdict.sentence}" for verdict in page.verdicts)
    yield ""
    yield from _notes(page)
    options = f" --seeds {page.seeds}" if study.arms else ""
    yield from ("```", f"nnsweep chapter3 run {study.name}{options}", "```")


def _arm_table(page: Page) -> Iterable[str]:
    """Yield the table of arms: mean and 95 % interval of the best and of the last epoch.

    Where the arms are searches, of their best trial.
    """
    rows = []
    for name, runs in page.runs.items():
        metric = "test_accuracy" if runs.arm.evaluation == "test" else "validation_accuracy"
        scored = metric.removesuffix("_accuracy")
        best, last = (_interval(values) for values in (runs.best(metric), runs.last(metric)))
        row = {"arm": name, "scored on": scored}
        searched = {"best trial": best}
        trained = {"best epoch": best, "last epoch": last}
        rows.append(row | (searched if runs.arm.sampler else trained))
    yield from _table(rows)


def _interval(values: Any) -> str:
    mean, interval, _ = spread(values)
    return f"{mean:.2%}" if interval != interval else f"{mean:.2%} ± {100 * interval:.2f}"


def _table(rows: Sequence[Any]) -> Iterable[str]:
    header = list(rows[0])
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(str(row[key]).replace('|', chr(92) + '|') for key in header)} |"
    yield ""


def _notes(page: Page) -> Iterable[str]:
    notes = [page.study.notes] if page.study.notes else []
    if page.study.scores_test:
        notes.append(
            "The test set is scored after each epoch, because the book does so; no choice here "
            "rests on it."
        )
    if page.missing:
        files = ", ".join(f"`{name}.json`" for name in page.missing)
        notes.append(f"Without the book's curve of {files}, which was not to be had.")
    for note in notes:
        yield from (note, "")


def overview_lines(pages: Sequence[Page]) -> Iterable[str]:
    """Yield the lines of the overview: a row for each study."""
    seeds = max(page.seeds for page in pages)
    yield "# Chapter 3, reproduced"
    yield ""
    yield (
        f"Each question of the book's third chapter, asked again over {seeds} seeds. A number of "
        "the book is reproduced if it lies where 95 % of our single runs lie, which of twenty "
        "numbers one may miss by chance; that one setting is better than another, if the 95 % "
        "interval of the differences, seed by seed, says so; a bound that is expected, if 95 % of "
        "single runs keep it; that one scatters wider, if the 95 % interval of the ratio does."
    )
    yield ""
    yield from _table(
        [
            {
                "study": f"[{page.study.name}]({page.study.name}.md)",
                "question": page.study.question,
                "the book": page.study.found,
                "here": summary(page.verdicts),
            }
            for page in pages
        ]
    )
    yield from ("```", f"nnsweep chapter3 run all --seeds {seeds}", "```", "")
    yield "The author's own runs, from his seeds, count for count: `nnsweep chapter3 replay all`."


def _write(path: Path, lines: Iterable[str]) -> None:
    replace_file(path, ("\n".join(lines) + "\n").encode())


def main(arguments: Sequence[str]) -> int:
    """Write the pages of the folder that the first argument names into the second."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m experiments.chapter3.report.pages RUNS DOCS\n")
        return 2
    try:
        write_pages(*map(Path, arguments))
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

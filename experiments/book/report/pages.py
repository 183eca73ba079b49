"""The pages under `docs/book/`: one per study and an overview, from finished run folders.

`python -m experiments.book.report.pages runs/book docs/book` writes them after
`nnsweep book run all`.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.book.arm_runs import Runs
from experiments.book.arms import SearchArm, scored_on
from experiments.book.book_files import BookFiles
from experiments.book.figures.study_figure import study_figure
from experiments.book.intervals import percent_interval
from experiments.book.report.study_folder import read_study
from experiments.book.report.study_report import figure_caption, missing_files
from experiments.book.studies import CHAPTERS, STUDIES
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, study_status
from nncore.errors import InputError
from results.drawing.save import write_figure
from sweeps.records.atomic_files import replace_file

RULES = (
    "The book gives a number: it lies in the 95% prediction interval of a single run of ours. One "
    "number in twenty misses this interval by chance.",
    "A setting is better than another: the 95% confidence interval of the mean difference, taken "
    "seed by seed, lies above 0.",
    "A number lies between two bounds: so does the whole 95% prediction interval of a single run.",
    "A setting varies more than another: the 95% confidence interval of the ratio of standard "
    "deviations lies above 1.",
    "A number without randomness equals the book's number to the digits that the book prints, or "
    "lies between the expected bounds.",
)


TEST_SET_NOTE = (
    "The test set is scored after each epoch, as in the book; no setting was chosen with it."
)


@dataclass(frozen=True)
class Page:
    """The content of a study's page."""

    study: Study
    runs: Runs
    seeds: int
    verdicts: Sequence[ClaimVerdict]
    missing: Sequence[str]


def write_pages(folder: Path, docs: Path) -> list[Path]:
    """Write a page and a figure for each study, and the overview.

    Parameters
    ----------
    folder
        Folder of all studies.
    docs
        Folder to write into.

    Returns
    -------
    list of Path
        The pages, the overview first.

    Raises
    ------
    InputError
        If `folder` lacks a full run of a study of the catalogue.
    """
    book = BookFiles()
    pages = [_page(study, folder / study.name, book) for study in STUDIES.values()]
    (docs / "figures").mkdir(parents=True, exist_ok=True)
    for page in pages:
        caption = figure_caption(page.study, page.seeds, quick=False)
        figure = study_figure(page.study, page.runs, book)
        write_figure(figure, docs / "figures" / page.study.name, caption, ["png"])
        _write(docs / f"{page.study.name}.md", page_lines(page))
    _write(docs / "README.md", overview_lines(pages))
    return [docs / "README.md", *(docs / f"{page.study.name}.md" for page in pages)]


def _page(study: Study, folder: Path, book: BookFiles) -> Page:
    runs: Runs = {}
    seeds = 1
    if study.arms:
        runs, about = read_study(folder)
        if about["quick"] or {arm.arm for arm in runs.values()} != set(study.arms):
            raise InputError(
                f"`{folder}` must hold a full run of {study.name} as this version defines it; "
                f"`nnsweep book run {study.name} --out {folder.parent}` writes it"
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
    yield f"The book: {study.book_reports}"
    yield ""
    yield f"Verdict: {study_status(page.verdicts)}."
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
    yield from ("```", f"nnsweep book run {study.name}{options}", "```")


def _arm_table(page: Page) -> Iterable[str]:
    """Yield the table of arms: mean and 95% confidence interval of the best and the last epoch.

    A search has those of its best trial.
    """
    rows = []
    for name, runs in page.runs.items():
        scored = scored_on(runs.arm)
        metric = f"{scored}_accuracy"
        best, last = (percent_interval(values) for values in (runs.best(metric), runs.last(metric)))
        row = {"arm": name, "scored on": scored}
        searched = {"best trial": best}
        trained = {"best epoch": best, "last epoch": last}
        rows.append(row | (searched if isinstance(runs.arm, SearchArm) else trained))
    yield from _table(rows)


def _table(rows: Sequence[Any]) -> Iterable[str]:
    header = list(rows[0])
    yield _table_line(header)
    yield f"|{'---|' * len(header)}"
    yield from (_table_line([row[key] for key in header]) for row in rows)
    yield ""


def _table_line(cells: Sequence[Any]) -> str:
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def _notes(page: Page) -> Iterable[str]:
    notes = [page.study.notes] if page.study.notes else []
    if page.study.scores_test:
        notes.append(TEST_SET_NOTE)
    if page.missing:
        files = ", ".join(f"`{name}.json`" for name in page.missing)
        notes.append(f"The figure lacks the book's curve from {files}, which could not be read.")
    for note in notes:
        yield from (note, "")


def overview_lines(pages: Sequence[Page]) -> Iterable[str]:
    """Yield the lines of the overview: a table for each chapter, with a row for each study."""
    seeds = max(page.seeds for page in pages)
    fewest = min((page.seeds for page in pages if page.study.arms), default=seeds)
    counted = f"{seeds} seeds" if fewest == seeds else f"{fewest} to {seeds} seeds"
    yield "# The book, reproduced"
    yield ""
    yield (
        "These studies ask the questions of the book's first three chapters again, with "
        f"{counted}. An arm is one of the settings that a study compares. A claim is reproduced "
        "under these rules, or undecided if our runs cannot settle it:"
    )
    yield ""
    yield from (f"- {rule}" for rule in RULES)
    yield ""
    for chapter, studies in CHAPTERS.items():
        rows = [_overview_row(page) for page in pages if page.study.name in studies]
        if rows:
            yield from (f"## {chapter.replace('chapter', 'Chapter ')}", "")
            yield from _table(rows)
    yield from ("```", f"nnsweep book run all --seeds {seeds}", "```", "")
    yield (
        "`nnsweep book replay all` repeats the author's own runs from the author's seeds and "
        "compares every number."
    )


def _overview_row(page: Page) -> dict[str, str]:
    return {
        "study": f"[{page.study.name}]({page.study.name}.md)",
        "question": page.study.question,
        "the book": page.study.book_reports,
        "verdict": study_status(page.verdicts),
    }


def _write(path: Path, lines: Iterable[str]) -> None:
    replace_file(path, ("\n".join(lines) + "\n").encode())


def main(arguments: Sequence[str]) -> int:
    """Write the pages of the studies in the first argument's folder into the second's."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m experiments.book.report.pages RUNS DOCS\n")
        return 2
    try:
        write_pages(*map(Path, arguments))
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

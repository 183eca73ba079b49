"""From finished runs to what a reader sees: tables, figure and verdicts of one study.

The run folder and the pages under `docs/` show the same, from the same call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.chapter3.book_files import Book
from experiments.chapter3.figures.study_figure import save_figure, study_figure
from experiments.chapter3.report.study_folder import write_tables, write_verdicts
from experiments.chapter3.study import Study
from experiments.chapter3.training.engine import Plan, study_runs
from experiments.chapter3.verdicts import Verdict, summary


@dataclass(frozen=True)
class Report:
    """A finished study: its verdicts, and the author's files that its figure had to do without.

    A quick run has no verdicts where anything was trained: it says nothing about the book.
    """

    study: Study
    verdicts: Sequence[Verdict]
    missing: Sequence[str]

    @property
    def status(self) -> str:
        """The verdict on the whole study."""
        return summary(self.verdicts) if self.verdicts else "a quick run, not judged"


def write_report(
    study: Study, plan: Plan, folder: Path, book: Book, *, quick: bool
) -> Report | None:
    """Write the run folder of `study` and return its report, or None if a run is missing."""
    runs = study_runs(study, plan)
    if runs is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    if study.arms:
        write_tables(study, runs, plan, folder, quick=quick)
    verdicts = [] if quick and study.arms else study.check(runs)
    write_verdicts(verdicts, folder)
    caption = figure_caption(study, plan.seeds, quick=quick)
    figure = study_figure(study, runs, book, caption)
    save_figure(figure, folder / "figures" / study.name, vector=not quick)
    return Report(study, verdicts, missing_files(study, book))


def figure_caption(study: Study, seeds: int, *, quick: bool) -> str:
    """Return the line above a figure: which study, whose runs."""
    if not study.arms:
        return f"{study.name}: nothing random"
    many = "1 seed" if seeds == 1 else f"{seeds} seeds, mean and band of 95 % of single runs"
    return f"{study.name}: {many}" + (", quick form on mnist-5k" if quick else "")


def missing_files(study: Study, book: Book) -> list[str]:
    """Return those of the author's files that the study would show and that are not to be had."""
    return [name for name in study.files if book[name] is None]

"""From finished runs to the run folder of a study: tables, verdicts and figure.

The pages under `docs/` show the same figure with the same caption.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.book.book_files import BookFiles
from experiments.book.figures.panels import FEWEST_FOR_INTERVAL
from experiments.book.figures.study_figure import study_figure
from experiments.book.report.study_folder import write_tables, write_verdicts
from experiments.book.study import Study
from experiments.book.training.study_runner import StudyRunner
from experiments.book.verdicts import ClaimVerdict, study_status
from results.drawing.save import write_figure


@dataclass(frozen=True)
class StudyReport:
    """A finished study: its verdicts, and the author's files that its figure lacks.

    A quick run with arms has no verdicts, because it is too small to judge the book.
    """

    study: Study
    verdicts: Sequence[ClaimVerdict]
    missing: Sequence[str]

    @property
    def status(self) -> str:
        """The verdict on the whole study."""
        return study_status(self.verdicts) if self.verdicts else "quick run, not judged"


def write_study_report(
    study: Study, runner: StudyRunner, folder: Path, book: BookFiles, *, quick: bool
) -> StudyReport | None:
    """Write the run folder of a study.

    Parameters
    ----------
    study
        The study, in its quick form if `quick`.
    runner
        Has trained the runs.
    folder
        The run folder to write.
    book
        The author's files, for the curves beside ours.
    quick
        Whether to skip the verdicts and the SVG.

    Returns
    -------
    StudyReport or None
        None, and nothing is written, if a run is missing.
    """
    runs = runner.study_runs(study)
    if runs is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    if study.arms:
        write_tables(study, runs, runner, folder, quick=quick)
    verdicts = [] if quick and study.arms else study.check(runs)
    write_verdicts(verdicts, folder)
    caption = figure_caption(study, runner.seeds, quick=quick)
    figures = folder / "figures"
    figures.mkdir(exist_ok=True)
    figure = study_figure(study, runs, book)
    formats = ["png"] if quick else ["png", "svg"]
    write_figure(figure, figures / study.name, caption, formats)
    return StudyReport(study, verdicts, missing_files(study, book))


def figure_caption(study: Study, seeds: int, *, quick: bool) -> str:
    """Return the line above the figure of `study`: its name and the runs that it shows."""
    if not study.arms:
        return f"{study.name}: no randomness"
    spread = "95% prediction interval" if seeds >= FEWEST_FOR_INTERVAL else "each run"
    runs = "1 seed" if seeds == 1 else f"{seeds} seeds, mean and {spread}"
    return f"{study.name}: {runs}" + (", quick form on mnist-5k" if quick else "")


def missing_files(study: Study, book: BookFiles) -> list[str]:
    """Return the names of the author's files that the study shows and `book` cannot give."""
    return [name for name in study.files if book[name] is None]

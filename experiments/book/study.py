"""A study: one question of the book, the arms that answer it, and how they are judged and shown.

Studies are data: `training` runs their arms and `report` shows them, without knowing any of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from experiments.book.arm_runs import Runs
from experiments.book.arms import Arm, quick_form, scored_on
from experiments.book.book_files import BookFiles
from experiments.book.verdicts import ClaimVerdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Panel = Callable[["Axes", Runs, BookFiles], object]
"""Draws one panel of a study's figure."""

Row = Mapping[str, Any]
"""A row of a table, by the names of its columns."""


@dataclass(frozen=True, kw_only=True)
class Study:
    """One question of a chapter, with everything that its answer needs.

    Parameters
    ----------
    name
        Name in the commands, and of the page.
    question
        A sentence that ends with a question mark.
    book_reports
        The book's answer, in a sentence or two.
    minutes
        Time that one seed takes on one core.
    check
        Returns a verdict for each claim of the book.
    arms
        Trained once per seed. A study without arms has no randomness: `check` and `panels` compute
        everything themselves.
    panels
        Draw the figure, side by side.
    table
        Returns rows to print below the table of arms.
    notes
        A paragraph for the page: what differs from the book, and why.
    files
        Names of the author's files that the figure shows.
    """

    name: str
    question: str
    book_reports: str
    minutes: float
    check: Callable[[Runs], Sequence[ClaimVerdict]]
    arms: tuple[Arm, ...] = ()
    panels: tuple[Panel, ...] = ()
    table: Callable[[Runs], Sequence[Row]] | None = None
    notes: str = ""
    files: tuple[str, ...] = ()

    @property
    def needs(self) -> str:
        """The data sets of the arms and the author's files that the figure shows."""
        data = sorted({arm.data for arm in self.arms})
        return ", ".join([*data, *(f"{name}.json" for name in self.files)]) or "nothing"

    @property
    def scores_test(self) -> bool:
        """Whether an arm scores the test set after each epoch, as the book does."""
        return any(scored_on(arm) == "test" for arm in self.arms)

    def quick_form(self) -> "Study":
        """Return the study as `--quick` runs it: small and short, on `mnist-5k`."""
        return replace(self, arms=tuple(map(quick_form, self.arms)))

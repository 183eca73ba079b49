"""A study: one question of chapter 3, the arms that answer it, and how the answer is told.

Studies are data; the engine trains their arms, the pages show them, and neither knows any of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from experiments.chapter3.arms import Arm, shrunk
from experiments.chapter3.book_files import Book
from experiments.chapter3.runs import Runs
from experiments.chapter3.verdicts import Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Panel = Callable[["Axes", Runs, Book], object]
"""Draws one panel of a study's figure."""

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Study:
    """One question, and all that it takes to answer it.

    `found` is what the book reports, in a sentence. `arms` are trained once per seed. `check`
    gives a verdict for each claim, `panels` draw the figure side by side. `table` gives further
    rows to print below it. A study without arms computes what it shows in `panels` and `check`
    alone. `minutes` is what one seed of it took on one core.
    """

    name: str
    question: str
    found: str
    minutes: float
    arms: tuple[Arm, ...] = ()
    panels: tuple[Panel, ...] = ()
    check: Callable[[Runs], Sequence[Verdict]]
    table: Callable[[Runs], Sequence[Row]] | None = None
    notes: str = ""
    files: tuple[str, ...] = field(default=())

    @property
    def needs(self) -> str:
        """What the user must have: data sets, and the author's files if the figure shows any."""
        data = sorted({arm.data for arm in self.arms})
        return ", ".join([*data, *(f"{name}.json" for name in self.files)]) or "nothing"

    @property
    def scores_test(self) -> bool:
        """Whether an arm scores the test set after each epoch, as the book does."""
        return any(arm.evaluation == "test" for arm in self.arms)

    def shrunk(self) -> "Study":
        """Return the study as `--quick` runs it."""
        return replace(self, arms=tuple(map(shrunk, self.arms)))

"""What another process does for a report: it computes the importance and draws some figures.

The importance takes long if there are many trials. matplotlib is loaded only if there are figures
to draw.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from results.analysis.findings import Findings
from results.analysis.importance import Importance
from results.collector import collector_paused
from results.frames import Run

if TYPE_CHECKING:
    from results.figures.catalogue import DrawnFigure


@collector_paused()
def rank_and_draw(
    run: Run, names: Sequence[str], pictures: Path, png: bool
) -> tuple[tuple[Importance, Importance], list["DrawnFigure"]]:
    """Return the importance and the figures with these `names`, written to a folder."""
    findings = Findings(run)
    if not names:
        return findings.importance, []
    from results.figures.catalogue import draw_figures

    return findings.importance, draw_figures(findings, pictures, names, png=png)

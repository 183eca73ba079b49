"""The validation rows that a network for regression predicts worst, as a table on the page.

The rows of a user's table are shown as they are in the file, with their line.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.datasets.origin import Origin, validation_origin
from nncore.errors import InputError
from results.analysis.best_network import Scored
from results.analysis.findings import Findings
from results.analysis.predictions import (
    predictions_of,
    raw_values,
    telling_columns,
    worst_rows,
)
from results.number_text import in_four_digits, shorten

MOST_ROWS, MOST_COLUMNS = 12, 5
MOST_TARGETS = 3  # of more, the first ones are shown


def worst_block(findings: Findings) -> dict[str, Any] | None:
    """Return the page's block on the worst rows; None for classes, or without a network.

    `header` and `rows` are the cells of the table, `numbers` which of its columns hold numbers.
    """
    scored = findings.scored
    if isinstance(scored, str) or scored.dataset.targets is None:
        return None
    try:
        origin = validation_origin(scored.dataset)
    except InputError:  # the file has gone while the report was written; the cache knows the rest
        origin = Origin("", str, {})
    rows = worst_rows(scored, MOST_ROWS)
    columns = _columns(scored, origin, rows)
    return {
        "heading": "The worst rows",
        "text": _text(scored, len(rows), origin),
        "header": [title for title, _, _ in columns],
        "numbers": [numbers for _, numbers, _ in columns],
        "rows": [list(row) for row in zip(*(cells for _, _, cells in columns), strict=True)],
    }


def _text(scored: Scored, count: int, origin: Origin) -> str:
    targets = scored.dataset.targets
    one = targets is not None and len(targets.names or ()) == 1
    kind = "largest residuals" if one else "largest residuals, in standard deviations of the target"
    where = {
        "line": " The line is that of the file.",
        "row": " Rows are counted from 1, as they came.",
    }.get(origin.unit, "")
    return (
        f"The {count} validation rows with the {kind}: look for slips in them, or for what they "
        f"have in common.{where} Shown are the columns on which the predictions depend most."
    )


def _columns(
    scored: Scored, origin: Origin, rows: NDArray[np.int64]
) -> list[tuple[str, bool, list[str]]]:
    """Return the title of each column, whether it holds numbers, and its cells."""
    columns = []
    if origin.unit:
        columns.append((origin.unit, True, [origin.place(int(row)) for row in rows]))
    for one in predictions_of(scored)[:MOST_TARGETS]:
        columns += [
            (f"true {one.target}", True, [cell_text(value) for value in one.true[rows]]),
            ("predicted", True, [in_four_digits(value) for value in one.predicted[rows]]),
            ("residual", True, [in_four_digits(value) for value in one.residuals[rows]]),
        ]
    if scored.dataset.image_shape is None:
        columns += [
            _telling_column(scored, origin, name, rows)
            for name in telling_columns(scored, MOST_COLUMNS)
        ]
    return columns


def _telling_column(
    scored: Scored, origin: Origin, name: str, rows: NDArray[np.int64]
) -> tuple[str, bool, list[str]]:
    if name in origin.cells:
        cells = origin.cells[name][rows]
    elif scored.dataset.scaling.encoding is None:
        cells = raw_values(scored, name)[rows]
    else:
        return name, False, ["" for _ in rows]
    if cells.dtype.kind == "f":
        return name, True, [cell_text(cell) for cell in cells]
    return name, False, [shorten(str(cell)) for cell in cells]


def cell_text(value: float) -> str:
    """Return a number of the data as text: whole ones in full, others in four digits; NaN is ""."""
    if np.isnan(value):
        return ""
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e9 else in_four_digits(value)

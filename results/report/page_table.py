"""The data in the report for its table: columns, curves in half precision, and a command.

Ten thousand trials of thirty epochs take some four megabytes; the page unpacks what it shows.
"""

import base64
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from results.analysis.findings import Findings
from results.number_text import power_of_ten
from results.report.command_lines import train_command
from sweeps.trial import StopReason, TrialState

MOST_POINTS = 320_000  # epochs of all trials; beyond, every second, third, … is carried
MEASURES = ("validation_accuracy", "train_accuracy", "validation_cost", "train_cost")
"""The measures whose curves the page shows, besides the metric of the sweep if it is another."""
STATE_OF = {StopReason.PRUNED: TrialState.PRUNED, StopReason.ERROR: TrialState.FAILED}
"""The state that a stop reason implies; the others imply a complete trial."""
ROUNDED = 5  # significant digits of a number in the table


def page_data(findings: Findings) -> dict[str, Any]:
    """Return plain data for JSON: the table's `columns`, and the `curves` of its rows.

    `train` is the command that trains the trial of a row again, up to its number.
    """
    trials = findings.run.trials.sort_values("number", ignore_index=True)
    metric = findings.metric
    own = () if metric.column in MEASURES else (metric.column,)
    curves, unit = findings.curves, _unit(findings)
    if unit != 1:
        curves = curves.assign(**{metric.column: curves[metric.column] / unit})
    return {
        "columns": table_columns(findings),
        "curves": packed_curves(curves, trials, (*own, *MEASURES)),
        "train": train_command(findings.run.folder),
        "metric": {
            "key": metric.name,
            "title": metric.title,
            "rises": metric.greater_is_better,
            "percent": metric.percent,
            "decimals": _decimals(findings),
            "unit": unit,
        },
    }


def _unit(findings: Findings) -> float:
    """Return the unit in which the curves of the metric are carried, a power of two.

    Half-precision numbers reach from 0.00006 to 65,504, which a value in units of a target may not.
    """
    values = findings.curves[findings.metric.column].abs()
    usual = values[np.isfinite(values) & (values > 0)].median()
    if not findings.metric.in_units or not usual > 0:
        return 1.0
    return float(2.0 ** np.floor(np.log2(usual)))


def _decimals(findings: Findings) -> int:
    """Return the decimals of a value of the metric in the table."""
    if findings.metric.in_units and findings.best is not None:
        return max(0, 3 - power_of_ten(findings.best["value"]))
    return 2 if findings.metric.percent else 4


def table_columns(findings: Findings) -> list[dict[str, Any]]:
    """Return the table by columns: `key`, whether it is of numbers, and the `values`.

    Values of the metric are in percent if they are fractions of examples; a cell without a value is
    None.
    """
    trials = findings.run.trials.sort_values("number", ignore_index=True)
    # With the pruner "promotion", a trial may be trained several times.
    seconds = trials["number"].map(
        findings.run.timings.groupby("number")["seconds"].sum(min_count=1)
    )
    # A trial that diverged in its first epoch has the worst value, which was never measured.
    metric, measured = findings.metric, trials["value"].where(trials["best_epoch"] > 0)
    values = (100 * measured).round(3) if metric.percent else measured
    return [
        _column("trial", trials["number"]),
        _column(metric.name, values),
        *(_column(name, trials[name]) for name in findings.run.space),
        _column("best_epoch", trials["best_epoch"].where(trials["best_epoch"] > 0)),
        _column("epochs", trials["epochs"]),
        _column("stop_reason", _endings(trials)),
        _column("seconds", seconds),
    ]


def _endings(trials: pd.DataFrame) -> "pd.Series[Any]":
    """Return the stop reason of each trial, and its state if the reason does not imply it."""
    reasons = trials["stop_reason"]
    implied = reasons.map(STATE_OF).fillna(TrialState.COMPLETE.value)
    return reasons.where(trials["state"] == implied, reasons + " (" + trials["state"] + ")")


def _column(key: str, values: "pd.Series[Any]") -> dict[str, Any]:
    cells = [_cell(value) for value in values.astype(object)]
    numbers = all(cell is None or type(cell) in (int, float) for cell in cells)
    return {"key": key, "numbers": numbers, "values": cells}


def cell_text(column: dict[str, Any], cell: Any, metric: dict[str, Any]) -> str:
    """Return a cell of the table as the page shows it; `metric` is that of `page_data`."""
    if cell is None:
        return ""
    if column["key"] != metric["key"]:
        return str(cell)
    return f"{cell:.{metric['decimals']}f}{'%' if metric['percent'] else ''}"


def _cell(value: Any) -> Any:
    if value is None or value is pd.NA:
        return None
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{value:.{ROUNDED}g}") if math.isfinite(value) else None
    return str(value)


def packed_curves(
    curves: pd.DataFrame, trials: pd.DataFrame, measures: Sequence[str] = MEASURES
) -> dict[str, Any]:
    """Return the curves of `trials`, one after the other in their order, for the page.

    `lengths` counts the points of each trial, `epoch` has them as whole numbers, and each measure
    as half-precision numbers, all in base64. Accuracies are carried as errors, 1 − accuracy, which
    keeps their digits near 1.
    """
    known = curves[curves["trial"].isin(trials["number"])]
    every = max(1, math.ceil(len(known) / MOST_POINTS))
    if every > 1:  # the first and the last epoch of a trial always stay
        place = known.groupby("trial").cumcount()
        last = known["trial"].ne(known["trial"].shift(-1))
        known = known[(place % every == 0) | last]
    lengths = known.groupby("trial").size().reindex(trials["number"], fill_value=0)
    packed: dict[str, Any] = {"lengths": lengths.tolist()}
    packed["epoch"] = _base64(np.minimum(known["epoch"].to_numpy(), 65535).astype("<u2"))
    for measure in [name for name in measures if name in known]:
        values = known[measure].to_numpy(dtype="float64")
        shown = 1 - values if measure.endswith("accuracy") else values
        if not np.isnan(shown).all():
            with np.errstate(over="ignore"):
                packed[measure] = _base64(shown.astype("<f2"))
    return packed


def _base64(values: NDArray[Any]) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")

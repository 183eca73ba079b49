"""The facts of a run that `nnsweep run`, `show` and `list` print as JSON.

They are those of `summary.json`, by the same code.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from results.analysis.findings import Findings


def run_facts(findings: "Findings") -> dict[str, Any]:
    """Return the summary of a run as it is now, finished or not."""
    from results.report.summary_json import summarize

    return {"folder": findings.run.folder, **summarize(findings).plain()}


def written_facts(folder: Path) -> dict[str, Any]:
    """Return the summary that the report of a run has just written."""
    from results.report.summary_json import SUMMARY, RunSummary

    return {"folder": folder, **RunSummary.read(folder / SUMMARY).plain()}


def top_facts(findings: "Findings", top: int) -> list[dict[str, Any]]:
    """Return the `top` best trials, the best first."""
    from results.analysis.trials import learned, top_trials
    from results.frames import params_of

    run = findings.run
    return [
        {
            "trial": int(row["number"]),
            "value": float(row["value"]),
            "best_epoch": int(row["best_epoch"]),
            "epochs": int(row["epochs"]),
            "stop_reason": row["stop_reason"],
            "params": params_of(row, run.config.space),
        }
        for _, row in top_trials(learned(run.trials), top).iterrows()
    ]


def listed_facts(findings: "Findings") -> dict[str, Any]:
    """Return the part of the summary that costs no computation."""
    from results.report.summary_json import shipped_trial_of, trial_counts

    run, best = findings.run, shipped_trial_of(findings)
    return {
        "folder": run.folder,
        "name": run.name,
        "data": run.config.data.name,
        "state": run.status.state.value,
        "metric": run.metric.name,
        "trials": trial_counts(run).model_dump(),
        "best": best and best.model_dump(),
    }

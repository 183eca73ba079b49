"""`summary.json`: what a run found, for programs, in one small file.

Numbers that JSON has no word for are null.
"""

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd

from results.analysis.confirmation import params_of, read_confirmation, told_since
from results.analysis.findings import Findings
from results.analysis.importance import Importance
from results.analysis.trials import epochs_spent
from results.frames import STATES
from sweeps.records.atomic_files import replace_file

SUMMARY = "summary.json"


def summarise(findings: Findings) -> dict[str, Any]:
    """Return the summary of a run, finished or not, as plain data for JSON.

    `best` is null before a trial has learned. `best_so_far` has the trials alone that were best
    when they ended. Accuracies and shares are fractions; `epochs_spent` counts every replicate. A
    confirmation is of the trials that were `told` by then, not of those `told_since`.
    """
    run, trials = findings.run, findings.run.trials
    states = trials["state"].value_counts()
    spent = epochs_spent(trials, findings.replicates)
    return {
        "name": run.config.sweep.name,
        "data": findings.environment.get("data", {"name": run.config.data.name}),
        "trials": {
            "wanted": run.config.sweep.trials,
            "done": len(trials),
            **{state: int(states.get(state, 0)) for state in STATES},
        },
        "stop_reasons": {
            str(k): int(v) for k, v in trials["stop_reason"].value_counts().sort_index().items()
        },
        "epochs_spent": int(spent.iloc[-1]) if len(spent) else 0,
        "best": _best(findings),
        "best_so_far": _improvements(findings.climb),
        "importance": [_importance(one) for one in findings.importance],
        "confirmation": _confirmation(findings),
    }


def write_summary(findings: Findings) -> Path:
    """Write `summary.json` into the run folder, whole or not at all, and return its path."""
    path = findings.run.folder / SUMMARY
    text = json.dumps(summarise(findings), indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    replace_file(path, text.encode())
    return path


def _best(findings: Findings) -> dict[str, Any] | None:
    best = findings.best
    if best is None:
        return None
    return {
        "trial": int(best["number"]),
        "value": float(best["value"]),
        "best_epoch": int(best["best_epoch"]),
        "params": params_of(best, findings.run.config.space),
    }


def _improvements(climb: pd.DataFrame) -> list[dict[str, Any]]:
    better = climb[climb["best"].notna() & climb["best"].ne(climb["best"].shift())]
    return [
        {
            "trial": int(row["number"]),
            "epochs_spent": int(row["spent"]),
            "value": float(row["best"]),
        }
        for _, row in better.iterrows()
    ]


def _importance(found: Importance) -> dict[str, Any]:
    shares = [
        {"name": str(name), **{key: _finite(row[key]) for key in ("share", "low", "high")}}
        for name, row in found.shares.iterrows()
    ]
    return {"method": found.method, "basis": found.basis, "shares": shares}


def _confirmation(findings: Findings) -> dict[str, Any] | None:
    record = read_confirmation(findings.run.folder)
    if record is None:
        return None
    keys = ("told", "winner", "runner_up", "distinguishable", "difference", "luck", "test")
    return {key: record.get(key) for key in keys} | {"told_since": told_since(record, findings.run)}


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None

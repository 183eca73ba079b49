"""The ablation of a run as sentences and a table, for the command and the page.

The numbers are those of `ablation.json`; nothing is computed again here.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from nncore.components.metrics import METRICS, Metric
from results.analysis.ablation import read_ablation, significant, winner_of
from results.analysis.findings import Findings
from results.number_text import difference_text, listed, p_text, parameter_text, signed, value_text
from results.report.command_lines import ablate_command
from sweeps.records.ablation_record import AblationRecord, ChangeRecord, Effect


def ablation_block(findings: Findings) -> dict[str, Any] | None:
    """Return the page's block on the ablation, None if there was none.

    `stale` is a warning or "", `sentences` the prose, `header` and `rows` the cells of the table.
    """
    record = read_ablation(findings.run.folder)
    if record is None:
        return None
    return {
        "stale": staleness(record, findings),
        "sentences": sentences(record),
        "header": table_header(record),
        "rows": table_rows(record),
    }


def staleness(record: AblationRecord, findings: Findings) -> str:
    """Return a warning if another trial is the winner by now, and the command; else ""."""
    winner = winner_of(findings).trial
    if winner == record.trial:
        return ""
    return (
        f"This ablation is about trial {record.trial}; the winner is now trial {winner}. To repeat "
        f"it for the winner, run `{ablate_command(findings.run.folder)}`."
    )


def sentences(record: AblationRecord) -> list[str]:
    """Return the prose of an ablation, a sentence at a time."""
    said = [_about_total(record), _about_steps(record)]
    if not record.confirmed:
        said.append(
            f"Trial {record.trial} is the best trial of the search; the run was not confirmed."
        )
    if record.same:
        said.append(f"The winner has the default of {listed(record.same)}.")
    if record.held:
        kept = ", ".join(f"{name} = {parameter_text(v)}" for name, v in record.held.items())
        said.append(
            f"All networks have {kept}, because the default is not valid with the other settings."
        )
    return said


def _about_total(record: AblationRecord) -> str:
    metric, total = METRICS[record.metric], record.total
    start, end = (
        value_text(metric, one) for one in (record.default_value, record.changes[-1].value)
    )
    if math.isnan(total.mean):
        return (
            f"From the defaults to trial {record.trial}, the validation {metric.title} goes from "
            f"{start} to {end}, means of {record.seeds} fresh seeds. Where a network diverged in "
            "its first epoch, there is no mean, and the effects are not known."
        )
    return (
        f"From the defaults to trial {record.trial}, the validation {metric.title} goes from "
        f"{start} to {end}, means of {record.seeds} fresh seeds: "
        f"{difference_text(metric, total.mean)}, {_interval(total, metric)}."
    )


def _interval(effect: Effect, metric: Metric) -> str:
    if effect.ci is None:
        return "no interval, because all seeds gave the same difference"
    return f"95% interval over seeds {' to '.join(signed(metric, end) for end in effect.ci)}"


def _about_steps(record: AblationRecord) -> str:
    metric, rule = METRICS[record.metric], "p < 0.05 after Holm's correction"
    sure = [one for one in record.changes if significant(one.step)]
    if not sure:
        return f"No step on the path has a significant effect ({rule})."
    helps = [change_names(one.after) for one in sure if metric.score(one.step.mean) > 0]
    hurts = [change_names(one.after) for one in sure if metric.score(one.step.mean) <= 0]
    said = [
        f"{listed(names)} {verb}"
        for names, verb in ((helps, "clearly helped"), (hurts, "clearly hurt"))
        if names
    ]
    return f"Of {len(record.changes)} steps on the path, {', and '.join(said)} ({rule})."


def change_names(settings: Mapping[str, Any]) -> str:
    """Return the names of the hyperparameters that change together."""
    return " + ".join(settings)


def change_text(change: ChangeRecord) -> str:
    """Return a change as text, such as "learning_rate 0.5 → 1.2"."""
    parts = zip(change.after, change.before.values(), change.after.values(), strict=True)
    return ", ".join(
        f"{name} {parameter_text(before)} → {parameter_text(after)}"
        for name, before, after in parts
    )


def table_header(record: AblationRecord) -> list[str]:
    """Return the titles of the columns of `table_rows`."""
    metric = METRICS[record.metric]
    effect = "step (points)" if metric.percent else "step"
    return [
        "change",
        metric.title,
        effect,
        "95% from",
        "to",
        "p",
        "alone",
        "p alone",
        "in the winner",
        "p in the winner",
    ]


def table_rows(record: AblationRecord) -> list[list[str]]:
    """Return the cells of the defaults and of each change, in the order of the path.

    The p-values are corrected by Holm's method.
    """
    metric = METRICS[record.metric]
    first = ["defaults", value_text(metric, record.default_value), *[""] * 8]
    return [first, *(_row(change, metric) for change in record.changes)]


def _row(change: ChangeRecord, metric: Metric) -> list[str]:
    ends: Sequence[float | None] = change.step.ci or (None, None)
    return [
        change_text(change),
        value_text(metric, change.value),
        signed(metric, change.step.mean),
        *("" if end is None else signed(metric, end) for end in ends),
        _p_text(change.step),
        *(signed(metric, change.alone.mean), _p_text(change.alone)),
        *(signed(metric, change.in_winner.mean), _p_text(change.in_winner)),
    ]


def _p_text(effect: Effect) -> str:
    p = effect.p_value if effect.p_holm is None else effect.p_holm
    if math.isnan(p):
        return ""
    return p_text(p).removeprefix("p ").removeprefix("= ")

"""The confirmation of a run as prose, and the block of the page that shows it.

The numbers are those of the verdict in `confirmation.json`; nothing is computed again here.
"""

import math
from collections.abc import Sequence
from typing import Any

from nncore.components.metrics import ACCURACY, METRICS, Metric
from results.analysis.findings import Findings
from results.analysis.fresh_values import fresh_text, over_text, seeds_text
from results.number_text import (
    difference_text,
    p_text,
    percent,
    signed,
    spread_text,
    value_text,
    with_article,
)
from sweeps.records.confirmation_record import (
    CandidateRecord,
    ConfirmationRecord,
    EnsembleScores,
    Lead,
    OpenedTestSet,
    SelectionBias,
    Verdict,
    WinnerEstimate,
)

NO_SPREAD = "no interval, because all seeds gave the same {}"


def confirmation_block(findings: Findings) -> dict[str, Any] | None:
    """Return the page's block on the confirmation, None if there was none.

    `sentences` is the prose, `rows` the cells of each candidate, `seeds` the fresh seeds, such as
    "10 fresh seeds", and `classes` the cells of each class on test data.
    """
    record = findings.confirmation
    if record is None:
        return None
    metric = record.judged_by
    rows = [
        {
            "trial": candidate.trial,
            "wins": candidate.trial == record.winner,
            "search": value_text(metric, candidate.search_value),
            "mean": value_text(metric, candidate.mean),
            "interval": _ends(metric, candidate.ci) if candidate.ci else "no spread",
            "selection_bias": selection_bias_text(metric, candidate),
        }
        for candidate in record.candidates
    ]
    return {
        "sentences": sentences(record),
        "rows": rows,
        "seeds": fresh_text(record),
        "classes": class_rows(record.test_set),
        "metrics": metric_rows(record.test_set),
        "metric": metric,
    }


def class_rows(opened: OpenedTestSet) -> list[dict[str, str]]:
    """Return the cells of each class: its name, test examples, precision and recall."""
    return [
        {
            "name": one.name,
            "examples": f"{one.examples:,}",
            "precision": percent(one.precision),
            "recall": percent(one.recall),
        }
        for one in (opened.ensemble.classes if opened.ensemble else ())
    ]


def metric_rows(opened: OpenedTestSet) -> list[tuple[str, str]]:
    """Return the title and the value of each metric for the ensemble on the test set."""
    values = opened.ensemble.metrics if opened.ensemble else {}
    return [
        (METRICS[name].title, "not defined" if value is None else value_text(METRICS[name], value))
        for name, value in values.items()
    ]


def sentences(verdict: Verdict) -> list[str]:
    """Return the prose of a confirmation, a sentence at a time."""
    mean = {candidate.trial: candidate.mean for candidate in verdict.candidates}
    winner, over = verdict.winner, seeds_text(verdict)
    metric, best = verdict.judged_by, value_text(verdict.judged_by, mean[winner])
    kind = "" if metric is ACCURACY else f" {metric.title}"
    reached = f"{with_article(metric)} of {best}" if metric.regression else f"{best}{kind}"
    lead = verdict.difference
    tied = lead is not None and lead.mean == 0
    wins = f"and trial {verdict.runner_up} tie; trial {winner} is taken" if tied else "wins"
    listed = [f"Trial {winner} {wins}: {reached} on validation data, mean of {over}."]
    if math.isnan(mean[winner]):
        listed = [
            f"Trial {winner} is taken. It has no mean on validation data: "
            f"{_diverged(verdict, winner)}; no candidate learned on more of them."
        ]
    else:
        unknown = [trial for trial, of_trial in mean.items() if math.isnan(of_trial)]
        listed += [f"Trial {trial} has no mean: {_diverged(verdict, trial)}." for trial in unknown]
    if verdict.winner_estimate:
        listed.append(_about_estimate(verdict, verdict.winner_estimate))
    if lead and not tied:
        listed.append(_about_lead(verdict, lead))
    listed.append(_about_selection_bias(verdict, verdict.selection_bias, verdict.candidates[0]))
    return listed + (_about_test_set(verdict) if isinstance(verdict, ConfirmationRecord) else [])


def _diverged(verdict: Verdict, trial: int) -> str:
    """Return on how many seeds a trial diverged, as "it diverged ... on 1 of 5 seeds"."""
    values = next(one.values for one in verdict.candidates if one.trial == trial)
    count = sum(map(math.isnan, values))
    return f"it diverged in the first epoch on {count} of {seeds_text(verdict)}"


def _about_estimate(verdict: Verdict, estimate: WinnerEstimate) -> str:
    metric, interval = verdict.judged_by, NO_SPREAD.format("value")
    if estimate.ci:
        interval = f"95% interval over {over_text(verdict)} {_ends(metric, estimate.ci)}"
    if len(verdict.candidates) == 1:
        return f"Its {interval}." if estimate.ci else f"It has {interval}."
    choice = f"Corrected for choosing the best of {len(verdict.candidates)} candidates"
    return f"{choice}: {value_text(metric, estimate.mean)}, {interval}."


def _about_lead(verdict: Verdict, lead: Lead) -> str:
    words = "distinguishable" if verdict.distinguishable else "not distinguishable"
    return (
        f"It is {words} from trial {verdict.runner_up}: it is better by "
        f"{difference_text(verdict.judged_by, lead.mean)}, "
        f"{_interval(verdict, lead.ci, 'difference')}, {p_text(lead.p_value)}."
    )


def _about_selection_bias(verdict: Verdict, bias: SelectionBias, best: CandidateRecord) -> str:
    metric = verdict.judged_by
    if math.isnan(bias.mean):
        return (
            f"The selection bias of the search's best value is not known: trial {bias.trial} has "
            f"no mean, because {_diverged(verdict, bias.trial)}."
        )
    size, interval = difference_text(metric, bias.mean), _interval(verdict, bias.ci, "value")
    estimate = value_text(metric, best.in_search_estimate)
    if estimate != value_text(metric, best.search_value):
        interval += (
            f" (the search's estimate is {estimate} if each replicate counts at its own best"
        )
        interval += " epoch, as fresh networks do)"
    start = f"Selection bias of the search's best value (trial {bias.trial})"
    unsure = "" if bias.ci and bias.ci[0] > 0 else "; it may be 0"
    if verdict.splits:
        unsure += "; it includes how the ordinary split differs from the fresh ones"
    return f"{start}: {size}, {interval}{unsure}."


def _about_test_set(record: ConfirmationRecord) -> list[str]:
    opened, times = record.test_set, len(record.history)
    listed = [alone(record), *_about_baselines(record)]
    if opened.ensemble:
        lead = _about_lead_on_test_set(record, opened.ensemble)
        listed = [together(record), *lead, *listed]
    if times > 1:
        listed.append(
            f"The test set was opened {times} times: "
            "choices made after seeing its scores make these scores look too good."
        )
    return listed


def together(record: ConfirmationRecord) -> str:
    """Return the score of the ensemble, with its uncertainty over the test examples."""
    opened, metric = record.test_set, record.judged_by
    scores = opened.ensemble
    assert scores is not None
    count, all_of_them = scores.networks, len(opened.values)
    left_out = all_of_them - count
    several = count > 1
    who = (
        f"The {count} networks of trial {opened.trial} together"
        if several
        else f"The network of trial {opened.trial}"
    )
    value = value_text(metric, scores.value)
    does = (
        f"{'classify' if several else 'classifies'} {value} of the test set correctly"
        if metric is ACCURACY
        else f"{'have' if several else 'has'} {with_article(metric)} of {value} on the test set"
    )
    examples = f"the {scores.examples:,} test examples"
    interval = (
        f"95% interval over {examples}: {_ends(metric, scores.ci)}"
        if scores.ci
        else f"{examples} show no spread"
    )
    note = (
        f" {left_out} of {all_of_them} networks diverged in the first epoch and "
        f"{'is' if left_out == 1 else 'are'} left out."
        if left_out
        else ""
    )
    if record.grouped:
        note += (
            " Test examples of one group are not independent, so the interval over them is too "
            "narrow."
        )
    return f"{who} {does} ({interval}).{note}"


def alone(record: ConfirmationRecord) -> str:
    """Return the mean score of the single networks, with their spread over the seeds."""
    opened, metric = record.test_set, record.judged_by
    mean, over = value_text(metric, opened.mean), seeds_text(record)
    diverged = sum(map(math.isnan, opened.values))
    if diverged:
        return (
            f"The networks alone have no mean on the test set, because {diverged} of "
            f"{len(opened.values)} diverged in the first epoch."
        )
    if min(opened.values) == max(opened.values):
        return f"Each network alone reaches {mean}, the same on all {over}."
    spread = f"the standard deviation over {over} is {spread_text(metric, opened.std)}"
    interval = (
        f" (95% interval of the mean over the {over_text(record)}: {_ends(metric, opened.ci)})"
        if opened.ci
        else ""
    )
    return f"The networks alone reach {mean} on average; {spread}{interval}."


def _about_baselines(record: ConfirmationRecord) -> list[str]:
    reached = [
        f"{one.name} {value_text(record.judged_by, one.on_test)}"
        for one in record.test_set.baselines
    ]
    return [f"For comparison, on the test set: {', '.join(reached)}."] if reached else []


def _about_lead_on_test_set(record: ConfirmationRecord, scores: EnsembleScores) -> list[str]:
    metric = record.judged_by
    if scores.lead is None:
        return []
    rival = f"the networks of the runner-up, trial {record.runner_up},"
    if scores.lead.ci is None:
        return [f"For information: {rival} do equally well on the test set."]
    return [
        f"For information: their lead over {rival} is {difference_text(metric, scores.lead.mean)} "
        f"on the test set (95% interval over the test examples: "
        f"{_signed_ends(metric, scores.lead.ci)}); the winner was chosen on validation data."
    ]


def selection_bias_text(metric: Metric, candidate: CandidateRecord) -> str:
    """Return the selection bias of a candidate, and whether it is significant."""
    if math.isnan(candidate.mean):
        return "not known"
    estimate = metric.score(candidate.in_search_estimate)
    bias = estimate - metric.score(candidate.mean)
    shows = candidate.ci is not None and estimate > max(map(metric.score, candidate.ci))
    return signed(metric, bias) + ("" if shows else ", not significant")


def _interval(verdict: Verdict, ends: Sequence[float] | None, what: str) -> str:
    """Return the interval of a difference over the seeds."""
    if ends is None:
        return NO_SPREAD.format(what)
    return f"95% interval over {over_text(verdict)} {_signed_ends(verdict.judged_by, ends)}"


def _ends(metric: Metric, ends: Sequence[float]) -> str:
    return " to ".join(value_text(metric, end) for end in ends)


def _signed_ends(metric: Metric, ends: Sequence[float]) -> str:
    return " to ".join(signed(metric, end) for end in ends)

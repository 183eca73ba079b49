"""The confirmation of a run as prose, and the block of the page that shows it.

The numbers are those of the verdict in `confirmation.json`; nothing is computed again here.
"""

from collections.abc import Sequence
from typing import Any

from results.analysis.confirmation import finished_since
from results.analysis.findings import Findings
from results.analysis.trials import best_trial
from results.frames import Run
from results.number_text import (
    count_of_trials,
    percent,
    percent_interval,
    signed_points,
    spread_points,
)
from results.report.command_lines import confirm_command
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

NOT_CONFIRMED = (
    "Not confirmed: the best value of a search is too high on average, and the test set has not "
    "been used."
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
    rows = [
        {
            "trial": candidate.trial,
            "search": _cell(candidate.search_value),
            "mean": _cell(candidate.mean),
            "interval": " to ".join(map(_cell, candidate.ci)) if candidate.ci else "no spread",
            "selection_bias": selection_bias_text(candidate),
        }
        for candidate in record.candidates
    ]
    return {
        "sentences": sentences(record),
        "rows": rows,
        "seeds": fresh_text(record),
        "classes": class_rows(record.test_set),
    }


def class_rows(opened: OpenedTestSet) -> list[dict[str, str]]:
    """Return the cells of each class: its name, test examples, precision and recall."""
    return [
        {
            "name": one.name,
            "examples": f"{one.examples:,}",
            "precision": _cell(one.precision),
            "recall": _cell(one.recall),
        }
        for one in (opened.ensemble.classes if opened.ensemble else ())
    ]


def certificate(findings: Findings) -> dict[str, str]:
    """Return what stands at the head of the page: `text` says what is certified, `command` how.

    `kind` is "certified" or "unconfirmed"; `stale` is a warning or "".
    """
    record, run = findings.confirmation, findings.run
    if record is None:
        can_be = run.budget_spent and findings.best is not None
        return {
            "kind": "unconfirmed",
            "text": NOT_CONFIRMED + (" Next step:" if can_be else ""),
            "command": confirm_command(run.folder) if can_be else "",
            "stale": "",
        }
    stale = staleness(record, run)
    if findings.certified is None:
        return {
            "kind": "unconfirmed",
            "text": f"Not certified: {_why_not_certified(record)} Next step:",
            "command": confirm_command(run.folder, again=True),
            "stale": stale,
        }
    times = len(record.history)
    opened = "once" if times == 1 else f"{times} times, the last time"
    return {
        "kind": "certified",
        "text": f"Certified: trial {record.winner}, on {fresh_text(record)}. The test "
        f"set was opened {opened} on {record.test_set.opened_at[:10]}.",
        "command": "",
        "stale": stale,
    }


def certified_lines(findings: Findings) -> list[str]:
    """Return the lines of `nnsweep show` on what is certified."""
    head = certificate(findings)
    lines = [" ".join(filter(None, (head["text"], head["command"])))]
    if findings.certified is not None and findings.confirmation:
        lines.append(together(findings.confirmation.test_set))
    return [*lines, *filter(None, [head["stale"]])]


def _why_not_certified(record: ConfirmationRecord) -> str:
    if any(record.test_set.values):
        return "the confirmation kept no ensemble of the winner's networks."
    return "none of the winner's networks learned anything on the fresh seeds."


def _cell(fraction: float) -> str:
    return f"{100 * fraction:.2f}"


def staleness(verdict: Verdict, run: Run) -> str:
    """Return a warning if trials have finished since the confirmation, and the command; else "".

    The verdict stays true of the trials that it is about, but another trial may be the best by now.
    """
    more = finished_since(verdict, run)
    if not more:
        return ""
    trials = "1 more trial has" if more == 1 else f"{more:,} more trials have"
    return (
        f"This confirmation was made when the run had {count_of_trials(verdict.finished_trials)}; "
        f"{trials} finished since. {_best_by_now(verdict, run)} To confirm the best of all "
        f"trials, run `{_again(verdict, run)}`; this opens the test set again."
    )


def _again(verdict: Verdict, run: Run) -> str:
    splits = len(verdict.seeds) if verdict.splits else 0
    return confirm_command(run.folder, again=True, splits=splits)


def _best_by_now(verdict: Verdict, run: Run) -> str:
    best = best_trial(run.trials)
    number = None if best is None else int(best["number"])
    if number in [candidate.trial for candidate in verdict.candidates]:
        return f"The best trial of the search, trial {number}, is still among the confirmed trials."
    return f"The best trial of the search is now trial {number}, which was not confirmed."


def sentences(verdict: Verdict) -> list[str]:
    """Return the prose of a confirmation, a sentence at a time."""
    mean = {candidate.trial: candidate.mean for candidate in verdict.candidates}
    winner, over = verdict.winner, seeds_text(verdict)
    listed = [f"Trial {winner} wins: {percent(mean[winner])} on validation data, mean of {over}."]
    if verdict.winner_estimate:
        listed.append(_about_estimate(verdict.winner_estimate, verdict))
    if verdict.difference:
        listed.append(_about_lead(verdict, verdict.difference))
    listed.append(_about_selection_bias(verdict, verdict.selection_bias))
    return listed + (_about_test_set(verdict) if isinstance(verdict, ConfirmationRecord) else [])


def seeds_text(verdict: Verdict) -> str:
    """Return "10 seeds", or "10 splits and seeds" if each seed trained on a split of its own."""
    return f"{len(verdict.seeds)} {_seeds(verdict)}"


def _seeds(verdict: Verdict) -> str:
    return "splits and seeds" if verdict.splits else "seeds"


def fresh_text(verdict: Verdict) -> str:
    """Return "10 fresh seeds", or "10 fresh splits and seeds"."""
    return seeds_text(verdict).replace(" ", " fresh ", 1)


def _about_estimate(estimate: WinnerEstimate, verdict: Verdict) -> str:
    candidates, interval = len(verdict.candidates), NO_SPREAD.format("value")
    if estimate.ci:
        interval = f"95% interval over {_seeds(verdict)} {percent_interval(estimate.ci)}"
    if candidates == 1:
        return f"Its {interval}." if estimate.ci else f"It has {interval}."
    choice = f"Corrected for choosing the best of {candidates} candidates"
    return f"{choice}: {percent(estimate.mean)}, {interval}."


def _about_lead(verdict: Verdict, lead: Lead) -> str:
    if lead.mean == 0 and lead.ci is None:
        return f"It ties with trial {verdict.runner_up}: they are equal on every seed."
    words = "distinguishable" if verdict.distinguishable else "not distinguishable"
    return (
        f"It is {words} from trial {verdict.runner_up}: {_points(lead.mean)}, "
        f"{_interval(verdict, lead.ci, 'difference')}, p = {lead.p_value:.2g}."
    )


def _about_selection_bias(verdict: Verdict, bias: SelectionBias) -> str:
    best, points = verdict.candidates[0], _points(bias.mean)
    interval = _interval(verdict, bias.ci, "value")
    estimate = percent(best.in_search_estimate)
    if estimate != percent(best.search_value):
        interval += f", against {estimate}, the mean of its replicates' own best epochs"
    if bias.ci is None or bias.ci[0] <= 0:
        start = f"No significant selection bias in the search's best value (trial {bias.trial})"
    else:
        start = f"Selection bias of the search's best value (trial {bias.trial})"
    return f"{start}: {points}, {interval}."


def _about_test_set(record: ConfirmationRecord) -> list[str]:
    opened, times = record.test_set, len(record.history)
    listed = [_alone(opened)]
    if opened.ensemble:
        lead = _about_lead_on_test_set(record, opened.ensemble)
        listed = [together(opened), *lead, *listed]
    if times > 1:
        listed.append(
            f"The test set was opened {times} times: "
            "choices made after seeing its scores bias these scores upward."
        )
    return listed


def together(opened: OpenedTestSet) -> str:
    """Return the score of the ensemble, with its uncertainty over the test examples."""
    scores = opened.ensemble
    assert scores is not None
    count, all_of_them = scores.networks, len(opened.values)
    left_out = all_of_them - count
    several = count > 1
    who = (
        f"The {count} networks of trial {opened.trial} together classify"
        if several
        else f"The network of trial {opened.trial} classifies"
    )
    note = (
        f" {left_out} of {all_of_them} networks diverged in the first epoch and "
        f"{'is' if left_out == 1 else 'are'} left out."
        if left_out
        else ""
    )
    return (
        f"{who} {percent(scores.accuracy)} of the test set correctly (95% interval over "
        f"the {scores.examples:,} test examples: {percent_interval(scores.ci)}).{note}"
    )


def _alone(opened: OpenedTestSet) -> str:
    """Return the mean score of the single networks, with their spread over the seeds."""
    seeds = len(opened.values)
    if min(opened.values) == max(opened.values):
        return (
            f"Each network alone reaches {percent(opened.accuracy)}, the same on all {seeds} seeds."
        )
    mean = (
        f"95% interval of the mean over the seeds: {percent_interval(opened.ci)}"
        if opened.ci
        else ""
    )
    spread = f"the standard deviation over {seeds} seeds is {spread_points(opened.std)}"
    return (
        f"The networks alone reach {percent(opened.accuracy)} on average; {spread}"
        f"{f' ({mean})' if mean else ''}."
    )


def _about_lead_on_test_set(record: ConfirmationRecord, scores: EnsembleScores) -> list[str]:
    if scores.lead is None:
        return []
    rival = f"those of trial {record.runner_up}, the runner-up"
    if scores.lead.ci is None:
        return [f"For information: {rival} classify the same test examples correctly."]
    return [
        f"For information: their lead over {rival} is {_points(scores.lead.mean)} on the test set "
        f"(95% interval over the test examples: {_between(scores.lead.ci)}); the winner was chosen "
        "on validation data."
    ]


def selection_bias_text(candidate: CandidateRecord) -> str:
    """Return the selection bias of a candidate in points, and whether it is significant."""
    bias = candidate.in_search_estimate - candidate.mean
    shows = candidate.ci is not None and candidate.in_search_estimate > candidate.ci[1]
    return signed_points(bias) + ("" if shows else ", not significant")


def _points(fraction: float) -> str:
    return f"{signed_points(fraction)} points"


def _interval(verdict: Verdict, ends: Sequence[float] | None, what: str) -> str:
    """Return the interval of a difference over the seeds."""
    if ends is None:
        return NO_SPREAD.format(what)
    return f"95% interval over {_seeds(verdict)} {_between(ends)}"


def _between(ends: Sequence[float]) -> str:
    return f"{signed_points(ends[0])} to {signed_points(ends[1])}"

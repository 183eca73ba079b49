"""The confirmation of a run as prose, and the block of the page that shows it.

The numbers are those of the verdict in `confirmation.json`; nothing is computed again here.
"""

from collections.abc import Sequence
from typing import Any

from results.analysis.confirmation import finished_since, read_confirmation
from results.analysis.findings import Findings
from results.analysis.trials import best_trial
from results.frames import Run
from results.number_text import count_of_trials, percent, signed_points
from results.report.command_lines import confirm_command
from sweeps.records.confirmation_record import (
    CandidateRecord,
    ConfirmationRecord,
    Lead,
    SelectionBias,
    Verdict,
    WinnerEstimate,
)

NO_SPREAD = "no interval, because all seeds gave the same {}"


def confirmation_block(findings: Findings) -> dict[str, Any] | None:
    """Return the page's block on the confirmation, None if there was none.

    `stale` is a warning or "", `sentences` the prose, `rows` the cells of each candidate, `seeds`
    the number of fresh seeds.
    """
    record = read_confirmation(findings.run.folder)
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
        "stale": staleness(record, findings.run),
        "sentences": sentences(record),
        "rows": rows,
        "seeds": len(record.seeds),
    }


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
        f"trials, run `{confirm_command(run.folder, again=True)}`; this opens the test set again."
    )


def _best_by_now(verdict: Verdict, run: Run) -> str:
    best = best_trial(run.trials)
    number = None if best is None else int(best["number"])
    if number in [candidate.trial for candidate in verdict.candidates]:
        return f"The best trial of the search, trial {number}, is still among the confirmed trials."
    return f"The best trial of the search is now trial {number}, which was not confirmed."


def sentences(verdict: Verdict) -> list[str]:
    """Return the prose of a confirmation, a sentence at a time."""
    mean = {candidate.trial: candidate.mean for candidate in verdict.candidates}
    winner, seeds = verdict.winner, len(verdict.seeds)
    listed = [
        f"Trial {winner} wins: {percent(mean[winner])} on validation data, mean of {seeds} seeds."
    ]
    if verdict.winner_estimate:
        listed.append(_about_estimate(verdict.winner_estimate, len(verdict.candidates)))
    if verdict.difference:
        listed.append(_about_lead(verdict, verdict.difference))
    listed.append(_about_selection_bias(verdict.selection_bias, verdict.candidates[0]))
    return listed + (_about_test_set(verdict) if isinstance(verdict, ConfirmationRecord) else [])


def _about_estimate(estimate: WinnerEstimate, candidates: int) -> str:
    interval = NO_SPREAD.format("value")
    if estimate.ci:
        interval = f"95% interval over seeds {' to '.join(map(percent, estimate.ci))}"
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
        f"{_interval(lead.ci, 'difference')}, p = {lead.p_value:.2g}."
    )


def _about_selection_bias(bias: SelectionBias, best: CandidateRecord) -> str:
    points, interval = _points(bias.mean), _interval(bias.ci, "value")
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
    listed = [
        f"On test data its networks reach {percent(opened.accuracy)} ± {percent(opened.std)} "
        f"(mean and standard deviation of {len(opened.values)} networks)."
    ]
    if times > 1:
        listed.append(
            f"The test set was opened {times} times: "
            "choices made after seeing its scores bias these scores upward."
        )
    return listed


def selection_bias_text(candidate: CandidateRecord) -> str:
    """Return the selection bias of a candidate in points, and whether it is significant."""
    bias = candidate.in_search_estimate - candidate.mean
    shows = candidate.ci is not None and candidate.in_search_estimate > candidate.ci[1]
    return signed_points(bias) + ("" if shows else ", not significant")


def _points(fraction: float) -> str:
    return f"{signed_points(fraction)} points"


def _interval(ends: Sequence[float] | None, what: str) -> str:
    """Return the interval of a difference over the seeds."""
    if ends is None:
        return NO_SPREAD.format(what)
    return f"95% interval over seeds {signed_points(ends[0])} to {signed_points(ends[1])}"

"""What stands at the head of a page, and in `nnsweep show`: what is certified, or why nothing is.

It warns if trials have finished since the confirmation, and names the command that follows.
"""

from results.analysis.confirmation import finished_since
from results.analysis.findings import Findings
from results.analysis.fresh_values import fresh_text
from results.analysis.trials import best_trial
from results.frames import Run
from results.number_text import count_of_trials
from results.report.command_lines import confirm_command, first_confirm_command
from results.report.confirmation_prose import together
from sweeps.records.confirmation_record import ConfirmationRecord, Verdict

NOT_CONFIRMED = (
    "Not confirmed: the best value of a search is too good on average, and the test set has not "
    "been used."
)


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
            "command": first_confirm_command(run.folder, run.config) if can_be else "",
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
        lines.append(together(findings.confirmation))
    return [*lines, *filter(None, [head["stale"]])]


def _why_not_certified(record: ConfirmationRecord) -> str:
    if any(record.learned(value) for value in record.test_set.values):
        return "the confirmation kept no ensemble of the winner's networks."
    return "none of the winner's networks learned anything on the fresh seeds."


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

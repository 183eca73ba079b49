"""Checks of the confirmation: its size, and how often the test set was opened."""

from results.analysis.findings import Findings
from results.checks.answer import NO_VALUE, Answer, Status
from results.number_text import count_of_trials

FEW_SEEDS = 5  # the fewest for which the intervals over seeds were measured


def is_confirmed(findings: Findings) -> Answer:
    """Ask for a confirmation, and for enough seeds or splits in it."""
    record = findings.confirmation
    if record is None and findings.best is None:
        return Answer(Status.OPEN, NO_VALUE)
    if record is None:
        return Answer(
            Status.WARNING,
            "The run is not confirmed, and the best of many noisy values is too good on average.",
            "Run `nnsweep confirm`.",
        )
    networks, what = len(record.seeds), "split" if record.splits else "seed"
    evidence = (
        f"The confirmation trained {count_of_trials(len(record.candidates))} again, on {networks} "
        f"fresh {what}{'' if networks == 1 else 's'} each"
    )
    if networks >= FEW_SEEDS:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}.",
        f"So few show little of the spread: in your next run, confirm with `--{what}s 10`.",
    )


def test_set_opened_once(findings: Findings) -> Answer:
    """Count how often the test set was opened."""
    record = findings.confirmation
    if record is None:
        return Answer(Status.GOOD, "The test set has not been opened.")
    times = len(record.history)
    if times <= 1:
        return Answer(Status.GOOD, "The test set was opened once.")
    return Answer(
        Status.WARNING,
        f"The test set was opened {times} times.",
        "What was chosen after seeing its scores makes them too good: report how often it was "
        "opened.",
    )

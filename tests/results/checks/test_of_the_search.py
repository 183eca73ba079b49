"""The checks of the search, each seen to answer ok, warning and open on runs made by hand.

The numbers in the evidence are worked out beside each case.
"""

import numpy as np
import pytest

from results.checks.answer import Status
from tests.support.checked_runs import ask, confirm, one_hot, show

GOOD, WARNING, OPEN = Status.GOOD, Status.WARNING, Status.OPEN


# C04


def test_c04_finds_ties(make):
    alone = ask("C04", make([0.9, 0.8, 0.9001]))
    assert (alone.status, alone.evidence) == (GOOD, "One trial alone has the best value, 90.01%.")
    tied = ask("C04", make([0.9, 0.8, 0.9, None]))  # the trial that never learned does not count
    assert (tied.status, tied.evidence) == (WARNING, "2 of 3 trials have the best value, 90.00%.")
    assert ask("C04", make([0.1 + 0.2, 0.3])).status is WARNING  # 0.30000000000000004 and 0.3
    assert ask("C04", make([None])).status is OPEN


def test_c04_takes_the_smallest_loss(by_metric):
    answer = ask("C04", by_metric("log_loss", [0.5, 0.2, 0.2]))
    assert answer.evidence == "2 of 3 trials have the best value, 0.2000."


def test_c04_is_resolved_by_a_confirmation_of_all_tied_trials(make):
    values = [0.9, 0.8, 0.9, 0.9]
    part = confirm(make(values), {0: [0.8, 0.81], 2: [0.8, 0.82]})
    assert ask("C04", part).status is WARNING
    whole = confirm(make(values), {0: [0.8, 0.81], 2: [0.8, 0.82], 3: [0.7, 0.71]})
    answer = ask("C04", whole)
    assert answer.status is GOOD
    assert answer.evidence.endswith("; the confirmation compared them.")


# C05


def test_c05_finds_best_trials_at_an_end(make):
    # The value rises along the whole range, and the best five of 40 trials lie in its last tenth.
    rates = [round(0.01 * 1000 ** (n / 39), 6) for n in range(40)]
    rates[0], rates[-1] = 0.01, 10.0
    noise = [0.0001 * (n * 7 % 5) for n in range(40)]
    crowded = ask("C05", make([0.5 + 0.01 * n + noise[n] for n in range(40)], rates=rates))
    assert (crowded.status, crowded.evidence) == (
        WARNING,
        "The best trials crowd at the high end of learning_rate, and the values improve up to "
        "there.",
    )
    inside = [0.9 - 0.001 * (n - 20) ** 2 + noise[n] for n in range(40)]
    calm = ask("C05", make(inside, rates=rates))
    assert calm.status is GOOD
    assert calm.evidence == "The best trials do not crowd at an end of a range."
    alone = ask("C05", make([*inside[:-1], 0.95], rates=rates))
    assert (alone.status, alone.evidence) == (
        GOOD,
        "The best trials do not crowd at an end of a range, but trial 39 itself lies at the high "
        "end of learning_rate.",
    )
    assert ask("C05", make([0.5] * 9)).evidence == "This needs 10 trials that learned."


# C06


def test_c06_counts_the_trials_that_chance_could_make_the_best(make):
    # 98 of 100 correct: (98 + 2) / 104 gives an error of sqrt(0.9615 * 0.0385 / 104) = 1.886
    # points; 1.96 of them are 3.70 points. Of ten trials, each a point below the one before, the
    # best four lie within.
    labels = np.repeat([0, 1], [50, 50])
    predicted = labels.copy()
    predicted[:2] = 1
    apart = [0.98 - 0.01 * n for n in range(10)]
    answer = ask("C06", show(make(apart), one_hot(predicted), labels))
    assert (answer.status, answer.evidence) == (
        GOOD,
        "On 100 validation examples, two equally good networks differ by up to 3.70 points by "
        "chance; 4 of 10 trials lie so close to the best one.",
    )
    close = [0.98 - 0.01 * n for n in range(4)] + [0.97] + [0.5] * 5
    half = ask("C06", show(make(close), one_hot(predicted), labels))
    assert half.status is WARNING
    assert "; 5 of 10 trials lie" in half.evidence


def test_c06_does_not_take_all_correct_answers_for_certainty(make):
    answer = ask("C06", show(make([1.0] * 10), one_hot([0, 1] * 5), [0, 1] * 5))
    assert answer.status is WARNING  # (10 + 2) / 14: sqrt(0.857 * 0.143 / 14) = 9.35 points
    assert "by up to 18.33 points by chance; 10 of 10" in answer.evidence


def test_c06_trusts_a_confirmation_that_distinguishes(make):
    apart = {0: [0.9, 0.91, 0.92, 0.9], 1: [0.5, 0.52, 0.51, 0.5]}
    assert ask("C06", confirm(make([0.9] * 12), apart)).status is GOOD


@pytest.mark.parametrize("count", [1, 9])
def test_c06_needs_ten_trials(make, count):
    run = show(make([0.9] * count), one_hot([0, 1]), [0, 1])
    assert ask("C06", run).evidence == "This needs 10 trials that learned."


def test_c06_is_open_if_a_metric_shows_no_spread(by_metric):
    run = show(by_metric("balanced_accuracy", [0.9] * 12), one_hot([0, 1]), [0, 1])
    assert ask("C06", run).status is OPEN


# C08


@pytest.mark.parametrize(
    ("best_at", "status", "evidence"),
    [
        (8, WARNING, "Only the last 20% of the trials reached the best value: 1 trial followed."),
        (7, GOOD, "After the best trial, 2 trials brought no better value."),
        (0, GOOD, "After the best trial, 9 trials brought no better value."),
    ],
)
def test_c08_asks_when_the_best_trial_came(make, best_at, status, evidence):
    values = [0.5] * 10
    values[best_at] = 0.9
    answer = ask("C08", make(values))
    assert (answer.status, answer.evidence) == (status, evidence)


def test_c08_needs_a_finished_adaptive_sweep(make):
    late = [0.5] * 9 + [0.9]
    assert ask("C08", make(late, sampler="random")).status is GOOD
    assert ask("C08", make(late, planned=20)).evidence == "The sweep is not finished."
    assert ask("C08", make([0.5] * 4)).evidence == "This needs 10 trials."
    assert ask("C08", make([None] * 10)).evidence == "No trial has learned anything yet."


# C09


@pytest.mark.parametrize(
    ("diverged", "of", "status"), [(0, 1, GOOD), (2, 20, GOOD), (3, 20, WARNING), (1, 1, WARNING)]
)
def test_c09_counts_the_diverged_trials(make, diverged, of, status):
    answer = ask("C09", make([None] * diverged + [0.9] * (of - diverged)))
    trials = "trial" if of == 1 else "trials"
    assert (answer.status, answer.evidence) == (status, f"{diverged} of {of} {trials} diverged.")


def test_c09_is_open_before_the_first_trial(make):
    assert ask("C09", make([])).status is OPEN


# C12


ORDER = [0.5 + 0.01 * n for n in range(10)]


@pytest.mark.parametrize(
    ("other", "status", "correlation"),
    [
        (ORDER, GOOD, "1.00"),
        (ORDER[::-1], WARNING, "-1.00"),
        # each pair of neighbours changes places: 1 - 6 * 10 / (10 * 99) = 0.94
        ([ORDER[n ^ 1] for n in range(10)], GOOD, "0.94"),
        # halves change places: 1 - 6 * 10 * 25 / 990 = -0.52
        (ORDER[5:] + ORDER[:5], WARNING, "-0.52"),
        ([0.9] * 10, WARNING, "0.00"),  # no order
    ],
)
def test_c12_correlates_the_orders_of_the_replicates(by_metric, other, status, correlation):
    table = list(zip(ORDER, other, strict=True))
    answer = ask("C12", by_metric("log_loss", ORDER, table, 2))
    assert answer.status is status
    assert f"The 2 replicates order 10 trials with a mean rank correlation of {correlation} " in (
        answer.evidence
    )


def test_c12_leaves_out_trials_of_which_a_replicate_has_no_value(by_metric):
    values = [*ORDER, 0.99]
    table = [*zip(ORDER, ORDER, strict=True), (0.99, "nan")]
    assert "order 10 trials" in ask("C12", by_metric("log_loss", values, table, 2)).evidence
    none = [("nan", "nan")] * 11
    assert ask("C12", by_metric("log_loss", values, none, 2)).status is OPEN


def test_c12_is_open_for_one_replicate(make):
    assert ask("C12", make(ORDER)).evidence == "The trials have one replicate each."

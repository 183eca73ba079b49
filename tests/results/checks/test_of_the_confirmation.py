"""The checks of the confirmation, each seen to answer ok, warning and open on runs made by hand.

The numbers in the evidence are worked out beside each case.
"""

import pytest

from results.checks.answer import Status
from tests.support.checked_runs import ask, confirm

GOOD, WARNING, OPEN = Status.GOOD, Status.WARNING, Status.OPEN


@pytest.mark.parametrize(("networks", "status"), [(4, WARNING), (5, GOOD)])
@pytest.mark.parametrize(("splits", "what"), [(False, "seeds"), (True, "splits")])
def test_c10_counts_the_fresh_seeds_or_splits(make, networks, status, splits, what):
    values = {0: [0.9, 0.91, 0.92, 0.93, 0.94][:networks]}
    answer = ask("C10", confirm(make([0.9]), values, splits=splits))
    assert (answer.status, answer.evidence) == (
        status,
        f"The confirmation trained 1 trial again, on {networks} fresh {what} each.",
    )
    assert (f"`--{what} 10`" in answer.advice) == (status is WARNING)


def test_c10_warns_of_a_run_that_is_not_confirmed_but_could_be(make):
    assert ask("C10", make([0.9])).advice == "Run `nnsweep confirm`."
    assert ask("C10", make([None])).status is OPEN


def test_c11_counts_the_openings_of_the_test_set(make):
    assert ask("C11", make([0.9])).evidence == "The test set has not been opened."
    for times, status in ((1, GOOD), (2, WARNING)):
        answer = ask("C11", confirm(make([0.9]), {0: [0.9, 0.8]}, times=times))
        assert answer.status is status
        assert f"opened {'once' if times == 1 else '2 times'}" in answer.evidence

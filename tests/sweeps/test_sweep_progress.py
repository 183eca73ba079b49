"""The progress of a running sweep: counts and the best value; it does not grow with the sweep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.components.metrics import ACCURACY
from sweeps.progress import SweepEnd, Tally
from sweeps.trial import Result

results = st.lists(
    st.one_of(
        st.builds(
            Result,
            st.sampled_from(["complete", "pruned"]),
            st.sampled_from([0.0, 0.5, 0.9]),
            st.sampled_from([0, 3]),
        ),
        st.just(Result("failed", None, 0)),
    ),
    max_size=12,
)


@given(results, st.randoms(use_true_random=False))
def test_in_whatever_order_trials_come_the_tally_is_that_of_all(results, random) -> None:  # type: ignore[no-untyped-def]
    numbered = list(enumerate(results))
    random.shuffle(numbered)
    tally = Tally(20, generations=[4], epoch_budget=None, metric=ACCURACY)
    for number, result in numbered:
        tally.add(number, result)
    progress = tally.progress(end=SweepEnd.STOPPED)
    values = [result.value for result in results if result.value]  # 0.0: diverged at once
    assert (progress.done, progress.trials, progress.end) == (len(results), 20, "stopped")
    assert progress.pruned == sum(result.state == "pruned" for result in results)
    assert progress.failed == sum(result.state == "failed" for result in results)
    repeats = [result for result in results if result.state != "failed" and result.epochs == 0]
    assert progress.repeated == len(repeats)
    assert progress.epochs == sum(result.epochs for result in results)
    assert progress.best_value == max(values, default=None)
    first = next((n for n, r in enumerate(results) if r.value == progress.best_value), None)
    assert progress.best_number == (first if values else None)


@pytest.mark.parametrize(
    ("budget", "epochs", "expected"),
    [
        (None, [3, 3], 20),
        (10, [], 20),  # nothing is known yet
        (10, [0], 20),  # failed
        (10, [3, 3], 4),  # four trials of three epochs spend it, and fill a generation
        (13, [3, 3], 8),  # the fifth is begun, and with it all of its generation
        (13, [1, 3], 8),
        (13, [3] * 4 + [9], 8),  # spent, but the generation runs to its end
        (12, [3] * 4, 4),
        (1000, [3, 3], 20),  # more than all trials need
    ],
)
def test_a_budget_of_epochs_ends_the_sweep_with_a_generation(
    budget: int | None, epochs: list[int], expected: int
) -> None:
    tally = Tally(20, generations=[4], epoch_budget=budget, metric=ACCURACY)
    for number, count in enumerate(epochs):
        tally.add(number, Result("complete", 0.9, count))
    progress = tally.progress()
    assert (progress.expected, progress.epoch_budget) == (expected, budget)

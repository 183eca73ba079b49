"""What is told of a sweep while it runs: counts, the best, and nothing that grows with it."""

from hypothesis import given
from hypothesis import strategies as st

from sweeps.progress import Tally
from sweeps.trial import Result

results = st.lists(
    st.one_of(
        st.builds(
            Result,
            st.sampled_from(["complete", "pruned"]),
            st.sampled_from([0.0, 0.5, 0.9]),
            st.just(3),
        ),
        st.just(Result("failed", None, 0)),
    ),
    max_size=12,
)


@given(results, st.randoms(use_true_random=False))
def test_in_whatever_order_trials_come_the_tally_is_that_of_all(results, random) -> None:  # type: ignore[no-untyped-def]
    numbered = list(enumerate(results))
    random.shuffle(numbered)
    tally = Tally(20)
    for number, result in numbered:
        tally.add(number, result)
    progress = tally.progress(end="stopped")
    values = [result.value for result in results if result.value is not None]
    assert (progress.done, progress.trials, progress.end) == (len(results), 20, "stopped")
    assert progress.pruned == sum(result.state == "pruned" for result in results)
    assert progress.failed == sum(result.state == "failed" for result in results)
    assert progress.epochs == sum(result.epochs for result in results)
    assert progress.best_value == max(values, default=None)
    first = next((n for n, r in enumerate(results) if r.value == progress.best_value), None)
    assert progress.best_number == (first if values else None)

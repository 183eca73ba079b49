"""Schedules by tables of values: which learning rate each epoch has, and where training ends."""

from math import sqrt

import pytest

from nncore.components.schedules import SCHEDULES, ScheduleState, warmed_up


def rates(name: str, accuracies: list[float | None], **settings: float) -> list[float]:
    """Return the learning rate of each epoch, up to one more than there are accuracies."""
    given = {"initial": 0.8, "epochs": 4, "decay": 0.5, "patience": 2, **settings}
    state = ScheduleState(learning_rate=given["initial"], **given)  # type: ignore[arg-type]
    found = [state.learning_rate]
    for accuracy in accuracies:
        following = SCHEDULES[name](state, accuracy)
        if following is None:
            return found
        state = following
        found.append(state.learning_rate)
    return found


def test_constant() -> None:
    assert rates("constant", [0.1, 0.1, None, 0.0]) == [0.8] * 5


def test_exponential() -> None:
    assert rates("exponential", [None] * 3) == pytest.approx([0.8, 0.4, 0.2, 0.1])
    assert rates("exponential", [0.5] * 3, decay=1.0) == [0.8] * 4


def test_cosine() -> None:
    half = 0.4 / sqrt(2)
    expected = [0.8, 0.4 + half, 0.4, 0.4 - half, 0.0]
    assert rates("cosine", [None] * 4) == pytest.approx(expected, abs=1e-15)


def test_halve_on_plateau_waits_for_patience_and_then_counts_anew() -> None:
    #            best  1    2→½  1    2→½  new best  1    2→½
    accuracies = [0.5, 0.4, 0.5, 0.3, 0.2, 0.6, 0.6, 0.1]
    expected = [0.8, 0.8, 0.8, 0.4, 0.4, 0.2, 0.2, 0.2, 0.1]
    assert rates("halve-on-plateau", accuracies) == pytest.approx(expected)


def test_halve_on_plateau_ends_after_a_128th() -> None:
    found = rates("halve-on-plateau", [0.5] * 100, patience=1)
    # the first epoch sets the best; then every epoch halves, down to 1/128, which has its turn
    assert found == pytest.approx([0.8, 0.8, *(0.8 / 2**k for k in range(1, 8))])


def test_halve_on_plateau_without_validation_keeps_its_rate() -> None:
    assert rates("halve-on-plateau", [None] * 50, patience=1) == [0.8] * 51


@pytest.mark.parametrize(
    ("warmup", "expected"),
    [(0, [0.8, 0.8]), (1, [0.4, 0.8, 0.8]), (3, [0.2, 0.4, 0.6, 0.8, 0.8])],
)
def test_a_warm_up_rises_in_equal_steps(warmup: int, expected: list[float]) -> None:
    found = [warmed_up(0.8, epoch, warmup) for epoch in range(1, len(expected) + 1)]
    assert found == pytest.approx(expected, abs=1e-15)


def test_without_a_warm_up_a_whole_learning_rate_stays_whole() -> None:
    """The tables of a sweep would show 3 as 3.0 otherwise."""
    assert str(warmed_up(3, 1, 0)) == "3"

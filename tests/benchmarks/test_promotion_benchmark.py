"""The simulation of searches: its order of epochs by hand, and the gain that the manual states."""

import pytest

from benchmarks.promotion import PRUNERS, epochs_in_order, regrets, simulated_config
from benchmarks.support.surfaces import RECORDED, recorded_curves

CURVES = [[0.1, 0.2, 0.3], [0.5, 0.6, 0.7], [0.3, 0.3, 0.3]]


def test_the_epochs_of_a_bracket_come_rung_by_rung() -> None:
    config = simulated_config({"sweep": {"pruner": "promotion", "generation": 3}}, CURVES)
    first_rung = [0.1, 0.5, 0.3]
    again = epochs_in_order(config, CURVES, again=True)
    assert list(again) == [*first_rung, 0.5, 0.6, 0.7]
    assert list(epochs_in_order(config, CURVES, again=False)) == [*first_rung, 0.6, 0.7]


def test_the_epochs_of_a_search_without_a_pruner_come_trial_by_trial() -> None:
    config = simulated_config(PRUNERS["none"], CURVES)
    epochs = list(epochs_in_order(config, CURVES, again=True))
    assert epochs == [score for curve in CURVES for score in curve]


@pytest.mark.parametrize("name", RECORDED)
def test_promotion_halves_the_regret_of_the_median_pruner_at_270_epochs(name: str) -> None:
    curves = recorded_curves(name)
    promotion, median = (
        regrets(PRUNERS[pruner], curves, 20, again=True) for pruner in ("promotion", "median")
    )
    assert promotion[1] <= 0.5 * median[1]

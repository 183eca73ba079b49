"""What learns beats chance: on two fixed surfaces, in the median of 20 seeds.

`python -m benchmarks.samplers` is the long form, of which docs/log.md has the figures.
"""

import statistics
from functools import cache

import pytest

from benchmarks.support.surfaces import FORMULAS, regret

SURFACES = ("bowl", "valley")
SEEDS, TRIALS = 20, 24


@cache
def median(sampler: str, surface: str, seeds: int, trials: int) -> float:
    return statistics.median(
        regret(FORMULAS[surface], seed=seed, trials=trials, generation=4, sampler=sampler)
        for seed in range(seeds)
    )


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "coordinate"])
def test_it_beats_random(sampler: str, surface: str) -> None:
    chance = median("random", surface, SEEDS, TRIALS)
    assert median(sampler, surface, SEEDS, TRIALS) < 0.75 * chance


@pytest.mark.parametrize("surface", SURFACES)
def test_gp_beats_random_in_few_trials(surface: str) -> None:
    """It takes long for each trial and needs few: 16 of them, and three seeds, here."""
    assert median("gp", surface, 3, 16) < median("random", surface, 3, 16)

"""The decisions of a bracket, against values worked out by hand and a plain loop."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.components.metrics import ACCURACY
from nncore.errors import InputError
from sweeps.config import SweepConfig, dump_config, parse_config
from sweeps.config.toml import parse_toml
from sweeps.generations import generation_end, generations
from sweeps.pruners.competition import Competition
from sweeps.pruners.promotion import Bracket, Entrant, brackets, standing
from sweeps.trial import Result


def sweep(
    settings: Mapping[str, object] | None = None, epochs: int = 30, **keys: object
) -> SweepConfig:
    return parse_config(
        {
            "sweep": {"name": "promoted", "pruner": "promotion", **keys},
            "pruner": settings or {},
            "training": {"epochs": epochs},
            "space": {"learning_rate": {"low": 0.1, "high": 1.0}},
        }
    )


def test_the_usual_bracket_by_hand() -> None:
    """27 trials train for 1 epoch, then 9 for 3, 3 for 9 and 1 for 30, each from its beginning."""
    (bracket,) = sweep().brackets
    assert bracket == Bracket(27, (1, 3, 9), 3)
    assert bracket.stages() == [(1, 9), (3, 3), (9, 1)]
    assert bracket.epochs_to_train(30) == 27 + 9 * 3 + 3 * 9 + 30
    assert Bracket(4, (), 3).epochs_to_train(30) == 4 * 30


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((27, 1, 3, 27), [(27, (1, 3, 9)), (12, (3, 9)), (6, (9,)), (4, ())]),
        ((27, 1, 3, 30), [(27, (1, 3, 9)), (12, (3, 9)), (6, (9,)), (4, ())]),
        (
            (81, 1, 3, 81),
            [(81, (1, 3, 9, 27)), (34, (3, 9, 27)), (15, (9, 27)), (8, (27,)), (5, ())],
        ),
        ((16, 2, 4, 40), [(16, (2, 8)), (6, (8,)), (3, ())]),
    ],
)
def test_the_brackets_of_hyperband(
    arguments: tuple[int, int, int, int], expected: list[tuple[int, tuple[int, ...]]]
) -> None:
    """The third row is table 1 of the paper: n = 81, 34, 15, 8, 5 for R = 81 and η = 3."""
    made = brackets(*arguments, hyperband=True)
    assert [(one.size, one.rungs) for one in made] == expected
    assert brackets(*arguments, hyperband=False) == made[:1]


THREE_RUNGS = Bracket(9, (1, 3), 3)
FIRST = [0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.4, 0.6, 0.5]


def test_a_bracket_by_hand() -> None:
    """Nine trials, three of which go on to epoch 3, and one of them to its end."""
    entrants = {number: Entrant() for number in range(9)}
    assert standing(THREE_RUNGS, entrants).to_train == dict.fromkeys(range(9), 1)
    entrants |= {number: Entrant([score]) for number, score in enumerate(FIRST)}
    entrants[8] = Entrant()
    assert standing(THREE_RUNGS, entrants).to_train == {8: 1}
    entrants[8] = Entrant([0.5])
    state = standing(THREE_RUNGS, entrants)
    assert state.to_train == {1: 3, 3: 3, 5: 3}
    assert state.stayed == dict.fromkeys([0, 2, 4, 6, 7, 8], 1)
    # Trial 5 gains most. Trial 1 falls, but its best score so far is what counts.
    entrants |= {1: Entrant([0.9, 0.1, 0.1]), 3: Entrant([0.8, 0.8, 0.85])}
    entrants |= {5: Entrant([0.7, 0.8, 0.95])}
    state = standing(THREE_RUNGS, entrants)
    assert state.to_train == {5: None}
    assert state.stayed == {**dict.fromkeys([0, 2, 4, 6, 7, 8], 1), 1: 3, 3: 3}
    entrants[5] = Entrant([0.7, 0.8, 0.95, 0.95], ended=True)
    assert standing(THREE_RUNGS, entrants).to_train == {}


def test_a_trial_that_has_ended_keeps_its_place_and_a_failed_one_has_none() -> None:
    entrants = {number: Entrant([score]) for number, score in enumerate(FIRST)}
    entrants[1] = Entrant([0.9, 0.9], ended=True)  # stopped early
    assert standing(THREE_RUNGS, entrants).to_train == {3: 3, 5: 3}
    entrants[1] = Entrant((), ended=True)  # failed, or diverged in its first epoch
    state = standing(THREE_RUNGS, entrants)
    assert state.to_train == {3: 3, 5: 3, 7: 3}
    assert state.stayed[1] == 1


def test_of_equal_trials_the_lower_number_goes_on_and_one_always_does() -> None:
    entrants = {number: Entrant([0.5]) for number in (7, 4, 9, 2)}
    assert standing(THREE_RUNGS, entrants).to_train == {2: None}
    assert standing(THREE_RUNGS, {}).to_train == {}
    assert standing(THREE_RUNGS, {3: Entrant()}).to_train == {3: None}


curves = st.lists(
    st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.5]), min_size=0, max_size=12),
    min_size=1,
    max_size=14,
)


def plain_halving(
    curves: Sequence[Sequence[float]], rungs: Sequence[int], factor: int
) -> list[int]:
    """Return the epochs that each trial trains: a plain loop over whole curves."""
    trained, inside = [0] * len(curves), list(range(len(curves)))
    for rung in rungs:
        if len(inside) == 1:
            break
        for number in inside:
            trained[number] = min(rung, len(curves[number]))
        best = {number: max(curves[number][:rung], default=-1.0) for number in inside}
        inside = sorted(inside, key=lambda number: (best[number], -number), reverse=True)
        inside = inside[: max(1, len(inside) // factor)]
    for number in inside:
        trained[number] = len(curves[number])
    return trained


@given(curves, st.integers(2, 4), st.integers(1, 2), st.randoms(use_true_random=False))
def test_in_whatever_order_trials_train_the_bracket_ends_as_a_plain_loop(
    curves: list[list[float]], factor: int, first: int, random: object
) -> None:
    """A random part of the due trials is trained at a time, as a kill would leave them."""
    (bracket,) = brackets(len(curves), first, factor, 12, hyperband=False)
    entrants = {number: Entrant() for number in range(len(curves))}
    while due := standing(bracket, entrants).to_train:
        for number in random.sample(sorted(due), random.randint(1, len(due))):  # type: ignore[attr-defined]
            curve = curves[number][: due[number]]
            entrants[number] = Entrant(curve, ended=len(curve) == len(curves[number]))
    reached = [len(entrants[number].curve) for number in range(len(curves))]
    assert reached == plain_halving(curves, bracket.rungs, factor)


def test_the_sampler_hears_that_a_trial_that_diverged_on_a_rung_was_pruned_there() -> None:
    """Optuna's TPE ranks complete trials above pruned ones, whatever their values."""
    competition = Competition([THREE_RUNGS], ACCURACY)
    recorded = {number: (Result("pruned", score, 1), [score]) for number, score in enumerate(FIRST)}
    recorded[0] = Result("complete", 0.1, 2), [0.1]  # diverged in epoch 2
    recorded[1] = Result("complete", 0.9, 2), [0.9, 0.8]  # stopped early, as the best of all
    recorded |= {n: (Result("pruned", FIRST[n], 3), [FIRST[n]] * 3) for n in (3, 5)}
    recorded[2] = Result("failed", None, 0), []
    competition.begin(range(9), recorded)
    heard = [competition.result_to_tell(n, result) for n, (result, _) in recorded.items()]
    assert heard[0] == Result("pruned", 0.1, 1)
    assert heard[1] == Result("complete", 0.9, 2)
    assert heard[2] == Result("failed", None, 0)
    assert heard[3] == Result("pruned", 0.8, 3)
    assert heard[4] == Result("pruned", 0.3, 1)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=4), st.integers(0, 200))
def test_generations_follow_each_other_and_then_begin_again(sizes: list[int], trials: int) -> None:
    numbers = list(generations(sizes, trials))
    assert [number for one in numbers for number in one] == list(range(trials))
    end = generation_end(sizes, trials)
    whole = list(generations(sizes, end))
    assert [len(one) for one in whole] == [sizes[k % len(sizes)] for k in range(len(whole))]
    assert end >= trials > end - (len(whole[-1]) if whole else 1)


@pytest.mark.parametrize(
    ("keys", "trials", "sizes"),
    [
        ({}, 54, (27,)),
        ({"generation": 9}, 45, (9,)),
        ({"generation": 9, "trials": 90}, 90, (9,)),
        ({"pruner": "median"}, 40, (4,)),
    ],
)
def test_a_sweep_has_whole_brackets(
    keys: dict[str, object], trials: int, sizes: tuple[int, ...]
) -> None:
    config = sweep(**keys)  # type: ignore[arg-type]
    assert (config.sweep.trials, config.generation_sizes) == (trials, sizes)
    assert parse_config(parse_toml(dump_config(config))) == config


def test_hyperband_has_generations_of_several_sizes() -> None:
    config = sweep({"hyperband": True})
    assert config.generation_sizes == (27, 12, 6, 4)
    assert config.sweep.trials == 27 + 12 + 6
    assert sweep({"hyperband": True}, trials=49 + 27).sweep.trials == 76


@pytest.mark.parametrize(
    ("settings", "keys", "message"),
    [
        ({"hyperband": 1}, {}, "`pruner.hyperband` must be true or false, got 1"),
        (
            {"reduction_factor": 1},
            {},
            "`pruner.reduction_factor` must be a whole number >= 2, got 1",
        ),
        ({"min_resource": "auto"}, {}, "`pruner.min_resource` must be a whole number >= 1"),
        ({"min_resource": 11}, {}, "`pruner.min_resource` must be <= 10, the epochs of a trial"),
        ({}, {"epochs": 2}, "`pruner.min_resource` must be <= 0.666667, the epochs of a trial"),
        ({}, {"patience": 2}, "`sweep.patience` must be 0 with the pruner promotion, got 2"),
        ({}, {"generation": 2}, "`sweep.generation` must be >= 3, `pruner.reduction_factor`, with"),
        ({}, {"trials": 40}, "with the pruner promotion, as 54 does, got 40"),
        ({"hyperband": True}, {"trials": 50}, "with the pruner promotion, as 76 does, got 50"),
        ({"hyperband": True}, {"pruner": "median"}, "`pruner.hyperband` must go with"),
    ],
)
def test_one_line_says_what_does_not_fit(
    settings: dict[str, object], keys: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError) as refusal:
        sweep(settings, **keys)  # type: ignore[arg-type]
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)

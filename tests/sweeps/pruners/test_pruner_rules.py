"""Every pruner ends a trial exactly where Optuna's own pruner of that name does."""

import pickle
import tomllib
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.trial import TrialState

from benchmarks.pruners import SETTINGS, TRIALS, best_of, pruner_config, replayed
from benchmarks.support.recorded import read_recorded
from nncore.errors import InputError
from sweeps.config import SweepConfig, differing_keys, dump_config, parse_config
from sweeps.pruners.rules import STUDY_NAME, Hyperband, bracket_of, should_prune
from sweeps.scores import new_pruner_history
from sweeps.trial import Result

EPOCHS = 20

Ends = list[tuple[str, int]]
"""The state of each trial and its number of epochs."""

OPTUNAS: dict[str, tuple[dict[str, Any], Callable[[], optuna.pruners.BasePruner]]] = {
    "median": ({}, lambda: optuna.pruners.MedianPruner(5, 3)),
    "median, set": (
        {"n_startup_trials": 2, "n_warmup_steps": 4},
        lambda: optuna.pruners.MedianPruner(2, 4),
    ),
    "halving": ({}, optuna.pruners.SuccessiveHalvingPruner),
    "halving, set": (
        {"min_resource": 2, "reduction_factor": 2},
        lambda: optuna.pruners.SuccessiveHalvingPruner(2, 2),
    ),
    "hyperband": ({}, lambda: optuna.pruners.HyperbandPruner(1, EPOCHS, 3)),
    "hyperband, set": (
        {"min_resource": 2, "reduction_factor": 2},
        lambda: optuna.pruners.HyperbandPruner(2, EPOCHS, 2),
    ),
    "threshold": ({"lower": 0.3}, lambda: optuna.pruners.ThresholdPruner(0.3)),
    "threshold, set": (
        {"lower": 0.2, "upper": 0.9, "n_warmup_steps": 3},
        lambda: optuna.pruners.ThresholdPruner(0.2, 0.9, 3),
    ),
}


def sweep(pruner: str, given: dict[str, Any] | None = None, **section: Any) -> SweepConfig:
    return parse_config(
        {
            "sweep": {"name": "curves", "pruner": pruner, **section},
            "pruner": given or {},
            "training": {"epochs": EPOCHS},
            "space": {"learning_rate": {"low": 0.1, "high": 1.0}},
        }
    )


def our_ends(
    config: SweepConfig, curves: Sequence[Sequence[float] | None], *, ends_are_asked: bool = False
) -> Ends:
    """Run recorded curves as a sweep of generations of one; None is a trial that failed."""
    history, ends = new_pruner_history(config), []
    for number, curve in enumerate(curves):
        table = history.snapshot()
        if curve is None:
            result, epochs = Result("failed", None, 0), 0
        else:
            last = len(curve) + ends_are_asked
            stops = (e for e in range(1, last) if table and should_prune(table, number, curve[:e]))
            epochs = next(stops, None)
            state, epochs = ("complete", len(curve)) if epochs is None else ("pruned", epochs)
            trained = max(epochs, 1)  # the epoch in which a trial diverged is not in its curve
            result = Result(state, max(curve[:epochs], default=0.0), trained)
        history.add(number, result, (curve or ())[:epochs])
        ends.append((result.state, epochs))
    return ends


def optunas_ends(
    pruner: optuna.pruners.BasePruner,
    curves: Sequence[Sequence[float] | None],
    *,
    ends_are_asked: bool = False,
) -> Ends:
    """Run recorded curves as a serial study; a trial that is at its end is complete."""
    study = optuna.create_study(study_name=STUDY_NAME, direction="maximize", pruner=pruner)
    ends = []
    for curve in curves:
        trial = study.ask()
        if curve is None:
            study.tell(trial, state=TrialState.FAIL)
            ends.append(("failed", 0))
            continue
        state, epochs = TrialState.COMPLETE, len(curve)
        for epoch, accuracy in enumerate(curve, 1):
            trial.report(accuracy, epoch)
            if trial.should_prune() and (ends_are_asked or epoch < len(curve)):
                state, epochs = TrialState.PRUNED, epoch
                break
        complete = state == TrialState.COMPLETE
        study.tell(trial, max(curve, default=0.0) if complete else None, state=state)
        ends.append(("complete" if complete else "pruned", epochs))
    return ends


@pytest.fixture(autouse=True, scope="module")
def quiet_optuna() -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def patient(pruner: optuna.pruners.BasePruner | None, patience: int) -> optuna.pruners.BasePruner:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.pruners.PatientPruner(pruner, patience)


# Few values, so that there are ties; thirds of 750, as real accuracies are; trials that stop early,
# diverge in their first epoch (no accuracy at all) or fail.
coarse = st.integers(0, 10).map(lambda tenths: tenths / 10)
fine = st.integers(0, 750).map(lambda correct: correct / 750)
curve = st.one_of(
    st.lists(coarse, min_size=EPOCHS, max_size=EPOCHS),
    st.lists(fine, min_size=EPOCHS, max_size=EPOCHS).map(sorted),
    st.lists(fine, min_size=0, max_size=EPOCHS),
)
many_curves = st.lists(st.one_of(curve, curve, curve, curve, st.none()), min_size=4, max_size=24)


@pytest.mark.parametrize("name", OPTUNAS)
@settings(max_examples=30)
@given(many_curves, st.booleans())
def test_decides_as_optunas_pruner_in_a_serial_study(
    name: str, curves: list[list[float] | None], ends_are_asked: bool
) -> None:
    given, make = OPTUNAS[name]
    config = sweep(name.split(",")[0], given)
    expected = optunas_ends(make(), curves, ends_are_asked=ends_are_asked)
    assert our_ends(config, curves, ends_are_asked=ends_are_asked) == expected


@pytest.mark.parametrize("name", [*OPTUNAS, "none"])
@settings(max_examples=20)
@given(many_curves, st.integers(1, 6), st.booleans())
def test_with_patience_decides_as_optunas_patient_pruner(
    name: str, curves: list[list[float] | None], patience: int, ends_are_asked: bool
) -> None:
    given, make = OPTUNAS.get(name, ({}, lambda: None))
    config = sweep(name.split(",")[0], given, patience=patience)
    expected = optunas_ends(patient(make(), patience), curves, ends_are_asked=ends_are_asked)
    assert our_ends(config, curves, ends_are_asked=ends_are_asked) == expected


ON_RECORDED: dict[str, Callable[[], optuna.pruners.BasePruner]] = {
    "none": optuna.pruners.NopPruner,
    "median": lambda: optuna.pruners.MedianPruner(5, 3),
    "halving": lambda: optuna.pruners.SuccessiveHalvingPruner(3),
    "hyperband": lambda: optuna.pruners.HyperbandPruner(1, 30),
    "threshold": lambda: optuna.pruners.ThresholdPruner(lower=0.8, n_warmup_steps=3),
    "patience": lambda: patient(None, 5),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_decides_as_optunas_pruner_on_the_curves_of_trained_networks(name: str) -> None:
    curves = [trial.curve for trial in read_recorded()[:TRIALS]]
    ends = our_ends(pruner_config(name), curves)
    assert ends == optunas_ends(ON_RECORDED[name](), curves)
    assert ("pruned" in {state for state, _ in ends}) == (name != "none")


def test_median_by_hand() -> None:
    """Two complete trials, at 0.2 and 0.6: their median is 0.4, and 0.4 itself goes on."""
    config = sweep("median", {"n_startup_trials": 2, "n_warmup_steps": 3})
    curves = [[0.2] * 5, [0.6] * 5, [0.3] * 5, [0.4] * 5, [0.45, *[0.1] * 4], [0.1] * 2]
    ends = [("complete", 5), ("complete", 5), ("pruned", 3), ("complete", 5)]
    assert our_ends(config, curves) == [*ends, ("complete", 5), ("complete", 2)]


def test_halving_by_hand() -> None:
    """With a factor of 2, rungs are at epochs 1, 2, 4: half of those that come to one go on."""
    config = sweep("halving", {"min_resource": 1, "reduction_factor": 2})
    curves = [[0.5] * 5, [0.4] * 5, [0.6, 0.2, 0.9, 0.9, 0.9], [0.6, 0.7, 0.7, 0.1, 0.9]]
    # Rung 1: 0.5 | 0.4 is below the best of two | 0.6 is the best of three, 0.6 among two of four.
    # Rung 2: 0.5 | 0.2 is below | 0.7 is the best. Rung 4: 0.5 | 0.1 is below.
    ends = [("complete", 5), ("pruned", 1), ("pruned", 2), ("pruned", 4)]
    assert our_ends(config, curves) == ends


def test_patience_by_hand() -> None:
    """With a patience of 2, three epochs in a row have to stay below the best before them."""
    config = sweep("none", patience=2)
    curves = [
        [0.5, 0.4, 0.4, 0.4, 0.9],
        [0.5, 0.4, 0.4, 0.5, 0.4, 0.4, 0.4],
        [0.5, 0.4, 0.4, 0.5, 0.4, 0.4],
    ]
    assert our_ends(config, curves) == [("pruned", 4), ("complete", 7), ("complete", 6)]


def test_threshold_by_hand() -> None:
    config = sweep("threshold", {"lower": 0.3, "upper": 0.8, "n_warmup_steps": 2})
    curves = [[0.1, 0.3, 0.8, 0.5], [0.5, 0.2, 0.5, 0.5], [0.5, 0.5, 0.9, 0.5]]
    assert our_ends(config, curves) == [("complete", 4), ("pruned", 2), ("pruned", 3)]


def test_hyperband_gives_early_brackets_more_trials() -> None:
    """R = 81, η = 3: ⌈5 · 3^s / (s + 1)⌉ trials for s = 4 to 0 (Li et al. 2017, algorithm 1)."""
    config = parse_config(
        {
            "sweep": {"name": "curves", "pruner": "hyperband"},
            "training": {"epochs": 81},
            "space": {"learning_rate": {"low": 0.1, "high": 1.0}},
        }
    )
    table = new_pruner_history(config).snapshot()
    assert table is not None
    assert isinstance(table.rule, Hyperband)
    assert table.rule.shares == (81, 34, 15, 8, 5)
    assert [bracket.first for bracket in table.rule.brackets] == [1, 3, 9, 27, 81]
    drawn = [bracket_of(number, table.rule.shares) for number in range(14300)]
    for bracket, share in enumerate(table.rule.shares):
        assert drawn.count(bracket) == pytest.approx(100 * share, rel=0.1)


@pytest.mark.parametrize("pruner", ["median", "halving", "hyperband"])
def test_a_table_is_small_however_many_trials_there_were(pruner: str) -> None:
    sizes, history = [], new_pruner_history(sweep(pruner))
    for number in range(2000):
        if number in (200, 1999):
            sizes.append(len(pickle.dumps(history.snapshot())))
        curve = [0.9 * (number % 97) / 97 * epoch / EPOCHS for epoch in range(1, EPOCHS + 1)]
        history.add(number, Result("complete", max(curve), EPOCHS), curve)
    assert max(sizes) < 500


def test_no_pruner_no_table() -> None:
    assert new_pruner_history(sweep("none")).snapshot() is None


@pytest.mark.parametrize(
    ("pruner", "given", "words"),
    [
        ("median", {"lower": 0.1}, r"`pruner.lower` must go with `sweep.pruner` threshold"),
        ("median", {"n_startup_trial": 1}, "did you mean `pruner.n_startup_trials`"),
        ("median", {"n_warmup_steps": -1}, r"must be a whole number >= 0, got -1"),
        ("median", {"n_warmup_steps": True}, r"must be a whole number >= 0, got True"),
        ("halving", {"reduction_factor": 1}, r"must be a whole number >= 2, got 1"),
        ("halving", {"min_resource": "all"}, r'must be a whole number >= 1 or "auto"'),
        ("hyperband", {"min_resource": 21}, r"`pruner.min_resource` must be <= 20, the epochs"),
        ("threshold", {}, r"`pruner.lower` must be given"),
        (
            "threshold",
            {"lower": 90},
            r"must be a number from 0 to 1, the range of accuracy, got 90",
        ),
        ("threshold", {"lower": 0.9, "upper": 0.1}, r"must be <= `pruner.upper`, got 0.9"),
    ],
)
def test_wrong_settings_are_refused_in_one_line(
    pruner: str, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=words) as refusal:
        sweep(pruner, given)
    assert "\n" not in str(refusal.value)


def test_settings_are_spelled_out_and_read_back() -> None:
    one, other = sweep("median"), sweep("median", {"n_startup_trials": 5})
    assert one == other
    assert differing_keys(one, sweep("median", {"n_startup_trials": 6})) == [
        "pruner.n_startup_trials"
    ]
    for name in ("none", "median", "halving", "hyperband"):
        config = sweep(name, patience=2)
        assert parse_config(tomllib.loads(dump_config(config))) == config


@pytest.mark.parametrize("name", [name for name in SETTINGS if name != "none"])
def test_saves_a_fifth_of_a_recorded_sweep_and_keeps_its_best_trial(name: str) -> None:
    """On curves that `benchmarks.support.recorded` took from 60 trained networks."""
    whole, pruned = replayed("none"), replayed(name)
    assert sum(r.epochs for r in pruned) <= 0.8 * sum(r.epochs for r in whole)
    assert best_of(pruned) == best_of(whole)
    assert pruned[best_of(pruned)].value == whole[best_of(whole)].value

"""A trial that repeats an earlier one counts once: every answer is that of the run without it."""

import numpy as np
import pandas as pd
import pytest

from results.analysis import importance
from results.analysis.confirmation import best_candidates
from results.analysis.evidence import best_few, diverged_above, pressed_bounds, still_learning
from results.analysis.importance import importances
from results.analysis.timeline import timeline
from results.analysis.trials import best_so_far, settled, top_trials, value_distribution
from results.frames import read_run
from results.report.advice import advise
from results.report.html import write_report
from sweeps.config import parse_config
from sweeps.space.dimensions import Choices

SPACE = {
    "learning_rate": Choices(choices=[0.1, 0.2, 0.5, 1.0, 2.0, 5.0]),
    "mini_batch_size": Choices(choices=[10, 20, 50]),
}


@pytest.fixture
def once() -> pd.DataFrame:
    """Return the eighteen points of a space, of which four diverged."""
    points = [(rate, size) for rate in SPACE["learning_rate"].choices for size in (10, 20, 50)]
    diverged = [(rate == 5.0 and size < 50) or (rate == 2.0 and size < 50) for rate, size in points]
    return pd.DataFrame(
        {
            "number": range(18),
            "state": "complete",
            "value": (values := [0.5 + 0.02 * n if n < 12 else 0.4 - 0.01 * n for n in range(18)]),
            "score": values,
            "best_epoch": pd.array([3] * 18, dtype="Int64"),
            "epochs": pd.array([3] * 18, dtype="Int64"),
            "stop_reason": np.where(diverged, "diverged", "max_epochs"),
            "learning_rate": [rate for rate, _ in points],
            "mini_batch_size": [size for _, size in points],
        }
    )


@pytest.fixture
def with_repeats(once: pd.DataFrame) -> pd.DataFrame:
    """Return the same trials, followed by many repeats of the second and the last but one."""
    repeats = once.iloc[[1, 16] * 15].assign(stop_reason="repeated", epochs=0, best_epoch=0)
    both = pd.concat([once, repeats], ignore_index=True)
    return both.assign(number=range(len(both)))


def test_equal_trials_count_once(
    once: pd.DataFrame, with_repeats: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importance, "FEWEST_TRIALS", len(once))
    assert not importances(once, SPACE)[0].shares.empty
    for function in (
        lambda trials: settled(trials, "none"),
        lambda trials: settled(trials, "median"),
        lambda trials: top_trials(trials, 40),
        best_few,
        best_so_far,
        value_distribution,
        *(lambda trials, k=k: importances(trials, SPACE)[k].shares for k in (0, 1)),
    ):
        pd.testing.assert_frame_equal(function(with_repeats), function(once))
    assert diverged_above(once) is not None
    for answer in (
        diverged_above,
        lambda trials: pressed_bounds(trials, SPACE),
        lambda trials: still_learning(trials, 3),
    ):
        assert answer(with_repeats) == answer(once)


def test_repeats_ran_at_no_time(once: pd.DataFrame, with_repeats: pd.DataFrame) -> None:
    started = pd.to_datetime(["2026-01-02T03:04:05Z"] * len(with_repeats), utc=True)
    timings = pd.DataFrame(
        {"number": with_repeats["number"], "started": started, "seconds": 1.0, "worker": "a"}
    )
    timings.loc[18:, ["seconds", "worker"]] = [0.0, "parent"]
    bars = timeline(timings, with_repeats)
    assert bars.bars["number"].tolist() == list(range(18))
    assert bars.lanes == 1


def test_confirm_does_not_compare_a_config_with_itself(write_run) -> None:
    run = read_run(
        write_run(
            trials=[
                "0,complete,0.9,2,2,max_epochs,0.1,30,10,quadratic",
                "1,complete,0.9,0,0,repeated,0.1,30,10,quadratic",
                "2,complete,0.8,2,2,max_epochs,1.0,50,20,cross-entropy",
                "3,complete,0.9,0,0,repeated,0.1,30,10,quadratic",
            ]
        )
    )
    assert [candidate.trial for candidate in best_candidates(run, 3)] == [0, 2]
    assert write_report(run.folder)


def test_no_more_trials_are_advised_if_every_point_was_tried(with_repeats: pd.DataFrame) -> None:
    late = with_repeats.assign(score=[0.5] * 17 + [0.9] + [0.5] * 30)
    space = {name: {"choices": d.choices} for name, d in SPACE.items()}
    config = parse_config({"sweep": {"name": "a", "trials": 18}, "space": space})
    advice = advise(config, late[:18], best_so_far(late[:18]), (), None, over=True)
    assert [one.text for one in advice if "more trials" in one.text] == []
    wide = {**space, "momentum": {"low": 0.0, "high": 0.9}}
    config = parse_config({"sweep": {"name": "a", "trials": 18}, "space": wide})
    late = late[:18].assign(momentum=0.5)
    advice = advise(config, late, best_so_far(late), (), None, over=True)
    assert [one.setting for one in advice if "more trials" in one.text] == ["sweep.trials=36"]

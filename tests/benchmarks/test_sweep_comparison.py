"""The sweep that this project and Optuna's companions run is the same one, point by point."""

from pathlib import Path
from typing import Any

import optuna
import pytest

from benchmarks.sweep.__main__ import summary, table, updates
from benchmarks.sweep.programs import SPACE, Swept, optuna_worker, ours, sweep_config

POINTS = [
    {"learning_rate": 0.5, "lmbda": 1.0, "mini_batch_size": 10, "hidden_units": 30},
    {"learning_rate": 0.25, "lmbda": 0.5, "mini_batch_size": 100, "hidden_units": 40},
]


def test_updates_by_hand() -> None:
    # 3 epochs of 105 examples: 11 mini-batches of 10, the last one short, and 2 of 100
    assert updates(POINTS, epochs=3, examples=105) == 3 * 11 + 3 * 2


def test_summary_and_table_by_hand() -> None:
    swept = {"ours": Swept(POINTS, 0.97), "optuna + pytorch": Swept(POINTS[::-1], 0.96)}
    seconds = {"ours": [3.0, 2.0, 4.0], "optuna + pytorch": [30.0, 24.0, 20.0]}
    result: dict[str, Any] = {**summary(seconds, swept, 3, 105), "missing": {"x": "y is not there"}}
    shown = table(result)

    assert result["programs"]["optuna + pytorch"]["ratio_to_ours"] == 8.0
    assert result["updates"] == 39
    assert "8.00" in shown
    assert "missing: x (y is not there)" in shown


@pytest.mark.parametrize("points", [POINTS[:1], [*POINTS, POINTS[0]], [POINTS[0], POINTS[0]]])
def test_summary_refuses_other_work(points: list[dict[str, Any]]) -> None:
    swept = {"ours": Swept(POINTS, 0.97), "optuna + pytorch": Swept(points, 0.96)}

    with pytest.raises(ValueError, match=r"optuna \+ pytorch must train the same 2 points"):
        summary({name: [1.0] for name in swept}, swept, 3, 105)


def test_points_of_our_run_fit_optuna_and_are_worked_through_once(tmp_path: Path) -> None:
    config = sweep_config("digits", configurations=3, epochs=2)
    wanted = ours(config, tmp_path / "run")
    journal = tmp_path / "journal.log"
    backend = optuna.storages.journal.JournalFileBackend(str(journal))
    storage = optuna.storages.JournalStorage(backend)
    study = optuna.create_study(storage=storage, study_name="peer", direction="maximize")
    for point in wanted.points:
        study.enqueue_trial(point)

    optuna_worker("scikit-learn", config, 3, journal)

    complete = study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
    assert [dict(trial.params) for trial in complete] == wanted.points
    assert all({*point} == {*SPACE} for point in wanted.points)
    assert 0 < wanted.best <= 1

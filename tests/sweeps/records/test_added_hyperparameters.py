"""Results that were stored before a hyperparameter existed are found again.

Each identity is spelled out here as it was before the first of these hyperparameters existed.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from nncore.config import TrialConfig
from sweeps.config import SweepConfig
from sweeps.records.kept_arms import KeptArms
from sweeps.study.database import open_database
from sweeps.study.optuna_study import study_name

NEW = (
    *("input_dropout", "max_norm"),
    *("update", "beta1", "beta2", "epsilon", "clip_norm", "warmup"),
)
CHANGED: list[dict[str, Any]] = [
    {"input_dropout": 0.1},
    {"max_norm": 1.0},
    {"update": "adam"},
    {"beta1": 0.5},
    {"beta2": 0.5},
    {"epsilon": 1e-3},
    {"clip_norm": 1.0},
    {"warmup": 1},
]


def test_an_arm_of_an_older_ablation_is_not_trained_again(tmp_path: Path) -> None:
    config = TrialConfig(lmbda=0.5)
    older = {key: value for key, value in asdict(config).items() if key not in NEW}
    name = hashlib.sha256(json.dumps([older, (7, 3)]).encode()).hexdigest()[:32]
    row = {"value": 0.5, "best_epoch": 2, "epochs": 3, "stop_reason": "max_epochs"}
    (tmp_path / f"{name}.json").write_text(json.dumps(row))
    kept = KeptArms(tmp_path)
    found = kept.row(config, (7, 3))
    assert found is not None
    assert asdict(found) == row
    for changed in (*CHANGED, {"lmbda": 1.0}):
        assert kept.row(replace(config, **changed), (7, 3)) is None


def test_the_study_of_an_older_sweep_is_found_in_its_database(
    small: Callable[..., SweepConfig], tmp_path: Path
) -> None:
    plain = small(sweep__trials=1).model_dump(exclude_none=True)
    for key in NEW:
        del plain["training"][key]
    del plain["known"]
    plain["space"] = list(plain["space"].items())
    text = json.dumps(plain, sort_keys=True)
    older = f"small-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    with open_database(f"sqlite:///{tmp_path}/shared.db") as database:
        assert study_name(small(), database) == older
        configs = [small(training__momentum=0.0)]  # which Adam needs
        for changed in CHANGED:
            settings = {f"training__{key}": value for key, value in changed.items()}
            configs.append(small(training__momentum=0.0, **settings))
        assert len({study_name(config, database) for config in configs}) == 1 + len(CHANGED)

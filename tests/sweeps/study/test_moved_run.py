"""A run folder that was renamed, moved or copied: it continues, or one line says how it can."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest

from nncore.datasets import DataSet
from nncore.errors import InputError
from sweeps.config import SweepConfig
from sweeps.records.run_folder import recorded_storage
from sweeps.study.optuna_study import open_study
from sweeps.sweep import check_sweep, run_sweep

Small = Callable[..., SweepConfig]


@pytest.fixture
def whole(small: Small, digits: DataSet, tmp_path: Path) -> list[bytes]:
    """Return the tables of a run that was not moved."""
    run_sweep(small(sweep__trials=6), digits, tmp_path / "whole")
    return tables(tmp_path / "whole")


def tables(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in ("trials.csv", "epochs.csv")]


def stored(folder: Path) -> int:
    with open_study(folder, None) as backend:
        return len(backend.get_all_trials(backend.get_all_studies()[0]._study_id))


@pytest.mark.parametrize("place", ["shared.db", "old/run/study.db"])
def test_a_renamed_run_continues_in_its_database(
    place: str, small: Small, digits: DataSet, tmp_path: Path, whole: list[bytes]
) -> None:
    old, new = tmp_path / "old" / "run", tmp_path / "new" / "run"
    first = small(sweep__trials=3)
    run_sweep(first, digits, old, storage=None)
    run_sweep(first, digits, old, storage=f"sqlite:///{tmp_path / place}")
    (tmp_path / "old").rename(tmp_path / "new")
    assert stored(new) == 3
    check_sweep(small(sweep__trials=6), digits, new)
    run_sweep(small(sweep__trials=6), digits, new)
    assert tables(new) == whole
    assert stored(new) == 6
    assert not (tmp_path / "old").exists()
    database = tmp_path / place.replace("old", "new")
    assert recorded_storage(new) == f"sqlite:///{database}"
    assert len(optuna.get_all_study_names(f"sqlite:///{database}")) == 1


def test_a_database_in_the_run_folder_is_recorded_by_its_name(
    small: Small, digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_sweep(small(sweep__trials=1), digits, Path("run"))
    run_sweep(small(sweep__trials=1), digits, Path("run"), storage="sqlite:///run/study.db")
    record = json.loads(Path("run/environment.json").read_text())
    assert record["storage"] == "sqlite:///study.db"
    monkeypatch.chdir(tmp_path / "run")
    assert recorded_storage(Path("../run")) == f"sqlite:///{tmp_path}/run/../run/study.db"
    assert stored(Path("../run")) == 1


def test_a_project_that_was_moved_names_the_new_place_of_its_database(
    small: Small, digits: DataSet, tmp_path: Path, whole: list[bytes]
) -> None:
    (tmp_path / "old").mkdir()
    url = f"sqlite:///{tmp_path}/old/shared.db"
    run_sweep(small(sweep__trials=3), digits, tmp_path / "old" / "run", storage=url)
    (tmp_path / "old").rename(tmp_path / "new")
    run = tmp_path / "new" / "run"
    hint = r"No such file.*/new/run/environment.json names it: .* `storage` must name its new place"
    for refused in (check_sweep, run_sweep):
        with pytest.raises(InputError, match=hint) as error:
            refused(small(sweep__trials=6), digits, run)
        assert "\n" not in str(error.value)
    shutil.copytree(run, tmp_path / "copy")
    run_sweep(small(sweep__trials=6), digits, run, storage=url.replace("old", "new"))
    assert stored(run) == 6
    run_sweep(small(sweep__trials=6), digits, tmp_path / "copy", storage="journal")
    assert tables(run) == tables(tmp_path / "copy") == whole


def test_a_copy_of_a_run_is_refused_with_the_storage_that_it_can_use(
    small: Small, digits: DataSet, tmp_path: Path, whole: list[bytes]
) -> None:
    url = f"sqlite:///{tmp_path}/shared.db"
    run_sweep(small(sweep__trials=3), digits, tmp_path / "run", storage=url)
    shutil.copytree(tmp_path / "run", tmp_path / "copy")
    with pytest.raises(InputError, match='a copy of the run can use the storage "journal"'):
        run_sweep(small(sweep__trials=6), digits, tmp_path / "copy")
    run_sweep(small(sweep__trials=6), digits, tmp_path / "copy", storage="journal")
    run_sweep(small(sweep__trials=6), digits, tmp_path / "run")
    assert tables(tmp_path / "run") == tables(tmp_path / "copy") == whole

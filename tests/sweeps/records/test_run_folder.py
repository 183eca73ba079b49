"""The files of a run: what is cut, what is kept, and what a kill at the start may leave."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nncore.config import TrialConfig
from nncore.errors import InputError
from sweeps.config import SweepConfig
from sweeps.records.run_folder import RunFolder, check_folder, open_folder
from sweeps.trial import TrialOutcome, evaluate
from tests.support.records import FACTS

Small = Callable[..., SweepConfig]
NAMES = ("trials.csv", "epochs.csv", "timings.csv")
PARAMS = {"learning_rate": 0.5, "lmbda": 0.1, "mini_batch_size": 20, "hidden_units": 5}


@pytest.fixture(scope="module")
def outcome() -> TrialOutcome:
    return evaluate(TrialConfig(epochs=2, hidden_units=(5,)), "digits", [(1, 0), (1, 1)])


@pytest.fixture
def folder(small: Small, tmp_path: Path) -> RunFolder:
    with open_folder(tmp_path / "run", small()) as opened:
        opened.begin(small(), FACTS)
        opened.trim(0)
    return opened


@pytest.fixture
def paired(small: Small, tmp_path: Path) -> RunFolder:
    """A folder of trials with two replicates, as `outcome` has."""
    config = small(sweep__replicates=2)
    with open_folder(tmp_path / "paired", config) as opened:
        opened.begin(config, FACTS)
        opened.trim(0)
    return opened


def lines(folder: RunFolder, name: str) -> list[str]:
    return (folder.path / name).read_text().splitlines()


def test_tables_have_the_documented_columns(folder: RunFolder, outcome: TrialOutcome) -> None:
    folder.add(0, PARAMS, outcome)
    assert lines(folder, "trials.csv") == [
        "number,state,value,best_epoch,epochs,stop_reason,"
        "learning_rate,lmbda,mini_batch_size,hidden_units",
        f"0,complete,{outcome.value!r},{outcome.best_epoch},2,max_epochs,0.5,0.1,20,5",
    ]
    assert lines(folder, "epochs.csv")[0] == (
        "trial,replicate,epoch,learning_rate,train_cost,train_accuracy,"
        "validation_cost,validation_accuracy"
    )
    record = outcome.curves[1][0]
    assert lines(folder, "epochs.csv")[3] == (
        f"0,1,1,0.5,{record.train_cost!r},{record.train_accuracy!r},"
        f"{record.validation_cost!r},{record.validation_accuracy!r}"
    )
    assert lines(folder, "timings.csv")[0] == "number,started,seconds,worker"
    assert lines(folder, "timings.csv")[1].startswith(f"0,{outcome.started},")


def test_unmonitored_cells_are_empty(folder: RunFolder) -> None:
    config = TrialConfig(epochs=1, hidden_units=(5,), monitor_training=False)
    folder.add(0, PARAMS, evaluate(config, "digits", [(1, 0)]))
    assert lines(folder, "epochs.csv")[1].startswith("0,0,1,0.5,,,")


def test_rows_beyond_the_recorded_trials_are_cut(paired: RunFolder, outcome: TrialOutcome) -> None:
    for number in range(3):
        paired.add(number, PARAMS, outcome)
    whole = {name: lines(paired, name) for name in NAMES}
    assert paired.trim(3) == 3
    assert {name: lines(paired, name) for name in whole} == whole
    assert paired.trim(2) == 2
    assert [len(lines(paired, name)) for name in whole] == [1 + 2, 1 + 2 * 4, 1 + 2]
    assert paired.trim(9) == 2


def test_half_a_trial_is_cut(paired: RunFolder, outcome: TrialOutcome) -> None:
    paired.add(0, PARAMS, outcome)
    sizes = {n: (paired.path / n).stat().st_size for n in ("trials.csv", "epochs.csv")}
    paired.add(1, PARAMS, outcome)
    table = paired.path / "trials.csv"
    table.write_bytes(table.read_bytes()[:-5])  # torn: its epochs are there, its row is not
    assert paired.trim(2) == 1
    assert {n: (paired.path / n).stat().st_size for n in sizes} == sizes


@pytest.mark.parametrize(
    ("name", "lost", "kept"),
    [
        ("trials.csv", 3, 2),
        ("timings.csv", 2, 1),
        ("epochs.csv", 4, 0),
        ("epochs.csv", 5, 1),
        ("epochs.csv", 12, 3),
    ],
)
def test_a_trial_that_lacks_a_row_in_any_table_is_cut_from_all(
    name: str, lost: int, kept: int, paired: RunFolder, outcome: TrialOutcome
) -> None:
    """Four trials, the third of which failed: it has no epochs."""
    failed = dataclasses.replace(outcome, state="failed", value=None, epochs=0, curves=())
    for number, ended in enumerate([outcome, outcome, failed, outcome]):
        paired.add(number, PARAMS, ended)
    whole = lines(paired, name)
    (paired.path / name).write_text("\n".join([*whole[:lost], *whole[lost + 1 :], ""]))
    assert paired.trim(4) == kept
    numbers = [{int(line.split(",")[0]) for line in lines(paired, n)[1:]} for n in NAMES]
    assert numbers == [set(range(kept)), set(range(kept)) - {2}, set(range(kept))]


def test_a_kept_outcome_comes_back_equal_but_for_its_weights(
    folder: RunFolder, outcome: TrialOutcome
) -> None:
    strange = dataclasses.replace(outcome.curves[0][0], train_cost=float("inf"), diverged=True)
    kept = dataclasses.replace(outcome, curves=((strange,),))
    folder.keep(4, PARAMS, kept, with_model=True)
    assert folder.kept() == {4: dataclasses.replace(kept, model=None)}
    assert folder.kept_params(4) == PARAMS
    folder.promote(4)
    assert (folder.path / "best.npz").exists()
    folder.drop(4)
    assert folder.kept() == {}
    assert list((folder.path / "pending").iterdir()) == []


def test_a_kept_outcome_that_cannot_be_read_is_no_untrained_trial(
    folder: RunFolder, outcome: TrialOutcome
) -> None:
    folder.keep(4, PARAMS, outcome, with_model=False)
    path = folder.path / "pending" / "000004.json"
    path.unlink()
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        folder.kept()


def test_a_run_folder_that_went_away_is_not_made_anew(
    folder: RunFolder, outcome: TrialOutcome
) -> None:
    shutil.rmtree(folder.path)
    with pytest.raises(FileNotFoundError):
        folder.keep(4, PARAMS, outcome, with_model=True)
    assert not folder.path.exists()


def test_a_run_killed_at_its_very_start_is_begun_again(small: Small, tmp_path: Path) -> None:
    path = tmp_path / "run"
    path.mkdir()
    for name in (".lock", "environment.json", "environment.json.tmp", "sweep.toml.tmp"):
        (path / name).write_text("")
        check_folder(path, small(), {}, anyway=False)
    (path / "notes.txt").write_text("")
    with pytest.raises(InputError, match="must be new, empty or a run"):
        check_folder(path, small(), {}, anyway=False)


@pytest.mark.parametrize("content", ["{", "[]", "[" * 100_000])
def test_a_run_whose_environment_is_damaged_is_refused(
    folder: RunFolder, small: Small, content: str
) -> None:
    (folder.path / "environment.json").write_text(content)
    with pytest.raises(InputError, match=r"environment\.json` must be"):
        check_folder(folder.path, small(), {}, anyway=True)


def test_files_left_by_a_kill_are_deleted_and_those_of_a_report_stay(folder: RunFolder) -> None:
    left = ["sweep.toml", "environment.json", "trials.csv", "pending/000004.npz", "errors/1.txt"]
    being_written = ["report.html", "trials.xlsx", "summary.json", "figures/curves.png"]
    for name in (*left, *being_written):
        path = folder.path / f"{name}.tmp"
        path.parent.mkdir(exist_ok=True)
        path.write_text("half")
    folder.trim(0)
    kept = {path.relative_to(folder.path).as_posix() for path in folder.path.rglob("*.tmp")}
    assert kept == {f"{name}.tmp" for name in being_written}

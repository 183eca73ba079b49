"""Going on with a run: what is refused, what is mended, and what is on record."""

import itertools
import json
import platform
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version
from pathlib import Path

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from nncore.arrays.replay import PURE
from nncore.datasets import DataSet
from nncore.errors import InputError
from sweeps.config import SweepConfig, load_config
from sweeps.environment import environment
from sweeps.progress import SweepProgress
from sweeps.records.run_folder import open_folder
from sweeps.samplers.catalogue import SAMPLERS
from sweeps.study.optuna_study import open_study
from sweeps.sweep import check_sweep, run_sweep
from sweeps.workers.tasks import Runner
from tests.support.run_tables import TABLES, rows, tables

Small = Callable[..., SweepConfig]


def test_fewer_trials_than_were_begun_are_refused(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "run")
    before = tables(tmp_path / "run")
    with pytest.raises(InputError, match=r"`sweep.trials` must be >= 13.*got 12"):
        run_sweep(small(sweep__trials=12), digits, tmp_path / "run")
    assert tables(tmp_path / "run") == before


def test_trials_that_were_begun_and_not_done_count_for_a_dry_run_too(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    started = itertools.count()
    run_sweep(small(), digits, tmp_path / "run", stop_requested=lambda: next(started) >= 3)
    assert len(rows(tmp_path / "run")) < 4
    with (tmp_path / "run" / "journal.log").open("a") as journal:
        journal.write('{"op_code": 4, "wor')  # as a kill leaves it
    before = {p: p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file()}
    check_sweep(small(sweep__trials=4), digits, tmp_path / "run")
    for check in (check_sweep, run_sweep):
        with pytest.raises(InputError, match=r"`sweep.trials` must be >= 4, .* got 3"):
            check(small(sweep__trials=3), digits, tmp_path / "run")
        if check is check_sweep:
            after = {p: p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file()}
            assert after == before


def test_a_stop_before_a_generation_leaves_it_unproposed(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    done = 0

    def count(progress: SweepProgress) -> None:
        nonlocal done
        done = progress.done

    for limit in (0, 4, 5):  # of generations of four
        result = run_sweep(
            small(),
            digits,
            tmp_path / "run",
            on_progress=count,
            stop_requested=lambda limit=limit: done >= limit,
        )
        assert (result.done, result.end) == (limit, "stopped")
        assert stored(tmp_path / "run") == 4 * -(-limit // 4)
    assert run_sweep(small(sweep__trials=8), digits, tmp_path / "run").end == "trials"


def stored(folder: Path) -> int:
    with open_study(folder, None) as backend:
        return len(backend.get_all_trials(backend.get_all_studies()[0]._study_id))


def test_another_config_on_the_folder_is_refused_by_its_keys(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "run")
    other = small(sweep__seed=8, training__epochs=4)
    with pytest.raises(InputError, match=r"settings differ in `sweep.seed`, `training.epochs`"):
        run_sweep(other, digits, tmp_path / "run")


def test_another_environment_is_refused_unless_anyway(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "run")
    path = tmp_path / "run" / "environment.json"
    facts = json.loads(path.read_text())
    facts["packages"]["numpy"] = "1.0"
    path.write_text(json.dumps(facts))
    with pytest.raises(InputError, match=r"packages was .*'numpy': '1.0'.*`anyway`"):
        run_sweep(small(sweep__trials=14), digits, tmp_path / "run")
    assert run_sweep(small(sweep__trials=14), digits, tmp_path / "run", anyway=True).done == 14


def test_what_was_run_anyway_is_on_record_and_resumes_without_asking_again(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "run")
    path = tmp_path / "run" / "environment.json"
    facts = json.loads(path.read_text())
    facts["python"] = "3.0"
    path.write_text(json.dumps(facts))
    run_sweep(small(sweep__trials=14), digits, tmp_path / "run", anyway=True)
    assert run_sweep(small(sweep__trials=15), digits, tmp_path / "run").done == 15
    kept = json.loads(path.read_text())
    assert kept["python"] == "3.0"
    assert [later["python"] for later in kept["resumed"]] == [platform.python_version()]


def test_another_version_of_what_proposes_is_refused_unless_anyway(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "run")
    path = tmp_path / "run" / "environment.json"
    facts = json.loads(path.read_text())
    assert facts["sampler_packages"] == {"cmaes": version("cmaes")}
    path.write_text(json.dumps({**facts, "sampler_packages": {"cmaes": "0.1"}}))
    with pytest.raises(InputError, match=r"sampler_packages was {'cmaes': '0.1'}, is .*`anyway`"):
        run_sweep(small(sweep__trials=14), digits, tmp_path / "run")
    assert run_sweep(small(sweep__trials=14), digits, tmp_path / "run", anyway=True).done == 14


def test_a_run_from_before_those_were_kept_goes_on_and_keeps_them(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "run")
    path = tmp_path / "run" / "environment.json"
    facts = json.loads(path.read_text())
    here = facts.pop("sampler_packages")
    path.write_text(json.dumps(facts))
    run_sweep(small(sweep__trials=14), digits, tmp_path / "run")
    kept = json.loads(path.read_text())
    assert "sampler_packages" not in kept
    assert [later["sampler_packages"] for later in kept["resumed"]] == [here]
    kept["resumed"][0]["sampler_packages"] = {"cmaes": "0.1"}
    path.write_text(json.dumps(kept))
    with pytest.raises(InputError, match="sampler_packages was"):
        run_sweep(small(sweep__trials=15), digits, tmp_path / "run")


def test_gp_rests_on_torch_which_is_not_loaded_to_be_named(
    digits: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    told = environment(digits, 0, SAMPLERS["gp"].packages)["sampler_packages"]
    assert told == {"cmaes": version("cmaes"), "torch": version("torch")}
    assert "sampler_packages" not in environment(digits, 0)


@pytest.mark.parametrize("first", ["0", "1"])
def test_the_other_form_of_the_step_gives_the_same_bytes_and_goes_on_with_a_run(
    first: str, small: Small, digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form is on record, and a run is resumed in the other one without `anyway`."""
    forms = {"0": "compiled", "1": "python"}
    other = {"0": "1", "1": "0"}[first]
    monkeypatch.setenv(PURE, first)
    run_sweep(small(sweep__trials=14), digits, tmp_path / "whole")
    run_sweep(small(), digits, tmp_path / "run")
    monkeypatch.setenv(PURE, other)
    assert run_sweep(small(sweep__trials=14), digits, tmp_path / "run").done == 14
    assert tables(tmp_path / "run") == tables(tmp_path / "whole")
    kept = json.loads((tmp_path / "run" / "environment.json").read_text())
    assert kept["replay"] == forms[first]
    assert [later["replay"] for later in kept["resumed"]] == [forms[other]]


@pytest.mark.parametrize("content", ["", "[]", "{", "{}"])
def test_a_broken_environment_is_told_in_one_line(
    content: str, small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "run")
    (tmp_path / "run" / "environment.json").write_text(content)
    with pytest.raises(InputError, match=r"environment\.json|made in a different environment"):
        run_sweep(small(), digits, tmp_path / "run")


@pytest.mark.parametrize("lines", [0, 1, 20])
def test_a_lost_journal_is_made_again_from_the_tables(
    lines: int, small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "run")
    journal = tmp_path / "run" / "journal.log"
    before = study_of(journal)
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:lines]))
    run_sweep(small(sweep__trials=20), digits, tmp_path / "run")
    run_sweep(small(sweep__trials=20), digits, tmp_path / "whole")
    assert tables(tmp_path / "run") == tables(tmp_path / "whole")
    assert study_of(journal)[:13] == before
    assert study_of(journal) == study_of(tmp_path / "whole" / "journal.log")


def study_of(journal: Path) -> list[tuple[object, ...]]:
    backend = JournalStorage(JournalFileBackend(str(journal)))
    study = optuna.load_study(study_name="small", storage=backend)
    return [(t.number, t.state, t.value, t.params, t.intermediate_values) for t in study.trials]


def test_a_journal_of_another_run_is_refused_and_no_table_is_cut(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "run")
    run_sweep(small(sweep__seed=8), digits, tmp_path / "other")
    before = tables(tmp_path / "run")
    (tmp_path / "other" / "journal.log").replace(tmp_path / "run" / "journal.log")
    with pytest.raises(InputError, match=r"journal.log must hold the trials of trials.csv"):
        run_sweep(small(), digits, tmp_path / "run")
    assert tables(tmp_path / "run") == before


def test_a_lost_row_is_trained_again(small: Small, digits: DataSet, tmp_path: Path) -> None:
    run_sweep(small(), digits, tmp_path / "run")
    before = tables(tmp_path / "run")
    table = tmp_path / "run" / "trials.csv"
    table.write_bytes(b"".join(table.read_bytes().splitlines(keepends=True)[:6]))
    assert run_sweep(small(), digits, tmp_path / "run").done == 13
    assert tables(tmp_path / "run") == before


def test_what_is_trained_again_counts_as_to_be_done(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    whole = run_sweep(small(), digits, tmp_path / "run")
    table = tmp_path / "run" / "trials.csv"
    table.write_bytes(b"".join(table.read_bytes().splitlines(keepends=True)[:6]))
    told: list[SweepProgress] = []
    assert run_sweep(small(), digits, tmp_path / "run", on_progress=told.append) == whole
    assert [progress.done for progress in told] == [5, *range(6, 14)]
    five = [row for row in rows(tmp_path / "run") if int(row["number"]) < 5]
    assert told[0].best_value == max(float(row["value"]) for row in five)
    assert told[0].epochs == sum(int(row["epochs"]) for row in five)


def test_lost_tables_are_made_again_and_the_best_weights_with_them(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    """As where the run folder was deleted, and the database of its study was not."""
    run_sweep(small(), digits, tmp_path / "run")
    names = (*TABLES, "best.npz")
    before = [(tmp_path / "run" / name).read_bytes() for name in names]
    for name in names:
        (tmp_path / "run" / name).unlink()
    run_sweep(small(), digits, tmp_path / "run")
    assert [(tmp_path / "run" / name).read_bytes() for name in names] == before


def test_a_folder_in_use_is_refused(small: Small, digits: DataSet, tmp_path: Path) -> None:
    with (
        open_folder(tmp_path / "run", small()),
        pytest.raises(InputError, match="must not be in use"),
    ):
        run_sweep(small(), digits, tmp_path / "run")


class Meanwhile:
    """Workers during whose start something else happens."""

    def __init__(self, action: Callable[[], object]) -> None:
        self._action = action

    def start(self, *arguments: object) -> AbstractContextManager[Runner]:
        self._action()
        return nullcontext(lambda tasks: iter(()))

    def parallel_trials(self) -> int:
        return 1


def test_a_folder_that_another_run_begins_meanwhile_is_refused_and_left_as_it_is(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    other = small(sweep__seed=8)
    run_sweep(other, digits, tmp_path / "whole")
    workers = Meanwhile(lambda: run_sweep(other, digits, tmp_path / "run"))
    with pytest.raises(InputError, match="must be new, got a run that has just begun it"):
        run_sweep(small(), digits, tmp_path / "run", workers=workers)
    assert tables(tmp_path / "run") == tables(tmp_path / "whole")
    assert load_config(tmp_path / "run" / "sweep.toml") == other


@pytest.mark.parametrize("there_before", [False, True])
def test_a_folder_that_gets_other_files_meanwhile_is_refused_and_left_as_it_is(
    there_before: bool, small: Small, digits: DataSet, tmp_path: Path
) -> None:
    thesis = tmp_path / "thesis" / "chapter1.tex"

    def write_thesis() -> None:
        thesis.parent.mkdir(exist_ok=True)
        thesis.write_text("…")

    if there_before:
        thesis.parent.mkdir()
    with pytest.raises(InputError, match="must be new, empty or a run, but contains other files"):
        run_sweep(small(), digits, thesis.parent, workers=Meanwhile(write_thesis))
    assert {path.name for path in thesis.parent.iterdir()} == {"chapter1.tex", ".lock"}
    assert thesis.read_text() == "…"


def test_a_run_is_locked_from_its_check_until_its_end(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    """So nothing can change between the one check of the folder and the writing."""
    run_sweep(small(), digits, tmp_path / "run")
    refusals = []

    def begin_another() -> None:
        with pytest.raises(InputError, match="must not be in use") as refusal:
            run_sweep(small(), digits, tmp_path / "run")
        refusals.append(refusal)

    result = run_sweep(
        small(sweep__trials=14), digits, tmp_path / "run", workers=Meanwhile(begin_another)
    )
    assert (result.end, len(refusals)) == ("stopped", 1)


def test_a_folder_with_other_files_is_refused(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("…")
    with pytest.raises(InputError, match="must be new, empty or a run"):
        run_sweep(small(), digits, tmp_path / "thesis")
    assert [p.name for p in (tmp_path / "thesis").iterdir()] == ["chapter1.tex"]

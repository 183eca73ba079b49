"""Arms are trained once and stored, and jobs and interruptions do not change a byte."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from experiments.book.arms import SEED, Arm, NetworkArm, SvmArm, describe_arm
from experiments.book.book_files import BookFiles
from experiments.book.report.study_folder import write_tables
from experiments.book.report.study_report import write_study_report
from experiments.book.study import Study
from experiments.book.training.cache_key import cache_key
from experiments.book.training.study_runner import StudyRunner
from nncore.config import TrialConfig

Command = Callable[..., Any]
SHORT = TrialConfig(epochs=2, hidden_units=(8,), monitor_training=True)


def run(runner: StudyRunner, jobs: int = 1) -> list[str]:
    """Train the missing runs and return the names of their arms, in that order."""
    trained: list[str] = []
    assert runner.run(jobs, lambda report: trained.append(report.arm), lambda: False) == []
    return trained


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("trials.csv", "epochs.csv")}


def study(*arms: Arm) -> Study:
    return Study(
        name="s",
        question="Why?",
        book_reports="?",
        minutes=0,
        arms=arms,
        check=lambda runs: [],
        panels=(),
    )


ONE = NetworkArm(name="one", config=SHORT, data="digits")
TWO = NetworkArm(
    name="two", config=replace(SHORT, learning_rate=1.0), data="digits", evaluation="test"
)


def test_an_arm_that_two_studies_share_is_trained_once(tmp_path: Path) -> None:
    again = replace(ONE, name="the same under another name")
    assert run(StudyRunner([ONE, TWO, again], 2, tmp_path)) == ["one", "one", "two", "two"]


def test_a_stored_run_is_not_trained_again(tmp_path: Path) -> None:
    run(StudyRunner([ONE], 2, tmp_path))
    assert run(StudyRunner([ONE, TWO], 3, tmp_path)) == ["one", "two", "two", "two"]
    assert run(StudyRunner([ONE, TWO], 3, tmp_path)) == []


def test_a_newer_hyperparameter_at_its_default_leaves_stored_runs_valid() -> None:
    """The key is spelled out here as it was before the newer hyperparameters existed."""
    setting = describe_arm(ONE)
    del setting["name"]
    for key in ("class_weight", "input_dropout", "max_norm", "update", "beta1", "beta2"):
        del setting["config"][key]
    for key in ("epsilon", "clip_norm", "warmup"):
        del setting["config"][key]
    text = json.dumps([setting, SEED, 3, {"numpy": "2"}], sort_keys=True)
    before = hashlib.sha256(text.encode()).hexdigest()[:32]
    assert cache_key(ONE, 3, {"numpy": "2"}) == before
    for changed in ({"class_weight": "balanced"}, {"max_norm": 2.0}, {"update": "adam"}):
        other = replace(ONE, config=replace(SHORT, **changed))
        assert cache_key(other, 3, {"numpy": "2"}) != before


def test_a_newer_field_of_an_arm_at_its_default_leaves_stored_runs_valid() -> None:
    """The key is spelled out here as it was before a support vector machine had `evaluation`."""
    arm = SvmArm(name="svm", data="digits", training_size=60)
    setting = {"kind": "svm", "data": "digits", "training_size": 60}
    text = json.dumps([setting, SEED, 0, {"numpy": "2"}], sort_keys=True)
    before = hashlib.sha256(text.encode()).hexdigest()[:32]
    assert cache_key(arm, 0, {"numpy": "2"}) == before
    assert cache_key(replace(arm, evaluation="test"), 0, {"numpy": "2"}) != before


def test_a_damaged_outcome_is_trained_again(tmp_path: Path) -> None:
    runner = StudyRunner([ONE], 1, tmp_path)
    run(runner)
    path = tmp_path / "arms" / f"{runner.cache_keys(ONE)[0]}.json"
    whole = json.loads(path.read_text())["value"]
    path.write_text(path.read_text()[:100])
    assert run(StudyRunner([ONE], 1, tmp_path)) == ["one"]
    assert json.loads(path.read_text())["value"] == whole


def test_jobs_and_interruptions_do_not_change_a_byte(tmp_path: Path) -> None:
    whole = StudyRunner([ONE, TWO], 3, tmp_path / "whole")
    run(whole)
    torn = StudyRunner([ONE, TWO], 3, tmp_path / "torn")
    answers = iter([False, False, True, True])
    torn.run(1, lambda report: None, lambda: next(answers))
    run(StudyRunner([ONE, TWO], 3, tmp_path / "torn"), jobs=2)
    for runner, name in ((whole, "whole"), (torn, "torn")):
        runs = runner.study_runs(study(ONE, TWO))
        assert runs is not None
        (tmp_path / name / "s").mkdir()
        write_tables(study(ONE, TWO), runs, runner, tmp_path / name / "s", quick=False)
    assert tables(tmp_path / "whole" / "s") == tables(tmp_path / "torn" / "s")


def test_a_study_with_a_missing_run_is_not_reported(tmp_path: Path) -> None:
    runner = StudyRunner([ONE], 1, tmp_path)
    assert (
        write_study_report(
            study(ONE), runner, tmp_path / "s", BookFiles(withheld=True), quick=False
        )
        is None
    )
    assert not (tmp_path / "s").exists()


def test_a_failed_run_is_reported_and_not_stored(tmp_path: Path) -> None:
    impossible = replace(ONE, training_size=5)  # mini-batches of 10
    runner = StudyRunner([impossible], 1, tmp_path)
    (failure,) = runner.run(1, lambda report: None, lambda: False)
    assert "mini_batch_size" in failure.error
    assert not (tmp_path / "arms").exists()


def test_the_command_runs_a_study_and_resumes(nnsweep: Command) -> None:
    first = nnsweep("book", "run", "restarts", "perceptron", "--quick", "--jobs", 1, "--out", "c")
    assert first.code == 0
    assert "restarts: quick run, not judged" in first.out
    assert "perceptron: reproduced" in first.out
    assert first.err.count("seed") == 4
    before = tables(Path("c/restarts"))
    again = nnsweep("book", "run", "restarts", "--quick", "--jobs", 1, "--out", "c")
    assert (again.code, again.err) == (0, "")
    assert tables(Path("c/restarts")) == before

"""Every study of the catalogue, run small: a new one needs no test of its own here."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.chapter3.arms import SEED, Arm, run_arm, shrunk, task
from experiments.chapter3.book_files import Book
from experiments.chapter3.figures.study_figure import study_figure
from experiments.chapter3.report.pages import Page, overview_lines, page_lines, write_pages
from experiments.chapter3.report.study_folder import read_study, write_tables
from experiments.chapter3.report.study_report import write_report
from experiments.chapter3.studies import STUDIES
from experiments.chapter3.study import Study
from experiments.chapter3.training import engine
from experiments.chapter3.training.engine import Plan
from experiments.chapter3.training.search import cells, sweep_config
from nncore.config import TrialConfig
from nncore.datasets import load_dataset
from nncore.errors import InputError
from nncore.scoring import score
from sweeps.sweep import run_sweep

Command = Callable[..., Any]
SHORT = TrialConfig(epochs=2, hidden_units=(8,), monitor_training=True)


def tiny(arm: Arm) -> Arm:
    """Return the arm on 60 images of 8 × 8 pixels for two epochs."""
    small = shrunk(arm)
    if arm.sampler:
        return replace(small, config=replace(small.config, epochs=1), data="digits", trials=4)
    units = tuple(min(8, width) for width in small.config.hidden_units)
    size = min(60, small.config.mini_batch_size)
    config = replace(small.config, epochs=2, hidden_units=units, mini_batch_size=size)
    return replace(small, config=config, data="digits", training_size=60)


def run(plan: Plan, jobs: int = 1) -> list[str]:
    """Run a plan and return the names of the arms that were trained, in that order."""
    trained: list[str] = []
    assert plan.run(jobs, lambda done: trained.append(done.arm), lambda: False) == []
    return trained


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("trials.csv", "epochs.csv")}


@pytest.fixture(scope="module")
def all_tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan]:
    """Run all arms of all studies once, in a form that takes seconds."""
    folder = tmp_path_factory.mktemp("chapter3")
    arms = [tiny(arm) for study in STUDIES.values() for arm in study.arms]
    plan = Plan(arms, 2, folder)
    run(plan)
    return folder, plan


@pytest.mark.parametrize("name", STUDIES)
def test_study(name: str, all_tiny: tuple[Path, Plan]) -> None:
    folder, plan = all_tiny
    study = replace(STUDIES[name], arms=tuple(map(tiny, STUDIES[name].arms)))
    assert study.name == name
    assert study.question.endswith("?")
    assert len({arm.name for arm in study.arms}) == len(study.arms)

    runs = engine.study_runs(study, plan)

    assert runs is not None
    verdicts = study.check(runs)
    assert verdicts
    assert all(v.sentence.startswith(v.claim) for v in verdicts)
    study_figure(study, runs, Book(closed=True), "caption").draw_without_rendering()
    if study.arms:
        (folder / name).mkdir()
        write_tables(study, runs, plan, folder / name, quick=False)
        assert_whole(study, folder / name)
        assert {arm.arm for arm in read_study(folder / name)[0].values()} == set(study.arms)
    page = Page(study, runs, 2, verdicts, [])
    text = "\n".join(page_lines(page))
    assert f"figures/{name}.png" in text
    assert all(verdict.sentence in text for verdict in verdicts)
    assert f"[{name}]({name}.md)" in "\n".join(overview_lines([page]))


def assert_whole(study: Study, folder: Path) -> None:
    """Check that the tables hold each run once, and each epoch of it."""
    rows, epochs = (
        list(csv.DictReader((folder / f"{table}.csv").read_text("utf-8").splitlines()))
        for table in ("trials", "epochs")
    )
    wanted = [(arm.name, str(seed)) for arm in study.arms for seed in range(arm.runs(2))]
    assert [(row["arm"], row["replicate"]) for row in rows] == wanted
    for row in rows:
        own = [epoch for epoch in epochs if epoch["trial"] == row["number"]]
        scored = own[-1:] if "end" in (row.get("evaluation"), study.arms[0].evaluation) else own
        assert own[-1]["epoch"] == row["epochs"]
        assert all(float(epoch["validation_accuracy"]) <= 1 for epoch in scored)
    assert ("test_accuracy" in epochs[0]) == study.scores_test


def study(*arms: Arm) -> Study:
    return Study(
        name="s", question="Why?", found="?", minutes=0, arms=arms, check=lambda runs: [], panels=()
    )


ONE = Arm(name="one", config=SHORT, data="digits")
TWO = Arm(name="two", config=replace(SHORT, learning_rate=1.0), data="digits", evaluation="test")


def test_an_arm_that_two_studies_share_is_trained_once(tmp_path: Path) -> None:
    again = replace(ONE, name="the same under another name")
    assert run(Plan([ONE, TWO, again], 2, tmp_path)) == ["one", "one", "two", "two"]


def test_what_is_kept_is_not_trained_again(tmp_path: Path) -> None:
    run(Plan([ONE], 2, tmp_path))
    assert run(Plan([ONE, TWO], 3, tmp_path)) == ["one", "two", "two", "two"]
    assert run(Plan([ONE, TWO], 3, tmp_path)) == []


def test_a_damaged_outcome_is_trained_again(tmp_path: Path) -> None:
    plan = Plan([ONE], 1, tmp_path)
    run(plan)
    path = tmp_path / "arms" / f"{plan.keys(ONE)[0]}.json"
    whole = json.loads(path.read_text())["value"]
    path.write_text(path.read_text()[:100])
    assert run(Plan([ONE], 1, tmp_path)) == ["one"]
    assert json.loads(path.read_text())["value"] == whole


def test_jobs_and_interruptions_do_not_change_a_byte(tmp_path: Path) -> None:
    whole = Plan([ONE, TWO], 3, tmp_path / "whole")
    run(whole)
    torn = Plan([ONE, TWO], 3, tmp_path / "torn")
    answers = iter([False, False, True, True])
    torn.run(1, lambda done: None, lambda: next(answers))
    run(Plan([ONE, TWO], 3, tmp_path / "torn"), jobs=2)
    for plan, name in ((whole, "whole"), (torn, "torn")):
        runs = engine.study_runs(study(ONE, TWO), plan)
        assert runs is not None
        (tmp_path / name / "s").mkdir()
        write_tables(study(ONE, TWO), runs, plan, tmp_path / name / "s", quick=False)
    assert tables(tmp_path / "whole" / "s") == tables(tmp_path / "torn" / "s")


def test_a_study_with_a_missing_run_is_not_told(tmp_path: Path) -> None:
    plan = Plan([ONE], 1, tmp_path)
    assert write_report(study(ONE), plan, tmp_path / "s", Book(closed=True), quick=False) is None
    assert not (tmp_path / "s").exists()


def test_a_failed_run_is_told_and_not_kept(tmp_path: Path) -> None:
    impossible = replace(ONE, training_size=5)  # mini-batches of 10
    plan = Plan([impossible], 1, tmp_path)
    (failure,) = plan.run(1, lambda done: None, lambda: False)
    assert "mini_batch_size" in failure.error
    assert not (tmp_path / "arms").exists()


def test_scored_at_the_end_is_the_same_training() -> None:
    source = load_dataset("digits").source
    each, end = (
        run_arm(task(0, replace(ONE, evaluation=how, training_size=200), 0, source))[1]
        for how in ("validation", "end")
    )
    assert end.curves[0][0].validation_accuracy == each.curves[0][-1].validation_accuracy
    assert end.curves[0][0].validation_cost == each.curves[0][-1].validation_cost
    assert (end.epochs, len(end.curves[0])) == (2, 1)
    assert end.model is not None
    expected = score(end.model.network, load_dataset("digits").validation)
    assert end.value == expected.accuracy


def test_test_scores_stand_beside_the_others() -> None:
    source = load_dataset("digits").source
    _, outcome = run_arm(task(0, TWO, 0, source))
    _, other = run_arm(task(0, replace(TWO, evaluation="validation"), 0, source))
    assert [r.test_accuracy for r in other.curves[0]] == [None, None]
    assert all(r.test_accuracy is not None for r in outcome.curves[0])
    assert outcome.value == other.value


def test_the_objective_is_the_cost_that_the_book_publishes(tmp_path: Path) -> None:
    arm = replace(TWO, config=replace(SHORT, lmbda=3.0))
    plan = Plan([arm], 1, tmp_path)
    run(plan)
    runs = plan.arm_runs(arm)
    assert runs is not None
    record = runs.outcomes[0].curves[0][-1]
    n_train = len(load_dataset("digits").train)
    squares = record.penalty * 2 * n_train / 3.0
    assert record.train_cost is not None
    assert record.test_cost is not None
    train, test = (runs.last(f"{name}_objective")[0] for name in ("train", "test"))
    assert train == pytest.approx(record.train_cost + 3.0 / (2 * n_train) * squares)
    assert test == pytest.approx(record.test_cost + 3.0 / (2 * 10_000) * squares)


def test_the_quick_form_fits_mnist_5k() -> None:
    for study_ in STUDIES.values():
        for arm in study_.shrunk().arms:
            if arm.sampler:
                continue
            assert arm.data == "mnist-5k"
            assert arm.training_size is not None
            assert arm.config.mini_batch_size <= arm.training_size <= 3_500
            assert arm.config.epochs <= 12


def test_pages_ask_for_a_full_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run folder of a study"):
        write_pages(tmp_path, tmp_path / "docs")


def test_the_command_runs_a_study_and_resumes(nnsweep: Command) -> None:
    first = nnsweep(
        "chapter3", "run", "restarts", "perceptron", "--quick", "--jobs", 1, "--out", "c"
    )
    assert first.code == 0
    assert "restarts: a quick run, not judged" in first.out
    assert "perceptron: reproduced" in first.out
    assert first.err.count("seed") == 4
    before = tables(Path("c/restarts"))
    again = nnsweep("chapter3", "run", "restarts", "--quick", "--jobs", 1, "--out", "c")
    assert (again.code, again.err) == (0, "")
    assert tables(Path("c/restarts")) == before


def test_list_shows_every_study_and_replay(nnsweep: Command) -> None:
    answer = nnsweep("chapter3", "list")
    assert answer.code == 0
    assert all(name in answer.out for name in [*STUDIES, "weight-init-30", "more-data-svm"])


def test_early_stopping_rules_are_read_from_one_run() -> None:
    """Best in epoch 2; three epochs without improvement end it after epoch 5."""
    from experiments.chapter3.studies.hyperparameters.early_stopping import stopped

    curve = [0.5, 0.8, 0.7, 0.8, 0.6, 0.9, 0.9]
    assert stopped(curve, 3) == (5, 0.8)
    assert stopped(curve, 4) == (7, 0.9)


def test_one_neuron_by_hand() -> None:
    """First steps from (2, 2): a = σ(4); quadratic Δw = −0.15 a · a(1 − a), else −0.005 a."""
    from experiments.chapter3.studies.costs.single_neuron import learned

    a = 1 / (1 + np.exp(-4.0))
    quadratic = np.diff(learned("quadratic", (2.0, 2.0))["weight"])[0]
    cross = np.diff(learned("cross-entropy", (2.0, 2.0))["bias"])[0]
    assert quadratic == pytest.approx(-0.15 * a * a * (1 - a))
    assert cross == pytest.approx(-0.005 * a)


def test_pages_of_a_full_run(
    all_tiny: tuple[Path, Plan], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder, plan = all_tiny
    monkeypatch.setattr(Book.__init__, "__defaults__", ((),))
    small = {}
    for name in ("cost-functions", "restarts", "perceptron"):
        small[name] = replace(STUDIES[name], arms=tuple(map(tiny, STUDIES[name].arms)))
        write_report(small[name], plan, folder / name, Book(closed=True), quick=False)
    del small["cost-functions"]
    monkeypatch.setattr("experiments.chapter3.report.pages.STUDIES", small)

    pages = write_pages(folder, tmp_path / "docs")

    assert [page.name for page in pages] == ["README.md", "restarts.md", "perceptron.md"]
    assert (tmp_path / "docs" / "figures" / "restarts.png").exists()
    assert "nnsweep chapter3 run restarts --seeds 2" in pages[1].read_text("utf-8")
    monkeypatch.setattr("experiments.chapter3.report.pages.STUDIES", STUDIES)
    with pytest.raises(InputError, match="full run of cost-functions"):
        write_pages(folder, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_search_is_told_by_its_best_so_far(tmp_path: Path) -> None:
    """The curve is the running maximum of the sweep's values, in the order of its trials."""
    arm = Arm(name="TPE", config=SHORT, data="digits", sampler="tpe", trials=6)
    dataset = load_dataset("digits")
    _, outcome = run_arm(task(0, arm, 3, dataset.source))
    run_sweep(sweep_config(arm, (SEED, 3)), dataset, tmp_path / "run")
    rows = csv.DictReader((tmp_path / "run" / "trials.csv").read_text().splitlines())
    values = [float(row["value"]) for row in rows]
    best = [max(values[: k + 1]) for k in range(6)]
    assert outcome.error == ""
    assert [record.validation_accuracy for record in outcome.curves[0]] == best
    assert outcome.value == best[-1]


def test_a_grid_has_the_middles_of_equal_parts() -> None:
    assert cells("learning_rate")["choices"] == pytest.approx([10**-1.5, 10**-0.5, 10**0.5])
    assert cells("hidden_units")["choices"] == [32, 78]  # 32.5 and 77.5, to the even one

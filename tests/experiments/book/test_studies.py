"""Every study of the catalogue, run small; a new study is included without a new test."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.book.arms import (
    Arm,
    DarknessArm,
    NetworkArm,
    SearchArm,
    SpeedArm,
    SvmArm,
    quick_form,
    run_count,
)
from experiments.book.book_files import BookFiles
from experiments.book.figures.study_figure import study_figure
from experiments.book.report.pages import Page, overview_lines, page_lines, write_pages
from experiments.book.report.study_folder import read_study, write_tables
from experiments.book.report.study_report import write_study_report
from experiments.book.studies import STUDIES
from experiments.book.study import Study
from experiments.book.training.study_runner import StudyRunner
from nncore.errors import InputError

Command = Callable[..., Any]
PAGES = Path(__file__).parents[3] / "docs" / "book"


def tiny(arm: Arm) -> Arm:
    """Return the arm on 60 images of 8 × 8 pixels for two epochs."""
    small = quick_form(arm)
    match small:
        case SearchArm():
            return replace(small, epochs=1, data="digits", trials=4)
        case SvmArm() | DarknessArm():
            return replace(small, data="digits", training_size=60)
        case NetworkArm() | SpeedArm():
            units = tuple(min(8, width) for width in small.config.hidden_units)
            size = min(60, small.config.mini_batch_size)
            config = replace(small.config, epochs=2, hidden_units=units, mini_batch_size=size)
            return replace(small, config=config, data="digits", training_size=60)


def run(runner: StudyRunner, jobs: int = 1) -> list[str]:
    """Run a runner and return the names of the arms that were trained, in that order."""
    trained: list[str] = []
    assert runner.run(jobs, lambda done: trained.append(done.arm), lambda: False) == []
    return trained


@pytest.fixture(scope="module")
def all_tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StudyRunner]:
    """Run all arms of all studies once, in a form that takes seconds."""
    folder = tmp_path_factory.mktemp("book")
    arms = [tiny(arm) for study in STUDIES.values() for arm in study.arms]
    runner = StudyRunner(arms, 2, folder)
    run(runner)
    return folder, runner


@pytest.mark.parametrize("name", STUDIES)
def test_study(name: str, all_tiny: tuple[Path, StudyRunner]) -> None:
    folder, runner = all_tiny
    study = replace(STUDIES[name], arms=tuple(map(tiny, STUDIES[name].arms)))
    assert study.name == name
    assert study.question.endswith("?")
    assert len({arm.name for arm in study.arms}) == len(study.arms)

    runs = runner.study_runs(study)

    assert runs is not None
    verdicts = study.check(runs)
    assert verdicts
    assert all(v.sentence.startswith(v.claim) for v in verdicts)
    study_figure(study, runs, BookFiles(withheld=True)).draw_without_rendering()
    if study.arms:
        (folder / name).mkdir()
        write_tables(study, runs, runner, folder / name, quick=False)
        assert_whole(study, folder / name)
        assert {arm.arm for arm in read_study(folder / name)[0].values()} == set(study.arms)
    page = Page(study, runs, 2, verdicts, [])
    text = "\n".join(page_lines(page))
    assert f"figures/{name}.png" in text
    assert all(verdict.sentence in text for verdict in verdicts)
    assert f"[{name}]({name}.md)" in "\n".join(overview_lines([page]))
    assert_committed(study, [verdict.claim for verdict in verdicts])


def assert_committed(study: Study, claims: Sequence[str]) -> None:
    """Check that the page in the repository has the texts of the study and its claims, in order."""
    text = (PAGES / f"{study.name}.md").read_text("utf-8")
    assert f"# {study.name}\n\n**{study.question}**\n\nThe book: {study.book_reports}\n" in text
    assert study.notes in text
    lines = [line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ")]
    for line, claim in zip(lines, claims, strict=True):
        assert without_size(line).startswith(f"{without_size(claim)}: ")


def without_size(claim: str) -> str:
    """Return a claim without the size of mini-batches that was fastest when it was measured."""
    return re.sub(r"^Mini-batches of \d+", "Mini-batches", claim)


def assert_whole(study: Study, folder: Path) -> None:
    """Check that the tables hold each run once, and each epoch of it."""
    rows, epochs = (
        list(csv.DictReader((folder / f"{table}.csv").read_text("utf-8").splitlines()))
        for table in ("trials", "epochs")
    )
    wanted = [(arm.name, str(seed)) for arm in study.arms for seed in range(run_count(arm, 2))]
    assert [(row["arm"], row["replicate"]) for row in rows] == wanted
    for row in rows:
        own = [epoch for epoch in epochs if epoch["trial"] == row["number"]]
        assert own[-1]["epoch"] == row["epochs"]
        assert all(float(epoch["validation_accuracy"]) <= 1 for epoch in own)
    assert ("test_accuracy" in epochs[0]) == study.scores_test


def test_the_quick_form_fits_mnist_5k() -> None:
    for study in STUDIES.values():
        for arm in study.quick_form().arms:
            assert arm.data == "mnist-5k"
            if isinstance(arm, SearchArm):
                assert (arm.epochs, arm.trials) == (2, 8)
                continue
            assert arm.training_size is not None
            assert arm.training_size <= 3_500
            if isinstance(arm, NetworkArm | SpeedArm):
                assert arm.config.mini_batch_size <= arm.training_size
                assert arm.config.epochs <= 12


def test_early_stopping_rules_are_applied_to_one_curve() -> None:
    """Best in epoch 2; three epochs without improvement end it after epoch 5."""
    from experiments.book.studies.chapter3.hyperparameters.early_stopping import stopped

    curve = [0.5, 0.8, 0.7, 0.8, 0.6, 0.9, 0.9]
    assert stopped(curve, 3) == (5, 0.8)
    assert stopped(curve, 4) == (7, 0.9)


def test_means_of_epochs_stop_where_they_no_longer_rise() -> None:
    """Means of two: 0.5 to 0.7 rises in epoch 4, 0.65 to 0.7 in 5; 0.7 to 0.65 ends it in 6."""
    from experiments.book.studies.chapter3.hyperparameters.stopping_rules import stopped_by_means

    curve = [0.4, 0.6, 0.7, 0.7, 0.7, 0.6, 0.9]
    assert stopped_by_means(curve, 2) == (6, 0.7)
    assert stopped_by_means(curve, 3) == (7, 0.9)
    assert stopped_by_means(curve, 4) == (7, 0.9)  # shorter than twice four epochs


def test_the_bits_of_every_digit_at_the_bounds_of_the_exercise() -> None:
    """All 1,024 corners of the allowed outputs, one digit after another."""
    from experiments.book.studies.chapter1.bits import errors, weights

    largest = 0.0
    for digit in range(10):
        wanted = np.array([int(bit) for bit in f"{digit:04b}"])
        for corner in range(2**10):
            outputs = np.array([0.01 * (corner >> place & 1) for place in range(10)])
            outputs[digit] = 0.99 + outputs[digit]
            bits = 1 / (1 + np.exp(-(outputs @ weights())))
            assert (bits.round() == wanted).all()
            largest = max(largest, float(np.abs(bits - wanted).max()))
    assert errors().max() == pytest.approx(largest)


def test_one_neuron_by_hand() -> None:
    """First steps from (2, 2): a = σ(4); quadratic Δw = −0.15 a · a(1 − a), else −0.005 a."""
    from experiments.book.studies.chapter3.costs.single_neuron import learned

    a = 1 / (1 + np.exp(-4.0))
    quadratic = np.diff(learned("quadratic", (2.0, 2.0))["weight"])[0]
    cross = np.diff(learned("cross-entropy", (2.0, 2.0))["bias"])[0]
    assert quadratic == pytest.approx(-0.15 * a * a * (1 - a))
    assert cross == pytest.approx(-0.005 * a)


def test_pages_of_a_full_run(
    all_tiny: tuple[Path, StudyRunner], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder, runner = all_tiny
    monkeypatch.setattr(BookFiles.__init__, "__defaults__", ((),))
    small = {}
    for name in ("cost-functions", "restarts", "perceptron"):
        small[name] = replace(STUDIES[name], arms=tuple(map(tiny, STUDIES[name].arms)))
        write_study_report(
            small[name], runner, folder / name, BookFiles(withheld=True), quick=False
        )
    del small["cost-functions"]
    monkeypatch.setattr("experiments.book.report.pages.STUDIES", small)

    pages = write_pages(folder, tmp_path / "docs")

    assert [page.name for page in pages] == ["README.md", "restarts.md", "perceptron.md"]
    assert (tmp_path / "docs" / "figures" / "restarts.png").exists()
    assert "nnsweep book run restarts --seeds 2" in pages[1].read_text("utf-8")
    table = [line for line in pages[2].read_text("utf-8").splitlines() if line.startswith("|")]
    assert {line.count("|") - line.count(r"\|") for line in table} == {3}  # two columns
    monkeypatch.setattr("experiments.book.report.pages.STUDIES", STUDIES)
    with pytest.raises(InputError, match="full run of first-network"):
        write_pages(folder, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_the_overview_says_that_studies_have_different_numbers_of_seeds() -> None:
    names = {"overfitting": 3, "restarts": 10, "perceptron": 1}
    pages = [Page(STUDIES[name], {}, seeds, [], []) for name, seeds in names.items()]
    assert "again, with 3 to 10 seeds. An arm" in "\n".join(overview_lines(pages))
    assert "again, with 10 seeds. An arm" in "\n".join(overview_lines(pages[1:]))


def test_pages_ask_for_a_full_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run folder of a study"):
        write_pages(tmp_path, tmp_path / "docs")


def test_list_shows_every_study_and_replay(nnsweep: Command) -> None:
    answer = nnsweep("book", "list")
    assert answer.code == 0
    assert all(name in answer.out for name in [*STUDIES, "weight-init-30", "more-data-svm"])

"""The notebook, run top to bottom as a student would, in a folder of its own.

It is stored without outputs, so what its figures and sentences are held to is what it does now.
"""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.support.patience import PATIENCE

pytestmark = pytest.mark.slow
NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebooks" / "chapter3.ipynb"
FIGURES = 9  # cells with a figure: six questions, some of them in parts, and a study


def stored() -> NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[NotebookNode]:
    """Return all outputs, in order; an error in a cell is raised here."""
    folder = tmp_path_factory.mktemp("notebook")
    notebook = stored()
    patience = {"startup_timeout": int(PATIENCE), "timeout": int(PATIENCE)}
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, **patience, resources=resources).execute()
    assert not list(folder.iterdir())
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


@pytest.fixture(scope="module")
def said(outputs: list[NotebookNode]) -> str:
    """Return all that was printed."""
    return "".join(output.text for output in outputs if output.output_type == "stream")


def percentages(said: str, pattern: str) -> dict[str, float]:
    """Return the percentage after each match of `pattern`, by its first group."""
    return {name: float(value) for name, value in re.findall(pattern + r" ([\d.]+)%", said)}


def test_it_is_stored_without_outputs() -> None:
    notebook = stored()
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert notebook.metadata.kernelspec.name == "python3"


def test_each_section_shows_a_figure_and_no_warning(outputs: list[NotebookNode]) -> None:
    figures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(figures) == FIGURES
    assert figures[-1] is outputs[-1]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]


def test_the_neuron_is_the_book_s(said: str) -> None:
    assert said.count(": reproduced.\n") == 4


def test_few_images_are_learned_by_heart(said: str) -> None:
    """1,000 images: all of them right, the others not; the cost turns up early, as in the book."""
    right = percentages(said, r"(training|validation) images:")
    assert right["training"] == 100.0
    assert 80 < right["validation"] < 88
    (turn,) = re.findall(r"validation cost: lowest in epoch (\d+)", said)
    assert 5 < int(turn) < 40


def test_weight_decay_helps_and_can_be_too_much(said: str) -> None:
    best = percentages(said, r"(λ [\d.]+):")
    assert best["λ 0"] < best["λ 0.1"] < best["λ 1"]
    assert best["λ 10"] < best["λ 1"]


def test_scaled_weights_are_ahead_after_one_epoch(said: str) -> None:
    first = percentages(said, r"(\w+, \d+ hidden):")
    for units in (30, 100):
        assert first[f"scaled, {units} hidden"] > 5 + first[f"large, {units} hidden"]


def test_a_high_learning_rate_goes_up_and_down(said: str) -> None:
    found = re.findall(r"η ([\d.]+): cost ([\d.]+) at the end, rose in (\d+) epochs", said)
    cost = {eta: float(value) for eta, value, _ in found}
    rises = {eta: int(count) for eta, _, count in found}
    assert cost["0.25"] < min(cost["0.025"], cost["2.5"])
    assert rises["0.025"] <= rises["0.25"] < rises["2.5"]


def test_the_sweep_finds_a_useful_network(said: str) -> None:
    best = percentages(said, "(best trial|over five seeds):")
    assert best["best trial"] > 94
    assert best["over five seeds"] > 93


def test_the_sweep_shows_a_bar_and_its_result_as_a_table(
    outputs: list[NotebookNode], said: str
) -> None:
    data = [output.data for output in outputs if "data" in output]
    (bar,) = [one for one in data if "application/vnd.jupyter.widget-view+json" in one]
    (table,) = [one["text/html"] for one in data if "text/html" in one]
    assert "0/12" in bar["text/plain"]
    (best,) = re.findall(r"12 of 12 trials, best validation accuracy ([\d.]+)%", table)
    assert float(best) == pytest.approx(percentages(said, "(best trial):")["best trial"], abs=0.06)


def test_fresh_seeds_name_a_winner_and_the_test_set_is_opened(said: str) -> None:
    (accuracy,) = re.findall(r"winner, trial \d+: ([\d.]+)% of the test images", said)
    assert float(accuracy) > 91


def test_a_study_runs_in_its_quick_form(said: str) -> None:
    assert "6 arms, 0 failures" in said

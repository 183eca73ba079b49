"""The best network on validation data: counts and mistakes by hand, pictures from the artists."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from nncore.config import trial_config
from nncore.datasets import load_dataset
from nncore.model import Model
from nncore.network import new_network
from results.analysis.best_network import confusion, score_shipped, unit_images, worst_mistakes
from results.analysis.findings import Findings
from results.figures.best_network import (
    plot_confusion,
    plot_hidden_units,
    plot_mistakes,
    tiles_height,
)
from results.figures.catalogue import draw_confusion, draw_hidden_units, draw_mistakes
from results.frames import read_run
from tests.support.records import environment_json


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture
def model(digits):
    network = new_network(trial_config({"hidden_units": 7}), 64, 10, np.random.default_rng(1))
    return Model(network, digits.classes, digits.scaling)


@pytest.fixture
def scored_run(write_run, digits, model):
    """A run on `digits` that keeps a network, read."""
    folder = write_run()
    toml = (folder / "sweep.toml").read_text().replace("mnist-5k", "digits")
    (folder / "sweep.toml").write_text(toml)
    model.save(folder / "best.npz")
    facts = environment_json(data={"name": "digits", "sha256": digits.sha256})
    (folder / "environment.json").write_text(json.dumps(facts))
    return read_run(folder)


def test_confusion_counts_true_classes_by_row():
    labels, predicted = np.array([0, 0, 1, 2, 2, 2]), np.array([0, 1, 1, 2, 0, 2])
    assert confusion(labels, predicted, 3).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]


def test_the_worst_mistake_is_the_surest():
    outputs = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7], [0.55, 0.5]])
    labels = np.array([1, 1, 0, 1, 0])
    # wrong by 0.8, 0.2 and 0.6; the last two are right
    assert worst_mistakes(outputs, labels, 10).tolist() == [0, 2, 1]
    assert worst_mistakes(outputs, labels, 2).tolist() == [0, 2]


def test_units_come_by_their_effect_on_the_next_layer():
    incoming = np.arange(8.0).reshape(4, 2, order="F")  # two units of 2 x 2 pixels
    outgoing = np.array([[0.1, -0.1], [3.0, 4.0]])
    network = SimpleNamespace(weights=[incoming, outgoing])
    found = unit_images(network, (2, 2), 5)
    assert found.tolist() == [[[4, 5], [6, 7]], [[0, 1], [2, 3]]]


def test_the_network_is_scored_on_validation_data(scored_run, digits, model):
    scored = score_shipped(scored_run)
    raw = digits.scaling.undo(digits.validation.x)
    answers = model.predict(raw)
    assert [int(digits.classes[k]) for k in scored.predicted] == answers.tolist()
    truth = np.asarray(digits.classes, int)[digits.validation.labels]
    assert scored.accuracy == pytest.approx(float((answers == truth).mean()))
    assert len(scored.labels) == len(digits.validation)


def test_without_a_network_a_sentence_says_so(write_run):
    lost = "best.npz is missing; resuming the run makes it again"
    assert score_shipped(read_run(write_run())) == lost
    diverged = ["0,complete,0.0,0,1,diverged,10.0,100,5,quadratic"]
    assert score_shipped(read_run(write_run(trials=diverged))) == "no weights have been saved yet"


def test_other_data_is_not_scored(scored_run):
    facts = environment_json(data={"name": "digits", "sha256": "0" * 64})
    (scored_run.folder / "environment.json").write_text(json.dumps(facts))
    assert score_shipped(scored_run) == "the data have changed since the run"


def test_a_network_of_other_data_is_not_scored(scored_run, digits):
    network = new_network(trial_config({}), 784, 10, np.random.default_rng(1))
    Model(network, digits.classes, digits.scaling).save(scored_run.folder / "best.npz")
    assert score_shipped(scored_run) == "the saved weights do not fit the data"


def test_a_damaged_network_is_told(scored_run):
    (scored_run.folder / "best.npz").write_bytes(b"no network")
    assert "best.npz" in score_shipped(scored_run)
    assert score_shipped(scored_run).endswith("; resuming the run makes it again")


def test_data_that_is_not_here_is_not_fetched(scored_run, monkeypatch, tmp_path):
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(tmp_path / "empty"))
    assert "the data set digits is not stored on this computer" in score_shipped(scored_run)


def test_data_of_a_user_that_is_gone_is_told(scored_run):
    toml = (scored_run.folder / "sweep.toml").read_text().replace('"digits"', '"gone.npz"')
    (scored_run.folder / "sweep.toml").write_text(toml)
    assert "gone.npz" in score_shipped(read_run(scored_run.folder))


def test_confusion_is_drawn_with_counts_and_its_commonest_mistake(ax):
    counts = np.array([[8, 2, 0], [1, 9, 0], [0, 0, 10]])
    plot_confusion(counts, ("cat", "dog", "cow"), ax)
    (image,) = ax.images
    assert image.get_array().filled(0).tolist() == [[0, 2, 0], [1, 0, 0], [0, 0, 0]]
    said = {(*text.get_position(), text.get_text()) for text in ax.texts}
    assert said == {(0, 0, "8"), (1, 0, "2"), (0, 1, "1"), (1, 1, "9"), (2, 2, "10")}
    title = ax.get_title(loc="left")
    assert title == "90.00% of 30 correct\nmost common mistake: cat → dog (2 of 10)"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["cat", "dog", "cow"]


def test_a_network_without_mistakes_is_drawn_too(ax):
    plot_confusion(np.diag([5, 5]), ("0", "1"), ax)
    assert ax.get_title(loc="left") == "100.00% of 10 correct"


def test_mistakes_are_drawn_as_pictures_with_both_classes(scored_run, ax):
    scored = score_shipped(scored_run)
    plot_mistakes(scored, ax)
    worst = worst_mistakes(scored.outputs, scored.labels, 24)
    first = scored.dataset.scaling.undo(scored.dataset.validation.x[worst[:1]]).reshape(8, 8)
    (image,) = ax.images
    assert np.asarray(image.get_array())[:8, :8] == pytest.approx(first)
    labels = [text.get_text() for text in ax.texts]
    assert len(labels) == 24
    assert labels[0] == f"{scored.labels[worst[0]]} → {scored.predicted[worst[0]]}"


def test_hidden_units_are_drawn_around_zero(scored_run, ax):
    scored = score_shipped(scored_run)
    plot_hidden_units(scored, ax)
    (image,) = ax.images
    low, high = image.get_clim()
    assert low == -high
    assert ax.get_title(loc="left").endswith("into\nall 7 hidden units, largest effect first")


def test_a_run_on_pictures_has_all_three_figures(scored_run):
    found = Findings(scored_run)
    for draw in (draw_confusion, draw_mistakes, draw_hidden_units):
        assert draw(found) is not None


def test_a_run_without_a_network_has_none_of_them(write_run):
    found = Findings(read_run(write_run()))
    for draw in (draw_confusion, draw_mistakes, draw_hidden_units):
        assert draw(found) is None


def test_a_mosaic_is_as_high_as_its_rows() -> None:
    # 9 images, 4 to a row: three rows; each is 1.5 times as high as its place is wide
    assert tiles_height(9, 4, (14, 10), (0.12, 0.2), 5.6) == pytest.approx(3 * 1.4 * 1.5)

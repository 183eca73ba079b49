"""`nnsweep train`: its lines, its JSON, and the network that it saves."""

import json

import numpy as np
import pytest
from typer.main import get_command

from experiments.cli import app
from nncore.book.keywords import OPTIONS
from nncore.config import NAMES
from nncore.datasets import load_dataset
from nncore.model_file import load_model


def test_train_prints_json_of_the_documented_form(nnsweep) -> None:
    words = ("train", "--data", "digits", "--epochs", "3", "--hidden", "20,10", "--json")
    result = json.loads(nnsweep(*words).out)
    assert set(result) == {"epochs", "best_epoch"}
    assert [epoch["epoch"] for epoch in result["epochs"]] == [1, 2, 3]
    for epoch in result["epochs"]:
        assert set(epoch) == {
            "epoch",
            "train_seconds",
            "evaluation_seconds",
            "train_cost",
            "train_accuracy",
            "validation_cost",
            "validation_accuracy",
        }
    accuracies = [epoch["validation_accuracy"] for epoch in result["epochs"]]
    assert result["best_epoch"] == 1 + accuracies.index(max(accuracies))
    assert 0 < json.loads(nnsweep(*words, "--test").out)["test_accuracy"] <= 1


def test_train_prints_the_numbers_of_its_json(nnsweep) -> None:
    words = ("train", "--data", "digits", "--epochs", "3")
    epochs = json.loads(nnsweep(*words, "--json").out)["epochs"]
    lines = nnsweep(*words).out.splitlines()
    for epoch, line in zip(epochs, lines[1:4], strict=True):
        assert line.split()[:2] == [str(epoch["epoch"]), f"{epoch['train_cost']:.4f}"]
        assert line.split()[4] == f"{epoch['validation_accuracy']:.2%}"
    assert lines[4].startswith("best validation accuracy ")


def test_class_weight_reaches_training(nnsweep, tmp_path) -> None:
    """The classes of this file have 90 and 10 rows, and overlap."""
    rng, labels = np.random.default_rng(0), np.repeat([0, 1], [90, 10])
    np.savez(tmp_path / "rare.npz", x=rng.normal(size=(100, 2)) + labels[:, None], y=labels)
    words = ("train", "--data", tmp_path / "rare.npz", "--epochs", 1, "--json")
    usual, balanced, none = (
        json.loads(nnsweep(*words, *more).out)["epochs"][0]["train_cost"]
        for more in ((), ("--class-weight", "balanced"), ("--class-weight", "none"))
    )
    assert usual == none != balanced


@pytest.mark.parametrize("option", ["--dropout", "--input-dropout", "--max-norm"])
def test_dropout_and_max_norm_reach_training(nnsweep, option: str) -> None:
    words = ("train", "--data", "digits", "--epochs", 2, "--json")
    usual, changed, off = (
        json.loads(nnsweep(*words, *more).out)["epochs"][1]["train_cost"]
        for more in ((), (option, 0.5), (option, 0))
    )
    assert usual == off != changed


def test_a_network_that_diverges_ends_with_valid_json(nnsweep) -> None:
    words = ("train", "--data", "digits", "--learning-rate", 1000, "--lmbda", 100)
    answer = nnsweep(*words, "--json")
    assert answer.code == 0
    assert answer.err == ""
    last = json.loads(answer.out)["epochs"][-1]
    assert last["train_cost"] is None
    assert "diverged in epoch 1" in nnsweep(*words).out


def test_a_saved_network_predicts_raw_inputs(nnsweep) -> None:
    words = ("train", "--data", "digits", "--epochs", "3", "--save", "net.npz", "--test", "--json")
    result = json.loads(nnsweep(*words).out)
    test = load_dataset("digits").test
    guesses = load_model("net.npz").predict(test.x * np.float32(16))
    assert (guesses == test.labels).mean() == result["test_accuracy"]
    for wrong in ("net/none.npz", ".", "/"):
        line = nnsweep(*words[:-3], wrong)
        assert line.code == 2
        assert "`--save` must be a new or existing file" in line.err


def test_the_chapter_3_network_learns_the_full_mnist(nnsweep, full_mnist) -> None:
    """30 hidden units, η 0.5, λ 5: above 96 % within 15 epochs, and near it to the last."""
    words = "train --data mnist --hidden 30 --mini-batch-size 10 --learning-rate 0.5 --lmbda 5"
    words += " --cost cross-entropy --init scaled --epochs 15 --json"
    epochs = json.loads(nnsweep(*words.split()).out)["epochs"]
    accuracies = [epoch["validation_accuracy"] for epoch in epochs]
    assert len(accuracies) == 15
    assert max(accuracies) > 0.96
    # One epoch moves by 0.2 % around its level (docs/log.md), and with the last bits of the BLAS.
    assert accuracies[-1] > 0.956


def test_the_help_names_all_entries_of_each_catalogue() -> None:
    train = get_command(app.app).commands["train"]
    described = {option.name: option.help for option in train.params}
    for key, names in NAMES.items():
        missing = [name for name in names if name not in described[key]]
        assert not missing, key


def test_the_options_that_messages_of_the_books_interface_name_exist() -> None:
    train = get_command(app.app).commands["train"]
    assert set(OPTIONS.values()) <= {word for option in train.params for word in option.opts}

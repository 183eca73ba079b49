"""`nnsweep train`: its lines, its JSON, and the network that it saves."""

import json
import tomllib
from pathlib import Path
from typing import Any

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
    assert set(result) == {"format", "epochs", "best_epoch"}
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


@pytest.mark.parametrize(
    "option",
    [
        *("--update=adam", "--update=adamw", "--update=adam --beta1=0.5"),
        *("--update=adam --beta2=0.5", "--update=adam --epsilon=0.1"),
        *("--clip-norm=0.1", "--warmup=1"),
    ],
)
def test_the_settings_of_the_step_reach_training(nnsweep, option: str) -> None:
    words = ("train", "--data", "digits", "--epochs", 2, "--json")
    *first, last = option.split()
    usual, changed = (
        json.loads(nnsweep(*words, *more).out)["epochs"][1]["train_cost"]
        for more in (first, [*first, last])
    )
    assert usual != changed


def test_adam_with_momentum_is_refused(nnsweep) -> None:
    answer = nnsweep("train", "--data", "digits", "--update", "adam", "--momentum", 0.9)
    assert answer.code == 2
    assert "`momentum` must be 0 if `update` is 'adam', got 0.9" in answer.err


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


def test_a_trial_of_a_run_is_trained_again(nnsweep, make_run, tmp_path) -> None:
    run = make_run(tmp_path / "runs" / "old", trials=4)
    answer = nnsweep("train", "--from", "runs/old", "--save", "net.npz")
    assert answer.code == 0
    assert Path("net.npz").read_bytes() == (run / "best.npz").read_bytes()
    rows = [line.split(",") for line in (run / "trials.csv").read_text().splitlines()[1:]]
    best = max(rows, key=lambda row: float(row[2]))[0]
    where = f"trial {best} in runs/old/epochs.csv, to the last bit"
    assert answer.err.splitlines() == [f"the epochs equal those of {where}"]
    epochs = [line.split(",") for line in (run / "epochs.csv").read_text().splitlines()[1:]]
    for number in ("0", "3"):
        wanted = [[float(row[4]), float(row[7])] for row in epochs if row[0] == number]
        result = json.loads(nnsweep("train", "--from", "runs/old", "--trial", number, "--json").out)
        got = [[epoch["train_cost"], epoch["validation_accuracy"]] for epoch in result["epochs"]]
        assert got == wanted


def test_without_a_number_the_certified_trial_is_trained(nnsweep, make_run, tmp_path) -> None:
    make_run(tmp_path / "old", trials=6)
    nnsweep("confirm", "old", "--top", 3, "--seeds", 2, "--jobs", 1)
    winner = json.loads(Path("old", "confirmation.json").read_text())["winner"]
    assert f"those of trial {winner} in old/epochs.csv" in nnsweep("train", "--from", "old").err


def test_options_replace_settings_of_the_trial_and_are_listed(nnsweep, make_run, tmp_path) -> None:
    make_run(tmp_path / "old", trials=2)
    words = ("train", "--from", "old", "--trial", 1, "--json")
    was = json.loads(nnsweep(*words).out)["epochs"]
    longer = nnsweep(*words, "--epochs", 3)
    assert longer.err == "note: not trial 1 of old itself: epochs = 3 (was 2)\n"
    epochs = json.loads(longer.out)["epochs"]
    assert [epoch["train_cost"] for epoch in epochs[:2]] == [epoch["train_cost"] for epoch in was]
    assert len(epochs) == 3
    other = nnsweep(*words, "--seed", 9, "--hidden", "5,4")
    assert "hidden_units = (5, 4) (was " in other.err
    assert "seed = 9 (was 1)" in other.err
    same = nnsweep(*words, "--epochs", 2, "--data", "digits")
    assert "to the last bit" in same.err


def test_a_data_file_that_moved_is_named_and_one_that_changed_is_refused(nnsweep, tmp_path) -> None:
    table = "u,v,kind\n" + "".join(f"{i % 9},{i % 7},{'ab'[i % 9 > 4]}\n" for i in range(200))
    Path("a.csv").write_text(table)
    words = ("--label", "kind", "--trials", 2, "--set", "training.epochs=3", "--jobs", 1)
    assert nnsweep("run", "--data", "a.csv", *words, "--out", "old").code == 0
    Path("a.csv").rename("b.csv")
    moved = nnsweep("train", "--from", "old", "--data", "b.csv")
    assert "to the last bit" in moved.err
    Path("a.csv").write_text(table.replace("1,1,a", "1,9,a", 1))
    changed = nnsweep("train", "--from", "old")
    assert changed.code == 2
    assert "`old` must have the data of its trials, but the content of a.csv" in changed.err
    assert "data = a.csv (was a.csv)" in nnsweep("train", "--from", "old", "--data", "a.csv").err


def test_all_settings_of_a_table_stay_unless_they_are_given(nnsweep, tmp_path) -> None:
    rows = "".join(f"{i % 9};{i % 7 or ''};{'pqr'[i % 3]};{'ab'[i % 9 > 4]}\n" for i in range(200))
    Path("a.csv").write_text("u;v;w;kind\n" + rows)
    settings = ("data.separator=';'", "data.missing=indicator", "data.rare=0.05")
    table = ("--data", "a.csv", "--label", "kind", *(w for s in settings for w in ("--set", s)))
    short = ("--trials", 1, "--set", "training.epochs=3", "--jobs", 1)
    assert nnsweep("run", *table, *short, "--out", "old").code == 0
    assert "to the last bit" in nnsweep("train", "--from", "old").err

    def data_of(name: str, *words: str) -> dict[str, Any]:
        answer = nnsweep("train", "--from", name, *words, "--write-config", "new.toml")
        assert "data = " in answer.err, answer.err
        written = tomllib.loads(Path("new.toml").read_text())["data"]
        Path("new.toml").unlink()
        return written

    kept = {"name": str(tmp_path / "a.csv"), "label": "kind", "split": [0.7, 0.15, 0.15]}
    kept |= {"scale": "none", "separator": ";", "missing": "indicator", "rare": 0.05}
    assert data_of("old", "--scale", "none") == kept
    other = data_of("old", "--set", "data.missing=mean", "--set", "data.categories=['u']")
    del kept["missing"]
    assert other == {**kept, "scale": "standard", "categories": ["u"]}
    np.savez("a.npz", x=np.arange(1440).reshape(240, 6), y=np.arange(240) % 2)
    arrays = ("--data", "a.npz", "--set", "data.image=[2,3]")
    assert nnsweep("run", *arrays, *short, "--out", "images").code == 0
    assert data_of("images", "--scale", "none")["image"] == [2, 3]


def test_the_written_config_runs_and_gives_the_same_network(nnsweep, make_run, tmp_path) -> None:
    run = make_run(tmp_path / "old", trials=3)
    answer = nnsweep("train", "--from", "old", "--write-config", "one.toml")
    assert "wrote one.toml" in answer.err
    assert nnsweep("run", "one.toml", "--out", "new", "--jobs", 1).code == 0
    assert Path("new", "best.npz").read_bytes() == (run / "best.npz").read_bytes()
    assert "must be new and writable" in nnsweep("train", "--write-config", "one.toml").err
    nnsweep("train", "--data", "digits", "--epochs", 1, "--write-config", "two.toml")
    assert nnsweep("run", "two.toml", "--dry-run").code == 0


def test_what_cannot_be_trained_again_is_refused_in_one_line(nnsweep, make_run, tmp_path) -> None:
    make_run(tmp_path / "old", trials=2)
    for words, line in (
        (("--trial", 1), "`--trial` must be given with --from, got 1"),
        (("--from", "none"), "`none` must be a run folder, but contains no sweep.toml"),
        (("--from", "old", "--trial", 2), "in old, which are 0 to 1, got 2"),
        (("--from", "old", "--test"), "`--test` must be left out with --from"),
        (("--from", "old", "--label", "kind"), "`label` must go with a data file"),
    ):
        answer = nnsweep("train", *words)
        assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
        assert line in answer.err

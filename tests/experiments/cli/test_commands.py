"""Each command does what its help says: what a user types, sees, and types next."""

import csv
import errno
import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from nncore.datasets import load_dataset
from nncore.model import load_model
from results.figures.catalogue import FIGURES
from sweeps.config import load_config

QUICK = ("--data", "digits", "--set", "training.epochs=2", "--trials", "4", "--jobs", "1")


def test_a_first_sweep_says_where_everything_is_and_what_to_type_next(
    nnsweep, with_figures: None
) -> None:
    answer = nnsweep("run", *QUICK)
    assert answer.code == 0
    assert re.search(
        r"4 trials done; best validation accuracy \d\d\.\d\d% \(trial \d\)", answer.out
    )
    folder = Path("runs/mnist-first")
    for name in (
        "trials.csv", "epochs.csv", "best.npz", "summary.json", "figures/", "report.html",
    ):  # fmt: skip
        assert f"{folder}/{name}" in answer.out
        assert (folder / name).exists()
    assert {path.name for path in (folder / "figures").iterdir()} == {
        f"{figure}.{kind}" for figure in FIGURES for kind in ("png", "svg")
    }
    following = re.findall(r"nnsweep (.+?)(?:  # .*)?$", answer.out.partition("Next: ")[2], re.M)
    assert following == [
        "show runs/mnist-first",
        shlex.join(["run", *(w for w in QUICK if w not in ("--trials", "4")), "--trials", "8"]),
    ]
    assert nnsweep(*shlex.split(following[0])).code == 0
    assert nnsweep(*shlex.split(following[1])).code == 0
    assert len(list(csv.DictReader((folder / "trials.csv").read_text().splitlines()))) == 8


def test_progress_goes_to_standard_error_a_line_per_trial(nnsweep) -> None:
    answer = nnsweep("run", *QUICK)
    lines = [line for line in answer.err.splitlines() if "trial " in line]
    assert [line.split("/")[0] for line in lines] == ["1", "2", "3", "4"]
    assert "best" in lines[-1]
    again = nnsweep("run", *QUICK)
    assert again.code == 0
    assert "trial " not in again.err


def test_too_many_jobs_for_a_generation_are_told(nnsweep) -> None:
    assert "sweep.generation = 16" in nnsweep("run", *QUICK, "--jobs", "4", "--out", "four").err
    assert "sweep.generation" not in nnsweep("run", *QUICK, "--jobs", "2", "--out", "two").err


def test_dry_run_shows_the_plan_and_writes_nothing(nnsweep, tmp_path: Path) -> None:
    answer = nnsweep("run", "--dry-run", *QUICK)
    assert answer.code == 0
    assert "4 trials on digits (1,259 training examples)" in answer.out
    assert re.search(r"learning_rate +0.01 to 10.0 \(log\)", answer.out)
    assert re.search(r"hidden_units +10 to 100 in steps of 10", answer.out)
    assert re.search(r"cost +one of quadratic, cross-entropy", answer.out)
    assert re.search(r"about [\d.]+ (s|min) with 1 job", answer.out)
    assert list(tmp_path.iterdir()) == []


def test_init_writes_a_file_that_runs_and_overwrites_none(nnsweep) -> None:
    answer = nnsweep("init", "mine.toml")
    assert answer.code == 0
    assert "Next: nnsweep run mine.toml --dry-run" in answer.out
    assert nnsweep("run", "mine.toml", "--dry-run").code == 0
    before = Path("mine.toml").read_text()
    assert 'name = "mine"            # the run folder is runs/<name>' in before
    assert before.count("#") > 10
    again = nnsweep("init", "mine.toml")
    assert again.code == 2
    assert "mine.toml must be new" in again.err
    assert Path("mine.toml").read_text() == before


@pytest.mark.parametrize(
    ("file", "name"), [("my first é.toml", "my-first"), (".toml", "toml"), ("-.toml", "sweep")]
)
def test_init_names_the_sweep_after_the_file(nnsweep, file: str, name: str) -> None:
    assert nnsweep("init", "--", file).code == 0
    assert load_config(Path(file)).sweep.name == name


def test_list_and_show(nnsweep) -> None:
    assert "no runs in runs/" in nnsweep("list").out
    nnsweep("run", *QUICK)
    rows = list(csv.DictReader(Path("runs/mnist-first/trials.csv").read_text().splitlines()))
    best = max(rows, key=lambda row: float(row["value"]))
    listed = nnsweep("list").out
    assert "runs/mnist-first" in listed
    assert "4 of 4" in listed
    assert f"{float(best['value']):.2%}" in listed
    shown = nnsweep("show", "runs/mnist-first").out.splitlines()
    assert shown[0] == "mnist-first: 4 of 4 trials on digits"
    first = next(line for line in shown if line.strip().startswith(best["number"] + " "))
    assert f"{float(best['value']):.2%}" in first
    assert best["hidden_units"] in first.split()


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


def test_train_says_in_words_what_the_json_says(nnsweep) -> None:
    words = ("train", "--data", "digits", "--epochs", "3")
    epochs = json.loads(nnsweep(*words, "--json").out)["epochs"]
    lines = nnsweep(*words).out.splitlines()
    for epoch, line in zip(epochs, lines[1:4], strict=True):
        assert line.split()[:2] == [str(epoch["epoch"]), f"{epoch['train_cost']:.4f}"]
        assert line.split()[4] == f"{epoch['validation_accuracy']:.2%}"
    assert "best: " in lines[4]


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
    assert (guesses == test.labels.astype(str)).mean() == result["test_accuracy"]
    for wrong in ("net/none.npz", ".", "/"):
        line = nnsweep(*words[:-3], wrong)
        assert line.code == 2
        assert "`--save` must be a new or existing file" in line.err


def test_data_list_fetch_and_info(nnsweep) -> None:
    assert nnsweep("data", "fetch", "digits").code == 0
    listed = nnsweep("data", "list").out
    row = next(line for line in listed.splitlines() if line.startswith("digits"))
    assert row.split()[1:5] == ["1,259", "269", "269", "yes"]
    info = nnsweep("data", "info", "digits").out
    assert "64 features, images of 8 × 8" in info
    counts = [line.split() for line in info.splitlines() if re.match(r"(\d|all) ", line)]
    assert counts[-1] == ["all", "1,259", "269", "269"]
    assert sum(int(row[1]) for row in counts[:-1]) == 1259


def test_doctor_tells_what_decides_results(nnsweep) -> None:
    answer = nnsweep("doctor")
    assert answer.code == 0
    for fact in ("python", "numpy", "openblas", "kernel", "cores", "mnist-5k", "images per second"):
        assert fact in answer.out


def test_version_and_help(nnsweep) -> None:
    assert re.fullmatch(r"nnsweep \d+\.\d+\.\d+\n", nnsweep("--version").out)
    text = nnsweep("--help").out
    for command in ("run", "init", "list", "show", "report", "train", "data", "doctor"):
        assert re.search(rf"^  {command} ", text, re.M)


def test_without_a_command_the_help_is_shown(nnsweep) -> None:
    for words, word in (((), "doctor"), (("data",), "fetch")):
        answer = nnsweep(*words)
        assert (answer.code, answer.err) == (0, "")
        assert word in answer.out
        assert answer.out.count("\n") > 5


def test_show_tells_of_a_sweep_that_was_interrupted(nnsweep) -> None:
    nnsweep("run", *QUICK, "--set", "sweep.trials=30")
    text = Path("runs/mnist-first/trials.csv").read_text().splitlines(keepends=True)
    Path("runs/mnist-first/trials.csv").write_text("".join(text[:3]))
    Path("runs/mnist-first/best.npz").unlink()
    shown = nnsweep("show", "runs/mnist-first").out
    assert "2 of 4 trials" in shown
    assert "best.npz" not in shown
    assert "goes on from there" in shown


def test_a_full_disk_is_one_line_and_the_next_run_goes_on(
    nnsweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sweeps.records import run_folder

    real, calls = run_folder.append, iter(range(100))

    def fail(path: Path, content: bytes) -> None:
        if next(calls) == 4:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        real(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(run_folder, "append", fail)
        answer = nnsweep("run", *QUICK, "--out", "full")
    assert answer.code == 1
    (line,) = [line for line in answer.err.splitlines() if line.startswith("nnsweep: ")]
    assert line.startswith("nnsweep: No space left on device: full/")
    assert "goes on from there" in answer.err
    assert "Traceback" not in answer.err
    assert nnsweep("run", *QUICK, "--out", "full").code == 0
    assert nnsweep("run", *QUICK, "--out", "whole").code == 0
    for name in ("trials.csv", "epochs.csv"):
        assert Path("full", name).read_bytes() == Path("whole", name).read_bytes()


def test_all_diverged_is_said_and_no_best_network_is_named(nnsweep) -> None:
    answer = nnsweep(
        "run", *QUICK, "--set", "space.lmbda={choices=[1e9]}", "--set", "sweep.trials=2"
    )
    assert answer.code == 0
    assert "best.npz" not in answer.out


def test_the_chapter_3_network_learns_the_full_mnist(nnsweep, full_mnist) -> None:
    """30 hidden units, η 0.5, λ 5: above 96 % within 30 epochs, and near it to the last."""
    words = "train --data mnist --hidden 30 --mini-batch-size 10 --learning-rate 0.5 --lmbda 5"
    words += " --cost cross-entropy --init scaled --epochs 30 --json"
    epochs = json.loads(nnsweep(*words.split()).out)["epochs"]
    accuracies = [epoch["validation_accuracy"] for epoch in epochs]
    assert len(accuracies) == 30
    assert max(accuracies) > 0.96
    # One epoch moves by 0.2 % around its level (docs/log.md), and with the last bits of the BLAS.
    assert accuracies[-1] > 0.956


def test_failed_trials_end_with_exit_code_1(nnsweep, monkeypatch: pytest.MonkeyPatch) -> None:
    from sweeps import trial

    def fail(*arguments: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(trial, "evaluate", fail)
    answer = nnsweep("run", *QUICK)
    assert answer.code == 1
    assert "4 failed (see runs/mnist-first/errors/)" in answer.out
    assert "no trial completed" in answer.out

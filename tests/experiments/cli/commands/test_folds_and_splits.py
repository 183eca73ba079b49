"""Groups, folds and fresh splits as typed: `data info`, `train`, `run`, `confirm`, `predict`."""

import csv
import io
import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

ROWS = 120
TABLE = ("--label", "kind", "--group", "garden")
QUICK = (
    "--trials",
    "2",
    "--jobs",
    "1",
    "--out",
    "run",
    "--set",
    "training.epochs=2",
    "--set",
    "training.warmup=0",
)
SMALL = ("--set", "space.mini_batch_size={choices=[5]}")


@pytest.fixture(autouse=True)
def table(tmp_path: Path) -> Path:
    """Return a .csv of two kinds of flowers from 30 gardens of four rows."""
    random = np.random.default_rng(3)
    lines = ["length,kind,garden,width"]
    for row in range(ROWS):
        kind = "tall" if row % 3 else "dwarf"
        length = random.normal() + (row % 3 > 0)
        lines.append(f"{length:.4f},{kind},g{row // 4},{random.normal():.4f}")
    path = tmp_path / "flowers.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_info_shows_the_sizes_of_the_folds(nnsweep) -> None:
    answer = nnsweep("data", "info", "flowers.csv", *TABLE, "--folds", "3")
    assert answer.code == 0
    assert "inputs: 2 features\n" in answer.out
    header, *rows = [line.split() for line in answer.out.splitlines()[-4:]]
    assert header == ["fold", "train", "validation"]
    assert [row[0] for row in rows] == ["0", "1", "2"]
    sizes = [[int(size) for size in row[1:]] for row in rows]
    assert len({sum(pair) for pair in sizes}) == 1
    assert sum(validation for _, validation in sizes) == sum(sizes[0])
    assert all(size % 4 == 0 for pair in sizes for size in pair)  # gardens are whole


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--folds", "1"), "`--folds` must be from 2 to 1,000, got 1"),
        (("--group", "kind"), "`group` must name another column than the label, got 'kind'"),
        (
            ("--group", "bed"),
            "must have the group column `bed`, got length, kind, garden, width",
        ),
    ],
)
def test_info_refuses_what_makes_no_sense(words: tuple[str, ...], message: str, nnsweep) -> None:
    answer = nnsweep("data", "info", "flowers.csv", "--label", "kind", "--ignore", "garden", *words)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert message in answer.err


def test_train_and_predict_leave_the_groups_out(nnsweep) -> None:
    words = ("train", "--data", "flowers.csv", *TABLE, "--epochs", "1", "--save", "net.npz")
    assert nnsweep(*words).code == 0
    refused = nnsweep("predict", "net.npz", "flowers.csv", "--label", "kind")
    assert "got 'garden' too" in refused.err
    known = nnsweep("predict", "net.npz", "flowers.csv", "--label", "kind", "--ignore", "garden")
    assert known.code == 0


def test_from_folds_to_a_confirmation_on_splits(nnsweep, tmp_path: Path) -> None:
    sweep = ("run", "--data", "flowers.csv", *TABLE, "--set", "data.folds=3", *SMALL, *QUICK)
    assert nnsweep(*sweep).code == 0
    config = tomllib.loads((tmp_path / "run" / "sweep.toml").read_text())
    assert config["sweep"]["replicates"] == config["data"]["folds"] == 3
    assert config["data"]["group"] == "garden"
    summary = (tmp_path / "run" / "report.html").read_text()
    assert "the mean of 3 folds" in summary
    predicted = nnsweep("predict", "run", "flowers.csv")
    assert len(list(csv.DictReader(io.StringIO(predicted.out)))) == ROWS

    both = nnsweep("confirm", "run", "--splits", "3", "--seeds", "3")
    assert (both.code, both.out) == (2, "")
    assert both.err == "nnsweep: `--seeds` must be left out with --splits, got 3\n"
    few = nnsweep("confirm", "run", "--splits", "1")
    assert few.err == "nnsweep: `--splits` must be a whole number >= 2, got 1\n"
    answer = nnsweep("confirm", "run", "--top", "1", "--splits", "3", "--jobs", "1")
    assert answer.code == 0
    assert "split 2:" in answer.err
    assert "mean of 3 splits and seeds" in answer.out
    assert json.loads((tmp_path / "run" / "confirmation.json").read_text())["splits"] is True
    assert len(list((tmp_path / "run" / "confirmation-splits").glob("*.npz"))) == 3
    assert nnsweep("report", "run").code == 0
    assert "Confirmed on 3 fresh splits and seeds" in (tmp_path / "run" / "report.html").read_text()


def test_data_in_place_of_the_files_own_keep_its_folds(nnsweep, tmp_path: Path) -> None:
    sweep = ("run", "--data", "flowers.csv", *TABLE, "--set", "data.folds=3", *SMALL, *QUICK)
    assert nnsweep(*sweep, "--trials", "1").code == 0
    again = ("run", "run/sweep.toml", "--data", "digits", *QUICK[:4], "--out", "other")
    assert nnsweep(*again, "--set", "training.epochs=1").code == 0
    config = tomllib.loads((tmp_path / "other" / "sweep.toml").read_text())
    assert config["data"] == {"name": "digits", "folds": 3}

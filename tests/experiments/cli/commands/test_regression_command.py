"""Numbers in a table, from `data info` over `run` and `show` to `predict`, as typed."""

import csv
import html
import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

QUICK = ("--set", "training.epochs=8", "--trials", "4", "--jobs", "1")


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    """Return a table whose price is linear in the area, and higher in one of two cities."""
    rng = np.random.default_rng(3)
    lines = ["area,city,price,rent"]
    for _ in range(80):
        area, city = rng.uniform(20, 200), rng.choice(["Ulm", "Bonn"])
        price = 3000 * area + 50_000 * (city == "Bonn")
        lines.append(f"{area:.3f},{city},{price:.2f},{price / 300:.2f}")
    path = tmp_path / "houses.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_info_shows_the_range_of_the_target(nnsweep, houses: Path) -> None:
    answer = nnsweep("data", "info", "houses.csv", "--target", "price", "--ignore", "rent")
    assert answer.code == 0
    prices = np.array([float(row["price"]) for row in rows(houses.read_text())])
    table = [line.split() for line in answer.out.splitlines() if line.startswith("price")]
    assert [row[1:3] for row in table] == [["train", "56"], ["validation", "12"], ["test", "12"]]
    assert min(float(row[3]) for row in table) == pytest.approx(prices.min(), rel=0.01)
    assert max(float(row[4]) for row in table) == pytest.approx(prices.max(), rel=0.01)
    assert "class" not in answer.out


def test_run_predict_and_show(nnsweep, houses: Path) -> None:
    answer = nnsweep("run", "--data", "houses.csv", "--target", "price", "--ignore", "rent", *QUICK)
    assert answer.code == 0
    run = Path("runs/houses")
    trials = rows((run / "trials.csv").read_text())
    best = min(trials, key=lambda row: float(row["value"]))
    value = float(best["value"])
    assert f"best validation RMSE {value:.0f} (trial {best['number']})" in answer.out
    assert "%" not in answer.out
    shown = nnsweep("show", run)
    assert shown.code == 0
    assert f"{value:.0f}" in shown.out
    assert "%" not in shown.out
    Path("new.csv").write_text("city,area\nBonn,100\nUlm,100\n")
    predicted = rows(nnsweep("predict", run, "new.csv").out)
    assert [list(row) for row in predicted] == [["row", "price"]] * 2
    prices = [float(row["price"]) for row in predicted]
    assert prices == pytest.approx([350_000, 300_000], abs=4 * value)
    labeled = json.loads(nnsweep("predict", run, "houses.csv", "--json").out)["predictions"]
    errors = [one["price"] - float(row["price"]) for one, row in
              zip(labeled, rows(houses.read_text()), strict=True)]  # fmt: skip
    assert np.sqrt(np.mean(np.square(errors))) < 2 * value


def test_several_targets_are_predicted_together(nnsweep, houses: Path) -> None:
    words = ("--data", "houses.csv", "--target", "price", "--target", "rent", *QUICK)
    answer = nnsweep("run", *words)
    assert "best validation R² 0." in answer.out
    predicted = rows(nnsweep("predict", "runs/houses", "houses.csv").out)
    assert list(predicted[0]) == ["row", "price", "rent"]
    ratio = [float(row["price"]) / float(row["rent"]) for row in predicted]
    assert np.median(ratio) == pytest.approx(300, rel=0.1)


def test_a_dry_run_and_a_catalogue_name(nnsweep) -> None:
    answer = nnsweep("run", "--data", "diabetes", "--dry-run")
    assert answer.code == 0
    assert "regression-first: 40 trials on diabetes (310 training examples)" in answer.out
    assert "Judged by validation RMSE" in answer.out
    assert "output" not in answer.out


def test_a_sweep_file_of_classes_is_refused_in_a_line(nnsweep, houses: Path) -> None:
    Path("own.toml").write_text(
        '[sweep]\nname = "own"\n[data]\nname = "digits"\n[training]\ncost = "cross-entropy"\n'
        "[space]\nlearning_rate = { low = 0.1, high = 1.0 }\n"
    )
    answer = nnsweep("run", "own.toml", "--data", "houses.csv", "--target", "price")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "nnsweep: `cost` must be 'quadratic' for regression, got 'cross-entropy'\n"
    without = nnsweep("run", "--data", "houses.csv")
    assert without.code == 2
    assert "or `--target` numbers to predict" in without.err


def test_train_prints_the_metric_and_repeats_a_trial(nnsweep, houses: Path) -> None:
    table = ("--data", "houses.csv", "--target", "price", "--ignore", "rent")
    answer = nnsweep("train", *table, "--epochs", "4", "--test", "--save", "net.npz")
    assert answer.code == 0
    head, *epochs = answer.out.splitlines()[:5]
    assert head == "epoch  train cost  validation cost  validation RMSE  seconds"
    errors = [float(line.split()[3]) for line in epochs]
    assert f"best validation RMSE {min(errors):.0f} (epoch" in answer.out
    assert "test RMSE of this epoch's network" in answer.out
    plain = json.loads(nnsweep("train", *table, "--epochs", "4", "--test", "--json").out)
    assert [round(epoch["validation_rmse"]) for epoch in plain["epochs"]] == errors
    assert "test_rmse" in plain
    assert "accuracy" not in json.dumps(plain)
    predicted = rows(nnsweep("predict", "net.npz", "houses.csv", "--ignore", "rent").out)
    assert len(predicted) == 80
    nnsweep("run", *table, *QUICK)
    again = nnsweep("train", "--from", "runs/houses")
    assert "to the last bit" in again.err
    wrong = nnsweep("train", "--from", "runs/houses", "--data", "digits")
    assert wrong.code == 2
    assert "`sweep.metric` must be" in wrong.err


def test_the_report_shows_predictions_and_the_worst_rows(
    nnsweep, houses: Path, with_figures: None
) -> None:
    words = ("--data", "houses.csv", "--target", "price", "--ignore", "rent", *QUICK)
    assert nnsweep("run", *words, "--out", "run").code == 0
    names = {path.stem for path in Path("run/figures").iterdir()}
    assert {"predicted", "residuals"} <= names
    assert names.isdisjoint({"confusion", "mistakes"})
    page = html.unescape(Path("run/report.html").read_text())
    assert "The worst rows" in page
    shown = re.findall(r'<tr><td class="number">(\d+)</td><td class="number">([-\d.]+)</td>', page)
    lines = houses.read_text().splitlines()
    assert len(shown) == 12
    for line, price in shown:
        assert float(price) == pytest.approx(float(lines[int(line) - 1].split(",")[2]), rel=1e-3)
    text = page.partition('<script type="application/json"')[0]
    assert not re.search(r"accuracy|class(es)? of|confusion|majority", text)
    checked = json.loads(Path("run/summary.json").read_text())["checks"]
    assert [one["code"] for one in checked] == [f"C{n:02}" for n in range(1, 14)]


@pytest.mark.parametrize("kind", ["npz", "parquet", "folds and groups"])
def test_other_files_and_divisions_from_run_to_predict(nnsweep, houses: Path, kind: str) -> None:
    """Each command finds the target again; the networks beat its mean on validation data."""
    table = pd.read_csv(houses)
    words, file = ("--target", "price", "--ignore", "rent"), "houses.csv"
    if kind == "npz":
        file, words = "houses.npz", ("--target", "price")
        np.savez(file, x=table[["area"]].to_numpy(), price=table["price"].to_numpy())
    elif kind == "parquet":
        file = "houses.parquet"
        table.to_parquet(file)
    else:
        table.assign(street=[f"s{row // 4}" for row in range(len(table))]).to_csv(file, index=False)
        words = (*words, "--group", "street", "--set", "data.folds=3")
    answer = nnsweep("run", "--data", file, *words, *QUICK, "--out", "run")
    assert answer.code == 0, answer.err
    confirmed = nnsweep("confirm", "run", "--top", "2", "--seeds", "2", "--jobs", "1")
    assert confirmed.code == 0, confirmed.err
    assert "ridge regression" in confirmed.out
    assert ("examples of one group" in confirmed.out) == (kind == "folds and groups")
    assert nnsweep("report", "run").code == 0
    assert nnsweep("check", "run").out.startswith("C01  ok ")
    predicted = rows(nnsweep("predict", "run", file).out)
    assert list(predicted[0]) == ["row", "price"]
    errors = np.array([float(row["price"]) for row in predicted]) - table["price"]
    assert np.sqrt(np.mean(np.square(errors))) < 0.5 * table["price"].std()

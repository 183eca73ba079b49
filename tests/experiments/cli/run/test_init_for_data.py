"""`nnsweep init --data FILE`: the file that it writes fits the data, and runs as it is."""

import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.cli.new_sweep import _for_images, _for_table
from sweeps.config import load_config

ONE = ("--trials", "2", "--jobs", "1", "--set", "training.epochs=3", "--out", "out")
RNG = np.random.default_rng(4)


def houses(rows: int = 80) -> str:
    lines = [
        f"{k + 1};{k * 7 % 60 / 8:.3f};{k % 4};house {k};{('flat', 'villa', 'hut')[k % 3]}"
        for k in range(rows)
    ]
    return "\n".join(["nr;größe;zone;name;kind", *(line.replace(".", ",") for line in lines)])


def written(file: str = "sweep.toml") -> dict[str, Any]:
    return tomllib.loads(Path(file).read_text("utf-8"))


def test_the_file_fits_a_table_and_runs_as_it_is(nnsweep) -> None:
    Path("houses.csv").write_bytes(houses().encode("cp1252"))
    answer = nnsweep("init", "my.toml", "--data", "houses.csv")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == (
        "wrote my.toml, and sweep.schema.json for editors\n\nNext: nnsweep run my.toml --dry-run\n"
    )
    text, tables = Path("my.toml").read_text("utf-8"), written("my.toml")
    assert tables["sweep"]["name"] == "my"
    assert tables["data"] == {
        "name": "houses.csv",
        "label": "kind",
        "ignore": ["nr"],
        "scale": "standard",
    }
    assert text.splitlines()[1] == "# A sweep on houses.csv: 56 rows to train on, 3 classes."
    found = re.sub(r"^# (?=\w+ = )", "", text.split("[data]")[1], flags=re.MULTILINE)
    section = tomllib.loads(found.partition("\n[")[0])
    assert [section[key] for key in ("separator", "decimal", "encoding")] == [";", ",", "cp1252"]
    assert "# `ignore` leaves out what numbers the rows: nr\n" in text
    assert "columns that are codes, perhaps: zone\n" in text
    assert "# Left out, because they are columns with a different text in each row: name\n" in text
    assert tables["training"]["epochs"] == 100
    assert tables["space"]["mini_batch_size"] == {"choices": [8]}
    assert load_config(Path("my.toml")).training["update"] == "adam"
    assert nnsweep("run", "my.toml", *ONE).code == 0
    assert nnsweep("init", "my.toml", "--data", "houses.csv").code == 2


def test_run_without_a_sweep_file_runs_the_sweep_that_init_writes(nnsweep) -> None:
    Path("houses.csv").write_bytes(houses().encode("cp1252"))
    table = ("--data", "houses.csv", "--label", "kind")
    assert nnsweep("init", "houses.toml", *table).code == 0
    assert nnsweep("run", "houses.toml", *ONE).code == 0
    answer = nnsweep("run", *table, *ONE[:-2])
    assert answer.code == 0
    assert "note: left out, because it numbers the rows: nr\n" in answer.err
    runs = Path("runs/houses"), Path("out")
    for name in ("trials.csv", "epochs.csv"):
        assert (runs[0] / name).read_bytes() == (runs[1] / name).read_bytes()
    dry = nnsweep("run", *table, "--ignore", "zone", "--dry-run", "--out", "new")
    assert "without column zone\n" in dry.out
    assert "numbers the rows: nr" not in dry.err


def test_a_run_on_a_file_goes_on_with_its_own_sweep_and_says_if_the_file_has_changed(
    nnsweep,
) -> None:
    Path("houses.csv").write_text(houses(1_428))  # 1,000 rows to train on: one more, fewer epochs
    words = ("run", "--data", "houses.csv", "--label", "kind", "--trials", "1", "--jobs", "1")
    short = ("--set", "training.epochs=3", "--set", "sweep.generation=1")
    assert nnsweep(*words, *short).code == 0
    assert nnsweep(*words).out.startswith("\n1 of 1 trials finished")
    Path("houses.csv").write_text(houses(1_429))
    changed = nnsweep(*words)
    assert (changed.code, changed.out) == (2, "")
    assert "data" in changed.err
    assert "epochs" not in changed.err


def test_numbers_to_predict_get_the_sweep_for_numbers(nnsweep) -> None:
    Path("houses.csv").write_text(houses())
    answer = nnsweep("init", "--data", "houses.csv", "--target", "größe", "--regression")
    assert (answer.code, answer.err) == (0, "")
    tables = written()
    assert tables["data"] == {
        "name": "houses.csv",
        "target": ["größe"],
        "ignore": ["nr"],
        "scale": "standard",
    }
    text = Path("sweep.toml").read_text("utf-8")
    assert text.splitlines()[1] == "# A sweep on houses.csv: 56 rows to train on."
    assert "columns that are codes, perhaps: zone\n" in text
    assert load_config(Path("sweep.toml")).metric.name == "rmse"
    assert nnsweep("run", "sweep.toml", *ONE).code == 0


def test_without_a_clear_label_the_columns_are_listed(nnsweep) -> None:
    table = houses().replace("kind\n", "price\n").replace("flat", "1,5").replace("hut", "2,7")
    Path("houses.csv").write_text(table.replace("villa", "3,25"))
    answer = nnsweep("init", "--data", "houses.csv")
    assert answer.code == 0
    assert "Next: name the column of classes in sweep.toml, then nnsweep run" in answer.out
    line = '# label = "…"            # delete the # and name the column of classes'
    assert f"\n{line}: nr, größe, zone, name, price\n" in Path("sweep.toml").read_text("utf-8")
    answer = nnsweep("run", "sweep.toml", "--dry-run")
    assert answer.code == 2
    assert "`--label` must name the column of classes in `houses.csv`" in answer.err


def test_settings_of_the_table_are_kept(nnsweep) -> None:
    Path("t.csv").write_text("\n".join(houses().splitlines()[1:]))
    words = ("--label", "4", "--set", "data.header=false", "--set", "data.ignore=['3']")
    assert nnsweep("init", "--data", "t.csv", *words).code == 0
    data = written()["data"]
    assert (data["header"], data["label"], data["ignore"]) == (False, "4", ["3"])
    assert nnsweep("run", "sweep.toml", "--dry-run").code == 0


@pytest.mark.parametrize("kind", ["train.csv", "x.npz"])
def test_images_get_the_sweep_for_images(nnsweep, kind: str) -> None:
    x, y = RNG.integers(0, 256, (60, 4, 4), np.uint8), np.arange(60) % 2
    np.savez("x.npz", x=x, y=y)
    names = ["label", *(f"pixel{k}" for k in range(16))]
    table = np.column_stack([y, x.reshape(60, 16)])
    np.savetxt("train.csv", table, "%d", ",", header=",".join(names), comments="")
    assert nnsweep("init", "--data", kind).code == 0
    tables = written()
    assert tables["data"] == {"name": kind, **({"label": "label"} if "csv" in kind else {})}
    assert tables["space"]["init"] == {"choices": ["large", "scaled"]}
    assert tables["space"]["mini_batch_size"] == {"choices": [5, 10, 20]}
    assert Path("sweep.toml").read_text().splitlines()[1].startswith("# A sweep on ")
    assert nnsweep("run", "sweep.toml", *ONE).code == 0


def test_rows_of_an_array_are_a_table(nnsweep) -> None:
    np.savez("x.npz", x=RNG.normal(size=(90, 3)), y=np.arange(90) % 3)
    assert nnsweep("init", "--data", "x.npz").code == 0
    assert written()["data"] == {"name": "x.npz", "scale": "standard"}
    assert nnsweep("run", "sweep.toml", *ONE).code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--label", "y"], "`--label` must be used with --data only, got 'y'"),
        (["--set", "data.rare=0"], "`--set` must be used with --data only, got ['data.rare=0']"),
        (["--target", "y"], "`--target` must be used with --data only, got ['y']"),
        (["--data", "t.csv", "--regression"], "`--target` must name a column of numbers, because"),
        (["--data", "digits"], "`--data` must be a file that ends in .npz, "),
        (["--data", "no.csv"], "no.csv` must be readable, got: No such file or directory"),
        (["--data", "t.csv", "--set", "sweep.seed=1"], "`--set` must be data.KEY=VALUE here"),
        (["--data", "t.csv", "--label", "b"], "must have the label column `b`, got a, y"),
    ],
)
def test_wrong_input_is_refused_in_a_line(nnsweep, words: list[str], message: str) -> None:
    Path("t.csv").write_text("a,y\n1,p\n2,q\n")
    answer = nnsweep("init", *words)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert answer.err.count("\n") == 1
    assert not Path("sweep.toml").exists()


@pytest.mark.parametrize(
    ("rows", "sizes", "epochs"),
    [
        (9, [1], 100),
        (39, [7], 100),
        (40, [8], 100),
        (350, [8, 16, 32, 64], 100),
        (3_500, [16, 32, 64, 128, 256], 60),
        (35_000, [128, 256], 30),
        (1_000_000, [256], 15),
    ],
)
def test_mini_batches_and_epochs_follow_the_rows(rows: int, sizes: list[int], epochs: int) -> None:
    ready = (
        "mini_batch_size = { choices = [32] }\nepochs = 60\nearly_stopping = 15 # stop after 15 "
    )
    tables = tomllib.loads(_for_table(ready, rows))
    assert tables["mini_batch_size"]["choices"] == sizes
    assert (tables["epochs"], tables["early_stopping"]) == (epochs, epochs // 4)
    assert f"# stop after {epochs // 4} " in _for_table(ready, rows)
    images = tomllib.loads(_for_images("mini_batch_size = { choices = [5, 10, 20] }", rows))
    assert images["mini_batch_size"]["choices"] == [b for b in (5, 10, 20) if b <= rows]

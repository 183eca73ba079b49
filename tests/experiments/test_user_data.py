"""A user's own file, from `data info` over `train` and `run` to `predict`, as typed."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

ROWS = 60


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a .csv of two kinds of flowers that the first column tells apart."""
    rng = np.random.default_rng(3)
    lines = ["length,kind,width"]
    for row in range(ROWS):
        kind, length = ("tall", 90 + rng.normal()) if row % 3 else ("dwarf", 10 + rng.normal())
        lines.append(f"{length:.4f},{kind},{rng.normal():.4f}")
    path = tmp_path / "flowers.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def images(tmp_path: Path) -> Path:
    path = tmp_path / "dots.npz"
    x = np.random.default_rng(1).integers(0, 256, (40, 4, 5), dtype=np.uint8)
    np.savez(path, x=x, y=np.arange(40) % 2)
    return path


FLOWERS = ("--data", "flowers.csv", "--label", "kind")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_info_tells_shape_classes_and_balance_of_a_file(nnsweep, table: Path) -> None:
    answer = nnsweep("data", "info", "flowers.csv", "--label", "kind")
    assert answer.code == 0
    assert "inputs: 2 features\n" in answer.out
    assert "classes: 2, from 33.3% of all examples (dwarf) to 66.7% (tall)" in answer.out
    counts = [line.split() for line in answer.out.splitlines()[-3:]]
    # Of 20 dwarfs 3 are held out twice, of 40 tall ones 6.
    assert counts == [["dwarf", "14", "3", "3"], ["tall", "28", "6", "6"], ["all", "42", "9", "9"]]
    assert "--sheet" not in answer.out


def test_info_writes_a_picture_sheet_of_images_or_says_how(nnsweep, images: Path) -> None:
    answer = nnsweep("data", "info", "dots.npz")
    assert "inputs: 20 features, images of 4 × 5" in answer.out
    assert "--sheet FILE.png writes ten images of each class" in answer.out
    answer = nnsweep("data", "info", "dots.npz", "--sheet", "dots.png")
    assert answer.out.endswith("wrote dots.png\n")
    assert Path("dots.png").read_bytes().startswith(b"\x89PNG")


def test_a_network_trained_on_a_file_predicts_it(nnsweep, table: Path) -> None:
    words = ("--epochs", "40", "--learning-rate", "2", "--save", "net.npz", "--json", "--test")
    result = json.loads(nnsweep("train", *FLOWERS, *words).out)
    assert result["test_accuracy"] == 1.0
    answer = nnsweep("predict", "net.npz", "flowers.csv", "--label", "kind")
    assert answer.code == 0
    found = rows(answer.out)
    assert [row["row"] for row in found] == [str(n) for n in range(1, ROWS + 1)]
    true = [row["kind"] for row in rows(table.read_text())]
    right = [row["class"] == kind for row, kind in zip(found, true, strict=True)]
    assert sum(right) > 0.9 * ROWS
    assert all(0 < float(row["probability"]) < 1 for row in found)
    # The same columns without the label's give the same, as does an .npz of them.
    bare = [f"{row['length']},{row['width']}" for row in rows(table.read_text())]
    Path("bare.csv").write_text("\n".join(["length,width", *bare, ""]))
    np.savez("bare.npz", x=np.array([line.split(",") for line in bare], dtype=float))
    for file in ("bare.csv", "bare.npz"):
        assert nnsweep("predict", "net.npz", file).out == answer.out
    as_json = json.loads(nnsweep("predict", "net.npz", "bare.csv", "--json").out)
    assert [{k: str(v) for k, v in p.items()} for p in as_json["predictions"]] == found


def test_a_run_on_a_file_predicts_and_goes_on(nnsweep, table: Path) -> None:
    words = ("run", *FLOWERS, "--trials", "2", "--jobs", "1", "--set", "training.epochs=2")
    small = ("--set", "space.mini_batch_size={choices=[5, 10]}", "--out", "out")
    assert nnsweep(*words, *small).code == 0
    found = rows(nnsweep("predict", "out", "flowers.csv", "--label", "kind").out)
    assert {row["class"] for row in found} <= {"dwarf", "tall"}
    assert nnsweep(*words, *small).code == 0
    table.write_text(table.read_text() + "1,dwarf,1\n")
    answer = nnsweep(*words, *small)
    assert answer.code == 2
    assert "must be resumed where it was begun: data was" in answer.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["predict", "net.npz", "dots.npz"], "`dots.npz` must have 2 inputs in each row, got 20"),
        (["predict", "net.npz", "flowers.csv"], "line 2, column 'kind' must be a finite number"),
        (["predict", "net.npz", "none.csv"], "data file `none.csv` must be readable"),
        (["predict", "net.npz", "net.toml"], "data file `net.toml` must be readable"),
        (["predict", "nothing", "dots.npz"], "`nothing` must be a run folder with best.npz, or a"),
        (["predict", ".", "dots.npz"], "`.` must be a run folder with best.npz, or a saved"),
        (["predict", "dots.npz", "dots.npz"], "model file dots.npz must be a saved model"),
        (["data", "info", "flowers.csv"], "`label` must name the column of classes"),
        (["data", "info", "dots.npz", "--label", "y"], "`label` must go with a .csv file"),
        (
            ["data", "info", "flowers.csv", "--label", "kind", "--sheet", "a.png"],
            "`--sheet` must go with images",
        ),
        (["data", "info", "dots.npz", "--sheet", "a.svg"], "`--sheet` must be a .png file"),
        (["data", "info", "dots.npz", "--sheet", "no/a.png"], "`--sheet` must be a writable file"),
        (["train", "--data", "flowers.csv"], "`label` must name the column of classes"),
        (
            ["train", "--data", "flowers.csv", "--label", "sort"],
            "must have the label column `sort`",
        ),
        (["run", "--label", "kind"], "`label` must go with a .npz or .csv file"),
        (["run", "--data", "flowers.csv"], "`label` must name the column of classes"),
        (["run", "--data", "junk.npz"], "must be a whole .npz file"),
        (["run", "--data", "dots.npz"], "`mini_batch_size` must be <= 28"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_is_refused_in_one_line(
    nnsweep, table: Path, images: Path, words: list[str], expected: str
) -> None:
    quick = ("train", *FLOWERS, "--epochs", "1", "--save", "net.npz")
    assert nnsweep(*quick).code == 0
    Path("junk.npz").write_bytes(b"PK\x03\x04" + bytes(100))
    before = sorted(Path().iterdir())
    answer = nnsweep(*words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("nnsweep: ")
    assert answer.err.count("\n") == 1
    assert expected in answer.err
    assert sorted(Path().iterdir()) == before

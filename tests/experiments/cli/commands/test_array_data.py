"""Files of arrays and tables of images as typed: from `data info` over `run` to `predict`."""

import csv
import io
import json
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest

SMALL = (
    "--set",
    "training.epochs=1",
    "--set",
    "training.warmup=0",
    "--set",
    "space.mini_batch_size={choices=[5]}",
)
ONE = (*SMALL, "--trials", "1", "--jobs", "1")
X = np.random.default_rng(2).integers(0, 256, (60, 4, 4), dtype=np.uint8)
Y = np.arange(60) % 2


@pytest.fixture
def kaggle(tmp_path: Path) -> Path:
    """Return a table of images as Kaggle writes them: `label`, `pixel0` to `pixel15`."""
    names = ["label", *(f"pixel{k}" for k in range(16))]
    table = np.column_stack([Y, X.reshape(60, 16)])
    np.savetxt(tmp_path / "train.csv", table, "%d", ",", header=",".join(names), comments="")
    np.savetxt(
        tmp_path / "test.csv", table[:, 1:], "%d", ",", header=",".join(names[1:]), comments=""
    )
    return tmp_path / "train.csv"


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    np.save(tmp_path / "x_train.npy", X)
    np.save(tmp_path / "y_train.npy", Y)
    return tmp_path / "x_train.npy"


def test_kaggles_table_needs_no_options(nnsweep, kaggle: Path) -> None:
    answer = nnsweep("data", "info", "train.csv")
    assert answer.code == 0
    assert "inputs: 16 features, images of 4 × 4\n" in answer.out
    assert answer.err == ""
    assert nnsweep("run", "--data", "train.csv", *ONE, "--out", "run").code == 0
    assert tomllib.loads(Path("run/sweep.toml").read_text())["data"]["label"] == "label"
    predicted = list(csv.DictReader(io.StringIO(nnsweep("predict", "run", "test.csv").out)))
    assert len(predicted) == 60
    assert {row["class"] for row in predicted} <= {"0", "1"}


def test_kaggles_table_needs_no_label_in_a_sweep_file(nnsweep, kaggle: Path) -> None:
    Path("u.toml").write_text(
        '[sweep]\nname = "u"\n[data]\nname = "train.csv"\n'
        "[space]\nlearning_rate = { low = 0.1, high = 1.0 }\n"
    )
    assert nnsweep("run", "u.toml", *ONE, "--out", "run").code == 0
    assert tomllib.loads(Path("run/sweep.toml").read_text())["data"]["label"] == "label"


def test_another_table_is_said_to_hold_images(nnsweep, kaggle: Path) -> None:
    kaggle.write_text(kaggle.read_text().replace("pixel", "p"))
    words = ("train.csv", "--label", "label")
    assert "images" not in nnsweep("data", "info", *words).out
    assert "images of 2 × 8" in nnsweep("data", "info", *words, "--image", "2,8").out
    data = ("--data", words[0], *words[1:])
    shift = ("--set", "training.shift=1", "--set", "data.image=[4,4]")
    assert nnsweep("run", *data, *shift, *ONE, "--out", "run").code == 0
    assert tomllib.loads(Path("run/sweep.toml").read_text())["data"]["image"] == [4, 4]
    assert nnsweep("train", *data, "--image", "4,4", "--shift", "1", "--epochs", "1").code == 0
    for image, message in {
        "4": "`image` must be a height and a width, two whole numbers >= 1, got (4,)",
        "4x4": "`--image` must be a height and a width, for example 28,28, got '4x4'",
        "4,5": "`image` must have a product of 16, the number of inputs in",
    }.items():
        answer = nnsweep("data", "info", *words, "--image", image)
        assert (answer.code, answer.out) == (2, "")
        assert message in answer.err
        assert answer.err.count("\n") == 1


def test_an_own_test_set_is_told(nnsweep, pair: Path) -> None:
    split = "x_train.npy: split 0.7 / 0.15 / 0.15 (training / validation / test)\n"
    assert nnsweep("data", "info", "x_train.npy").out.startswith(split)
    np.save("x_test.npy", X[:10])
    np.save("y_test.npy", Y[:10])
    answer = nnsweep("data", "info", "x_train.npy")
    told = "its own test set, other rows 0.7 : 0.15 (training : validation)\n"
    assert answer.out.startswith(f"x_train.npy: {told}")
    # Of the 30 rows of a class, round(30 · 0.15 / 0.85) = 5 are for validation.
    assert answer.out.splitlines()[-3].split() == ["all", "50", "10", "10"]
    np.savez("own.npz", x_train=X, y_train=Y, x_test=X[:10], y_test=Y[:10])
    assert nnsweep("data", "info", "own.npz").out.startswith(f"own.npz: {told}")


def test_a_run_finds_a_pair_of_files_after_a_move(nnsweep, pair: Path) -> None:
    """A file of the same name with other labels is not taken, nor one without labels."""
    Path("here").mkdir()
    shutil.move("x_train.npy", "here")
    shutil.move("y_train.npy", "here")
    assert nnsweep("run", "--data", "here/x_train.npy", *ONE, "--out", "here/run").code == 0
    Path("here").rename("there")
    Path("here").mkdir()
    np.save("here/x_train.npy", X)
    assert nnsweep("confirm", "there/run", "--jobs", "1").code == 0
    np.save("here/y_train.npy", 1 - Y)
    words = ("run", "there/run/sweep.toml", "--out", "there/run", "--trials", "2", "--jobs", "1")
    assert nnsweep(*words).code == 0


def write_idx(path: Path, array: np.ndarray) -> None:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes())


def test_a_folder_of_idx_files_is_data_wherever_it_is(
    nnsweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("idx").mkdir()
    write_idx(Path("idx/train-images-idx3-ubyte"), X)
    write_idx(Path("idx/train-labels-idx1-ubyte"), Y)
    assert nnsweep("run", "--data", "idx/", *ONE, "--out", "run").code == 0
    assert tomllib.loads(Path("run/sweep.toml").read_text())["data"]["name"] == "idx/"
    resume = ("run/sweep.toml", "--out", "run", "--jobs", "1", "--trials")
    assert nnsweep("run", *resume, "2").code == 0
    Path("other/place").mkdir(parents=True)
    shutil.move("run", "other/place/run")
    shutil.move("idx", "other/place/idx")
    Path("other/place/idx/notes.txt").touch()
    assert nnsweep("report", "other/place/run").code == 0
    shutil.move("other/place/idx", "other/idx")
    monkeypatch.chdir("other")  # here it is found by its name alone
    assert nnsweep("run", "place/run/sweep.toml", "--out", "place/run", *resume[3:], "3").code == 0
    answer = nnsweep("predict", "place/run", "idx/train-images-idx3-ubyte")
    assert answer.out.count("\n") == 61


def test_a_moved_data_file_is_named_once(nnsweep, pair: Path) -> None:
    assert nnsweep("run", "--data", "x_train.npy", *ONE, "--out", "run").code == 0
    Path("store").mkdir()
    for name in ("x_train.npy", "y_train.npy"):
        shutil.move(name, f"store/{name}")
    assert "must be readable, got: No such file" in nnsweep("confirm", "run").err
    np.save("x_train.npy", X + 1)
    np.save("y_train.npy", Y)
    before = Path("run/environment.json").read_bytes()
    for words, message in (
        (
            ("confirm", "run", "--data", "x_train.npy"),
            "must have the content of `x_train.npy` when",
        ),
        (("report", "run", "--data", "nowhere.npy"), "must be readable, got: No such file"),
        (
            ("ablate", "run", "--data", "run/best.npz"),
            "must have the content of `x_train.npy` when",
        ),
    ):
        answer = nnsweep(*words)
        assert (answer.code, answer.out) == (2, "")
        assert message in answer.err
        assert answer.err.count("\n") == 1
    assert Path("run/environment.json").read_bytes() == before
    for name in ("x_train.npy", "y_train.npy"):
        Path(name).unlink()
    assert nnsweep("report", "run", "--data", "store/x_train.npy").code == 0
    assert nnsweep("confirm", "run", "--top", "1", "--seeds", "2", "--jobs", "1").code == 0
    recorded = json.loads(Path("run/environment.json").read_text())["data_files"]
    assert recorded == [str(Path("store/x_train.npy").absolute()), "../store/x_train.npy"]
    again = nnsweep("run", "run/sweep.toml", "--out", "run", "--trials", "2", "--jobs", "1")
    assert again.code == 0, again.err


def test_a_run_on_a_data_set_by_name_has_no_data_file(nnsweep, pair: Path) -> None:
    small = ("--set", "data.name=digits", "--set", "training.hidden_units=[4]")
    assert nnsweep("run", *small, *ONE, "--out", "run").code == 0
    answer = nnsweep("report", "run", "--data", "x_train.npy")
    assert answer.code == 2
    assert "`--data` must go with a run on a data file, not with `run`, got `digits`" in answer.err


def test_arff_is_a_table_with_a_label(nnsweep, tmp_path: Path) -> None:
    rows = [f"{n},{n % 7 or '?'},{'xyz'[n % 3]},{'b' if n % 2 else 'a'}" for n in range(40)]
    declared = ["@attribute n real", "@attribute 'm n' real", "@attribute site {x,y,z}"]
    declared += ["@attribute kind {a,b}", "@data"]
    Path("a.arff").write_text("\n".join([*declared, *rows]))
    answer = nnsweep("data", "info", "a.arff")
    assert answer.code == 2
    assert answer.err == (
        "nnsweep: `--label` must name the column of classes in `a.arff`, for example --label kind, "
        "or `--target` numbers to predict; its columns: n, m n, site, kind\n"
    )
    label = ("--label", "kind")
    answer = nnsweep("data", "info", "a.arff", *label)
    assert "--ignore" in answer.err
    assert "empty cells became the mean of their column: m n (6)" in answer.err
    assert [line.split() for line in answer.out.splitlines()][7:10] == [
        ["n", "identifier", "40", "0", "1"],
        ["m", "n", "number", "6", "6", "1"],
        ["site", "category", "3", "0", "3"],
    ]
    assert nnsweep("run", "--data", "a.arff", *label, "--ignore", "n", *ONE, "--out", "r").code == 0
    assert nnsweep("predict", "r", "a.arff").out.count("\n") == 41

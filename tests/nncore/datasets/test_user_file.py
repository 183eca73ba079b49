"""Users' files as data sets: what is read, split, scaled and kept, and what is refused.

Expected splits and scalings are worked out here from the raw rows, never by the code under test.
"""

import pickle
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nncore
from nncore.datasets import DataSet, DataSource, catalogue, fetch_dataset, load_dataset
from nncore.datasets.dataset import content_sha256
from nncore.datasets.user_file import read_inputs
from nncore.errors import InputError

ROOT = Path(nncore.__file__).parents[1]

# 40 rows: the first input tells a row by itself, the second is constant, the third is ±1.
X = np.column_stack([np.arange(40.0), np.full(40, 3.5), np.tile([-1.0, 1.0], 20)])
Y = np.array(["oak", "ash"] * 10 + ["ash"] * 20)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a cache folder that does not exist yet; the tests work in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def save(name: str = "trees.npz", x: Any = X, y: Any = Y) -> str:
    np.savez(name, x=x, y=y)
    return name


def save_csv(name: str = "trees.csv") -> str:
    rows = [f"{a!r},{label},{b!r},{c!r}" for (a, b, c), label in zip(X.tolist(), Y, strict=True)]
    Path(name).write_text("\n".join(["id,tree,same,sign", *rows, ""]))
    return name


def raw_ids(data: DataSet) -> list[list[int]]:
    """Return the row numbers of each split, read back from the first input."""
    parts = (data.train, data.validation, data.test)
    return [np.rint(data.scaling.undo(part.x)[:, 0]).astype(int).tolist() for part in parts]


def refusal(source: str | DataSource) -> str:
    with pytest.raises(InputError) as caught:
        load_dataset(source)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_each_class_is_split_by_the_shares_and_rows_keep_their_class() -> None:
    data = load_dataset(save())
    assert data.classes == ("ash", "oak")
    ids = raw_ids(data)
    assert sorted(ids[0] + ids[1] + ids[2]) == list(range(40))
    for part, rows in zip((data.train, data.validation, data.test), ids, strict=True):
        assert [data.classes[label] for label in part.labels] == Y[rows].tolist()
    # Of 30 ash trees round(4.5) = 4 are held out twice, of 10 oaks round(1.5) = 2.
    counts = [Counter(Y[rows].tolist()) for rows in ids]
    assert counts == [{"ash": 22, "oak": 6}, {"ash": 4, "oak": 2}, {"ash": 4, "oak": 2}]
    assert ids[0] != sorted(ids[0])


def test_the_scaling_is_fitted_on_the_training_rows_alone() -> None:
    data = load_dataset(save())
    ids = raw_ids(data)
    low, high = min(ids[0]), max(ids[0])
    for part, rows in zip((data.train, data.validation, data.test), ids, strict=True):
        expected = (np.array(rows) - low) / (high - low)
        np.testing.assert_array_equal(part.x[:, 0], expected.astype(np.float32))
        assert (part.x[:, 1] == 0).all()
        np.testing.assert_array_equal(part.x[:, 2], [n % 2 for n in rows])
    standard = load_dataset(DataSource("trees.npz", scale="standard"))
    assert raw_ids(standard) == ids
    mean, deviation = np.mean(ids[0]), np.std(ids[0])
    expected = (np.array(ids[1]) - mean) / deviation
    np.testing.assert_allclose(standard.validation.x[:, 0], expected, rtol=1e-6)
    plain = load_dataset(DataSource("trees.npz", scale="none"))
    np.testing.assert_array_equal(plain.test.x, X[ids[2]])


def test_another_split() -> None:
    data = load_dataset(DataSource(save(), split=(0.5, 0.3, 0.2)))
    sizes = [len(part) for part in (data.train, data.validation, data.test)]
    assert sizes == [20, 12, 8]


def test_a_csv_gives_the_same_data_set_as_the_npz_of_its_columns() -> None:
    table, arrays = load_dataset(DataSource(save_csv(), label="tree")), load_dataset(save())
    assert (table.inputs, arrays.inputs) == (("id", "same", "sign"), None)
    unnamed = replace(table, scaling=replace(table.scaling, inputs=None))
    assert content_sha256(unnamed) == arrays.sha256
    assert load_dataset(DataSource("trees.csv", label="tree")).inputs == table.inputs
    assert table.source != arrays.source


def test_images_keep_their_shape() -> None:
    images = np.arange(40 * 6, dtype=np.uint8).reshape(40, 2, 3)
    data = load_dataset(save(x=images))
    assert data.image_shape == (2, 3)
    assert data.train.x.shape == (28, 6)
    flat = load_dataset(save("flat.npz", x=images.reshape(40, 6)))
    assert flat.image_shape is None
    np.testing.assert_array_equal(flat.train.x, data.train.x)


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (np.arange(40) % 4 * 5 - 5, ("-5", "0", "5", "10")),
        (np.array(["10", "9", "-1", "+2"] * 10), ("-1", "+2", "9", "10")),
        (np.array(["10", "9", "ten", "Ten"] * 10), ("10", "9", "Ten", "ten")),
        (np.array([2**64 - 1, 7] * 20, dtype=np.uint64), ("7", "18446744073709551615")),
    ],
)
def test_classes_keep_their_names_in_order(y: Any, classes: tuple[str, ...]) -> None:
    data = load_dataset(save(y=y))
    assert data.classes == classes
    for part, rows in zip((data.train, data.validation, data.test), raw_ids(data), strict=True):
        assert [data.classes[label] for label in part.labels] == y[rows].astype(str).tolist()


def test_the_second_load_maps_what_the_first_made(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_dataset(save())
    monkeypatch.setattr(catalogue, "build_file", lambda source: pytest.fail("made again"))
    second = load_dataset("trees.npz")
    assert second.sha256 == first.sha256
    assert not second.train.x.flags.writeable
    assert fetch_dataset("trees.npz").parent == cache / "arrays"
    assert len(list((cache / "arrays").iterdir())) == 1
    # A copy elsewhere is the same content, under its own name.
    Path("sub").mkdir()
    Path("sub/other.npz").write_bytes(Path("trees.npz").read_bytes())
    assert load_dataset("sub/other.npz").name == "sub/other.npz"


@pytest.mark.parametrize(
    "other",
    [{"split": (0.6, 0.2, 0.2)}, {"scale": "none"}, {"name": "changed.npz"}],
    ids=str,
)
def test_other_settings_or_content_have_a_place_of_their_own(other: dict[str, Any]) -> None:
    save("changed.npz", x=X + 1)
    plain = {"name": save()}
    one, two = DataSource(**plain), DataSource(**plain | other)
    assert fetch_dataset(one) != fetch_dataset(two)
    assert load_dataset(one).sha256 != load_dataset(two).sha256


def test_a_worker_elsewhere_maps_the_same_arrays(tmp_path: Path) -> None:
    """Its description is small, pickles, and needs neither the working directory nor the file."""
    data = load_dataset(DataSource(save_csv(), label="tree"))
    assert data.name == "trees.csv"
    packed = pickle.dumps(data.source)
    assert len(packed) < 1000
    Path("trees.csv").rename("gone.csv")
    code = (
        "import pickle, sys; from nncore.datasets import load_dataset;"
        "data = load_dataset(pickle.loads(bytes.fromhex(sys.argv[1])), verify=False);"
        "print(data.sha256, data.train.x.flags.owndata)"
    )
    command = [sys.executable, "-c", code, packed.hex()]
    assert subprocess.check_output(command, cwd=ROOT, text=True) == f"{data.sha256} False\n"


def test_a_worker_makes_lost_arrays_again_but_not_from_another_file() -> None:
    data = load_dataset(save())
    (fetch_dataset("trees.npz") / "train_x.npy").unlink()
    assert load_dataset(data.source, verify=False).sha256 == data.sha256
    (fetch_dataset("trees.npz") / "train_x.npy").unlink()
    save(x=X + 1)
    with pytest.raises(InputError, match=r"trees.npz` must not change while it is in use"):
        load_dataset(data.source, verify=False)


NAN, INF = X.copy(), X.copy()
NAN[7, 2], INF[0, 0] = np.nan, -np.inf

BAD: dict[str, tuple[Callable[[], object], str]] = {
    "nan": (lambda: save(x=NAN), "`x[7, 2]` in `{path}` must be a finite number, got nan"),
    "half nan": (
        lambda: save(x=NAN.astype(np.float16)),
        "`x[7, 2]` in `{path}` must be a finite number, got nan",
    ),
    "lengths of much": (
        lambda: save(x=np.zeros((5_000, 1_000), np.uint8), y=Y),
        "`y` in `{path}` must be (5000,), one class per row, got (40,)",
    ),
    "infinite": (lambda: save(x=INF), "`x[0, 0]` in `{path}` must be a finite number, got -inf"),
    "too large": (lambda: save(x=X * 1e38), "`x[0, 1]` in `{path}` must be a finite number"),
    "one input": (
        lambda: save(x=X[:, 0]),
        "`x` in `{path}` must have the shape (n, features), (n,",
    ),
    "four axes": (
        lambda: save(x=X.reshape(40, 1, 1, 3)),
        "must have the shape (n, features), (n,",
    ),
    "no rows": (lambda: save(x=X[:0], y=Y[:0]), "each at least 1, got (0, 3)"),
    "no columns": (lambda: save(x=X[:, :0]), "each at least 1, got (40, 0)"),
    "text inputs": (lambda: save(x=X.astype(str)), "`x` in `{path}` must hold numbers, got <U"),
    "complex": (lambda: save(x=X * 1j), "`x` in `{path}` must hold numbers, got complex128"),
    "objects": (lambda: save(x=X.astype(object)), "must hold numbers or text, got Python objects"),
    "ragged": (
        lambda: save(x=np.array([[1], [2, 3]], dtype=object)),
        "must hold numbers or text, got Python objects",
    ),
    "fewer labels": (lambda: save(y=Y[:39]), "`y` in `{path}` must be (40,), one class per row"),
    "labels in three axes": (lambda: save(y=Y[:, None, None]), "class per row, got (40, 1, 1)"),
    "two columns of text": (lambda: save(y=np.stack([Y, Y], 1)), "per row, got (40, 2)"),
    "real labels": (lambda: save(y=X[:, 0]), "must hold whole numbers or text, got float64"),
    "empty label": (lambda: save(y=np.where(X[:, 0] == 3, "", Y)), "`y[3]` in `{path}` must name"),
    "empty labels": (lambda: save(y=np.full(40, "")), "in `{path}` must name a class in printable"),
    "two lines": (lambda: save(y=np.full(40, "a\nb")), r"printable text, got 'a\nb'"),
    "surrogate": (lambda: save(y=np.full(40, "\ud800")), "`y[0]` in `{path}` must name a class"),
    "one class": (lambda: save(y=np.full(40, 8)), "must have at least two classes, got only `8`"),
    "rare class": (
        lambda: save(y=np.where(X[:, 0] < 3, "elm", Y)),
        "class `elm` in `{path}` must have examples for training, validation and test, "
        "got 3 examples, split as 3 / 0 / 0",
    ),
    "no classes": (
        lambda: save(x=np.zeros((1001, 1)), y=np.arange(1001)),
        "must have at most 1,000 classes, got 1,001, such as `0`",
    ),
    "no x": (lambda: np.savez("trees.npz", y=Y), "must hold the arrays `x`, `y`, got `y`"),
    "empty file": (lambda: Path("trees.npz").write_bytes(b""), "must be a complete .npz file"),
    "junk": (lambda: Path("trees.npz").write_bytes(bytes(range(256)) * 9), "a complete .npz file"),
    "folder": (lambda: Path("trees.npz").mkdir(), "data file `{path}` must be a regular file"),
    "nothing": (lambda: None, "data file `{path}` must be readable, got: No such file"),
}


@pytest.mark.parametrize(("make", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_refused_in_one_line_and_nothing_kept(
    make: Callable[[], object], message: str, cache: Path, tmp_path: Path
) -> None:
    make()
    assert message.replace("{path}", f"{tmp_path}/trees.npz") in refusal("trees.npz")
    assert not cache.exists()


@pytest.mark.parametrize("order", "<>")
def test_a_number_beyond_unicode_is_no_text(order: str) -> None:
    save(y=np.full(40, 0x110000, dtype=f"{order}u4").view(f"{order}U1"))
    assert "must hold text, got an invalid character code" in refusal("trees.npz")
    save(y=np.array([0x10FFFD, 0x42] * 20, dtype=f"{order}u4").view(f"{order}U1"))
    assert "must name a class in printable text" in refusal("trees.npz")  # a private character
    save(y=np.array([0x1F333, 0x42] * 20, dtype=f"{order}u4").view(f"{order}U1"))
    assert load_dataset("trees.npz").classes == ("B", "🌳")


def test_inputs_that_scaling_throws_out_of_float32_are_refused() -> None:
    """Where the training rows differ by 1e−30, a held-out row at 1e20 would be 1e50."""
    held_out = raw_ids(load_dataset(save()))[1][0]
    x = X.copy()
    x[:, 1] = np.arange(40) * 1e-30
    x[held_out, 1] = 1e20
    message = refusal(save("far.npz", x=x))
    assert f"`x[{held_out}, 1]` must be finite in float32 after scaling" in message


@pytest.mark.parametrize("scale", ["unit", "standard", "none"])
def test_half_precision_is_read_up_to_its_largest_number(scale: str) -> None:
    x = np.column_stack([np.linspace(-65504, 65504, 40), X[:, 2]]).astype(np.float16)
    half = load_dataset(DataSource(save("half.npz", x=x), scale=scale))
    double = load_dataset(DataSource(save("double.npz", x=x.astype(float)), scale=scale))
    np.testing.assert_array_equal(half.train.x, double.train.x)
    np.testing.assert_array_equal(half.test.x, double.test.x)


def test_lengths_are_compared_before_any_data_is_unpacked() -> None:
    np.savez_compressed("trees.npz", x=np.zeros((50_000_000, 1), np.uint8), y=Y)
    tracemalloc.start()
    try:
        assert "one class per row, got (40,)" in refusal("trees.npz")
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_inputs_alone_are_read_for_prediction() -> None:
    np.testing.assert_array_equal(read_inputs(Path(save())), X)
    np.testing.assert_array_equal(read_inputs(Path(save_csv()), ignore=["tree"]), X)
    turned = read_inputs(Path("trees.csv"), ("sign", "id", "same"), ignore=["tree"])
    np.testing.assert_array_equal(turned, X[:, [2, 0, 1]])
    np.savez("images.npz", x=np.arange(12).reshape(2, 2, 3))
    assert read_inputs(Path("images.npz")).tolist() == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]
    Path("a.txt").touch()
    with pytest.raises(
        InputError, match=r"^data file `a.txt` must end in .npz, .npy, idx-ubyte, .csv"
    ):
        read_inputs(Path("a.txt"))
    with pytest.raises(InputError, match=r"^data file `no.csv` must be readable, got: No such"):
        read_inputs(Path("no.csv"))

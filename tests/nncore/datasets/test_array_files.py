"""Files of arrays as other programs write them: names, shapes, labels, and test sets of their own.

The images are those of mnist-5k, written here as Keras, Kaggle and LeCun publish MNIST.
"""

import gzip
import tracemalloc
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncore.datasets import DataSet, DataSource, Fold, load_dataset
from nncore.datasets.formats.beside import images_in, pairs_of
from nncore.datasets.user_file import read_inputs
from nncore.errors import InputError

# 40 rows: the first input tells a row by itself.
X = np.column_stack([np.arange(40.0), np.tile([-1.0, 1.0], 20)])
Y = np.arange(40) // 2 % 2
TEST_X, TEST_Y = X[:6] + 100, Y[:6]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def refusal(source: str | DataSource) -> str:
    with pytest.raises(InputError) as caught:
        load_dataset(source)
    message = str(caught.value)
    assert "\n" not in message
    return message


def same(one: DataSet, other: DataSet) -> bool:
    return one.sha256 == other.sha256


def idx(path: str, array: Any) -> None:
    """Write `array` in the IDX format, by its published description; packed if it ends in .gz."""
    content = bytes([0, 0, 8, array.ndim])
    content += b"".join(size.to_bytes(4, "big") for size in array.shape)
    content += array.astype(np.uint8).tobytes()
    Path(path).write_bytes(gzip.compress(content, 1) if path.endswith(".gz") else content)


def digits() -> tuple[Any, Any, Any, Any]:
    """Return images and labels of mnist-5k as raw pixels: 800 for training, 200 for test."""
    data = load_dataset("mnist-5k").train
    pixels = np.rint(data.x[:1000] * 256).astype(np.uint8).reshape(-1, 28, 28)
    labels = data.labels[:1000].astype(np.uint8)
    return pixels[:800], labels[:800], pixels[800:], labels[800:]


@pytest.mark.parametrize("names", [("X", "y"), ("data", "target"), ("images", "labels")])
def test_names_of_others_are_the_same_data_set(names: tuple[str, str]) -> None:
    np.savez("plain.npz", x=X, y=Y)
    np.savez("other.npz", **dict(zip(names, (X, Y), strict=True)), feature_names=["a", "b"])
    assert same(load_dataset("other.npz"), load_dataset("plain.npz"))
    np.testing.assert_array_equal(read_inputs(Path("other.npz")), X)


def test_x_and_y_come_before_other_names() -> None:
    np.savez("both.npz", x=X, y=Y, data=X + 1, target=Y, x_train=X, y_train=Y, x_test=X, y_test=Y)
    np.savez("plain.npz", x=X, y=Y)
    assert same(load_dataset("both.npz"), load_dataset("plain.npz"))


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (X, Y[:, None]),
        (X, np.eye(2)[Y]),
        (X, np.eye(3, dtype=bool)[Y]),  # the class 2 has no rows
        (X, np.eye(2, dtype=np.int8)[Y]),
    ],
    ids=["column", "one-hot", "one-hot of three", "one-hot of whole numbers"],
)
def test_labels_in_a_column_or_one_hot(x: Any, y: Any) -> None:
    np.savez("plain.npz", x=X, y=Y)
    np.savez("other.npz", x=x, y=y)
    assert same(load_dataset("other.npz"), load_dataset("plain.npz"))


def test_images_of_one_channel_are_images() -> None:
    images = np.arange(40 * 6, dtype=np.uint8).reshape(40, 2, 3)
    np.savez("plain.npz", x=images, y=Y)
    np.savez("channel.npz", x=images[..., None], y=Y)
    assert load_dataset("channel.npz").image_shape == (2, 3)
    assert same(load_dataset("channel.npz"), load_dataset("plain.npz"))
    np.testing.assert_array_equal(read_inputs(Path("channel.npz")), images.reshape(40, 6))


def test_a_test_set_of_its_own_is_kept_and_validation_rows_are_training_rows() -> None:
    np.savez("own.npz", x_train=X, y_train=Y, x_test=TEST_X, y_test=TEST_Y)
    data = load_dataset(DataSource("own.npz", scale="none", split=(0.6, 0.2, 0.2)))
    np.testing.assert_array_equal(data.test.x, TEST_X)
    assert data.test.labels.tolist() == TEST_Y.tolist()
    # Of the 20 rows of each class, 0.2 / 0.8 are for validation.
    assert Counter(data.validation.labels.tolist()) == {0: 5, 1: 5}
    rows = sorted([*data.train.x[:, 0], *data.validation.x[:, 0]])
    assert rows == list(range(40))
    for split in (data.train, data.validation):
        assert split.labels.tolist() == Y[split.x[:, 0].astype(int)].tolist()
    # The scaling does not see the test rows, which lie beyond 100.
    assert load_dataset("own.npz").train.x.max() == 1
    assert load_dataset("own.npz").test.x.max() > 2
    np.testing.assert_array_equal(read_inputs(Path("own.npz")), TEST_X)


def test_folds_leave_the_own_test_set_alone() -> None:
    np.savez("own.npz", X_train=X, y_train=Y, X_test=TEST_X, y_test=TEST_Y)
    held: list[float] = []
    for number in range(4):
        fold = load_dataset(DataSource("own.npz", scale="none", part=Fold(number, 4)))
        np.testing.assert_array_equal(fold.test.x, TEST_X)
        held += fold.validation.x[:, 0].tolist()
    assert sorted(held) == list(range(40))


def test_keras_kaggle_and_idx_give_the_same_images(tmp_path: Path) -> None:
    x, y, test_x, test_y = digits()
    np.savez_compressed("mnist.npz", x_test=test_x, x_train=x, y_train=y, y_test=test_y)
    idx("train-images-idx3-ubyte.gz", x)
    idx("train-labels-idx1-ubyte.gz", y)
    idx("t10k-images-idx3-ubyte", test_x)
    idx("t10k-labels-idx1-ubyte", test_y)
    np.save("x_train.npy", x)
    np.save("y_train.npy", y)
    np.save("x_test.npy", test_x)
    np.save("y_test.npy", test_y)
    keras = load_dataset("mnist.npz")
    assert (keras.image_shape, keras.classes) == ((28, 28), tuple("0123456789"))
    assert len(keras.test) == 200
    assert len(keras.train) + len(keras.validation) == 800
    np.testing.assert_array_equal(keras.test.labels, test_y)
    for name in ("train-images-idx3-ubyte.gz", "./", f"{tmp_path}/", "x_train.npy"):
        assert same(load_dataset(name), keras), name
    assert load_dataset("./").source.path == f"{tmp_path}/train-images-idx3-ubyte.gz"
    flat = x.reshape(-1, 784)
    np.testing.assert_array_equal(read_inputs(Path("train-images-idx3-ubyte.gz")), flat)
    np.testing.assert_array_equal(read_inputs(Path("x_train.npy")), flat)


@pytest.mark.parametrize("start", [0, 1])
def test_kaggles_table_holds_images(start: int) -> None:
    x, y, *_ = digits()
    names = ["label", *(f"pixel{start + k}" for k in range(784))]
    table = np.column_stack([y, x.reshape(-1, 784)])
    np.savetxt("train.csv", table, "%d", ",", header=",".join(names), comments="")
    np.savez("arrays.npz", x=x, y=y)
    table_set, arrays = load_dataset(DataSource("train.csv", "label")), load_dataset("arrays.npz")
    assert table_set.image_shape == (28, 28)
    assert table_set.identifiers == ()
    np.testing.assert_array_equal(table_set.train.x, arrays.train.x)
    np.testing.assert_array_equal(table_set.test.labels, arrays.test.labels)


def test_a_table_is_said_to_hold_images() -> None:
    rows = [f"{n},{n * 2},{n % 5},{n % 3},1,2,{n % 2}" for n in range(40)]
    Path("a.csv").write_text("\n".join(["a,b,c,d,e,f,kind", *rows]))
    assert load_dataset(DataSource("a.csv", "kind")).image_shape is None
    data = load_dataset(DataSource("a.csv", "kind", image=(2, 3)))
    assert data.image_shape == (2, 3)
    assert refusal(DataSource("a.csv", "kind", image=(2, 4))) == (
        "`image` must have a product of 6, the number of inputs in "
        f"`{Path.cwd()}/a.csv`, got [2, 4]"
    )
    np.savez("flat.npz", x=np.ones((40, 6)) * np.arange(40)[:, None], y=Y)
    assert load_dataset(DataSource("flat.npz", image=(3, 2))).image_shape == (3, 2)
    np.savez("images.npz", x=np.ones((40, 3, 2)), y=Y)
    assert "`image` must be [3, 2], the shape" in refusal(DataSource("images.npz", image=(2, 3)))


def test_pixels_of_a_table_stay_inputs_whatever_they_contain() -> None:
    """One pixel numbers the rows, one is always 7, one is the class, and one has an empty cell."""
    rows = [f"{k},7,{Y[k]},{k % 5 if k != 3 else ''},{'ab'[Y[k]]}" for k in range(40)]
    Path("a.csv").write_text("\n".join(["pixel0,pixel1,pixel2,pixel3,label", *rows]))
    source = DataSource("a.csv", "label", scale="none")
    data = load_dataset(source)
    assert (data.image_shape, data.identifiers) == ((2, 2), ())
    assert data.inputs == ("pixel0", "pixel1", "pixel2", "pixel3")
    assert [(c.name, c.empty, c.inputs) for c in data.columns] == [("pixel3", 1, 1)]
    known = [row[0] % 5 for row in data.train.x.tolist() if row[0] != 3]
    mean = sum(known) / len(known)
    for split in (data.train, data.validation, data.test):
        for row, label in zip(split.x.tolist(), split.labels.tolist(), strict=True):
            last = mean if row[0] == 3 else row[0] % 5
            assert row == pytest.approx([row[0], 7, label, last])
    for settings, message in {
        (
            "missing",
            "indicator",
        ): '`missing` must be "mean" or "refuse" for images, which have one ',
        ("missing", "refuse"): "a.csv` line 5, column 'pixel3' must not be empty",
        ("categories", ("pixel2",)): "column 'pixel2' must hold numbers, the pixels of images, got",
    }.items():
        assert message in refusal(replace(source, **dict([settings])))


def test_a_table_of_complete_images_has_no_columns_to_tell() -> None:
    names = [f"pixel{k}" for k in range(6)]
    Path("a.csv").write_text("\n".join([",".join([*names, "kind"]), *["1,2,3,4,5,6,x"] * 20]))
    with Path("a.csv").open("a") as file:
        file.writelines("\n0,0,0,0,0,0,y" for _ in range(20))
    assert len(load_dataset(DataSource("a.csv", "kind")).columns) == 6
    images = load_dataset(DataSource("a.csv", "kind", image=(2, 3)))
    assert (images.columns, images.scaling.encoding) == ((), None)


@pytest.mark.parametrize("image", [(0, 3), (2,), (2, 3.0), (True, 2), (1, 2, 3)])
def test_an_image_has_a_height_and_a_width(image: Any) -> None:
    with pytest.raises(InputError, match="`image` must be a height and a width, two whole numbers"):
        DataSource("a.npz", image=image)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("x.npy", "y.npy"),
        ("X.npy", "y.npy"),
        ("X_small.npy", "Y_small.npy"),
        ("images.npy", "labels.npy"),
        ("data-2.npy", "target-2.npy"),
        ("features.npy", "labels.npy"),
        ("pixels.npy", "y.npy"),
        ("pixels.npy", "labels.npy"),
        ("boxes.npy", "labels.npy"),  # the letter x in a word stands for nothing
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"),
        ("emnist-train-images.idx3-ubyte", "emnist-train-labels.idx1-ubyte.gz"),
    ],
)
def test_labels_are_found_by_the_name_of_the_inputs(x: str, y: str, tmp_path: Path) -> None:
    Path(x).touch()
    with pytest.raises(InputError, match="must have its labels in the same folder, in `"):
        pairs_of(tmp_path / x)
    Path(y).touch()
    assert pairs_of(tmp_path / x) == ((tmp_path / x, tmp_path / y),)


def test_a_changed_file_of_labels_is_another_content() -> None:
    np.save("x.npy", X)
    hashes = set()
    for labels in (Y, 1 - Y):
        np.save("y.npy", labels)
        data = load_dataset(DataSource("x.npy", scale="none"))
        assert data.train.labels.tolist() == labels[data.train.x[:, 0].astype(int)].tolist()
        hashes.add(data.source.sha256)
    assert len(hashes) == 2


def test_a_folder_holds_one_file_of_images(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must hold one file of images, such as `train-images-idx"):
        images_in(tmp_path)
    Path("t10k-images-idx3-ubyte").touch()
    assert images_in(tmp_path).name == "t10k-images-idx3-ubyte"
    Path("train-images-idx3-ubyte.gz").touch()
    Path("train-images-idx3-ubyte").touch()
    assert images_in(tmp_path).name == "train-images-idx3-ubyte"
    Path("letters-train-images-idx3-ubyte").touch()
    with pytest.raises(InputError, match="got letters-train-images-idx3-ubyte, train-images-idx3"):
        images_in(tmp_path)
    assert "must be a readable folder, got: No such file" in refusal("nowhere/")


def npz(**arrays: Any) -> str:
    np.savez("a.npz", **arrays)
    return "a.npz"


def pair(x: Any, y: Any = Y) -> str:
    np.save("x.npy", x)
    np.save("y.npy", y)
    return "x.npy"


def images(content: bytes, name: str = "train-images-idx3-ubyte.gz") -> str:
    Path(name).write_bytes(content)
    idx("train-labels-idx1-ubyte.gz", Y)
    return name


HEADER = bytes([0, 0, 8, 3]) + b"".join(size.to_bytes(4, "big") for size in (40, 2, 3))
LARGE = bytes([0, 0, 8, 3]) + b"\xff" * 12
ONE_HOT = np.eye(2)[Y]
TWO, NONE, HALF = ONE_HOT.copy(), ONE_HOT.copy(), ONE_HOT.copy()
TWO[3], NONE[3], HALF[3] = 1, 0, 0.5

BAD: dict[str, tuple[Callable[[], str], str]] = {
    "half of a pair": (lambda: npz(X=X, target=Y), "must hold the arrays `x`, `y`, got `X`, `ta"),
    "no test labels": (
        lambda: npz(x_train=X, y_train=Y, x_test=X),
        "must hold the arrays `x`, `y`",
    ),
    "test of another shape": (
        lambda: npz(x_train=X, y_train=Y, x_test=X[:, :1], y_test=Y),
        "`x_test` in `{here}/a.npz` must have inputs of the shape (2,), like `x_train`, got (1,)",
    ),
    "few test labels": (
        lambda: npz(x_train=X, y_train=Y, x_test=X, y_test=Y[1:]),
        "`y_test` in `{here}/a.npz` must be (40,), one class per row, got (39,)",
    ),
    "class in the test set alone": (
        lambda: npz(x_train=X, y_train=Y, x_test=TEST_X, y_test=TEST_Y + 1),
        "class `0` in `{here}/a.npz` must have examples for training, validation and test, "
        "got 20 examples, split as 16 / 4 / 0",
    ),
    "infinite in the test set": (
        lambda: npz(x_train=X, y_train=Y, x_test=np.where(X == -1, np.inf, X), y_test=Y),
        "`x_test[0, 1]` in `{here}/a.npz` must be a finite number, got inf",
    ),
    "colours": (lambda: npz(x=np.ones((40, 2, 2, 3)), y=Y), "or (n, height, width, 1), each at"),
    "two classes at once": (lambda: npz(x=X, y=TWO), "`y[3]` in `{here}/a.npz` must have a 1 for"),
    "no class": (lambda: npz(x=X, y=NONE), "and 0 for all others, got [0.0, 0.0]"),
    "shares": (lambda: npz(x=X, y=HALF), "and 0 for all others, got [0.5, 0.5]"),
    "many columns": (lambda: npz(x=X, y=np.zeros((40, 1001))), "at most 1,000 columns, one per"),
    "real numbers in a column": (
        lambda: npz(x=X, y=X[:, :1]),
        "hold whole numbers or text, got fl",
    ),
    "text in columns": (lambda: npz(x=X, y=ONE_HOT.astype(str)), "one class per row, got (40, 2)"),
    "objects": (lambda: pair(X.astype(object)), "`{here}/x.npy` must hold numbers or text, got Py"),
    "few labels": (
        lambda: pair(X, Y[1:]),
        "`y` in `{here}/y.npy` must be (40,), one class per row",
    ),
    "infinite": (
        lambda: pair(np.full((40, 2), np.inf)),
        "`x[0, 0]` in `{here}/x.npy` must be a finite number",
    ),
    "torn header": (lambda: images(HEADER[:9], "train-images-idx3-ubyte"), "a header of 16 bytes"),
    "much declared": (
        lambda: images(LARGE, "train-images-idx3-ubyte"),
        "must declare at most 16 bytes, as its size allows, got 79,228,162,",
    ),
    "much declared in .gz": (lambda: images(gzip.compress(LARGE)), "must declare at most "),
    "few pixels": (lambda: images(gzip.compress(HEADER + bytes(239))), "must hold the 240 values"),
    "many pixels": (lambda: images(gzip.compress(HEADER + bytes(241))), "must hold the 240 values"),
    "no gzip": (lambda: images(HEADER), "must be a complete .gz file, got: Not a gzipped file"),
    "torn gzip": (
        lambda: images(gzip.compress(HEADER + bytes(range(240)))[:-20]),
        "must be a complete .gz file, got: Compressed file ended",
    ),
    "other sum": (
        lambda: images(gzip.compress(HEADER + bytes(240))[:-8] + bytes(8)),
        "must be a complete .gz file, got: CRC check failed",
    ),
    "labels as images": (
        lambda: images(gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 40]) + bytes(40))),
        "must begin with 00000803, got '00000801'",
    ),
}


@pytest.mark.parametrize(("make", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_refused_in_one_line(
    make: Callable[[], str], message: str, tmp_path: Path
) -> None:
    assert message.replace("{here}", str(tmp_path)) in refusal(make())
    assert not (tmp_path / "cache").exists()


def test_a_false_header_takes_no_memory() -> None:
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (10000000, 10)}".ljust(117) + "\n"
    Path("x.npy").write_bytes(b"\x93NUMPY\x01\x00\x76\x00" + header.encode() + bytes(100))
    np.save("y.npy", Y)
    images(gzip.compress(bytes([0, 0, 8, 3]) + b"\0\0\x10\0" * 3 + bytes(1 << 20)))
    tracemalloc.start()
    try:
        assert "must have the 800,000,000 bytes that its header declares" in refusal("x.npy")
        assert "must declare at most " in refusal("train-images-idx3-ubyte.gz")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()

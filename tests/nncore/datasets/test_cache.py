"""The cache of data sets: made once, shared, and healed when it is damaged.

A tiny data set that counts how often it is built shows which reads were served from the cache.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import nncore
from nncore.datasets import DataSet, catalogue, dataset_info, fetch_dataset, load_dataset
from nncore.datasets.data_source import DataSource
from nncore.datasets.dataset import content_sha256, make_dataset, make_split, named_arrays
from nncore.datasets.scaling import Scaling
from nncore.errors import InputError

ROOT = Path(nncore.__file__).parents[1]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a cache folder that does not exist yet."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def builds(cache: Path, monkeypatch: pytest.MonkeyPatch) -> list[DataSet]:
    """Put a tiny data set into the catalogue as `tiny`; return the list of what was built."""
    built: list[DataSet] = []

    def build() -> DataSet:
        scaling = Scaling(scale=32.0)
        x = scaling.apply(np.arange(24).reshape(6, 4))
        labels = np.array([0, 1, 2, 2, 1, 0])
        parts = [make_split(x[i : i + 2], labels[i : i + 2], 3) for i in (0, 2, 4)]
        classes = ("a", "b", "c")
        source = DataSource("tiny")
        built.append(
            make_dataset(source, *parts, classes=classes, scaling=scaling, image_shape=(2, 2))
        )
        return built[-1]

    entry = replace(catalogue.CATALOGUE["digits"], name="tiny", sizes=(2, 2, 2), build=build)
    monkeypatch.setitem(catalogue.CATALOGUE, "tiny", entry)
    return built


def assert_same(got: DataSet, wanted: DataSet) -> None:
    for (name, a), (_, b) in zip(named_arrays(got), named_arrays(wanted), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name, strict=True)
    assert (got.name, got.classes, got.scaling) == (wanted.name, wanted.classes, wanted.scaling)
    assert (got.image_shape, got.sha256) == (wanted.image_shape, wanted.sha256)


def test_the_first_use_builds_and_later_ones_map(builds: list[DataSet], cache: Path) -> None:
    assert not dataset_info("tiny").cached
    first = load_dataset("tiny")
    assert dataset_info("tiny").cached
    later = load_dataset("tiny")
    unverified = load_dataset("tiny", verify=False)
    assert len(builds) == 1
    for data in (first, later, unverified):
        assert_same(data, builds[0])
        assert not data.train.x.flags.writeable
    folder = fetch_dataset("tiny")
    assert folder.parent == cache / "arrays"
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    meta = json.loads((folder / "meta.json").read_text())
    assert meta["classes"] == ["a", "b", "c"]
    assert meta["sha256"] == builds[0].sha256


DAMAGES: dict[str, Callable[[Path], object]] = {
    "file missing": lambda folder: (folder / "test_y.npy").unlink(),
    "file truncated": lambda folder: os.truncate(folder / "train_x.npy", 130),
    "file empty": lambda folder: os.truncate(folder / "train_x.npy", 0),
    "no .npy": lambda folder: (folder / "train_x.npy").write_text("x" * 200),
    "meta missing": lambda folder: (folder / "meta.json").unlink(),
    "meta torn": lambda folder: os.truncate(folder / "meta.json", 20),
    "meta of another kind": lambda folder: (folder / "meta.json").write_text("[1, 2]"),
    "objects to unpickle": lambda folder: np.save(
        folder / "train_x.npy", np.array([{}], dtype=object), allow_pickle=True
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("verify", [True, False])
def test_what_is_missing_or_torn_is_built_again(
    damage: Callable[[Path], object], verify: bool, builds: list[DataSet]
) -> None:
    folder = fetch_dataset("tiny")
    damage(folder)
    assert_same(load_dataset("tiny", verify=verify), builds[0])
    assert len(builds) == 2
    load_dataset("tiny")
    assert len(builds) == 2
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize("name", ["train_x.npy", "validation_y.npy", "test_labels.npy"])
def test_one_changed_byte_is_built_again(
    name: str, builds: list[DataSet], caplog: pytest.LogCaptureFixture
) -> None:
    path = fetch_dataset("tiny") / name
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with caplog.at_level(logging.INFO, logger="nncore"):
        assert_same(load_dataset("tiny"), builds[0])
    assert caplog.messages == [f"building data set tiny: the content of {path.parent} has changed"]


def test_other_class_names_in_the_cache_are_built_again(builds: list[DataSet]) -> None:
    path = fetch_dataset("tiny") / "meta.json"
    path.write_text(path.read_text().replace('"b"', '"d"'))
    assert load_dataset("tiny").classes == ("a", "b", "c")


def test_the_hash_tells_shapes_labels_and_scales_apart() -> None:
    x = np.zeros((2, 4), dtype=np.float32)
    split = make_split(x, np.array([0, 1]), 2)
    base = make_dataset(
        DataSource("one"),
        *(split, split, split),
        classes=("a", "b"),
        scaling=Scaling(),
        image_shape=None,
    )
    assert content_sha256(replace(base, source=DataSource("two"), sha256="?")) == base.sha256
    others = [
        replace(base, test=make_split(x.reshape(2, 2, 2), split.labels, 2)),
        replace(base, test=make_split(x, np.array([1, 0]), 2)),
        replace(base, classes=("a", "c")),
        replace(base, scaling=Scaling(scale=2.0)),
        replace(base, scaling=Scaling(offset=2.0)),
        replace(base, scaling=Scaling(scale=np.ones(4))),
        replace(base, image_shape=(2, 2)),
        replace(base, scaling=Scaling(inputs=("a", "b", "c", "d"))),
        replace(base, scaling=Scaling(inputs=("b", "a", "c", "d"))),
    ]
    assert len({base.sha256, *map(content_sha256, others)}) == 10


def test_data_in_use_outlives_its_replacement(builds: list[DataSet]) -> None:
    in_use = load_dataset("tiny")
    (fetch_dataset("tiny") / "meta.json").unlink()
    load_dataset("tiny")
    assert_same(in_use, builds[0])


def test_processes_that_start_together_all_get_it(cache: Path) -> None:
    code = "from nncore.datasets import load_dataset; print(load_dataset('mnist-5k').sha256)"
    processes = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    outputs = [process.communicate()[0].strip() for process in processes]
    assert len(outputs[0]) == 64
    assert outputs == [load_dataset("mnist-5k").sha256] * 3
    assert [path.name for path in (cache / "arrays").iterdir()] == ["mnist-5k-v1"]


def test_a_cache_that_cannot_be_written_is_named(
    builds: list[DataSet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(tmp_path / "file"))
    assert not dataset_info("tiny").cached
    with pytest.raises(InputError, match=rf"cache folder `{tmp_path}/file` must be writable"):
        load_dataset("tiny")

"""`[data]` with a user's file: what it takes, what identifies the sweep, what workers read."""

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncore.datasets import DataSource, load_dataset
from nncore.errors import InputError
from nncore.model_file import load_model
from sweeps.config import SweepConfig, differing_keys, dump_config, parse_config
from sweeps.sweep import run_sweep
from sweeps.workers.local import LocalWorkers


def config(**data: Any) -> SweepConfig:
    return parse_config(
        {
            "sweep": {"name": "a", "trials": 3, "generation": 4},
            "data": data,
            "training": {"epochs": 2, "hidden_units": [4]},
            "space": {"learning_rate": {"low": 0.1, "high": 1.0}},
        }
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with `blobs.npz`: two clouds of points, told apart by the first input."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(5)
    labels = np.arange(60) % 2
    x = rng.normal(size=(60, 3)) + 8 * np.column_stack([labels, 0 * labels, 0 * labels])
    np.savez("blobs.npz", x=x, y=np.where(labels, "far", "near"))
    return tmp_path


def test_a_file_gets_its_settings_spelled_out_and_a_name_does_not() -> None:
    text = dump_config(config(name="my data.csv", label="kind", scale="standard"))
    written = {"name": "my data.csv", "label": "kind", "split": [0.7, 0.15, 0.15]}
    assert tomllib.loads(text)["data"] == {**written, "scale": "standard"}
    assert parse_config(tomllib.loads(text)) == config(**tomllib.loads(text)["data"])
    assert tomllib.loads(dump_config(config()))["data"] == {"name": "mnist-5k"}


def test_settings_reach_the_source() -> None:
    given = config(name="a.npz", split=[0.5, 0.25, 0.25], scale="none").data.source
    assert given == DataSource("a.npz", split=(0.5, 0.25, 0.25), scale="none")
    assert config().data.source == DataSource("mnist-5k")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"name": "a.csv"}, "`label` must name the column of classes in `a.csv`, got None"),
        ({"name": "a.csv", "lable": "y"}, "unknown key `data.lable`; did you mean `data.label`?"),
        ({"name": "digits", "label": "y"}, "`label` must go with a data file"),
        ({"name": "a.npz", "scale": "unti"}, "unknown `scale` `unti`; did you mean `unit`?"),
        ({"name": "a.npz", "split": [0.5, 0.5]}, "`split` must be three fractions > 0"),
        ({"name": "a.npz", "split": ["x", 0.5, 0.5]}, "`data.split.0` must be a valid number"),
        ({"name": "a.npz", "split": 0.7}, "`data.split` must be a valid tuple, got 0.7"),
        ({"name": "a.csv", "label": "y", "ignore": "b"}, "`data.ignore` must be a valid tuple"),
        ({"name": "a.npz", "image": [28, 0]}, "`image` must be a height and a width, two whole"),
        ({"name": "a.npz", "image": [28]}, "`data.image.1` must be"),
        ({"name": "a.npz", "image": [2.5, 4]}, "`data.image.0` must be a valid integer, got 2.5"),
        (
            {"name": "digits", "image": [8, 8]},
            "`image` must go with a data file, not with `digits`",
        ),
        ({"name": 3}, "`data.name` must be a valid string, got 3"),
    ],
    ids=str,
)
def test_each_rule_has_a_message_of_one_line(data: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        config(**data)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_file_columns_split_and_scale_identify_the_sweep() -> None:
    one = config(name="a.csv", label="y")
    changes = {"ignore": ["Id"], "split": [0.6, 0.2, 0.2], "scale": "none", "image": [2, 3]}
    other = config(name="b.csv", label="z", **changes)
    keys = ["data.name", "data.label", "data.split", "data.scale", "data.ignore", "data.image"]
    assert differing_keys(one, other) == keys
    assert differing_keys(one, config(name="a.csv", label="y", scale="unit", ignore=[])) == []


def test_workers_give_the_same_bytes_and_the_model_takes_raw_inputs(folder: Path) -> None:
    sweep = config(name="blobs.npz")
    for jobs in (1, 2):
        run_sweep(
            sweep, load_dataset(sweep.data.source), folder / str(jobs), workers=LocalWorkers(jobs)
        )
    for name in ("trials.csv", "epochs.csv", "best.npz", "sweep.toml"):
        assert (folder / "1" / name).read_bytes() == (folder / "2" / name).read_bytes(), name
    assert tomllib.loads(Path("1/sweep.toml").read_text())["data"]["name"] == "blobs.npz"
    model, data = load_model(folder / "1" / "best.npz"), load_dataset("blobs.npz")
    assert model.classes == ("far", "near")
    with np.load("blobs.npz") as raw:
        outputs = model.predict_proba(raw["x"])
        ids = {row.tobytes(): n for n, row in enumerate(data.scaling.apply(raw["x"]))}
    chosen = [ids[row.tobytes()] for row in data.test.x]
    np.testing.assert_allclose(
        outputs[chosen], model.network.feedforward(data.test.x)[1][-1], rtol=1e-6
    )


def test_a_changed_file_is_another_sweep(folder: Path) -> None:
    sweep = config(name="blobs.npz")
    run_sweep(sweep, load_dataset("blobs.npz"), folder / "run")
    kept = json.loads((folder / "run" / "environment.json").read_text())["data"]
    assert set(kept) == {"name", "sha256", "file_sha256"}
    with np.load("blobs.npz") as raw:
        np.savez("blobs.npz", x=raw["x"], y=raw["y"], note=1)  # nothing that is read differs
    changed = "different environment: the content of data file `blobs.npz` differs "
    with pytest.raises(InputError, match=changed):
        run_sweep(sweep, load_dataset("blobs.npz"), folder / "run")

"""The sweeps that come with the package: each can be run as it stands."""

from importlib.resources import as_file, files

import pytest

from sweeps.config import load_config

READY = sorted(
    file.name for file in files("experiments.sweep_files").iterdir() if ".toml" in file.name
)


def test_there_are_three() -> None:
    assert READY == ["best-mlp.toml", "first.toml", "regression.toml"]


@pytest.mark.parametrize("name", READY)
def test_a_ready_sweep_can_be_run_as_it_stands(name: str) -> None:
    with as_file(files("experiments.sweep_files") / name) as path:
        config = load_config(path)
    assert config.space
    assert config.sweep.name in {"best-mlp", "mnist-first", "regression-first"}

"""`nnsweep init`: the file that it writes, its name, and that no file is overwritten."""

from pathlib import Path

import pytest

from sweeps.config import load_config
from sweeps.pruners.catalogue import PRUNERS
from sweeps.samplers.catalogue import SAMPLERS


def test_init_writes_a_file_that_runs_and_overwrites_none(nnsweep) -> None:
    answer = nnsweep("init", "mine.toml")
    assert answer.code == 0
    assert "Next: nnsweep run mine.toml --dry-run" in answer.out
    assert nnsweep("run", "mine.toml", "--dry-run").code == 0
    before = Path("mine.toml").read_text()
    assert 'name = "mine"            # the run folder is runs/<name>' in before
    assert before.count("#") > 10
    again = nnsweep("init", "mine.toml")
    assert again.code == 2
    assert "mine.toml must be new" in again.err
    assert Path("mine.toml").read_text() == before


def test_the_file_names_every_sampler_and_every_pruner(nnsweep) -> None:
    nnsweep("init", "mine.toml")
    text = Path("mine.toml").read_text()
    for name in [*SAMPLERS, *(name for name in PRUNERS if name != "none")]:
        assert f'"{name}"' in text


@pytest.mark.parametrize(
    ("file", "name"), [("my first é.toml", "my-first"), (".toml", "toml"), ("-.toml", "sweep")]
)
def test_init_names_the_sweep_after_the_file(nnsweep, file: str, name: str) -> None:
    assert nnsweep("init", "--", file).code == 0
    assert load_config(Path(file)).sweep.name == name


def test_init_offers_a_sweep_for_numbers(nnsweep) -> None:
    assert nnsweep("init", "mine.toml", "--regression").code == 0
    config = load_config(Path("mine.toml"))
    assert (config.sweep.name, config.sweep.metric) == ("mine", "rmse")
    assert config.training["output"] == "linear"
    assert nnsweep("run", "mine.toml", "--dry-run").code == 0
    assert max(map(len, Path("mine.toml").read_text().splitlines())) <= 110

"""`nnsweep init`: the file that it writes, its name, and that no file is overwritten."""

import json
import tomllib
from pathlib import Path

import pytest

from sweeps.config import load_config
from sweeps.pruners.catalogue import PRUNERS
from sweeps.samplers.catalogue import SAMPLERS
from tests.support.sweep_schema import SCHEMA, faults


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


def test_init_writes_the_schema_beside_the_file_and_names_it_in_the_first_line(nnsweep) -> None:
    Path("sweeps").mkdir()
    answer = nnsweep("init", "sweeps/mine.toml")
    assert answer.out.startswith("wrote sweeps/mine.toml, and sweep.schema.json for editors\n")
    first, *others = Path("sweeps/mine.toml").read_text("utf-8").splitlines()
    assert first == "#:schema ./sweep.schema.json"
    assert Path("sweeps/sweep.schema.json").read_text("utf-8") == nnsweep("schema").out
    assert faults(tomllib.loads("\n".join(others))) == []


def test_init_replaces_an_older_schema_but_no_other_file(nnsweep) -> None:
    older = json.dumps({"title": SCHEMA["title"], "properties": {}})
    Path("sweep.schema.json").write_text(older)
    assert nnsweep("init", "mine.toml").code == 0
    assert json.loads(Path("sweep.schema.json").read_text("utf-8")) == SCHEMA

    Path("sweep.schema.json").write_text('{"title": "Another schema"}')
    answer = nnsweep("init", "other.toml")
    assert (answer.code, answer.out) == (2, "")
    assert "sweep.schema.json must be the schema of nnsweep or no file" in answer.err
    assert Path("sweep.schema.json").read_text() == '{"title": "Another schema"}'
    assert not Path("other.toml").exists()


def test_init_refuses_an_existing_file_before_it_writes_the_schema(nnsweep) -> None:
    Path("mine.toml").touch()
    assert nnsweep("init", "mine.toml").code == 2
    assert not Path("sweep.schema.json").exists()

"""A storage that cannot be used gives one line, and nothing is made or changed for it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nncore.datasets import DataSet
from nncore.errors import InputError
from sweeps.config import SweepConfig
from sweeps.records.run_folder import open_folder
from sweeps.study.database import open_database
from sweeps.study.optuna_study import open_study
from sweeps.sweep import run_sweep
from sweeps.workers.dask import DaskWorkers

Small = Callable[..., SweepConfig]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sweeps.db", r"`storage` must be a URL such as sqlite:///sweeps.db .*got 'sweeps.db'"),
        ("postgresql://u:secret@host:port/x", r"`storage` must be a URL such .*got 'host:port/x'$"),
        ("user:secret@host", r"`storage` must be a URL .*got 'host'"),
        ("sqlite://", r"must name a file, as in sqlite:///sweeps.db, got 'sqlite://'"),
        ("sqlite:///:memory:", r"must name a file"),
        ("sqlite:////nowhere/x.db", r"must be a database that can be opened, got: No such file"),
        ("foo://x", r"unknown scheme of `storage` `foo`; known: mysql, postgresql, sqlite"),
        ("sqlit:///x.db", r"unknown scheme of `storage` `sqlit`; did you mean `sqlite`\?"),
        ("postgresql+psycho://u:secret@h/db", r"`postgresql\+psycho`; did you mean `postgresql`\?"),
        ("mysql://u:secret@h/db", r"`storage` mysql://u@h/db needs the database driver `mysql`"),
        (
            "postgresql://u:secret@127.0.0.1:1/db?password=secret",
            r"`storage` postgresql://u@127.0.0.1:1/db must be a database that can be opened",
        ),
    ],
)
def test_a_bad_url_gives_one_line_without_its_password(
    url: str, message: str, small: Small, digits: DataSet, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message) as error:
        run_sweep(small(), digits, tmp_path / "run", storage=url)
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "run").exists()


def test_a_file_that_is_no_database_is_refused_and_kept(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    file = tmp_path / "notes.db"
    file.write_text("not a database, but long enough to be read as the header of one" * 10)
    before = file.read_bytes()
    with pytest.raises(InputError, match="must be a database that can be opened, got: file is not"):
        run_sweep(small(), digits, tmp_path / "run", storage=f"sqlite:///{file}")
    assert file.read_bytes() == before
    assert not (tmp_path / "run").exists()


def test_a_run_that_is_refused_leaves_no_sqlite_file(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run, url = tmp_path / "run", f"sqlite:///{tmp_path}/new.db"
    run_sweep(small(sweep__trials=2), digits, run)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=r"`sweep.trials` must be >= 2"):
        run_sweep(small(sweep__trials=1), digits, run, storage=url)
    with open_folder(run, small()), pytest.raises(InputError, match="must not be in use"):
        run_sweep(small(), digits, run, storage=url)
    nowhere = DaskWorkers("nowhere://x")
    with pytest.raises(InputError, match="`scheduler` must be the address"):
        run_sweep(small(), digits, run, storage=url, workers=nowhere)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_missing_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InputError, match=r"\(pip install .*\[postgres\]'\)"):
        open_database("postgresql://u@127.0.0.1:1/db").__enter__()


def test_a_study_is_not_looked_for_in_a_file_that_is_not_there(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "run")
    typo = tmp_path / "typo.db"
    with (
        pytest.raises(InputError, match=rf"must exist, got no file {typo}"),
        open_study(tmp_path / "run", f"sqlite:///{typo}"),
    ):
        pass
    assert not typo.exists()

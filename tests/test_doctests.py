"""The `Examples` in the docstrings of the public names give the results that they show.

They run in a folder with two small runs, `runs/first` and `runs/second`, and need no network.
"""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

from nncore import load_dataset
from sweeps import parse_config, run_sweep

DOORS = ("experiments.from_python", "nncore", "results", "sweeps")
NAMES = [(package, name) for package in DOORS for name in import_module(package).__all__]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two runs of 4 trials that differ in their seeds."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "runs").mkdir()
    for seed, name in enumerate(("first", "second")):
        tables = {
            "sweep": {"name": name, "trials": 4, "seed": seed},
            "data": {"name": "digits"},
            "training": {"epochs": 3},
            "space": {
                "learning_rate": {"low": 0.1, "high": 1.0, "log": True},
                "mini_batch_size": {"choices": [10, 20]},
            },
        }
        run_sweep(parse_config(tables), load_dataset("digits"), folder / "runs" / name)
    return folder


@pytest.mark.parametrize(("package", "name"), NAMES)
def test_the_examples_of_a_public_name(
    package: str, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    documented = getattr(import_module(package), name)
    examples = doctest.DocTestParser().get_doctest(documented.__doc__ or "", {}, name, None, None)
    report: list[str] = []
    failed, attempted = doctest.DocTestRunner(verbose=False).run(examples, out=report.append)

    assert not failed, "".join(report)
    assert attempted

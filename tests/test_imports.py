"""What an import may load: the network and its workers stay light, and help answers at once.

Each case asks a fresh interpreter, since the one that runs the tests has loaded everything.
"""

import ast
import pkgutil
import subprocess
import sys
import sysconfig
from importlib import import_module
from pathlib import Path

import pytest

import nncore
import nnsweep
from tests.support.patience import PATIENCE

HEAVY = {"joblib", "matplotlib", "optuna", "pandas", "pydantic", "typer"}
LOADERS_ONLY = {"mlxtend", "pooch", "sklearn"}
DOORS = ("experiments.from_python", "nncore", "nnsweep", "results", "sweeps")


def loaded(*arguments: str | Path) -> set[str]:
    """Return the top-level packages that a fresh interpreter loads, given `arguments`."""
    command = [sys.executable, "-X", "importtime", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def nncore_modules() -> list[str]:
    """Return the names of all modules of `nncore` but the estimators, which are scikit-learn's."""
    names = [module.name for module in pkgutil.walk_packages(nncore.__path__, "nncore.")]
    return [name for name in names if not name.startswith("nncore.estimator")]


def test_a_heavy_import_would_be_seen() -> None:
    assert {"joblib", "numpy"} <= loaded("-c", "import joblib.parallel, numpy.linalg")


def test_the_whole_of_nncore_is_light() -> None:
    assert "nncore.datasets.published.mnist" in nncore_modules()

    found = loaded("-c", f"import {', '.join(nncore_modules())}")

    assert "numpy" in found
    assert not found & (HEAVY | LOADERS_ONLY)


def test_a_worker_is_light() -> None:
    found = loaded("-c", "import sweeps.workers.dask_worker, sweeps.trial")

    assert "numpy" in found
    assert not found & (HEAVY | LOADERS_ONLY)


@pytest.mark.parametrize("package", DOORS)
def test_importing_a_package_loads_nothing_else(package: str) -> None:
    assert not loaded("-c", f"import {package}") & (HEAVY | LOADERS_ONLY | {"numpy", "scipy"})


def test_importing_the_public_module_loads_no_package() -> None:
    found = loaded("-c", "import nnsweep")

    assert "nnsweep" in found
    assert not found & {"experiments", "lazy_loader", "nncore", "results", "sweeps"}


def test_type_checkers_see_the_names_of_the_public_module() -> None:
    tree = ast.parse(Path(nnsweep.__file__).read_text("utf-8"))
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If)]
    imported = [line for block in blocks[:1] for line in block.body]
    names = {
        alias.name: import_module(line.module or "")
        for line in imported
        if isinstance(line, ast.ImportFrom)
        for alias in line.names
    }

    assert sorted(names) == nnsweep.__all__
    assert all(getattr(nnsweep, name) is getattr(home, name) for name, home in names.items())


@pytest.mark.parametrize("package", DOORS)
def test_each_public_name_is_loaded_when_it_is_used(package: str) -> None:
    door = import_module(package)

    assert sorted(door.__all__) == door.__all__
    assert set(door.__all__) <= set(dir(door))
    for name in door.__all__:
        assert getattr(door, name).__name__ == name
    with pytest.raises(AttributeError, match="no_such_name"):
        door.no_such_name  # noqa: B018


def test_completion_is_light(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_NNSWEEP_COMPLETE", "complete_bash")
    command = Path(sysconfig.get_path("scripts"), "nnsweep")
    for words in ("nnsweep sh", "nnsweep show ru", "nnsweep run --set sweep.sa"):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
        found = loaded(command)

        assert "typer" in found  # which loads pydantic to read the words
        assert not found & {*HEAVY - {"pydantic", "typer"}, *LOADERS_ONLY, "numpy", "scipy"}


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"]], ids=" ".join)
def test_help_is_light(arguments: list[str]) -> None:
    found = loaded(Path(sysconfig.get_path("scripts"), "nnsweep"), *arguments)

    assert "typer" in found
    assert not found & {"joblib", "matplotlib", "numpy", "optuna", "pandas", "scipy"}

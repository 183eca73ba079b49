"""What an import may load: the network and its workers stay light, and help answers at once.

Each case asks a fresh interpreter, since the one that runs the tests has loaded everything.
"""

import pkgutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import nncore
from tests.support.patience import PATIENCE

HEAVY = {"joblib", "matplotlib", "optuna", "pandas", "pydantic", "typer"}
LOADERS_ONLY = {"mlxtend", "pooch", "sklearn"}


def loaded(*arguments: str | Path) -> set[str]:
    """Return the top-level packages that a fresh interpreter loads, given `arguments`."""
    command = [sys.executable, "-X", "importtime", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def nncore_modules() -> list[str]:
    """Return the names of all modules of `nncore` but the estimator, which is scikit-learn's."""
    names = [module.name for module in pkgutil.walk_packages(nncore.__path__, "nncore.")]
    return [name for name in names if name != "nncore.estimator"]


def test_a_heavy_import_would_be_seen() -> None:
    assert {"joblib", "numpy"} <= loaded("-c", "import joblib.parallel, numpy.linalg")


def test_importing_nncore_loads_nothing_else() -> None:
    assert not loaded("-c", "import nncore") & (HEAVY | LOADERS_ONLY | {"numpy", "scipy"})


def test_the_whole_of_nncore_is_light() -> None:
    assert "nncore.datasets.published.mnist" in nncore_modules()

    found = loaded("-c", f"import {', '.join(nncore_modules())}")

    assert "numpy" in found
    assert not found & (HEAVY | LOADERS_ONLY)


def test_a_worker_is_light() -> None:
    found = loaded("-c", "import sweeps.workers.dask_worker, sweeps.trial")

    assert "numpy" in found
    assert not found & (HEAVY | LOADERS_ONLY)


def test_importing_sweeps_loads_nothing_and_each_of_its_names_loads_when_used() -> None:
    import sweeps

    assert not loaded("-c", "import sweeps") & (HEAVY | LOADERS_ONLY | {"numpy", "scipy"})
    assert sorted(sweeps.__all__) == sweeps.__all__
    assert set(sweeps.__all__) <= set(dir(sweeps))
    for name in sweeps.__all__:
        assert getattr(sweeps, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'run_swep'"):
        sweeps.run_swep  # noqa: B018


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"]], ids=" ".join)
def test_help_is_light(arguments: list[str]) -> None:
    found = loaded(Path(sysconfig.get_path("scripts"), "nnsweep"), *arguments)

    assert "typer" in found
    assert not found & {"joblib", "matplotlib", "numpy", "optuna", "pandas", "scipy"}

"""What users install: the wheel, built, looked into, installed and run away from the checkout.

It needs no network: the fresh environment borrows the dependencies of the one that runs the tests.
"""

import csv
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE

pytestmark = pytest.mark.slow
CHECKOUT = Path(__file__).parents[1]
PACKAGES = {"experiments", "nncore", "results", "sweeps"}
SOURCES = (*sorted(PACKAGES), "nnsweep.py", "pyproject.toml", "setup.py", "README.md", "LICENSE")
NOT_PACKED = {".pyc", ".c", ".h", ".so"}


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """Run `command` in the folder `cwd`, without a way to the checkout, and return its output."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    clean |= variables
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=clean, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(source: Path, **variables: str) -> Path:
    """Return the wheel, built from a copy so that nothing left over in the checkout gets in."""
    unwanted = shutil.ignore_patterns("__pycache__", "*.so")
    for name in SOURCES:
        if (CHECKOUT / name).is_dir():
            shutil.copytree(CHECKOUT / name, source / name, ignore=unwanted)
        else:
            shutil.copy(CHECKOUT / name, source / name)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", cwd=source, **variables)
    (built,) = (source / "dist").iterdir()
    return built


def install(wheel: Path, home: Path) -> Path:
    """Return the scripts folder of an environment that has the wheel and borrows what it needs."""
    venv.create(home, symlinks=True)
    paths = {"base": str(home), "platbase": str(home)}
    python = Path(sysconfig.get_path("scripts", "venv", paths), "python")
    pip = (sys.executable, "-m", "pip", "--python", python)
    run(*pip, "install", "--no-index", "--no-deps", wheel, cwd=home)
    # A path in a .pth file lends packages, but not the editable install's own .pth file.
    borrowed = {sysconfig.get_path(key) for key in ("purelib", "platlib")}
    packages = Path(sysconfig.get_path("purelib", "venv", paths))
    (packages / "borrowed.pth").write_text("\n".join(borrowed), "utf-8")
    return python.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(wheel, tmp_path_factory.mktemp("fresh"))


@pytest.fixture(scope="module")
def scripts_without_compiler(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, built where every call of the compiler fails."""
    wheel = build(tmp_path_factory.mktemp("source"), CC="false", CXX="false")
    return install(wheel, tmp_path_factory.mktemp("fresh"))


def compiled_modules(wheel: Path) -> list[str]:
    return [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".so")]


def test_wheel_holds_the_four_packages_the_module_and_their_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.partition("/")[0] for name in names}

    assert {name for name in top if not name.endswith(".dist-info")} == {*PACKAGES, "nnsweep.py"}
    assert len(top) == len(PACKAGES) + 2
    assert {f"{package}/py.typed" for package in PACKAGES} <= {*names}


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_wheel_leaves_no_file_of_a_package_out(wheel: Path, package: str) -> None:
    paths = [path for path in (CHECKOUT / package).rglob("[!.]*") if path.is_file()]
    files = [path.relative_to(CHECKOUT) for path in paths]
    there = {path.as_posix() for path in files if path.suffix not in NOT_PACKED}
    names = zipfile.ZipFile(wheel).namelist()
    packed = {name for name in names if name.startswith(f"{package}/")} - {*compiled_modules(wheel)}

    assert packed == there


def test_installed_wheel_is_what_runs(scripts: Path, tmp_path: Path) -> None:
    show = "import sys; [print(__import__(name).__file__) for name in sys.argv[1:]]"
    names = [*sorted(PACKAGES), "nnsweep"]
    files = run(scripts / "python", "-c", show, *names, cwd=tmp_path).splitlines()

    assert len(files) == len(names)
    assert all(Path(file).is_relative_to(scripts.parent) for file in files)


def test_installed_command_runs_a_sweep_from_another_folder(scripts: Path, tmp_path: Path) -> None:
    small = ["--trials", "4", "--set", "training.epochs=2"]
    run(scripts / "nnsweep", "run", *small, "--out", "out", cwd=tmp_path)

    with (tmp_path / "out" / "trials.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert [row["number"] for row in rows] == ["0", "1", "2", "3"]
    assert {row["state"] for row in rows} == {"complete"}
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


TRAIN = """
from nncore import TrialConfig
from nncore.arrays.replay import form
from sweeps import evaluate

model = evaluate(TrialConfig(epochs=2, lmbda=5.0), "digits", [(1, 0)]).model
print(form(), *(w.tobytes().hex() for w in (*model.network.weights, *model.network.biases)))
"""
"""A program that prints the form of the step, and the bytes of the network that it trains."""


def test_without_a_compiler_it_installs_and_trains_the_same_network(
    wheel: Path, scripts: Path, scripts_without_compiler: Path, tmp_path: Path
) -> None:
    (module,) = compiled_modules(wheel)
    assert module.startswith("nncore/arrays/_replay.")
    form, *compiled = run(scripts / "python", "-c", TRAIN, cwd=tmp_path, NNSWEEP_PURE="0").split()
    assert form == "compiled"
    form, *python = run(scripts_without_compiler / "python", "-c", TRAIN, cwd=tmp_path).split()
    assert form == "python"
    assert len(compiled) == 4
    assert compiled == python

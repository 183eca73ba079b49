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
SOURCES = (*sorted(PACKAGES), "pyproject.toml", "README.md", "LICENSE")


def run(*command: str | Path, cwd: Path) -> str:
    """Run `command` in the folder `cwd`, without a way to the checkout, and return its output."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=clean, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy so that nothing left over in the checkout gets in."""
    source = tmp_path_factory.mktemp("source")
    unwanted = shutil.ignore_patterns("__pycache__")
    for name in SOURCES:
        if (CHECKOUT / name).is_dir():
            shutil.copytree(CHECKOUT / name, source / name, ignore=unwanted)
        else:
            shutil.copy(CHECKOUT / name, source / name)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", cwd=source)
    (built,) = (source / "dist").iterdir()
    return built


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts folder of a fresh environment that has the wheel and borrows its dependencies."""
    home = tmp_path_factory.mktemp("fresh")
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


def test_wheel_holds_the_four_packages_and_their_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.partition("/")[0] for name in names}

    assert {name for name in top if not name.endswith(".dist-info")} == PACKAGES
    assert len(top) == len(PACKAGES) + 1
    assert {f"{package}/py.typed" for package in PACKAGES} <= {*names}


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_wheel_leaves_no_file_of_a_package_out(wheel: Path, package: str) -> None:
    files = [path.relative_to(CHECKOUT) for path in (CHECKOUT / package).rglob("[!.]*.*")]
    there = {path.as_posix() for path in files if path.suffix != ".pyc"}
    packed = {n for n in zipfile.ZipFile(wheel).namelist() if n.startswith(f"{package}/")}

    assert packed == there


def test_installed_wheel_is_what_runs(scripts: Path, tmp_path: Path) -> None:
    show = "import sys; [print(__import__(name).__file__) for name in sys.argv[1:]]"
    files = run(scripts / "python", "-c", show, *sorted(PACKAGES), cwd=tmp_path).splitlines()

    assert len(files) == len(PACKAGES)
    assert all(Path(file).is_relative_to(scripts.parent) for file in files)


def test_installed_command_runs_a_sweep_from_another_folder(scripts: Path, tmp_path: Path) -> None:
    small = ["--trials", "4", "--set", "training.epochs=2"]
    run(scripts / "nnsweep", "run", *small, "--out", "out", cwd=tmp_path)

    with (tmp_path / "out" / "trials.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert [row["number"] for row in rows] == ["0", "1", "2", "3"]
    assert {row["state"] for row in rows} == {"complete"}
    assert {path.name for path in tmp_path.iterdir()} == {"out"}

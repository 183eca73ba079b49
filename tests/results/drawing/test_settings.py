"""The user's settings, of matplotlib or of the system, change no byte of a figure or a report."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nncore.datasets import load_dataset
from results.analysis.comparison import read_runs
from results.analysis.findings import Findings
from results.drawing.contact_sheet import draw_contact_sheet
from results.figures.catalogue import FIGURES, draw_figures
from results.frames import read_run
from results.report.comparison_files import write_comparison
from results.report.html import write_report
from tests.support.foreign_settings import foreign_settings
from tests.support.patience import PATIENCE
from tests.support.records import environment_json

RC = """
text.usetex: True
axes.facecolor: black
font.size: 20
image.lut: 2
svg.fonttype: none
axes.formatter.use_locale: True
backend: nonsense
"""
ENVIRONMENT = {
    "MPLBACKEND": "nonsense",
    "LC_ALL": "C.UTF-8",
    "TZ": "Asia/Kathmandu",
    "PYTHONHASHSEED": "4",
    "COLUMNS": "20",
}


def _files(folder: Path) -> dict[str, bytes]:
    """Return the content of each file below `folder`."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def _figures(run: Path, folder: Path) -> None:
    draw_figures(Findings(read_run(run)), folder)


def _comparison(run: Path, folder: Path) -> None:
    runs = [folder.parent / "one", folder.parent / "other"]
    for copy in runs:
        shutil.copytree(run, copy, dirs_exist_ok=True)
        (copy / "environment.json").write_text(json.dumps(environment_json()))
    write_comparison(read_runs(runs), folder)


def _sheet(run: Path, folder: Path) -> None:
    folder.mkdir()
    draw_contact_sheet(load_dataset("digits"), folder / "sheet.png")


@pytest.mark.parametrize("draw", [_figures, _comparison, _sheet])
def test_no_setting_of_matplotlib_changes_a_figure(
    draw: Callable[[Path, Path], None],
    small_run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chosen = {name: FIGURES[name] for name in ("learning_curves", "values", "slices")}
    monkeypatch.setattr("results.figures.catalogue.FIGURES", chosen)
    draw(small_run, tmp_path / "published")
    with foreign_settings():
        draw(small_run, tmp_path / "foreign")
    published = _files(tmp_path / "published")
    assert published
    assert published == _files(tmp_path / "foreign")


@pytest.mark.slow
def test_neither_a_settings_file_nor_the_environment_changes_a_report(
    write_run: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_run()
    write_report(folder)
    expected = _files(folder)
    shutil.rmtree(folder / "figures")
    (tmp_path / "matplotlibrc").write_text(RC)
    program = f"from results import *; write_report(__import__('pathlib').Path({str(folder)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, **ENVIRONMENT},
        check=False,
        stderr=subprocess.PIPE,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert _files(folder) == expected


@pytest.mark.parametrize("first", ["results.figures.catalogue", "experiments.book.studies"])
def test_a_backend_of_no_meaning_fails_no_import_and_a_good_one_is_kept(first: str) -> None:
    for backend, kept in (("nonsense", "auto"), ("svg", "svg")):
        program = f"""if True:
            import {first}, matplotlib, os
            assert os.environ["MPLBACKEND"] == {backend!r}
            found = matplotlib.rcParams._get("backend")
            assert found == {kept!r} or not isinstance(found, str) and {kept!r} == "auto", found"""
        environment = {**os.environ, "MPLBACKEND": backend}
        subprocess.run([sys.executable, "-c", program], env=environment, check=True)


def test_a_settings_file_that_is_no_text_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_bytes("# größere Schrift\nfont.size: 12\n".encode("latin-1"))
    program = "from experiments.cli.app import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "data", "info", "digits", "--sheet", "sheet.png"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(
        "nnsweep: `matplotlibrc` must have settings that matplotlib can read and apply, got: "
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        {"display.precision": 2, "display.max_rows": 2, "display.max_columns": 2},
        {"display.float_format": "{:.1f}".format, "display.max_colwidth": 5},
        {"mode.string_storage": "python", "display.width": 20},
    ],
    ids=lambda options: next(iter(options)),
)
def test_no_option_of_pandas_or_numpy_changes_a_page(
    options: dict[str, Any],
    write_run: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = write_run()
    monkeypatch.setattr("results.figures.catalogue.FIGURES", {})
    write_report(folder)
    expected = _files(folder)
    arguments = [item for pair in options.items() for item in pair]
    with (
        pd.option_context(*arguments),
        np.printoptions(precision=2, legacy="1.13"),
        np.errstate(all="raise"),
    ):
        write_report(folder)
    assert _files(folder) == expected

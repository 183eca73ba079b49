"""`nnsweep show` and `report` on small real runs, and the characters that draw a curve."""

import io
import json

import pandas as pd
import pytest
from rich.console import Console

from experiments.cli import look, tables

SMALL = ("--set", "training.epochs=2", "--data", "digits", "--jobs", 1)


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([], ""),
        ([0.9], "▁"),
        ([0.1, 0.9], "▁█"),
        ([0.5, 0.5, 0.5], "▁▁▁"),
        ([0, 1, 2, 3, 4, 5], "▁▂▄▅▇█"),
        (range(12), "▁▂▄▅▇█"),
        ([float("nan"), 0.2, 0.4], "▁█"),
    ],
)
def test_a_curve_in_six_characters(values, drawn):
    assert look.sparkline(pd.Series(list(values), dtype="float64")) == drawn


def test_run_writes_a_report_and_report_writes_it_anew(nnsweep, with_figures, tmp_path):
    ran = nnsweep("run", "--trials", 2, *SMALL)
    assert ran.code == 0
    folder = tmp_path / "runs" / "mnist-first"
    assert "runs/mnist-first/report.html" in ran.out
    first = (folder / "report.html").read_bytes()
    assert json.loads((folder / "summary.json").read_text())["trials"]["done"] == 2
    assert (folder / "figures" / "confusion.svg").exists()
    tables_before = {path.name: path.read_bytes() for path in folder.glob("*.csv")}
    (folder / "report.html").unlink()
    again = nnsweep("report", "runs/mnist-first")
    assert again.code == 0
    assert again.out == "wrote runs/mnist-first/report.html and runs/mnist-first/figures/\n"
    assert (folder / "report.html").read_bytes() == first
    assert {path.name: path.read_bytes() for path in folder.glob("*.csv")} == tables_before
    shown = nnsweep("show", "runs/mnist-first", "--top", 1).out
    assert "the best 1 by validation accuracy" in shown
    assert "report: runs/mnist-first/report.html" in shown


def test_report_of_what_is_no_run_is_one_clear_line(nnsweep, tmp_path):
    answer = nnsweep("report", tmp_path)
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert "must be a run folder, got one without sweep.toml" in answer.err
    assert not list(tmp_path.iterdir())


def test_on_a_narrow_terminal_titles_break_and_no_digit_is_lost(monkeypatch):
    screen = io.StringIO()
    narrow = Console(file=screen, width=30, force_terminal=True, color_system=None)
    monkeypatch.setattr("rich.console.Console", lambda **_: narrow)
    tables.print_table(["trial", "learning_rate", "mini_batch_size"], [["7", "0.123", "100"]])
    lines = [line.split() for line in screen.getvalue().splitlines()]
    assert lines == [["mini_"], ["learning_", "batch_"], ["trial", "rate", "size"],
                     ["7", "0.123", "100"]]  # fmt: skip

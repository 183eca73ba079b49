"""`nnsweep list`, `show` and `report` on small real runs, and the characters of a curve."""

import csv
import io
import json
import os
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from experiments.cli import tables
from experiments.cli.commands.runs.show import sparkline

SMALL = ("--set", "training.epochs=2", "--data", "digits", "--jobs", 1)
QUICK_RUN = ("run", *SMALL, "--trials", 4)


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
    assert sparkline(pd.Series(list(values), dtype="float64")) == drawn


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
    figures = {path.stem for path in (folder / "figures").iterdir()}
    assert not list((folder / "figures").glob("*.png"))
    assert nnsweep("report", "runs/mnist-first", "--figures", "png").code == 0
    assert {path.stem for path in (folder / "figures").glob("*.png")} == figures
    assert (folder / "report.html").read_bytes() == first
    shown = nnsweep("show", "runs/mnist-first", "--top", 1).out
    assert "best trial by validation accuracy" in shown
    assert "runs/mnist-first/report.html   the report" in shown


def test_an_unknown_format_of_figures_is_one_clear_line(nnsweep, tmp_path):
    answer = nnsweep("report", tmp_path, "--figures", "jpeg")
    assert answer.code == 2
    assert answer.err == "nnsweep: unknown `--figures` `jpeg`; known: png, svg\n"


def test_report_of_a_folder_that_is_no_run_is_one_clear_line(nnsweep, tmp_path):
    answer = nnsweep("report", tmp_path)
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert "must be a run folder, but contains no sweep.toml" in answer.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [("report",), ("show",), ("check",), ("dashboard",)])
def test_a_folder_with_a_sweep_file_of_init_is_no_run(nnsweep, words):
    nnsweep("init")
    before = sorted(Path().iterdir())
    answer = nnsweep(*words, ".")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        "nnsweep: `.` must be a run folder, but has only a sweep file, sweep.toml\n"
    )
    assert sorted(Path().iterdir()) == before


def test_a_sweep_is_not_run_into_a_folder_that_has_its_sweep_file(nnsweep):
    nnsweep("init")
    before = sorted(Path().iterdir())
    answer = nnsweep("run", "sweep.toml", "--out", ".")
    assert (answer.code, answer.out) == (2, "")
    assert "run folder . must be new, empty or a run, but contains other files" in answer.err
    assert nnsweep("list", "..").out.startswith("no runs in ../")
    assert sorted(Path().iterdir()) == before


def test_a_run_has_the_name_of_its_folder_everywhere(nnsweep, make_run):
    folder = make_run(Path("runs", "other"), trials=2)
    assert nnsweep("report", folder).code == 0
    assert nnsweep("show", folder).out.startswith("other on digits: 2 of 2 trials finished;")
    assert json.loads((folder / "summary.json").read_text())["name"] == "other"
    assert "<title>other" in (folder / "report.html").read_text("utf-8")
    assert "mnist-first" not in nnsweep("show", folder).out


def test_on_a_narrow_terminal_titles_break_and_no_digit_is_lost(monkeypatch):
    screen = io.StringIO()
    narrow = Console(file=screen, width=30, force_terminal=True, color_system=None)
    monkeypatch.setattr("rich.console.Console", lambda **_: narrow)
    tables.print_table(["trial", "learning_rate", "mini_batch_size"], [["7", "0.123", "100"]])
    lines = [line.split() for line in screen.getvalue().splitlines()]
    assert lines == [["mini_"], ["learning_", "batch_"], ["trial", "rate", "size"],
                     ["7", "0.123", "100"]]  # fmt: skip


def test_on_a_narrow_terminal_words_break_where_a_reader_would_and_descriptions_wrap(monkeypatch):
    screen = io.StringIO()
    narrow = Console(file=screen, width=26, force_terminal=True, color_system=None)
    monkeypatch.setattr("rich.console.Console", lambda **_: narrow)
    tables.print_table(["trial", "cost", "stop_reason"], [["7", "cross-entropy", "max_epochs"]])
    tables.print_table(["set", "description"], [["mnist-5k", "digits of many people"]])
    lines = [line.split() for line in screen.getvalue().splitlines()]
    assert lines == [["stop_"], ["trial", "cost", "reason"], ["7", "cross-", "max_"],
                     ["entropy", "epochs"], ["set", "description"],
                     ["mnist-5k", "digits", "of", "many"], ["people"]]  # fmt: skip


def test_a_table_too_wide_for_its_words_becomes_several(monkeypatch):
    screen = io.StringIO()
    narrow = Console(file=screen, width=26, force_terminal=True, color_system=None)
    monkeypatch.setattr("rich.console.Console", lambda **_: narrow)
    header = ["trial", "cost", "stop_reason", "init"]
    tables.print_table(header, [["7", "quadratic", "no_improvement", "scaled"]])
    lines = [line.split() for line in screen.getvalue().splitlines()]
    assert lines == [["trial", "cost"], ["7", "quadratic"], [],
                     ["stop_"], ["trial", "reason"], ["7", "no_improvement"], [],
                     ["trial", "init"], ["7", "scaled"]]  # fmt: skip


PRUNED = ("pruner.reduction_factor=2", "sweep.pruner=halving", "sweep.generation=4")


def test_the_table_shows_how_each_trial_ended(nnsweep, make_run, tmp_path):
    run = make_run(tmp_path / "run", *PRUNED, "training.epochs=3", trials=16)
    ended = {row["number"]: row["stop_reason"] for row in read_csv(run / "trials.csv")}
    assert {"pruned", "max_epochs"} <= set(ended.values())
    shown = nnsweep("show", "run", "--top", 16).out.splitlines()
    (header,) = [place for place, line in enumerate(shown) if line.split()[:1] == ["trial"]]
    column = shown[header].split().index("stop_reason")
    cells = [line.split() for line in shown[header + 1 : shown.index("", header)]]
    assert {line[0]: line[column] for line in cells} == ended


def test_the_next_step_is_the_one_that_makes_sense(nnsweep, make_run, tmp_path):
    run = make_run(tmp_path / "run", trials=2)

    def following() -> str:
        return nnsweep("show", "run").out.partition("Next: ")[2].rstrip("\n")

    assert following() == "nnsweep report run"
    nnsweep("report", "run")
    assert following() == "nnsweep confirm run"
    page = (run / "report.html").stat().st_mtime_ns
    os.utime(run / "trials.csv", ns=(page + 1, page + 1))  # more trials since
    assert following() == "nnsweep report run"
    nnsweep("confirm", "run", "--top", 1, "--seeds", 2, "--jobs", 1)
    os.utime(run / "confirmation.json", ns=(page + 2, page + 2))
    os.utime(run / "report.html", ns=(page + 1, page + 1))
    assert following() == "nnsweep report run"
    os.utime(run / "report.html", ns=(page + 3, page + 3))
    assert following() == "open run/report.html in a browser"


def test_a_run_without_a_value_is_not_to_be_confirmed(nnsweep, make_run, tmp_path):
    run = make_run(tmp_path / "run", trials=1)
    rows = (run / "trials.csv").read_text().splitlines()
    cells = rows[1].split(",")
    cells[1:6] = ["failed", "", "0", "0", "error"]
    (run / "trials.csv").write_text(f"{rows[0]}\n{','.join(cells)}\n")
    nnsweep("report", "run")
    assert "Next: open run/report.html in a browser" in nnsweep("show", "run").out


def test_a_run_in_which_all_diverged_has_no_best(nnsweep, make_run, tmp_path):
    run = make_run(tmp_path / "runs" / "wild", trials=2)
    header, *rows = [line.split(",") for line in (run / "trials.csv").read_text().splitlines()]
    for cells in rows:
        cells[1:6] = ["complete", "0.0", "0", "1", "diverged"]
    (run / "trials.csv").write_text("".join(",".join(cells) + "\n" for cells in [header, *rows]))
    nnsweep("report", "runs/wild")
    shown = nnsweep("show", "runs/wild").out
    assert "2 diverged" in shown
    assert "\nno trial learned\n" in shown
    assert "errors/" not in shown
    assert "by validation accuracy" not in shown
    assert "%" not in shown
    assert "Next: open runs/wild/report.html in a browser" in shown
    (listed,) = [line for line in nnsweep("list").out.splitlines() if "runs/wild" in line]
    cells = ["runs/wild", "digits", "finished", "2", "of", "2", "no", "trial", "learned"]
    assert listed.split()[:9] == cells


def read_csv(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def test_list_and_show(nnsweep) -> None:
    assert "no runs in runs/" in nnsweep("list").out
    nnsweep(*QUICK_RUN)
    rows = list(csv.DictReader(Path("runs/mnist-first/trials.csv").read_text().splitlines()))
    best = max(rows, key=lambda row: float(row["value"]))
    listed = nnsweep("list").out
    assert "runs/mnist-first" in listed
    assert "4 of 4" in listed
    assert f"{float(best['value']):.2%}" in listed
    shown = nnsweep("show", "runs/mnist-first").out.splitlines()
    assert shown[0] == (
        "mnist-first on digits: 4 of 4 trials finished; best validation accuracy "
        f"{float(best['value']):.2%} (trial {best['number']})"
    )
    first = next(line for line in shown if line.strip().startswith(best["number"] + " "))
    assert f"{float(best['value']):.2%}" in first
    assert best["hidden_units"] in first.split()
    methods = nnsweep("show", "runs/mnist-first", "--methods").out
    assert methods.startswith("The hyperparameters of feed-forward neural networks were searched")
    assert 'The sampler "tpe" proposed 4 trials' in methods
    assert methods.count("\n") == 1


def test_show_of_an_interrupted_sweep_names_the_command_that_resumes(nnsweep) -> None:
    nnsweep(*QUICK_RUN, "--set", "sweep.trials=30")
    text = Path("runs/mnist-first/trials.csv").read_text().splitlines(keepends=True)
    Path("runs/mnist-first/trials.csv").write_text("".join(text[:3]))
    Path("runs/mnist-first/best.npz").unlink()
    shown = nnsweep("show", "runs/mnist-first").out
    assert "2 of 4 trials finished" in shown
    assert "best.npz" not in shown
    assert "the same `nnsweep run` command again to resume" in shown

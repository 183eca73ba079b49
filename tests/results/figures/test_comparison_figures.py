"""The files and figures of a comparison, read back and looked at through their artists."""

import math
import shutil

import numpy as np
import pandas as pd
import pytest

from results.analysis.comparison import read_runs
from results.analysis.importance import BETTER_HALF, Importance
from results.analysis.trials import value_distribution
from results.figures.comparison import (
    plot_best_curves,
    plot_differences,
    plot_distributions,
    plot_importances,
    plot_incumbents,
    run_style,
    shared_names,
)
from results.report.comparison_files import write_comparison
from tests.support.marked_csv import read_csv


def test_all_tables_and_figures_are_written(runs, short, tmp_path):
    found = read_runs(runs(a={}, b={"trials": short}))
    write_comparison(found, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    figures = {"best_so_far", "values", "best_curves", "importance", "differences"}
    assert names == {f"{name}.{kind}" for name in figures for kind in ("png", "svg")} | {
        "budgets.csv",
        "differences.csv",
        "best_so_far.csv",
    }
    incumbents = read_csv(tmp_path / "out" / "best_so_far.csv")
    assert incumbents.columns.tolist() == ["run", "number", "value", "best", "spent"]
    assert incumbents[incumbents["run"] == "b"]["spent"].tolist() == ["2", "3", "6"]


def test_names_that_would_run_or_be_markup_are_shown_as_they_are(runs, tmp_path):
    evil = "=HYPERLINK($x$)<script>"
    folders = runs(a={}, b={})
    shutil.move(folders[1], tmp_path / evil)
    write_comparison(read_runs([folders[0], tmp_path / evil]), tmp_path / "out")
    text = (tmp_path / "out" / "budgets.csv").read_text()
    assert f"\n'{evil}," in text.replace("\r", "")
    assert read_csv(tmp_path / "out" / "budgets.csv")["run"].tolist() == ["a", evil]
    assert "<script>" not in (tmp_path / "out" / "values.svg").read_text()


@pytest.mark.parametrize("trials", [[], ["0,failed,,,,error,0.1,30,10,quadratic"]])
def test_runs_without_anything_still_make_files_that_say_so(runs, tmp_path, trials):
    empty = {"trials": trials, "epochs": []}
    write_comparison(read_runs(runs(a=empty, b=empty)), tmp_path / "out")
    assert (tmp_path / "out" / "best_so_far.png").stat().st_size > 0


def incumbents() -> pd.DataFrame:
    a = {"run": "a", "number": [0, 1, 2], "score": [0.9, 0.8, 0.94], "spent": [3, 6, 9]}
    b = {"run": "b", "number": [0, 1], "score": [0.92, 0.93], "spent": [5, 10]}
    frames = [pd.DataFrame(one) for one in (a, b)]
    return pd.concat([frame.assign(best=frame["score"].cummax()) for frame in frames])


def lines(ax) -> dict[str, list[tuple[float, float]]]:
    return {
        line.get_label(): list(zip(*map(np.asarray, line.get_data()), strict=True))
        for line in ax.lines
    }


@pytest.mark.parametrize(
    ("price", "budget", "expected", "title"),
    [
        (
            "number",
            1,
            {
                "a": [(0, 0.9), (1, 0.9), (2, 0.94), (2, 0.94)],
                "b": [(0, 0.92), (1, 0.93), (1, 0.93)],
            },
            "At equal budgets b leads: 93.00%",
        ),
        (
            "spent",
            9,
            {
                "a": [(3, 0.9), (6, 0.9), (9, 0.94), (9, 0.94)],
                "b": [(5, 0.92), (10, 0.93), (10, 0.93)],
            },
            "At equal budgets a leads: 94.00%",
        ),
    ],
)
def test_best_so_far_has_a_line_per_run_and_one_for_the_budget(ax, price, budget, expected, title):
    assert plot_incumbents(incumbents(), ax, price, budget) is ax
    drawn = lines(ax)
    assert {label: drawn[label] for label in expected} == expected
    assert {x for x, _ in drawn["equal budgets"]} == {budget}
    assert ax.get_title(loc="left") == title


def test_equal_values_have_no_leader(ax):
    frame = incumbents().assign(value=0.9, best=0.9)
    plot_incumbents(frame, ax, "number", 1)
    assert ax.get_title(loc="left") == "At equal budgets no run leads"


def test_distributions_rise_from_nothing_to_all(ax, make_trials):
    frames = {"a": make_trials([0.5, 0.75]), "b": make_trials([0.7]), "none": make_trials([None])}
    plot_distributions({name: value_distribution(one) for name, one in frames.items()}, ax)
    drawn = lines(ax)
    assert set(drawn) == {"a", "b"}
    assert drawn["a"][1:3] == [(0.5, 0.5), (0.75, 1.0)]
    assert drawn["b"][1] == (0.7, 1.0)
    assert all(points[0][1] == 0.0 and points[-1][1] == 1.0 for points in drawn.values())


def test_best_curves_leave_out_runs_without_any(ax):
    curve = pd.DataFrame({"epoch": [1, 2], "score": [0.8, 0.9]})
    plot_best_curves({"a": curve, "b": curve.iloc[:0]}, ax)
    assert lines(ax) == {"a": [(1, 0.8), (2, 0.9)]}


def differences(p_holm: list[float]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"run": "a", "other": "b", "mean": 0.01, "low": 0.005, "high": 0.02},
        index=range(len(p_holm)),
    )
    frame = frame.assign(p_holm=p_holm)
    missing = {"run": "a", "other": "c", "mean": math.nan, "p_holm": math.nan}
    return pd.concat([frame, pd.DataFrame([missing])], ignore_index=True)


@pytest.mark.parametrize(
    ("p_holm", "title"),
    [
        ([0.03], "+1.00 points, significant (p = 0.03)"),
        ([0.3], "+1.00 points, may be chance (p = 0.3)"),
        ([0.03, 0.3], "1 of 2 differences are significant (filled)"),
        ([math.nan], "+1.00 points, trials chosen on these seeds"),
        ([math.nan, 0.03], "1 of 1 differences are significant (filled)"),
        ([math.nan, math.nan], "2 differences, trials chosen on these seeds"),
    ],
)
def test_differences_show_mean_and_interval_and_fill_what_is_sure(ax, p_holm, title):
    plot_differences(differences(p_holm), ax)
    intervals = [line for line in ax.lines if list(line.get_xdata()) == [0.005, 0.02]]
    marks = [line for line in ax.lines if list(line.get_xdata()) == [0.01]]
    assert len(intervals) == len(marks) == len(p_holm)
    filled = [mark.get_markerfacecolor() != "white" for mark in marks]
    assert filled == [p < 0.05 for p in p_holm]
    told = ["trials chosen on these seeds" in text.get_text() for text in ax.get_yticklabels()]
    assert told == [math.isnan(p) for p in p_holm]
    assert ax.get_title(loc="left") == title
    left, right = ax.get_xlim()
    assert left == -right


def test_a_difference_without_an_interval_is_a_mark_alone(ax):
    frame = differences([0.03]).assign(low=math.nan, high=math.nan)
    plot_differences(frame, ax)
    assert [list(line.get_xdata()) for line in ax.lines][1] == [0.01]
    assert ax.get_xlim() == pytest.approx((-0.011, 0.011))


def importance(shares: dict[str, float], basis: str = "all") -> Importance:
    frame = pd.DataFrame({"share": pd.Series(shares, dtype="float64")})
    return Importance(BETTER_HALF, frame.assign(low=frame["share"] / 2, high=0.9), basis)


RATE_FIRST = importance({"rate": 0.75, "units": 0.15, "cost": 0.1})
UNITS_FIRST = importance({"units": 0.5, "momentum": 0.4, "rate": 0.1})
NONE = importance({}, "needs 20 complete trials, got 4")


def test_importance_has_a_bar_per_run_for_each_name_that_all_searched(ax):
    runs = {"a": RATE_FIRST, "none": NONE, "b": UNITS_FIRST}
    assert shared_names(runs) == ["rate", "units"]  # 0.425 and 0.325 on average
    plot_importances(runs, ax)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["rate", "units"]
    drawn = {bars.get_label(): [bar.get_width() for bar in bars] for bars in ax.containers}
    assert drawn == {"a": [0.75, 0.15], "b": [0.1, 0.5]}
    middles = [bar.get_y() + bar.get_height() / 2 for bars in ax.containers for bar in bars]
    lines = np.concatenate([lines.get_segments() for lines in ax.collections])
    assert lines[:, 0, 1].tolist() == pytest.approx(middles)
    assert lines[:, 0, 0].tolist() == pytest.approx([0.375, 0.075, 0.05, 0.25])
    assert (lines[:, 1, 0] == 0.9).all()
    looks = {(bars[0].get_facecolor(), bars[0].get_hatch()) for bars in ax.containers}
    assert len(looks) == 2
    assert "none needs 20 complete trials, got 4" in ax.get_xlabel()


@pytest.mark.parametrize(
    "runs", [{"a": RATE_FIRST, "b": NONE}, {"a": importance({"x": 1.0}), "b": RATE_FIRST}]
)
def test_without_a_shared_importance_that_is_said(ax, runs):
    plot_importances(runs, ax)
    assert not ax.patches
    assert "no two runs share a hyperparameter" in ax.texts[0].get_text()


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plot_incumbents(incumbents().iloc[:0], ax, "number", 0),
        lambda ax: plot_distributions({}, ax),
        lambda ax: plot_best_curves({}, ax),
        lambda ax: plot_differences(differences([]), ax),
    ],
)
def test_nothing_is_said_in_words(ax, draw):
    draw(ax)
    (sentence,) = ax.texts
    assert sentence.get_text()
    assert not ax.lines


def test_the_first_28_runs_look_different():
    looks = [tuple(map(str, run_style(place).values())) for place in range(28)]
    assert len(set(looks)) == 28

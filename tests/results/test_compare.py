"""Runs side by side, against budgets and differences worked out by hand; and their figures."""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nncore.errors import InputError
from results.compare import confirmed_values, read_runs, replicate_values
from results.confirmed import judge
from results.overlays import (
    look,
    plot_best_curves,
    plot_climbs,
    plot_differences,
    plot_distributions,
    write_comparison,
)
from results.progress import value_distribution
from results.spreadsheet import read_csv
from sweeps.confirmation import Candidate
from sweeps.kept_networks import Confirmed

DATA = {"name": "mnist-5k", "sha256": "a" * 64}


@pytest.fixture
def runs(write_run, tmp_path):
    """Return a function that makes run folders by name, each with changes, on one data set."""

    def make(**changes: dict[str, object]) -> list[Path]:
        folders = []
        for name, change in changes.items():
            folder = tmp_path / name
            toml = change.get("toml", lambda text: text)
            trials, epochs = change.get("trials"), change.get("epochs")
            given = {"trials": trials, "epochs": epochs}
            made = write_run(**{k: v for k, v in given.items() if v is not None})
            path = made / "sweep.toml"
            path.write_text(toml(path.read_text()))
            facts = {"data": change.get("data", DATA), "resumed": change.get("resumed", [])}
            (made / "environment.json").write_text(json.dumps(facts))
            if "confirmation" in change:
                (made / "confirmation.json").write_text(json.dumps(change["confirmation"]))
            shutil.move(made, folder)
            folders.append(folder)
        return folders

    return make


SHORT = ["0,complete,0.8,2,2,max_epochs,0.1,30,10,quadratic"]
SHORT += ["1,pruned,0.7,1,1,pruned,0.2,30,10,quadratic"]
SHORT += ["2,complete,0.96,3,3,max_epochs,0.3,30,10,quadratic"]


def confirmation(
    values: list[float], sweep_seed: int = 1, seeds: list[int] | None = None, told: int = 5
):
    """Return a record in which trial 3 wins with `values` over trial 8."""
    candidates = [Candidate(8, {}, 0.9), Candidate(3, {}, 0.8)]
    rows = [
        Confirmed(trial, seed, value if trial == 3 else 0.1, 1, 1, "max_epochs")
        for trial in (8, 3)
        for seed, value in enumerate(values)
    ]
    record = judge(candidates, rows, sweep_seed, told)
    assert record["winner"] == 3
    return {**record, "seeds": seeds or record["seeds"]}


def test_best_values_at_equal_budgets_by_hand(runs):
    found = read_runs(runs(long={}, short={"trials": SHORT}))
    # epochs spent: 2 + 1 + 0 + 3 + 2 = 8, and 2 + 1 + 3 = 6
    assert (found.trials, found.epochs) == (3, 6)
    expected = {
        "run": ["long", "short"],
        "trials": [5, 3],
        "epochs": [8, 6],
        "best": [0.95, 0.96],
        "at_trials": [0.9, 0.96],
        "at_epochs": [0.95, 0.96],
    }
    assert found.budgets.to_dict("list") == expected


def test_a_run_in_which_nothing_learned_has_no_best(runs):
    found = read_runs(runs(a={}, none={"trials": [], "epochs": []}))
    assert (found.trials, found.epochs) == (0, 0)
    row = found.budgets.set_index("run").loc["none"]
    assert row[["best", "at_trials", "at_epochs"]].isna().all()
    assert found.differences["pairs"].tolist() == [0]


def test_confirmed_runs_are_paired_over_the_seeds_they_share(runs):
    better = confirmation([0.91, 0.93, 0.95, 0.97], seeds=[0, 1, 2, 3])
    worse = confirmation([0.92, 0.90, 0.94], seeds=[1, 0, 2])
    found = read_runs(runs(a={"confirmation": better}, b={"confirmation": worse}))
    (row,) = found.differences.to_dict("records")
    assert (row["run"], row["other"], row["by"], row["pairs"]) == ("a", "b", "confirmation", 3)
    # 0.91 − 0.90, 0.93 − 0.92, 0.95 − 0.94
    assert (row["mean"], row["low"], row["high"]) == pytest.approx((0.01, 0.01, 0.01))
    assert row["p_value"] == row["p_holm"] == pytest.approx(2 / 8)


def test_trials_that_came_after_a_confirmation_are_told(runs):
    old, new = confirmation([0.91, 0.93], told=2), confirmation([0.92, 0.90])
    found = read_runs(runs(a={"confirmation": new}, b={"confirmation": old}))
    (row,) = found.differences.to_dict("records")
    assert (row["by"], row["pairs"]) == ("confirmation; b: 3 trials since", 2)


def test_three_runs_make_three_tests_corrected_together(runs):
    values = {"a": 0.90, "b": 0.92, "c": 0.94}
    made = {
        name: {"confirmation": confirmation([value + 0.001 * k * k for k in range(8)])}
        for name, value in values.items()
    }
    found = read_runs(runs(**made)).differences
    assert list(zip(found["run"], found["other"], strict=True)) == [
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    ]
    assert found["mean"].tolist() == pytest.approx([-0.02, -0.04, -0.02])
    assert found["p_value"].tolist() == pytest.approx([2 / 256] * 3)
    assert found["p_holm"].tolist() == pytest.approx([6 / 256] * 3)


def _with_replicates(text: str) -> str:
    return text.replace("replicates = 1", "replicates = 2")


EPOCHS = ["3,0,1,1.0,0.3,,0.4,0.94", "3,1,1,1.0,0.3,,0.4,0.92"]
EPOCHS += ["3,0,3,1.0,0.1,,0.2,0.97", "3,1,3,1.0,0.1,,0.2,0.93"]


def test_else_the_replicates_of_the_best_trials_are_paired(runs):
    lower = [line[:-4] + f"{float(line[-4:]) - 0.02:.2f}" for line in EPOCHS]
    found = read_runs(
        runs(
            a={"toml": _with_replicates, "epochs": EPOCHS},
            b={"toml": _with_replicates, "epochs": lower},
        )
    )
    assert replicate_values(found.runs["a"]) == {(1, 0): 0.97, (1, 1): 0.93}
    (row,) = found.differences.to_dict("records")
    assert (row["by"], row["pairs"], row["mean"]) == ("replicates", 2, pytest.approx(0.02))
    assert found.epochs == 16  # every replicate counts


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"confirmation": confirmation([0.9, 0.8], sweep_seed=2)},
        {"confirmation": confirmation([0.9, 0.8], seeds=[1, 7])},
    ],
    ids=["unconfirmed", "another sweep seed", "one seed in common"],
)
def test_without_seeds_in_common_there_is_no_difference(runs, other):
    found = read_runs(runs(a={"confirmation": confirmation([0.9, 0.8])}, b=other))
    (row,) = found.differences.to_dict("records")
    assert row["by"].startswith("no seeds in common")
    assert row["pairs"] == 0
    assert math.isnan(row["mean"])
    assert math.isnan(row["p_holm"])
    assert confirmed_values(found.runs["a"]) == {(1, 0): 0.9, (1, 1): 0.8}


def test_other_data_are_refused_in_one_line(runs):
    folders = runs(a={}, b={"data": {"name": "digits", "sha256": "b" * 64}})
    with pytest.raises(InputError) as caught:
        read_runs(folders)
    assert str(caught.value) == (
        "runs must be on the same data to be compared, "
        "got mnist-5k (aaaaaaaa) in a; digits (bbbbbbbb) in b"
    )


def test_a_run_that_was_resumed_on_other_data_is_refused(runs):
    changed = [{"data": {"name": "mnist-5k", "sha256": "c" * 64}}]
    with pytest.raises(InputError, match=r"mnist-5k \(aaaaaaaa\) and mnist-5k \(cccccccc\) in b"):
        read_runs(runs(a={}, b={"resumed": changed}))


def test_a_run_that_does_not_tell_its_data_is_refused(runs):
    folders = runs(a={}, b={})
    (folders[1] / "environment.json").unlink()
    with pytest.raises(InputError, match=r"environment\.json` must tell the data's hash"):
        read_runs(folders)


def test_one_run_is_too_few_and_twice_the_same_too(runs):
    (folder,) = runs(a={})
    with pytest.raises(InputError, match="`RUN` must be two or more run folders, got 1"):
        read_runs([folder])
    with pytest.raises(InputError, match="`RUN` must be run folders that differ"):
        read_runs([folder, folder.parent / "." / "a"])


def test_folders_of_one_name_go_by_their_paths(runs, tmp_path):
    folders = runs(a={}, b={})
    (tmp_path / "more").mkdir()
    shutil.move(folders[1], tmp_path / "more" / "a")
    found = read_runs([folders[0], tmp_path / "more" / "a"])
    assert list(found.runs) == [str(tmp_path / "a"), str(tmp_path / "more" / "a")]


# --- the files


def test_all_tables_and_figures_are_written(runs, tmp_path):
    found = read_runs(runs(a={}, b={"trials": SHORT}))
    write_comparison(found, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    figures = {"best_so_far", "values", "best_curves", "differences"}
    assert names == {f"{name}.{kind}" for name in figures for kind in ("png", "svg")} | {
        "budgets.csv",
        "differences.csv",
        "best_so_far.csv",
    }
    climbs = read_csv(tmp_path / "out" / "best_so_far.csv")
    assert climbs.columns.tolist() == ["run", "number", "value", "best", "spent"]
    assert climbs[climbs["run"] == "b"]["spent"].tolist() == ["2", "3", "6"]


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


# --- the figures, through their artists


def climbs() -> pd.DataFrame:
    a = {"run": "a", "number": [0, 1, 2], "value": [0.9, 0.8, 0.94], "spent": [3, 6, 9]}
    b = {"run": "b", "number": [0, 1], "value": [0.92, 0.93], "spent": [5, 10]}
    frames = [pd.DataFrame(one) for one in (a, b)]
    return pd.concat([frame.assign(best=frame["value"].cummax()) for frame in frames])


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
            "At equal budgets b leads: 93.0 %",
        ),
        (
            "spent",
            9,
            {
                "a": [(3, 0.9), (6, 0.9), (9, 0.94), (9, 0.94)],
                "b": [(5, 0.92), (10, 0.93), (10, 0.93)],
            },
            "At equal budgets a leads: 94.0 %",
        ),
    ],
)
def test_best_so_far_has_a_line_per_run_and_one_for_the_budget(ax, price, budget, expected, title):
    assert plot_climbs(climbs(), ax, price, budget) is ax
    drawn = lines(ax)
    assert {label: drawn[label] for label in expected} == expected
    assert {x for x, _ in drawn["equal budgets"]} == {budget}
    assert ax.get_title(loc="left") == title


def test_equal_values_have_no_leader(ax):
    frame = climbs().assign(value=0.9, best=0.9)
    plot_climbs(frame, ax, "number", 1)
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
    curve = pd.DataFrame({"epoch": [1, 2], "validation_accuracy": [0.8, 0.9]})
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
        ([0.03], "+1.00 points, more than chance (p = 0.03)"),
        ([0.3], "+1.00 points, may be chance (p = 0.3)"),
        ([0.03, 0.3], "1 of 2 differences are more than chance (filled)"),
    ],
)
def test_differences_show_mean_and_interval_and_fill_what_is_sure(ax, p_holm, title):
    plot_differences(differences(p_holm), ax)
    intervals = [line for line in ax.lines if list(line.get_xdata()) == [0.005, 0.02]]
    marks = [line for line in ax.lines if list(line.get_xdata()) == [0.01]]
    assert len(intervals) == len(marks) == len(p_holm)
    filled = [mark.get_markerfacecolor() != "white" for mark in marks]
    assert filled == [p < 0.05 for p in p_holm]
    assert ax.get_title(loc="left") == title
    left, right = ax.get_xlim()
    assert left == -right


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plot_climbs(climbs().iloc[:0], ax, "number", 0),
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
    looks = [tuple(map(str, look(place).values())) for place in range(28)]
    assert len(set(looks)) == 28

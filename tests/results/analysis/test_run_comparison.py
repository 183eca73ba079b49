"""Runs side by side, against budgets and differences worked out by hand."""

import math
import shutil

import pytest

from nncore.errors import InputError
from results.analysis.comparison import confirmed_values, read_runs, replicate_values
from results.analysis.confirmation import judge
from sweeps.confirmation import Candidate
from sweeps.records.confirmed_networks import Confirmed
from tests.support.records import FACTS, opened


def confirmation(
    values: list[float],
    sweep_seed: int = 1,
    seeds: list[int] | None = None,
    finished: int = 5,
    overlap: float = 0.0,
):
    """Return a record of the search's best, trial 8, with `values`; trial 3 wins with more."""
    candidates = [Candidate(8, {}, 0.9, 0.9), Candidate(3, {}, 0.8, 0.8)]
    rows = [
        Confirmed(
            trial, seed, value if trial == 8 else value + 0.02 * (seed + 1), 1, 1, "max_epochs"
        )
        for trial in (8, 3)
        for seed, value in enumerate(values)
    ]
    verdict = judge(candidates, rows, sweep_seed, finished, overlap=overlap)
    assert verdict.winner == 3
    return opened(verdict.model_copy(update={"seeds": seeds or verdict.seeds}))


def test_best_values_at_equal_budgets_by_hand(runs, short):
    found = read_runs(runs(long={}, short={"trials": short}))
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
    # 0.91 − 0.90, 0.93 − 0.92, 0.95 − 0.94: not of the winners, whom these seeds chose
    assert row["mean"] == pytest.approx(0.01)
    assert math.isnan(row["low"])  # no spread
    assert math.isnan(row["high"])
    assert row["p_value"] == row["p_holm"] == pytest.approx(2 / 8)


def test_splits_that_share_rows_have_a_wider_interval(runs):
    # The differences 0.01, 0.02, 0.03 have mean 0.02 and deviation 0.01. With r = 1/6 the standard
    # error is 0.01 * sqrt(1/3 + 1/6) = 0.0070711; t(2) at 97.5% is 4.30265. t is 2.8284, whose
    # two-sided p-value with 2 degrees of freedom is 1 - t / sqrt(2 + t^2) = 0.10557.
    splits = {"overlap": 1 / 6}
    better = confirmation([0.91, 0.93, 0.95], **splits)
    worse = confirmation([0.90, 0.91, 0.92], **splits)
    found = read_runs(runs(a={"confirmation": better}, b={"confirmation": worse}))
    (row,) = found.differences.to_dict("records")
    assert row["by"] == "confirmation on fresh splits"
    assert (row["low"], row["high"]) == pytest.approx((0.02 - 0.030424, 0.02 + 0.030424), abs=1e-6)
    assert row["p_value"] == pytest.approx(0.10557, abs=1e-5)


def test_trials_that_finished_after_a_confirmation_are_counted(runs):
    old, new = confirmation([0.91, 0.93], finished=2), confirmation([0.92, 0.90])
    found = read_runs(runs(a={"confirmation": new}, b={"confirmation": old}))
    (row,) = found.differences.to_dict("records")
    assert (row["by"], row["pairs"]) == ("confirmation; b: 3 trials finished after it", 2)


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
    assert replicate_values(found.findings["a"]) == {(1, 0): 0.97, (1, 1): 0.93}
    (row,) = found.differences.to_dict("records")
    assert (row["pairs"], row["mean"]) == (2, pytest.approx(0.02))
    assert row["by"] == "replicates: trials chosen on these seeds"
    assert math.isnan(row["p_value"])
    assert math.isnan(row["p_holm"])
    assert found.epochs == 16  # every replicate counts


def test_folds_share_rows_too(runs):
    def two_folds(text: str) -> str:
        return _with_replicates(text).replace('name = "mnist-5k"', 'name = "mnist-5k"\nfolds = 2')

    lower = [*EPOCHS[:2], "3,0,3,1.0,0.1,,0.2,0.95", "3,1,3,1.0,0.1,,0.2,0.92"]
    found = read_runs(
        runs(a={"toml": two_folds, "epochs": EPOCHS}, b={"toml": two_folds, "epochs": lower})
    )
    (row,) = found.differences.to_dict("records")
    # The differences 0.02 and 0.01 have deviation 0.0070711. Each fold has as many validation rows
    # as training rows: the error is 0.0070711 * sqrt(1/2 + 1), and t(1) at 97.5% is 12.7062.
    half = 12.7062 * 0.0070711 * 1.5**0.5
    assert (row["low"], row["high"]) == pytest.approx((0.015 - half, 0.015 + half), abs=1e-4)
    assert math.isnan(row["p_value"])


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
    assert confirmed_values(found.findings["a"]) == {(1, 0, False): 0.9, (1, 1, False): 0.8}


def test_other_data_are_refused_in_one_line(runs):
    folders = runs(a={}, b={"data": {"name": "digits", "sha256": "b" * 64}})
    with pytest.raises(InputError) as caught:
        read_runs(folders)
    assert str(caught.value) == (
        "compared runs must use the same data, got mnist-5k (aaaaaaaa) in a; digits (bbbbbbbb) in b"
    )


def test_a_run_that_was_resumed_on_other_data_is_refused(runs):
    changed = [{**FACTS, "data": {"name": "mnist-5k", "sha256": "c" * 64}}]
    with pytest.raises(InputError, match=r"mnist-5k \(aaaaaaaa\) and mnist-5k \(cccccccc\) in b"):
        read_runs(runs(a={}, b={"resumed": changed}))


def test_a_run_that_does_not_record_its_data_is_refused(runs):
    folders = runs(a={}, b={})
    (folders[1] / "environment.json").unlink()
    with pytest.raises(InputError, match=r"environment\.json` must record the data, got no file"):
        read_runs(folders)


def test_one_run_is_too_few_and_twice_the_same_too(runs):
    (folder,) = runs(a={})
    with pytest.raises(InputError, match="`folders` must be two or more run folders, got 1"):
        read_runs([folder])
    with pytest.raises(InputError, match="`folders` must be run folders that differ"):
        read_runs([folder, folder.parent / "." / "a"])


def test_folders_of_one_name_go_by_their_paths(runs, tmp_path):
    folders = runs(a={}, b={})
    (tmp_path / "more").mkdir()
    shutil.move(folders[1], tmp_path / "more" / "a")
    found = read_runs([folders[0], tmp_path / "more" / "a"])
    assert list(found.findings) == [str(tmp_path / "a"), str(tmp_path / "more" / "a")]

"""`nnsweep confirm` as a user types it: what it says, writes, refuses, and goes on from."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nncore.datasets.splitting import stratified_split

CONFIRM = ("confirm", "run", "--top", "2", "--seeds", "3", "--jobs", "1")


@pytest.fixture
def run(make_run, tmp_path: Path) -> Path:
    return make_run(tmp_path / "run", trials=4)


def table(run: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((run / "confirmation.csv").read_text().splitlines()))


def test_a_confirmation_says_who_won_how_sure_and_how_good(nnsweep, run: Path) -> None:
    trials = list(csv.DictReader((run / "trials.csv").read_text().splitlines()))
    answer = nnsweep(*CONFIRM)
    assert answer.code == 0
    rows, record = table(run), json.loads((run / "confirmation.json").read_text())
    best = sorted(trials, key=lambda row: -float(row["value"]))[:2]
    assert [row["trial"] for row in rows] == [row["number"] for row in best for _ in range(3)]
    assert [candidate["trial"] for candidate in record["candidates"]] == [
        int(row["number"]) for row in best
    ]
    means = {candidate["trial"]: candidate["mean"] for candidate in record["candidates"]}
    assert record["winner"] == max(means, key=means.__getitem__)
    winner = record["winner"]
    assert f"Trial {winner} wins: {means[winner]:.2%} on validation data" in answer.out
    marked = [line.split()[0] for line in answer.out.splitlines() if "(winner)" in line]
    assert marked == [str(winner)]
    assert record["difference"]["mean"] > 0.3  # so far apart that three seeds show it
    assert f"It is distinguishable from trial {record['runner_up']}" in answer.out
    estimate = record["winner_estimate"]
    assert estimate["mean"] == pytest.approx(means[winner] - estimate["optimism"])
    assert f"choosing the best of 2 candidates: {estimate['mean']:.2%}, 95% interval" in answer.out
    bias, opened = record["selection_bias"], record["test_set"]
    assert bias["in_search_estimate"] == float(best[0]["value"])  # of one replicate
    assert "Selection bias of the search's best value" in answer.out
    assert ("; it may be 0." in answer.out) is (bias["ci"][0] <= 0)
    points = 100 * (bias["in_search_estimate"] - record["candidates"][0]["mean"])
    assert f"{points:+.2f} points" in answer.out
    together = opened["ensemble"]
    assert (
        f"The 3 networks of trial {winner} together classify {together['value']:.2%} of the "
        f"test set correctly (95% interval over the {together['examples']} test examples: "
        f"{together['ci'][0]:.2%} to {together['ci'][1]:.2%})" in answer.out
    )
    assert f"the networks of the runner-up, trial {record['runner_up']}," in answer.out
    assert f"The networks alone reach {opened['mean']:.2%} on average" in answer.out
    assert "±" not in answer.out
    assert opened["trial"] == winner
    assert len(opened["values"]) == 3
    lines = [line for line in answer.err.splitlines() if "seed" in line]
    assert [line.partition("/")[0] for line in lines] == list("123456")
    for name in ("confirmation.csv", "confirmation.json", "confirmed.npz", "report.html"):
        assert f"run/{name}" in answer.out


def test_a_confirmation_writes_the_report_anew(nnsweep, run: Path) -> None:
    assert nnsweep("report", "run").code == 0
    assert "Not confirmed" in (run / "report.html").read_text("utf-8")
    assert not json.loads((run / "summary.json").read_text())["best"]["certified"]
    assert nnsweep("show", "run").out.rstrip().endswith("Next: nnsweep confirm run")
    answer = nnsweep(*CONFIRM)
    page, record = (
        (run / name).read_text("utf-8") for name in ("report.html", "confirmation.json")
    )
    winner = json.loads(record)["winner"]
    assert f"Certified: trial {winner}, on 3 fresh seeds" in page
    assert "Not confirmed" not in page
    best = json.loads((run / "summary.json").read_text())["best"]
    assert (best["trial"], best["certified"]) == (winner, True)
    shown = nnsweep("show", "run").out
    assert f"Certified: trial {winner}" in shown
    assert shown.rstrip().endswith("Next: open run/report.html in a browser")
    assert "Next: nnsweep predict run FILE" in answer.out


def test_a_report_that_cannot_be_written_loses_no_confirmation(
    nnsweep, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("results.report.html.write_report", full)
    answer = nnsweep(*CONFIRM)
    assert answer.code == 1
    assert "wins: " in answer.out
    assert "the confirmation is saved; the report could not be written: No space" in answer.err
    assert "Next: nnsweep report run" in answer.err
    assert (run / "confirmation.json").exists()


def test_a_lost_certified_network_is_made_again_by_the_same_command(nnsweep, run: Path) -> None:
    assert nnsweep(*CONFIRM).code == 0
    whole, record = (run / "confirmed.npz").read_bytes(), (run / "confirmation.json").read_bytes()
    (run / "confirmed.npz").unlink()
    lost = nnsweep("predict", "run", "nothing.csv")
    assert (lost.code, lost.err.count("\n")) == (2, 1)
    assert lost.err.endswith("; `nnsweep confirm run` makes it again\n")
    answer = nnsweep(*CONFIRM)
    assert answer.code == 0
    assert answer.out == "made run/confirmed.npz again; the test set was not opened\n"
    assert (run / "confirmed.npz").read_bytes() == whole
    assert (run / "confirmation.json").read_bytes() == record


@pytest.mark.parametrize("lost", ["confirmation", "confirmation/*-0001.npz", "a damaged file"])
def test_without_its_networks_the_certified_network_is_trained_again(
    nnsweep, run: Path, lost: str
) -> None:
    assert nnsweep(*CONFIRM).code == 0
    opened = json.loads((run / "confirmation.json").read_text())["history"]
    (run / "confirmed.npz").unlink()
    if lost == "confirmation":
        shutil.rmtree(run / lost)
    for path in run.glob("confirmation/*-0001.npz"):
        path.write_bytes(b"junk") if "damaged" in lost else path.unlink()
    answer = nnsweep("predict", "run", "nothing.csv")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    command = answer.err.partition("; `nnsweep ")[2].partition("`")[0]
    assert command == "confirm run --again"
    assert nnsweep(*command.split(), "--top", "2", "--seeds", "3", "--jobs", "1").code == 0
    (run / "nothing.csv").write_text(
        ",".join(f"p{k}" for k in range(64)) + "\n" + "0," * 63 + "0\n"
    )
    assert nnsweep("predict", "run", "run/nothing.csv").code == 0
    history = json.loads((run / "confirmation.json").read_text())["history"]
    assert history[:-1] == opened


def test_networks_on_lost_splits_are_trained_again_on_as_many(nnsweep, run: Path) -> None:
    assert nnsweep("confirm", "run", "--top", "1", "--splits", "2", "--jobs", "1").code == 0
    (run / "confirmed.npz").unlink()
    for path in run.glob("confirmation*/*.npz"):
        path.unlink()
    answer = nnsweep("predict", "run", "nothing.csv")
    remedy = "; `nnsweep confirm run --splits 2 --again` trains the networks again and opens the "
    assert answer.err.endswith(f"{remedy}test set again\n")


@pytest.mark.parametrize("option", ["--seeds", "--splits"])
def test_predicting_the_test_set_gives_the_certified_number(
    nnsweep, tmp_path: Path, option: str
) -> None:
    """The rows are those of the file, unscaled, in the order of the split."""
    rng = np.random.default_rng(4)
    kinds = rng.integers(0, 3, 600)
    values = rng.normal(100 * kinds[:, None] * [1.0, 0.0, -0.5], 90.0, (600, 3))
    lines = [
        f"{','.join(map(repr, row.tolist()))},{'abc'[kind]}"
        for row, kind in zip(values, kinds, strict=True)
    ]
    (tmp_path / "noisy.csv").write_text("\n".join(["x,y,z,kind", *lines]) + "\n")
    words = ["--set", "data.scale=standard", "--set", "training.epochs=3", "--trials", "3"]
    run = ["run", "--data", "noisy.csv", "--label", "kind", "--jobs", "1", "--out", "run"]
    assert nnsweep(*run, *words).code == 0
    before = nnsweep("predict", "run", "noisy.csv").out
    assert nnsweep("confirm", "run", "--top", "2", option, "3", "--jobs", "1").code == 0
    opened = json.loads((tmp_path / "run/confirmation.json").read_text())["test_set"]
    test_rows = stratified_split(kinds, (0.7, 0.15, 0.15))[2]
    chosen = ["x,y,z,kind", *(lines[row] for row in test_rows)]
    (tmp_path / "test.csv").write_text("\n".join(chosen) + "\n")
    answer = nnsweep("predict", "run", "test.csv")
    predicted = [line.split(",")[1] for line in answer.out.splitlines()[1:]]
    right = sum(one == "abc"[kinds[row]] for one, row in zip(predicted, test_rows, strict=True))
    assert right / len(test_rows) == opened["ensemble"]["value"]
    assert 0.4 < right / len(test_rows) < 0.99  # neither all nor none: the numbers say something
    assert len(test_rows) == opened["ensemble"]["examples"]
    assert nnsweep("predict", "run", "noisy.csv").out != before


def test_the_test_set_is_opened_again_only_on_demand(nnsweep, run: Path) -> None:
    assert nnsweep(*CONFIRM).code == 0
    before = (run / "confirmation.json").read_bytes()
    refused = nnsweep(*CONFIRM)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.count("\n") == 1
    assert "must be opened only once" in refused.err
    assert "--again" in refused.err
    assert (run / "confirmation.json").read_bytes() == before
    again = nnsweep(*CONFIRM, "--again")
    assert again.code == 0
    assert "seed" not in again.err  # nothing was left to be trained
    assert "The test set was opened 2 times" in again.out
    assert len(json.loads((run / "confirmation.json").read_text())["history"]) == 2


def test_unreadable_data_are_reported_and_the_same_command_goes_on(
    nnsweep, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **keywords: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("sweeps.workers.tasks.load_dataset", refuse)
        answer = nnsweep(*CONFIRM)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("nnsweep: data set digits can no longer be read: ")
    assert "; finished work is kept in run\n\nNext: nnsweep confirm run" in answer.err
    assert not list((run / "confirmation").glob("*.txt"))
    assert nnsweep(*CONFIRM).code == 0


def test_more_seeds_go_on_from_those_there_are(nnsweep, run: Path) -> None:
    assert nnsweep(*CONFIRM).code == 0
    before = table(run)
    answer = nnsweep("confirm", "run", "--top", "2", "--seeds", "4", "--jobs", "1", "--again")
    assert "resuming: 6 of 8 networks are already trained" in answer.err
    assert [row for row in table(run) if row["seed"] != "3"] == before


def test_a_stopped_confirmation_keeps_the_test_set_shut_and_goes_on(
    nnsweep, wait_until, run: Path, tmp_path: Path
) -> None:
    shutil.copytree(run, tmp_path / "whole")
    command = [sys.executable, "-c", "from experiments.cli.app import main; main()"]
    words = ["confirm", "run", "--top", "3", "--seeds", "20", "--jobs", "2"]
    process = subprocess.Popen(
        [*command, *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: len(list((run / "confirmation").glob("*.json"))) >= 3, process)
    os.killpg(process.pid, signal.SIGINT)
    out, errors = process.communicate()
    assert process.returncode == 130, errors
    assert out == ""
    assert "the test set was not opened" in errors
    assert f"Next: nnsweep {' '.join(words)}" in errors
    assert "Traceback" not in errors
    assert not (run / "confirmation.json").exists()
    assert nnsweep(*words).code == 0
    assert nnsweep("confirm", "whole", *words[2:]).code == 0
    one, whole = (tmp_path / name / "confirmation.csv" for name in ("run", "whole"))
    assert one.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--top", "0"], "`--top` must be a whole number >= 1, got 0"),
        (["--seeds", "1"], "`--seeds` must be a whole number >= 2, got 1"),
        (["--jobs", "0"], "`--jobs` must be a whole number >= 1, got 0"),
    ],
)
def test_wrong_words_are_refused(nnsweep, run: Path, words: list[str], expected: str) -> None:
    answer = nnsweep("confirm", "run", *words)
    assert (answer.code, answer.out) == (2, "")
    assert expected in answer.err
    assert not (run / "confirmation").exists()


def test_a_folder_that_is_no_run_is_refused(nnsweep) -> None:
    answer = nnsweep("confirm", "nowhere")
    assert answer.code == 2
    assert "must be a run folder" in answer.err


@pytest.mark.parametrize(
    "row",
    [
        "",
        "0,failed,,0,0,error,1.0,1.0,5,30,quadratic,large\n",
        "0,complete,0.0,0,1,diverged,1.0,1.0,5,30,quadratic,large\n",
    ],
    ids=["none", "failed", "diverged"],
)
def test_a_run_in_which_nothing_learned_is_refused(nnsweep, run: Path, row: str) -> None:
    header = (run / "trials.csv").read_text().splitlines()[0]
    (run / "trials.csv").write_text(f"{header}\n{row}")
    answer = nnsweep("confirm", "run")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "must have a trial that learned, got none" in answer.err


def test_a_run_with_one_trial_has_a_winner_and_no_runner_up(
    nnsweep, make_run, tmp_path: Path
) -> None:
    make_run(tmp_path / "run", trials=1)
    answer = nnsweep(*CONFIRM)
    assert answer.code == 0
    assert "Trial 0 wins" in answer.out
    assert "distinguishable" not in answer.out
    assert json.loads((tmp_path / "run/confirmation.json").read_text())["runner_up"] is None

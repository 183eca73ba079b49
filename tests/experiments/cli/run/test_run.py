"""`nnsweep run`: progress, result, next steps and exit codes of a sweep."""

import csv
import errno
import re
import shlex
from pathlib import Path

import pytest

from results.figures.catalogue import FIGURES

QUICK = ("--data", "digits", "--set", "training.epochs=2", "--trials", "4", "--jobs", "1")
# Of an ablation, of a confirmation, of predicted numbers.
OTHERS = {"ablation", "fresh_values", "predicted", "residuals"}
OF_MANY = {"importance", "heat_map"}  # need 20 complete trials


def test_a_first_sweep_names_its_files_and_the_next_command(nnsweep, with_figures: None) -> None:
    answer = nnsweep("run", *QUICK)
    assert answer.code == 0
    assert re.search(
        r"4 of 4 trials finished; best validation accuracy \d\d\.\d\d% \(trial \d\)", answer.out
    )
    folder = Path("runs/mnist-first")
    for name in (
        "trials.csv", "epochs.csv", "best.npz", "summary.json", "figures/", "report.html",
    ):  # fmt: skip
        assert f"{folder}/{name}" in answer.out
        assert (folder / name).exists()
    assert {path.name for path in (folder / "figures").iterdir()} == {
        f"{figure}.svg" for figure in FIGURES.keys() - OTHERS - OF_MANY
    }
    following = re.findall(r"nnsweep (.+?)(?:  # .*)?$", answer.out.partition("Next: ")[2], re.M)
    assert following == [
        "show runs/mnist-first",
        "check runs/mnist-first",
        "confirm runs/mnist-first",
        shlex.join(["run", *(w for w in QUICK if w not in ("--trials", "4")), "--trials", "8"]),
    ]
    assert nnsweep(*shlex.split(following[0])).code == 0
    assert nnsweep(*shlex.split(following[3])).code == 0
    assert len(list(csv.DictReader((folder / "trials.csv").read_text().splitlines()))) == 8


def test_progress_goes_to_standard_error_a_line_per_trial(nnsweep) -> None:
    answer = nnsweep("run", *QUICK)
    lines = [line for line in answer.err.splitlines() if "trial " in line]
    assert [line.split("/")[0] for line in lines] == ["1", "2", "3", "4"]
    assert "best" in lines[-1]
    again = nnsweep("run", *QUICK)
    assert again.code == 0
    assert "trial " not in again.err


def test_too_many_jobs_for_a_generation_are_noted(nnsweep) -> None:
    notes = nnsweep("run", *QUICK, "--jobs", "4", "--out", "four").err
    assert (
        "sweep.generation = 4 leaves some of 4 workers idle; 8 keeps most of them busy, but"
        in notes
    )
    assert "sweep.generation" not in nnsweep("run", *QUICK, "--jobs", "2", "--out", "two").err


def test_a_full_disk_is_one_line_and_the_next_run_goes_on(
    nnsweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sweeps.records import run_folder

    real, calls = run_folder.append, iter(range(100))

    def fail(path: Path, content: bytes) -> None:
        if next(calls) == 4:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        real(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(run_folder, "append", fail)
        answer = nnsweep("run", *QUICK, "--out", "full")
    assert answer.code == 1
    (line,) = [line for line in answer.err.splitlines() if line.startswith("nnsweep: ")]
    assert line.startswith("nnsweep: No space left on device: full/")
    assert "  # resumes" in answer.err
    assert "Traceback" not in answer.err
    assert nnsweep("run", *QUICK, "--out", "full").code == 0
    assert nnsweep("run", *QUICK, "--out", "whole").code == 0
    for name in ("trials.csv", "epochs.csv"):
        assert Path("full", name).read_bytes() == Path("whole", name).read_bytes()


def test_all_diverged_is_said_and_no_best_network_is_named(nnsweep) -> None:
    wild = ("--set", "space.lmbda={choices=[1e9]}")
    answer = nnsweep("run", *QUICK, *wild, "--verbose")
    assert answer.code == 0
    assert "best.npz" not in answer.out
    assert "\n4 of 4 trials finished; no trial learned\n" in answer.out
    assert "4/4 trials; no trial learned yet" in answer.err
    assert "trial 1: nothing learned, 1 epoch in" in answer.err
    assert "0.00%" not in answer.out + answer.err


def test_failed_trials_end_with_exit_code_1(nnsweep, monkeypatch: pytest.MonkeyPatch) -> None:
    from sweeps.workers import tasks

    def fail(*arguments: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(tasks, "evaluate", fail)
    answer = nnsweep("run", *QUICK)
    assert answer.code == 1
    assert "4 of 4 trials finished, 4 failed; no trial completed" in answer.out
    assert "see runs/mnist-first/errors/" in answer.out
    assert "no trial completed" in answer.out

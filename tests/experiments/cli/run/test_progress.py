"""How a sweep shows itself: counts, best and time left, and nothing torn by what workers print."""

import logging
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from experiments.cli.running.progress import PlainLines, progress_display
from sweeps.progress import SweepProgress, TrialDone
from sweeps.trial import TrialOutcome


def outcome(state: str, value: float | None) -> TrialOutcome:
    return TrialOutcome(
        state=state,
        value=value,
        best_epoch=2,
        epochs=3,
        stop_reason={"failed": "error", "pruned": "pruned"}.get(state, "max_epochs"),
        curves=(),
        model=None,
        error="",
        started="2026-01-01T00:00:00.000+00:00",
        seconds=1.5,
        worker=1,
    )


def progress(
    done: int,
    trials: int,
    latest: TrialDone | None = None,
    *,
    expected: int | None = None,
    epoch_budget: int | None = None,
) -> SweepProgress:
    return SweepProgress(
        done=done,
        trials=trials,
        expected=expected or trials,
        pruned=done // 4,
        failed=done // 10,
        repeated=done // 20,
        epochs=3 * done,
        epoch_budget=epoch_budget,
        best_number=0 if done else None,
        best_value=0.9 if done else None,
        latest=latest,
    )


def said(trials: int, *, before: int = 0, verbose: bool = False, **budget: int) -> list[str]:
    """Return the lines on a sweep whose trials take ten seconds each."""
    lines: list[str] = []
    now = 0.0
    update = PlainLines(lines.append, lambda: now, verbose=verbose).update
    update(progress(before, trials))
    for done in range(before + 1, budget.get("expected", trials) + 1):
        now += 10
        latest = TrialDone(done - 1, outcome("complete", 0.9))
        update(progress(done, trials, latest, **budget))
    return lines


def test_plain_lines_count_and_tell_the_best_and_the_time_left() -> None:
    lines = said(40)
    assert len(lines) == 20
    assert lines[0] == "2/40 trials; best 90.00% (trial 0); 6.3 min left"
    assert (
        lines[9]
        == "20/40 trials, 5 pruned, 2 failed, 1 repeated; best 90.00% (trial 0); 3.3 min left"
    )
    assert lines[-1] == "40/40 trials, 10 pruned, 4 failed, 2 repeated; best 90.00% (trial 0)"


def test_a_budget_that_ends_the_sweep_first_is_shown_with_its_time_left() -> None:
    lines = said(10_000, expected=40, epoch_budget=1200)
    assert len(lines) == 20
    assert lines[0] == "2/10000 trials, 6 of 1,200 epochs; best 90.00% (trial 0); 6.3 min left"
    assert lines[-1].startswith(
        "40/10000 trials, 10 pruned, 4 failed, 2 repeated, 120 of 1,200 epochs; best"
    )
    assert "left" not in lines[-1]


def test_a_large_sweep_says_no_more_lines_than_a_small_one() -> None:
    assert len(said(10_000)) == 20
    assert len(said(7)) == 7


def test_the_time_left_of_a_resumed_sweep_is_that_of_this_run() -> None:
    lines = said(40, before=20)
    assert lines[0] == "resuming: 20 of 40 trials are already finished"
    assert lines[1].endswith("3 min left")


def test_verbose_adds_a_line_for_each_trial() -> None:
    lines = said(40, verbose=True)
    of_trials = [line for line in lines if line.startswith("trial ")]
    assert of_trials[3] == "trial 3: 90.00%, 3 epochs in 1.5 s (max_epochs)"
    assert len(of_trials) == 40
    assert len(lines) == 60


def test_verbose_names_the_hyperparameters_of_each_trial() -> None:
    lines: list[str] = []
    update = PlainLines(lines.append, lambda: 0.0, verbose=True).update
    update(progress(0, 50))
    params = {"learning_rate": 0.51234, "hidden_units": 30, "init": "scaled"}
    update(progress(1, 50, TrialDone(0, outcome("complete", 0.9), params)))
    assert lines == [
        "trial 0: 90.00%, 3 epochs in 1.5 s (max_epochs); learning_rate 0.512, hidden_units 30, "
        "init scaled"
    ]


def test_a_head_line_comes_at_once_and_another_line_each_half_minute() -> None:
    lines: list[str] = []
    now, training = 0.0, ""
    plain = PlainLines(
        lines.append, lambda: now, lambda: training, "first on digits: 50 trials", verbose=False
    )
    now = 100.0
    plain.tick()  # the run is not accepted yet
    assert lines == []
    plain.update(progress(0, 50))
    assert lines == ["first on digits: 50 trials"]
    now = 129.0
    plain.tick()
    assert len(lines) == 1
    now, training = 130.0, "trial 0 at epoch 3"
    plain.tick()
    plain.tick()
    assert lines[1:] == ["0/50 trials; no value yet; training trial 0 at epoch 3; ? left"]
    now, training = 140.0, ""
    plain.update(progress(2, 50, TrialDone(1, outcome("complete", 0.9))))
    assert lines[2:] == ["2/50 trials; best 90.00% (trial 0); 56 min left"]
    now = 169.0
    plain.tick()
    assert len(lines) == 3
    now = 170.0
    plain.tick()
    assert lines[3:] == ["2/50 trials; best 90.00% (trial 0); 68 min left"]


def test_outside_a_terminal_the_head_line_and_the_beat_come_from_the_display(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, wait_until: Any
) -> None:
    from experiments.cli.running import progress as module

    ticks: list[str] = []
    monkeypatch.setattr(module.PlainLines, "tick", lambda self: ticks.append(self._training()))
    with progress_display(verbose=False, head="the head") as update:
        update(progress(0, 50))
        wait_until(lambda: len(ticks) >= 1)
    assert ticks[0] == ""
    assert capfd.readouterr().err == "the head\n"


def test_verbose_shows_why_a_trial_ended() -> None:
    lines: list[str] = []
    update = PlainLines(lines.append, lambda: 0.0, verbose=True).update
    update(progress(0, 50))
    update(progress(1, 50, TrialDone(0, outcome("failed", None))))
    update(progress(2, 50, TrialDone(1, outcome("pruned", 0.5))))
    of_trials = [line for line in lines if line.startswith("trial ")]
    assert of_trials == [
        "trial 0: failed, 3 epochs in 1.5 s (error)",
        "trial 1: 50.00%, 3 epochs in 1.5 s (pruned)",
    ]


def test_what_a_sweep_warns_of_is_a_plain_line(capfd: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("sweeps.workers.dead_workers")
    with progress_display(verbose=False):
        logger.warning("a worker died\nof %s", "something")
    logger.warning("after the sweep")
    assert capfd.readouterr().err == "a worker died of something\n"


# Workers that print and warn while they train: on the terminal it would tear the bar.
NOISY = """
import os, sys, warnings
sys.argv = ["nnsweep", "run", "--data", "digits", "--trials", "6", "--jobs", "2", "--out", "run",
            "--set", "training.epochs=2", *sys.argv[1:]]
from sweeps.workers import local as parallel
real = parallel._run_in_worker
def noisy(run_one, *arguments):
    def loud(task):
        print("PRINTED"); os.write(2, b"WRITTEN" + bytes([10])); warnings.warn("WARNED")
        return run_one(task)
    return real(loud, *arguments)
parallel._run_in_worker = noisy
import results.report.html
results.report.html.draw_figures = lambda *found, **wanted: []
from experiments.cli.app import main
main()
"""


# A worker that is killed in the middle of a trial, once.
MORTAL = """
import os, pathlib, signal, sys
sys.argv = ["nnsweep", "run", "--data", "digits", "--trials", "6", "--jobs", "2", "--out", "run",
            "--set", "training.epochs=2"]
from sweeps.workers import local as parallel
real = parallel._run_in_worker
def mortal(run_one, *arguments):
    def die_once(task):
        if task.number == 3 and not os.path.exists("died"):
            pathlib.Path("died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return run_one(task)
    return real(die_once, *arguments)
parallel._run_in_worker = mortal
import results.report.html
results.report.html.draw_figures = lambda *found, **wanted: []
from experiments.cli.app import main
main()
"""


def on_a_terminal(folder: Path, program: str, *words: str) -> str:
    """Return what a sweep shows on a terminal of its own."""
    ours, its = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"}
    environment |= {"COLUMNS": "150"}
    process = subprocess.Popen(
        [sys.executable, "-c", program, *words],
        cwd=folder,
        env=environment,
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    )
    os.close(its)
    shown = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
        if not chunk:
            break
        shown += chunk
    os.close(ours)
    assert process.wait() == 0, shown.decode()
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode()).replace("\r", "\n")


@pytest.mark.parametrize("words", [(), ("--verbose",)])
def test_what_workers_print_comes_in_one_piece_after_the_trials(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    shown = on_a_terminal(tmp_path, NOISY, *words)
    during, title, after = shown.partition("output of the workers:")
    assert title
    for word in ("PRINTED", "WRITTEN", "WARNED"):
        assert word not in during
        assert word in after
    bars = [line for line in during.splitlines() if re.search(r"\d/6 ", line)]
    assert bars
    assert all(re.search(r"trials .* \d/6 .* left", line) for line in bars)
    assert len(re.findall(r"^trial \d: .* epochs in", shown, re.M)) == (6 if words else 0)
    assert "6 of 6 trials finished" in after


def test_a_worker_that_dies_is_a_line_of_its_own_above_the_bar(tmp_path: Path) -> None:
    shown = on_a_terminal(tmp_path, MORTAL)
    message = r"a worker died \(killed or out of memory\); rerunning, .*: trial \d(, trial \d)*"
    assert len(re.findall(rf"^{message}$", shown, re.M)) == 1
    bars = [line for line in shown.splitlines() if re.search(r"\d/6 ", line)]
    assert all(re.fullmatch(r"trials .* \d/6 .* left", line) for line in bars)
    assert "6 of 6 trials finished" in shown

"""What a report suggests, as commands: to go on, to search elsewhere, to confirm.

Whether it does depends on how far the run is, and on what ended it.
"""

import shlex
from dataclasses import replace

from results.analysis.findings import Findings
from results.frames import read_run
from results.report.advice import page_advice
from results.report.command_lines import setting_command
from results.report.html import write_report
from results.report.next_settings import changed, fitting_together
from sweeps.config import parse_config
from sweeps.config.known import KnownResult


def test_before_a_confirmation_it_is_suggested(write_run):
    folder = write_run()
    (only,) = page_advice(Findings(read_run(folder)))
    assert only["command"] == f"nnsweep confirm {folder}"


def _late(write_run, told, more=""):
    """Return a run of forty trials, or of as many as are told, whose best is the last but one."""
    rows = [
        f"{n},complete,{0.9 if n == told - 2 else 0.5 + 0.001 * n},1,1,max_epochs,"
        f"{0.1 + 0.01 * n},30,10,quadratic"
        for n in range(told)
    ]
    folder = write_run(trials=rows, epochs=[])
    toml = (folder / "sweep.toml").read_text()
    (folder / "sweep.toml").write_text(toml.replace("trials = 5", f"trials = 40{more}"))
    return folder


def _commands(folder):
    return [one["command"] for one in page_advice(Findings(read_run(folder)))]


def test_a_run_that_is_over_is_told_to_go_on_and_to_confirm(write_run):
    folder = _late(write_run, 40)
    on, confirm = _commands(folder)[-2:]  # after what is said of the space
    assert on == f"nnsweep run {folder}/sweep.toml --trials 80 --out {folder}"
    assert confirm.startswith(f"nnsweep confirm {folder}")


def test_several_changes_are_offered_together_and_each_in_a_folder_of_its_own(write_run):
    folder = _late(write_run, 40)  # the best lie at the end of learning_rate; cost says nothing
    commands = [one for one in _commands(folder) if "-next" in one]
    *alone, together = commands
    settings = [command.split("--set ")[1].split(" --out")[0] for command in alone]
    assert len(settings) >= 2
    start = f"nnsweep run {folder}/sweep.toml"
    for number, (command, setting) in enumerate(zip(alone, settings, strict=True), start=1):
        assert command == f"{start} --set {setting} --out {folder}-next-{number}"
    options = " ".join(f"--set {setting}" for setting in settings)
    assert together == f"{start} {options} --out {folder}-next"
    assert changed(read_run(folder).config, *settings) is not None


def test_a_changed_sweep_takes_over_what_fits_of_the_known_results(write_run):
    folder = _late(write_run, 40)
    setting, run = "space.learning_rate.high=100.0", read_run(folder)
    assert "--from" not in setting_command(run, setting)
    result = {"value": 0.5, "epochs": 3, "params": {"learning_rate": 0.5, "hidden_units": 30}}
    result["params"] |= {"mini_batch_size": 10, "cost": "quadratic"}
    known = run.config.model_copy(update={"known": [KnownResult(**result)]})
    command = setting_command(replace(run, config=known), setting)
    words = ["--set", setting, "--set", "known=[]", "--from", str(folder)]
    start = ["nnsweep", "run", f"{folder}/sweep.toml"]
    assert shlex.split(command) == [*start, *words, "--out", f"{folder}-next"]
    assert "--from" not in setting_command(replace(run, config=known), "sweep.trials=80")
    # a result whose point has a searched value stays no obstacle to fixing that
    fixed = changed(known, "training.cost=quadratic")
    assert fixed is not None
    assert fixed.known == []


def test_changes_that_undo_each_other_are_not_offered_together():
    space = {
        "learning_rate": {"low": 0.01, "high": 10.0, "log": True},
        "cost": {"choices": ["quadratic", "cross-entropy"]},
    }
    config = parse_config({"sweep": {"name": "x", "trials": 9}, "space": space})
    wider, lower = "space.learning_rate.high=100.0", "space.learning_rate.high=3.0"
    fixed, epochs = "training.learning_rate=0.5", "training.epochs=60"
    low = "space.learning_rate.low=0.001"
    assert fitting_together(config, [wider, lower, epochs]) == [wider, epochs]
    assert fitting_together(config, [wider, low, fixed]) == [wider, low]
    assert fitting_together(config, [fixed, wider]) == [fixed]
    # each alone is valid, but something must be left to search
    both = ["training.learning_rate=0.5", "training.cost=quadratic"]
    assert fitting_together(config, both) == both[:1]
    assert fitting_together(config, []) == []


def test_a_run_under_way_is_told_neither(write_run):
    folder = _late(write_run, 39)
    commands = _commands(folder)
    assert commands  # what the trials say of the space they say already
    assert not [one for one in commands if "confirm" in one or one.endswith(f" {folder}")]


def test_a_run_whose_epochs_are_spent_is_told_to_go_on_by_epochs(write_run):
    folder = _late(write_run, 24, "\nepoch_budget = 24")
    on, _ = _commands(folder)[-2:]
    setting = "--set sweep.epoch_budget=48"
    assert on == f"nnsweep run {folder}/sweep.toml {setting} --out {folder}"


def test_figures_that_need_many_trials_are_left_out_of_a_small_run(write_run):
    few = write_report(write_run()).read_text("utf-8")
    assert "The two most important hyperparameters" not in few
    assert "Importance of the hyperparameters" not in few
    folder = _late(write_run, 40)
    many = write_report(folder).read_text("utf-8")
    assert "The two most important hyperparameters" in many
    assert f'<code class="command">nnsweep ablate {folder}</code></figcaption>' in many

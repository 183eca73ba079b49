"""What a report suggests, as commands: to go on, to search elsewhere, to confirm.

Whether it does depends on how far the run is, and on what ended it.
"""

from results.analysis.findings import Findings
from results.frames import read_run
from results.report.advice import page_advice
from results.report.html import write_report


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


def test_the_heat_map_is_headed_by_what_is_known(write_run):
    few = write_report(write_run()).read_text("utf-8")
    assert "Two hyperparameters against each other" in few
    assert "The two most important hyperparameters" not in few
    many = write_report(_late(write_run, 40)).read_text("utf-8")
    assert "The two most important hyperparameters" in many
    assert "Two hyperparameters against each other" not in many

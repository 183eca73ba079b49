"""`read_run`: exact frames from a hand-written folder, and one clear line for everything wrong."""

import math
from pathlib import Path

import pandas as pd
import pytest

from nncore.errors import InputError
from results.frames import read_run
from sweeps.space.dimensions import Choices, Range


def test_name_config_and_space_come_from_the_toml(write_run):
    run = read_run(write_run())
    assert run.config.sweep.name == "small"
    assert run.config.data.name == "mnist-5k"
    assert run.config.training["epochs"] == 3
    assert list(run.space) == ["learning_rate", "hidden_units", "mini_batch_size", "cost"]
    assert run.space["hidden_units"] == Range(low=10, high=100, step=10)
    assert run.space["cost"] == Choices(choices=["quadratic", "cross-entropy"])


def test_trials_have_their_values_and_types(write_run):
    trials = read_run(write_run()).trials
    assert trials["number"].tolist() == [0, 1, 2, 3, 4]
    assert trials["state"].tolist() == ["complete", "complete", "failed", "complete", "complete"]
    assert trials["value"].fillna(-1).tolist() == [0.9, 0.0, -1, 0.95, 0.925]
    assert trials["best_epoch"].fillna(-1).tolist() == [2, -1, -1, 3, 1]
    assert trials["epochs"].tolist() == [2, 1, 0, 3, 2]
    assert trials["learning_rate"].tolist() == [0.1, 10.0, 1.0, 1.0, 0.5]
    assert trials["cost"].tolist()[:3] == ["quadratic", "quadratic", "cross-entropy"]
    numeric = ("number", "value", "epochs", "learning_rate", "hidden_units", "mini_batch_size")
    kinds = [trials[name].dtype.kind for name in numeric]
    assert kinds == ["i", "f", "i", "f", "i", "i"]


def test_epochs_keep_nan_and_inf_and_read_empty_cells_as_nan(write_run):
    epochs = read_run(write_run()).epochs
    diverged = epochs[epochs["trial"] == 1].iloc[0]
    assert math.isnan(diverged["train_cost"])
    assert diverged["validation_cost"] == math.inf
    assert epochs["train_accuracy"].isna().all()
    assert epochs["train_accuracy"].dtype == "float64"


def test_timings_are_times(write_run):
    timings = read_run(write_run()).timings
    assert timings["started"].iloc[0] == pd.Timestamp(2026, 1, 2, 3, 4, 5, tz="UTC")
    assert timings["started"].diff().iloc[1] == pd.Timedelta(seconds=1.5)
    assert timings["seconds"].tolist() == [1.5, 0.5]


def test_rows_are_sorted_whatever_the_order_in_the_file(write_run):
    folder = write_run(
        trials=[
            "1,complete,0.5,1,1,max_epochs,1.0,30,10,quadratic",
            "0,complete,0.4,1,1,max_epochs,1.0,30,10,quadratic",
        ],
        epochs=[
            "1,0,1,1.0,,,,0.5",
            "0,1,1,1.0,,,,0.4",
            "0,0,2,1.0,,,,0.3",
            "0,0,1,1.0,,,,0.2",
        ],
    )
    run = read_run(folder)
    assert run.trials["value"].tolist() == [0.4, 0.5]
    assert run.epochs["validation_accuracy"].tolist() == [0.2, 0.3, 0.4, 0.5]


@pytest.mark.parametrize("torn", [b"5,comp", b"5,complete,0.9,2,2,max", "5,é".encode()[:-1]])
def test_a_torn_last_line_is_left_out(write_run, torn):
    folder = write_run()
    with (folder / "trials.csv").open("ab") as file:
        file.write(torn)
    assert read_run(folder).trials["number"].tolist() == [0, 1, 2, 3, 4]


def test_rows_of_a_trial_not_recorded_yet_are_left_out(write_run):
    folder = write_run()
    with (folder / "epochs.csv").open("a") as file:
        file.write("5,0,1,1.0,0.3,,0.4,0.94\n")
    with (folder / "timings.csv").open("a") as file:
        file.write("5,2026-01-02T03:04:07+00:00,1.5,a\n")
    run = read_run(folder)
    assert run.epochs["trial"].max() == 4
    assert run.timings["number"].max() == 1


def test_whole_bounds_with_a_broken_step_are_no_whole_numbers(write_run):
    toml = "sweep = { name = 'a' }\nspace = { lmbda = { low = 10, high = 20, step = 2.5 } }"
    header = "number,state,value,best_epoch,epochs,stop_reason,lmbda"
    trials = read_run(write_run(toml, ["0,complete,0.5,1,1,max_epochs,12.5"], [], header)).trials
    assert trials["lmbda"].tolist() == [12.5]


@pytest.mark.parametrize("leave", ["nothing", "half a header", "the header"])
def test_a_run_that_has_just_begun_has_frames_without_rows(write_run, leave):
    folder = write_run(trials=[], epochs=[])
    (folder / "environment.json").touch()  # a run writes it first
    for name in ("trials.csv", "epochs.csv", "timings.csv"):
        if leave == "nothing":
            (folder / name).unlink()
        elif leave == "half a header":
            (folder / name).write_text("number,sta")
    run = read_run(folder)
    assert len(run.trials) == len(run.epochs) == 0
    assert run.trials.columns[0] == "number"
    assert run.trials.columns[-2:].tolist() == ["cost", "score"]
    assert run.trials["value"].dtype == "float64"
    assert run.epochs.columns[-2:].tolist() == ["validation_accuracy", "score"]


def test_choices_come_back_as_they_stand_in_the_space(write_run):
    toml = """
    sweep = { name = "kinds" }
    [space]
    monitor_training = { choices = [true, false] }
    activation = { choices = ["tanh", "relu"] }
    hidden_units = { choices = [10, 30] }
    learning_rate = { choices = [1, 0.5] }
    """
    header = (
        "number,state,value,best_epoch,epochs,stop_reason,"
        "monitor_training,activation,hidden_units,learning_rate"
    )
    rows = [
        "0,complete,0.5,1,1,max_epochs,True,relu,30,1.0",
        "1,complete,0.5,1,1,max_epochs,false,tanh,10,0.5",
        "2,complete,0.5,1,1,max_epochs,False,relu,30,0.5",
    ]
    trials = read_run(write_run(toml, rows, [], header)).trials
    assert trials["monitor_training"].tolist() == [True, False, False]
    assert trials["activation"].tolist() == ["relu", "tanh", "relu"]
    assert trials["hidden_units"].tolist() == [30, 10, 30]
    assert [repr(value) for value in trials["learning_rate"]] == ["1.0", "0.5", "0.5"]


def test_text_is_kept_whatever_it_looks_like(write_run):
    rows = [
        "0,complete,0.5,1,1,nan,1.0,30,10,quadratic",
        "1,complete,0.5,1,1,1,1.0,30,10,quadratic",
        '2,complete,0.5,1,1,"a, ""b""",1.0,30,10,quadratic',
    ]
    trials = read_run(write_run(trials=rows)).trials
    assert trials["stop_reason"].tolist() == ["nan", "1", 'a, "b"']


def test_further_measures_are_kept(write_run):
    folder = write_run()
    path = folder / "epochs.csv"
    header, *rows = path.read_text().splitlines()
    lines = [f"{header},test_accuracy", *(f"{row},0.5" for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    assert read_run(folder).epochs["test_accuracy"].tolist() == [0.5] * 8


def test_a_folder_without_sweep_toml_is_no_run(tmp_path):
    with pytest.raises(InputError, match="must be a run folder, but contains no sweep"):
        read_run(tmp_path)
    with pytest.raises(InputError, match="nowhere"):
        read_run(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ("learning_rate", r"sweep\.toml must be TOML: "),
        ("momentums = 1", "momentums"),
        (
            "hidden_units = { low = 10, high = 105, step = 10 }",
            "`space.hidden_units` must have a step",
        ),
        (
            "lmbda = { low = 0.0, high = 0.35, step = 0.1 }",
            "divides high - low, got low = 0.0, high",
        ),
        ("lmbda = { low = 0, high = inf, step = 1 }", "must have a finite high, got inf"),
    ],
)
def test_an_invalid_sweep_toml_is_refused_in_one_line(write_run, space, message):
    folder = write_run(f"sweep = {{ name = 'a' }}\n[space]\n{space}\n")
    with pytest.raises(InputError, match=message) as caught:
        read_run(folder)
    assert "\n" not in str(caught.value)


GOOD = "1,complete,0.5,1,1,max_epochs,1.0,30,10,quadratic"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0.5", "half", "row 1: `value` must be a number, got 'half'"),
        ("1,", "one,", "row 1: `number` must be an integer, got 'one'"),
        ("complete", "done", r"row 1: `state` must be one of \['complete'.*got 'done'"),
        ("quadratic", "cubic", r"`cost` must be one of \['quadratic', .*got 'cubic'"),
        ("1.0", "11.0", "`learning_rate` must be a number from 0.01 to 10.0, got '11.0'"),
        ("1.0", "nan", "`learning_rate` must be a number from"),
        (
            "30",
            "30.5",
            "an integer from 10 to 100 in steps of 10, got '30.5'",
        ),
        ("30", "35", "an integer from 10 to 100 in steps of 10, got '35'"),
        (",quadratic", "", "row 1 must have 10 cells, got 9"),
        (GOOD, f"{GOOD}\n{GOOD}", "one row for each number, got two of {'number': 1}"),
    ],
)
def test_a_wrong_cell_is_named(write_run, old, new, message):
    folder = write_run(trials=[GOOD.replace(old, new, 1)])
    with pytest.raises(InputError, match=f"trials.csv` .*{message}") as caught:
        read_run(folder)
    assert "\n" not in str(caught.value)


def test_a_missing_column_is_named(write_run):
    folder = write_run(trials=[], trials_header="number,state,value")
    with pytest.raises(InputError, match="must have one column `best_epoch`, got number,state"):
        read_run(folder)


def test_files_that_are_no_text_are_named(write_run):
    folder = write_run()
    (folder / "epochs.csv").write_bytes(b"\xff\xfe\n")
    with pytest.raises(InputError, match=r"epochs\.csv` must be CSV in UTF-8"):
        read_run(folder)


def test_a_folder_in_place_of_a_file_is_named(write_run):
    folder: Path = write_run()
    (folder / "timings.csv").unlink()
    (folder / "timings.csv").mkdir()
    with pytest.raises(InputError, match=r"timings\.csv` must be readable, got: Is a directory"):
        read_run(folder)


def test_a_hyperparameter_that_a_trial_does_not_have_is_missing(conditional_run):
    trials = read_run(conditional_run).trials
    assert trials["hidden_units"].isna().tolist() == [True, False]
    assert trials["hidden_units"].iloc[1] == 30
    assert trials["mini_batch_size"].isna().tolist() == [False, True]
    assert trials["mini_batch_size"].iloc[0] == 10


@pytest.mark.parametrize(
    ("trials", "spent", "over"),
    [(5, 99, True), (40, 3, False), (40, 4, True)],
)
def test_a_run_is_over_with_its_trials_or_its_epochs(write_run, toml, trials, spent, over):
    text = toml.replace("trials = 5", f"trials = {trials}\nepoch_budget = 4")
    text = text.replace("generation = 8", "generation = 2")
    ended = ["0,complete,0.9,1,1,max_epochs,0.1,30,10,quadratic"]
    ended += [f"1,complete,0.9,1,{spent - 1},max_epochs,0.1,30,10,quadratic"]
    ended += [f"{n},failed,,,0,error,0.1,30,10,quadratic" for n in range(2, min(trials, 4))]
    assert read_run(write_run(toml=text, trials=ended)).budget_spent is over
    # within a generation, what has begun is still finished
    if trials == 40:
        assert not read_run(write_run(toml=text, trials=ended[:-1])).budget_spent


def test_what_a_spreadsheet_saved_is_read_as_before(write_run):
    folder = write_run()
    before = read_run(folder)
    for name in ("trials.csv", "epochs.csv", "timings.csv"):
        text = (folder / name).read_text("utf-8").replace("\n", "\r\n")
        (folder / name).write_bytes(("\ufeff" + text).encode())
    text = (folder / "trials.csv").read_bytes().replace(b",60,10,", b",60.0,10.0,")
    (folder / "trials.csv").write_bytes(text.replace(b"3,complete", b"3.0,complete"))
    after = read_run(folder)
    pd.testing.assert_frame_equal(after.trials, before.trials)
    pd.testing.assert_frame_equal(after.epochs, before.epochs)


def test_a_condition_on_the_epochs_names_their_column(write_run):
    toml = (write_run() / "sweep.toml").read_text().replace("\nepochs = ", "\n# ")
    momentum = "{ low = 0.0, high = 0.9, when = { epochs = [30] } }"
    space = f"[space]\nepochs = {{ choices = [10, 30] }}\nmomentum = {momentum}"
    folder = write_run(toml.replace("[space]", space), trials=[], epochs=[])
    (folder / "trials.csv").unlink()
    (folder / "environment.json").touch()  # a run writes it first
    assert read_run(folder).space["momentum"].when == {"max_epochs": [30]}

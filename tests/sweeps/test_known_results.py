"""A sweep that begins with the results of an old run: what it takes over, and the same promises."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nncore.config import trial_config
from nncore.datasets import DataSet, load_dataset
from nncore.errors import InputError
from sweeps.config import SweepConfig, differing_keys, dump_config, load_config, parse_config
from sweeps.known_results import point_of, take_over
from sweeps.samplers.catalogue import SAMPLERS
from sweeps.samplers.protocol import Search
from sweeps.scores import new_proposer
from sweeps.study.database import open_database
from sweeps.study.optuna_study import study_name
from sweeps.sweep import run_sweep
from sweeps.trial import Result, TrialState
from sweeps.workers.local import LocalWorkers

SPACE: dict[str, Any] = {
    "learning_rate": {"low": 0.1, "high": 4.0, "log": True},
    "lmbda": {"choices": [0.1, 1.0, 200000.0]},
    "hidden_units": {"low": 5, "high": 60},
}
WIDER: dict[str, Any] = {
    **SPACE,
    "learning_rate": {"low": 0.3, "high": 9.0, "log": True},
    "momentum": {"choices": [0.0, 0.5]},
}


def sweep(space: Any = SPACE, **changes: Any) -> SweepConfig:
    sections: dict[str, Any] = {"training": {"epochs": 2}, "data": {"name": "digits"}}
    for key in ("training", "data", "start", "known"):
        if key in changes:
            sections[key] = changes.pop(key)
    named = {"name": "new", "trials": 10, "seed": 4, **changes}
    return parse_config({"sweep": named, "space": space, **sections})


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "trials.csv").read_text().splitlines()))


def tables(folder: Path) -> list[bytes]:
    names = ("trials.csv", "epochs.csv", "sweep.toml", "best.npz")
    return [(folder / name).read_bytes() for name in names]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an old run of twelve trials; some diverge."""
    folder = tmp_path_factory.mktemp("old") / "run"
    config = sweep(name="former", trials=12, seed=1, sampler="random")
    run_sweep(config, load_dataset("digits"), folder)
    assert {row["stop_reason"] for row in rows(folder)} == {"diverged", "max_epochs"}
    return folder


def test_the_trials_in_the_new_space_are_known(old: Path, digits: DataSet) -> None:
    """The new space has one more dimension, at its default in old trials, and another range."""
    taken = take_over(sweep(WIDER), digits, old)
    inside = [row for row in rows(old) if float(row["learning_rate"]) >= 0.3]
    assert 0 < len(inside) < 12
    assert (taken.known, taken.start, taken.left_out) == (len(inside), 0, 12 - len(inside))
    for row, one in zip(inside, taken.config.known, strict=True):
        assert (one.run, one.trial, one.state) == ("former", int(row["number"]), "complete")
        assert (repr(one.value), one.epochs) == (row["value"], int(row["epochs"]))
        point = {**one.params, "momentum": None}
        texts = {name: row.get(name, "None") for name in WIDER}
        assert {name: str(value) for name, value in point.items()} == texts
        assert one.params["momentum"] == 0.0


def test_a_hyperparameter_that_is_fixed_now_must_have_that_value(
    old: Path, digits: DataSet
) -> None:
    space = {name: SPACE[name] for name in ("learning_rate", "hidden_units")}
    taken = take_over(sweep(space, training={"epochs": 2, "lmbda": 1.0}), digits, old)
    wanted = [int(row["number"]) for row in rows(old) if row["lmbda"] == "1.0"]
    assert [one.trial for one in taken.config.known] == wanted != []
    assert taken.left_out == 12 - len(wanted)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"training": {"epochs": 3}}, "`training.epochs`"),
        ({"metric": "f1_macro"}, "`sweep.metric`"),
        ({"replicates": 2}, "`sweep.replicates`"),
        ({"data": {"name": "digits", "folds": 3}}, "`data.folds`"),
    ],
)
def test_values_that_are_not_comparable_give_start_points(
    changes: dict[str, Any], reason: str, old: Path, digits: DataSet
) -> None:
    taken = take_over(sweep(generation=3, **changes), digits, old)
    assert (taken.known, taken.start, taken.config.known) == (0, 3, [])
    assert reason in taken.reasons
    best = sorted(rows(old), key=lambda row: -float(row["value"]))[:3]
    assert [
        {name: str(value) for name, value in point.items()} for point in taken.config.start
    ] == [{name: row[name] for name in SPACE} for row in best]


def test_other_data_give_start_points_after_those_of_the_file(old: Path) -> None:
    best = max(rows(old), key=lambda row: float(row["value"]))
    point = {
        "learning_rate": float(best["learning_rate"]),
        "lmbda": float(best["lmbda"]),
        "hidden_units": int(best["hidden_units"]),
    }
    other = {"learning_rate": 0.5, "lmbda": 1.0, "hidden_units": 9}
    config = sweep(start=[point, other], data={"name": "mnist-5k"}, generation=2)
    taken = take_over(config, load_dataset("mnist-5k"), old)
    assert taken.reasons == ["the data set"]
    assert taken.config.start[:2] == [point, other]
    assert len(taken.config.start) == 4
    assert all(taken.config.start.count(one) == 1 for one in taken.config.start)


def test_what_cannot_be_taken_over_is_refused(old: Path, digits: DataSet, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"must be a run folder, but contains no sweep\.toml"):
        take_over(sweep(), digits, tmp_path)
    outside = {"learning_rate": {"low": 50.0, "high": 60.0}}
    with pytest.raises(InputError, match="in the space of the new sweep, got none of 12"):
        take_over(sweep(outside), digits, old)


@pytest.mark.parametrize(
    ("widths", "params"),
    [
        ((7,), {"hidden_layers": 1, "hidden_units_1": 7}),
        ((7, 9), {"hidden_layers": 2, "hidden_units_1": 7, "hidden_units_2": 9}),
        ((), {"hidden_layers": 0}),
        ((7, 9, 9), None),
        ((7, 99), None),
    ],
)
def test_layers_are_found_in_a_space_of_layers(widths: Any, params: Any) -> None:
    space = {"hidden_layers": {"low": 0, "high": 2}, "hidden_units": {"low": 5, "high": 20}}
    assert point_of(sweep(space), trial_config({"hidden_units": widths})) == params


def test_lists_of_widths_and_conditions_are_found() -> None:
    space = {
        "hidden_units": {"choices": [[30], [20, 10], []]},
        "schedule": {"choices": ["constant", "exponential"]},
        "schedule_decay": {"low": 0.5, "high": 0.9, "when": {"schedule": "exponential"}},
    }
    config = sweep(space)
    for settings, point in (
        ({"hidden_units": [20, 10]}, {"hidden_units": "20-10", "schedule": "constant"}),
        ({"hidden_units": []}, {"hidden_units": "none", "schedule": "constant"}),
        ({"hidden_units": [10, 20]}, None),
        (
            {"schedule": "exponential", "schedule_decay": 0.75},
            {"hidden_units": "30", "schedule": "exponential", "schedule_decay": 0.75},
        ),
        ({"schedule": "exponential", "schedule_decay": 0.95}, None),
        ({"schedule": "cosine"}, None),
    ):
        assert point_of(config, trial_config(settings)) == point


def test_every_point_of_a_space_is_found_again() -> None:
    space = {
        **WIDER,
        "hidden_layers": {"low": 1, "high": 3},
        "dropout": {"low": 0.0, "high": 0.5, "step": 0.1, "when": {"momentum": 0.5}},
    }
    config = sweep(space, sampler="random", trials=60)
    proposer = new_proposer(config)
    for _ in range(60):
        point = proposer.ask()
        assert point_of(config, config.trial_config(point)) == point


def test_known_results_are_read_back_exactly(old: Path, digits: DataSet, tmp_path: Path) -> None:
    config = take_over(sweep(WIDER), digits, old).config
    (tmp_path / "new.toml").write_text(dump_config(config))
    assert load_config(tmp_path / "new.toml") == config
    assert differing_keys(config, sweep(WIDER)) == ["known"]
    fewer = config.model_copy(update={"known": config.known[1:]})
    assert differing_keys(config, fewer) == ["known"]


def test_results_that_the_old_run_knew_are_passed_on(
    old: Path, digits: DataSet, tmp_path: Path
) -> None:
    second = take_over(sweep(name="second", trials=2), digits, old).config
    run_sweep(second, digits, tmp_path)
    third = take_over(sweep(name="third"), digits, tmp_path).config
    assert [(one.run, one.trial) for one in third.known] == [
        *(("former", number) for number in range(12)),
        ("second", 0),
        ("second", 1),
    ]


def test_results_are_taken_over_once(old: Path, digits: DataSet) -> None:
    once = take_over(sweep(), digits, old)
    again = take_over(once.config, digits, old)
    assert (again.config, again.known) == (once.config, 12)


def test_repeated_and_failed_trials_teach_nothing(
    digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = {"learning_rate": {"choices": [0.1, 1.0]}}
    config = sweep(space, sampler="random", trials=6)
    run_sweep(config, digits, tmp_path)
    assert [row["stop_reason"] for row in rows(tmp_path)].count("repeated") == 4
    taken = take_over(config, digits, tmp_path)
    assert (taken.known, taken.left_out) == (2, 0)
    table = tmp_path / "trials.csv"
    lines = table.read_text().splitlines()
    number, *_, rate = lines[1].split(",")
    table.write_text("\n".join([lines[0], f"{number},failed,,0,0,error,{rate}", *lines[2:], ""]))
    assert take_over(config, digits, tmp_path).known == 1


def after(count: int) -> Callable[[], bool]:
    """Return a function that requests a stop at its call number `count`, counted from 0."""
    calls = iter(range(count))
    return lambda: next(calls, None) is None


def test_the_old_run_may_vanish_and_bytes_depend_on_nothing_else(
    old: Path, digits: DataSet, tmp_path: Path
) -> None:
    """One job, two jobs, stops between trials and more trials later give the same bytes."""
    gone = tmp_path / "gone"
    shutil.copytree(old, gone)
    config = take_over(sweep(WIDER), digits, gone).config
    shutil.rmtree(gone)
    run_sweep(config, digits, tmp_path / "one")
    run_sweep(config, digits, tmp_path / "two", workers=LocalWorkers(2))
    section = config.sweep.model_copy(update={"trials": 3})
    run_sweep(config.model_copy(update={"sweep": section}), digits, tmp_path / "stopped")
    resumed = load_config(tmp_path / "stopped" / "sweep.toml", **{"sweep.trials": 10})
    stops = 0
    while run_sweep(resumed, digits, tmp_path / "stopped", stop_requested=after(2)).done < 10:
        stops += 1
    assert stops > 2
    assert tables(tmp_path / "one") == tables(tmp_path / "two") == tables(tmp_path / "stopped")
    assert len(rows(tmp_path / "one")) == 10


def test_a_resume_with_other_results_is_refused(old: Path, digits: DataSet, tmp_path: Path) -> None:
    config = take_over(sweep(trials=4), digits, old).config
    run_sweep(config, digits, tmp_path / "new")
    one = config.known[0]
    other = one.model_copy(update={"value": one.value + 1e-9})
    for known in ([], [other, *config.known[1:]]):
        with pytest.raises(InputError, match="whose settings differ in `known`"):
            run_sweep(config.model_copy(update={"known": known}), digits, tmp_path / "new")


def test_a_database_finds_its_study_by_the_known_results(
    old: Path, digits: DataSet, tmp_path: Path
) -> None:
    config = take_over(sweep(trials=2), digits, old).config
    url = f"sqlite:///{tmp_path}/sweeps.db"
    run_sweep(config, digits, tmp_path / "new", storage=url)
    run_sweep(sweep(trials=2), digits, tmp_path / "plain", storage=url)
    more = config.model_copy(update={"sweep": config.sweep.model_copy(update={"trials": 3})})
    assert run_sweep(more, digits, tmp_path / "new").done == 3
    with open_database(url, to_read=True) as database:
        names = {study_name(one, database) for one in (config, more, sweep(trials=2))}
    assert len(names) == 2


HILL = 3.0
"""The best learning rate of the known results below."""


def told(count: int = 24) -> list[dict[str, Any]]:
    """Return results whose value falls with the distance from the hill."""
    rates = [0.1 * 40 ** (number / (count - 1)) for number in range(count)]
    params = {"lmbda": 1.0, "hidden_units": 30}
    return [
        {
            "value": 0.9 - abs(rate - HILL) / 10,
            "epochs": 2,
            "params": {"learning_rate": rate, **params},
        }
        for rate in rates
    ]


@pytest.mark.parametrize("sampler", ["tpe", "gp", "coordinate"])
def test_a_learning_sampler_begins_near_the_best_known_results(sampler: str) -> None:
    def first(config: SweepConfig) -> list[float]:
        proposer = new_proposer(config)
        return [proposer.ask()["learning_rate"] for _ in range(4)]

    known, plain = first(sweep(sampler=sampler, known=told())), first(sweep(sampler=sampler))
    assert known != plain
    if sampler != "coordinate":  # it varies one hyperparameter over its whole range first
        assert max(abs(rate - HILL) for rate in known) < max(abs(rate - HILL) for rate in plain)
    points = [new_proposer(sweep(sampler=sampler, known=told())).ask() for _ in range(2)]
    assert points[0] == points[1]
    assert points[0] not in [one["params"] for one in told()]


def test_known_results_count_as_an_earlier_generation() -> None:
    """The sampler alone, told the same, proposes the same; losses are told as negative scores."""
    config = sweep(known=told(), metric="log_loss")
    sampler = SAMPLERS["tpe"].new(Search(config.space, 4, 4, []))
    for one in told():
        sampler.add(one["params"])
    sampler.tell([Result(TrialState.COMPLETE, -one["value"], 2) for one in told()])
    proposer = new_proposer(config)
    assert [proposer.ask() for _ in range(4)] == [sampler.ask(number) for number in range(4)]


@pytest.mark.parametrize("sampler", ["random", "grid", "qmc", "cmaes"])
def test_other_samplers_ignore_known_results(sampler: str) -> None:
    space = {**SPACE, "learning_rate": {"low": 0.5, "high": 1.5, "step": 0.1}}
    known = [
        {
            "value": 0.5,
            "epochs": 1,
            "params": {"learning_rate": 0.7, "lmbda": 1.0, "hidden_units": 9},
        }
    ]
    assert not SAMPLERS[sampler].uses_known
    one, other = (new_proposer(sweep(space, sampler=sampler, known=k)) for k in (known, []))
    assert [one.ask() for _ in range(6)] == [other.ask() for _ in range(6)]


@pytest.mark.parametrize(
    "setting",
    ["training.epochs=3", "sweep.metric=f1_macro", "sweep.replicates=2", "data.name=mnist-5k"],
)
def test_results_are_not_used_where_they_were_not_measured(
    setting: str, old: Path, digits: DataSet, tmp_path: Path
) -> None:
    """As if a user ran the sweep file of a run again, with a setting changed."""
    (tmp_path / "new.toml").write_text(dump_config(take_over(sweep(), digits, old).config))
    with pytest.raises(InputError, match=r"`known\.0` must be measured with the data, metric"):
        load_config(tmp_path / "new.toml", [setting])
    assert load_config(tmp_path / "new.toml", ["known=[]", setting]).known == []
    wider = load_config(tmp_path / "new.toml", ["space.learning_rate.high=50", "sweep.seed=9"])
    assert len(wider.known) == 12


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": "high"}, "`known.0.value` must be a number, got 'high'"),
        ({"value": float("nan")}, "`known.0.value` must be a finite number, got nan"),
        ({"epochs": 0}, "`known.0.epochs` must be greater than or equal to 1, got 0"),
        ({"state": "failed"}, "`known.0.state` must be 'complete' or 'pruned', got 'failed'"),
        ({"params": {}}, "`known.0.learning_rate` must be given"),
        ({"valeu": 1}, "unknown key `known.0.valeu`; did you mean `known.0.value`?"),
        ({"params": {"learning_rate": 99.0}}, "`known.0.learning_rate` must be a number from 0.1"),
    ],
)
def test_wrong_results_are_refused_in_one_line(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as refusal:
        sweep(known=[{**told()[0], **change}])
    assert str(refusal.value).startswith(message)


def test_a_sweep_without_known_results_is_written_and_named_as_before(tmp_path: Path) -> None:
    """Its study in a database keeps the name that it had before there were known results."""
    assert "known" not in dump_config(sweep())
    with open_database(f"sqlite:///{tmp_path}/sweeps.db") as database:
        assert study_name(sweep(), database) == "new-1a972f0fa0d7"

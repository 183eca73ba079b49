"""A sweep from a program: what it takes, what its result holds, and how a notebook shows it."""

import csv
import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nnsweep
from nnsweep import InputError, SweepResult
from sweeps import SweepProgress

TABLES: dict[str, Any] = {
    "sweep": {"name": "small", "trials": 4, "seed": 3},
    "data": {"name": "digits"},
    "training": {"epochs": 2, "hidden_units": 8},
    "space": {
        "learning_rate": nnsweep.Range(0.1, 3.0, log=True),
        "init": nnsweep.Choices(["large", "scaled"]),
    },
}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> SweepResult:
    return nnsweep.run_sweep(TABLES, folder=str(tmp_path_factory.mktemp("runs") / "<b>&"))


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "trials.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def test_result_says_what_the_run_folder_says(result: SweepResult) -> None:
    rows = rows_of(result.folder)
    best = max(rows, key=lambda row: float(row["value"]))

    assert result.end == "trials"
    assert result.best_number == int(best["number"])
    assert result.best_value == float(best["value"])
    assert result.best_params == {
        "learning_rate": float(best["learning_rate"]),
        "init": best["init"],
    }
    assert result.trials["number"].tolist() == [int(row["number"]) for row in rows] == [0, 1, 2, 3]
    assert result.trials["value"].tolist() == [float(row["value"]) for row in rows]


def test_result_reads_the_tables_once_and_only_when_asked(
    result: SweepResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    read = nnsweep.read_run
    monkeypatch.setattr(
        "experiments.from_python.sweep_result.read_run",
        lambda folder: calls.append(folder) or read(folder),
    )
    fresh = SweepResult(result.folder, result.config, result.progress)
    assert (fresh.end, calls) == ("trials", [])
    assert fresh.best_params == result.best_params
    assert len(fresh.trials) == len(calls) + 3 == 4


def test_notebook_shows_the_best_trial_and_escapes_text(result: SweepResult) -> None:
    page = result._repr_html_()

    assert "&lt;b&gt;&amp;" in page
    assert "<b>&" not in page
    text = html.unescape(page)
    assert f"{result.best_value:.2%} (trial {result.best_number})" in text
    assert "<td>init</td>" in page
    assert f"<td>{result.best_params['init']}</td>" in page
    assert repr(result).count("\n") == 0
    assert "4 of 4 trials" in repr(result)


def test_result_of_a_sweep_that_learned_nothing_is_empty(tmp_path: Path) -> None:
    diverged = {**TABLES, "training": {"epochs": 1, "lmbda": 1e30, "learning_rate": 1e30}}
    diverged["space"] = {"init": nnsweep.Choices(["large", "scaled"])}
    result = nnsweep.run_sweep(diverged, folder=tmp_path / "run")

    assert (result.best_number, result.best_value, result.best_params) == (None, None, {})
    assert "no trial has learned" in result._repr_html_()
    assert "<table>" not in result._repr_html_()


def test_config_may_be_tables_a_file_or_a_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = nnsweep.parse_config(TABLES)
    Path("sweep.toml").write_text(nnsweep.dump_config(config), "utf-8")
    ways = {"a": TABLES, "b": "sweep.toml", "c": Path("sweep.toml"), "d": config}
    for name, given in ways.items():
        assert nnsweep.run_sweep(given, folder=name).config == config
    assert len({Path(name, "trials.csv").read_bytes() for name in ways}) == 1
    assert nnsweep.run_sweep(config).folder == Path("runs", "small")


def test_progress_shows_a_bar_and_reports_to_the_caller(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[SweepProgress] = []
    result = nnsweep.run_sweep(
        TABLES, folder=tmp_path / "r", progress=True, on_progress=seen.append
    )

    last = capsys.readouterr().err.split("\r")[-1]
    assert "4/4" in last
    assert f"best {result.best_value:.2%}" in last
    assert [one.done for one in seen] == [0, 1, 2, 3, 4]


def test_a_sweep_that_is_refused_shows_no_bar(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other").write_text("")
    with pytest.raises(InputError, match="run folder"):
        nnsweep.run_sweep(TABLES, folder=tmp_path, progress=True)
    assert capsys.readouterr().err == ""


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "config": (
        lambda: nnsweep.run_sweep(5),  # type: ignore[arg-type]
        "`config` must be a SweepConfig, a dict of tables or a path, got 5",
    ),
    "dataset": (
        lambda: nnsweep.run_sweep(TABLES, "digits"),  # type: ignore[arg-type]
        "`dataset` must be a DataSet, which load_dataset returns, got 'digits'",
    ),
    "folder": (
        lambda: nnsweep.run_sweep(TABLES, folder=5),  # type: ignore[arg-type]
        "`folder` must be a path, got 5",
    ),
    "workers": (
        lambda: nnsweep.run_sweep(TABLES, workers=2),  # type: ignore[arg-type]
        "`workers` must be LocalWorkers(jobs) or DaskWorkers(scheduler), got 2",
    ),
    "timeout": (
        lambda: nnsweep.run_sweep(TABLES, timeout="5"),  # type: ignore[arg-type]
        "`timeout` must be a number of seconds > 0, got '5'",
    ),
    "on_progress": (
        lambda: nnsweep.run_sweep(TABLES, on_progress=3),  # type: ignore[arg-type]
        "`on_progress` must be a function, got 3",
    ),
    "SweepConfig": (
        lambda: nnsweep.SweepConfig(**TABLES),
        "a SweepConfig must be made by parse_config(tables) or load_config(path)",
    ),
    "parse_config": (
        lambda: nnsweep.parse_config(3),  # type: ignore[arg-type]
        "`tables` must be a dict of the sections of a sweep file, got 3",
    ),
    "load_config": (
        lambda: nnsweep.load_config(None),  # type: ignore[arg-type]
        "`path` must be a path, got None",
    ),
    "dump_config": (
        lambda: nnsweep.dump_config(TABLES),  # type: ignore[arg-type]
        "`config` must be a SweepConfig, which parse_config makes of tables, got {'sweep'",
    ),
    "read_run": (
        lambda: nnsweep.read_run(5),  # type: ignore[arg-type]
        "`folder` must be a path, got 5",
    ),
    "read_runs": (
        lambda: nnsweep.read_runs("runs/a"),
        "`folders` must be a list of two or more run folders, got 'runs/a'",
    ),
    "write_report": (
        lambda: nnsweep.write_report(None),  # type: ignore[arg-type]
        "`folder` must be a path, got None",
    ),
    "Findings": (
        lambda: nnsweep.Findings("runs/a"),  # type: ignore[arg-type]
        "`run` must be a Run, which read_run returns, got 'runs/a'",
    ),
    "draw_figures": (
        lambda: nnsweep.draw_figures("runs/a", "figures"),  # type: ignore[arg-type]
        "`findings` must be Findings, which are made of a run, got 'runs/a'",
    ),
    "write_summary": (
        lambda: nnsweep.write_summary("runs/a"),  # type: ignore[arg-type]
        "`findings` must be Findings, which are made of a run, got 'runs/a'",
    ),
    "write_comparison": (
        lambda: nnsweep.write_comparison(["a", "b"], "out"),  # type: ignore[arg-type]
        "`comparison` must be a Comparison, which read_runs returns, got ['a', 'b']",
    ),
    "load_dataset": (
        lambda: nnsweep.load_dataset(5),  # type: ignore[arg-type]
        "`which` must be a name, a path or a DataSource, got 5",
    ),
    "load_model": (
        lambda: nnsweep.load_model(5),  # type: ignore[arg-type]
        "`path` must be a path, got 5",
    ),
    "trial_config": (
        lambda: nnsweep.trial_config(3),  # type: ignore[arg-type]
        "`settings` must be a dict of hyperparameters, got 3",
    ),
    "evaluate": (
        lambda: nnsweep.evaluate({"epochs": 1}, "digits", [(0, 0)]),  # type: ignore[arg-type]
        "`config` must be a TrialConfig, which trial_config makes of a dict, got {'epochs': 1}",
    ),
    "evaluate, seeds": (
        lambda: nnsweep.evaluate(nnsweep.TrialConfig(), "digits", 3),  # type: ignore[arg-type]
        "`seeds` must be a list of pairs (seed, replicate), got 3",
    ),
    "evaluate, no seeds": (
        lambda: nnsweep.evaluate(nnsweep.TrialConfig(), "digits", []),
        "`seeds` must have at least one pair (seed, replicate), got none",
    ),
    "confirm": (
        lambda: nnsweep.confirm("nowhere"),
        "`nowhere` must be a run folder, but contains no sweep.toml",
    ),
    "confirm, top": (
        lambda: nnsweep.confirm("nowhere", top=0),
        "`top` must be a whole number >= 1, got 0",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_arguments_are_told_in_one_line(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call, message = REFUSED[case]
    with pytest.raises(InputError) as error:
        call()
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)
    assert error.value.__cause__ is None
    assert list(tmp_path.iterdir()) == []


def test_paths_may_be_texts(result: SweepResult, tmp_path: Path) -> None:
    folder, out = str(result.folder), str(tmp_path)
    config = nnsweep.load_config(f"{folder}/sweep.toml")
    assert config == result.config
    model = nnsweep.load_model(folder)
    assert isinstance(model, nnsweep.Model)
    model.save(f"{out}/model.npz")
    assert (tmp_path / "model.npz").read_bytes() == (result.folder / "best.npz").read_bytes()
    nnsweep.Ensemble((model,)).save(f"{out}/ensemble.npz")
    assert isinstance(nnsweep.load_model(f"{out}/ensemble.npz"), nnsweep.Ensemble)
    found = nnsweep.Findings(nnsweep.read_run(folder))
    (figure,) = nnsweep.draw_figures(found, f"{out}/figures", ["best_so_far"])
    assert figure.svg == tmp_path / "figures" / "best_so_far.svg"

"""`nnsweep run --from RUN`: what it says, what it keeps, and when it resumes."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sweeps.config import load_config

NEW = """
[sweep]
name = "new"
trials = 3
{more}
[data]
name = "digits"

[training]
epochs = 2
early_stopping = 10

[space]
learning_rate = {{ low = 0.01, high = 10.0, log = true }}
lmbda = {{ low = 0.01, high = 100.0, log = true }}
mini_batch_size = {{ choices = [5, 10, 20, 50, 100] }}
hidden_units = {{ low = 10, high = 100, step = 10 }}
cost = {{ choices = ["quadratic", "cross-entropy"] }}
init = {{ choices = ["large", "scaled"] }}
"""
NEW_RUN = Path("runs", "new")


@pytest.fixture
def new_file(nnsweep: Callable[..., object], make_run: Callable[..., Path]) -> Path:
    """Return a sweep file in a folder that has an old run of five trials, `old`."""
    make_run(Path("old"), trials=5)
    Path("new.toml").write_text(NEW.format(more=""))
    return Path("new.toml")


def tables() -> list[bytes]:
    return [(NEW_RUN / name).read_bytes() for name in ("trials.csv", "epochs.csv", "sweep.toml")]


def test_the_sampler_begins_with_the_old_results(nnsweep, new_file) -> None:
    words = ("run", new_file, "--from", "old", "--jobs", 1)
    planned = nnsweep(*words, "--dry-run")
    assert "Known results of other runs: 5" in planned.out.splitlines()
    assert not NEW_RUN.exists()
    answer = nnsweep(*words)
    assert answer.code == 0
    assert "note: the sampler begins with 5 results of old" in answer.err.splitlines()
    assert len(load_config(NEW_RUN / "sweep.toml").known) == 5
    assert len((NEW_RUN / "trials.csv").read_text().splitlines()) == 1 + 3
    page = (NEW_RUN / "report.html").read_text("utf-8")
    assert "The sweep began with 5 results of other runs, the best " in page


def test_the_same_command_resumes_even_if_the_old_run_is_gone(nnsweep, new_file) -> None:
    words = ("run", new_file, "--from", "old", "--jobs", 1)
    assert nnsweep(*words, "--trials", 6).code == 0
    whole = tables()
    shutil.rmtree(NEW_RUN)
    assert nnsweep(*words).code == 0
    assert nnsweep(*words, "--trials", 4).code == 0
    shutil.rmtree("old")
    resumed = nnsweep(*words, "--trials", 6)
    assert "old is gone; the run continues with what it took over from it" in resumed.err
    assert (resumed.code, tables()) == (0, whole)
    kept = nnsweep("run", NEW_RUN / "sweep.toml", "--out", NEW_RUN, "--trials", 7)
    assert kept.code == 0


def test_a_run_that_began_without_an_old_one_needs_it(nnsweep, new_file) -> None:
    assert nnsweep("run", new_file, "--jobs", 1).code == 0
    refused = nnsweep("run", new_file, "--jobs", 1, "--from", "none")
    assert (refused.code, "`none` must be a run folder" in refused.err) == (2, True)
    refused = nnsweep("run", new_file, "--jobs", 1, "--from", "old")
    assert (refused.code, "must have the trials with which runs/new began" in refused.err) == (
        2,
        True,
    )


def test_an_old_run_that_went_on_is_refused(nnsweep, new_file, make_run) -> None:
    words = ("run", new_file, "--from", "old", "--jobs", 1)
    assert nnsweep(*words).code == 0
    before = tables()
    make_run(Path("old"), trials=6)
    refused = nnsweep(*words, "--trials", 6)
    assert (refused.code, refused.err.count("\n"), tables()) == (2, 1, before)
    assert "`--from` old must have the trials with which runs/new began" in refused.err
    without = nnsweep("run", new_file, "--jobs", 1)
    assert (without.code, "settings differ in `known`" in without.err) == (2, True)


def test_values_that_are_not_comparable_become_start_points(nnsweep, new_file) -> None:
    answer = nnsweep("run", new_file, "--set", "training.epochs=1", "--from", "old", "--jobs", 1)
    assert (
        "note: the values of old are not comparable, because `training.epochs` differs; its 4 best "
        "points are tried first" in answer.err.splitlines()
    )
    best = sorted(
        (line.split(",") for line in Path("old", "trials.csv").read_text().splitlines()[1:]),
        key=lambda cells: -float(cells[2]),
    )
    rows = [line.split(",") for line in (NEW_RUN / "trials.csv").read_text().splitlines()[1:]]
    assert [row[6:] for row in rows] == [cells[6:] for cells in best[:3]]


def test_other_data_with_known_results_are_refused(nnsweep, new_file) -> None:
    assert nnsweep("run", new_file, "--from", "old", "--jobs", 1, "--trials", 1).code == 0
    again = ("run", NEW_RUN / "sweep.toml", "--out", "again", "--data", "mnist-5k", "--dry-run")
    refused = nnsweep(*again)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "`known.0` must be measured with the data, metric, replicates" in refused.err
    assert nnsweep(*again, "--set", "known=[]").code == 0


def test_a_sampler_that_does_not_learn_from_them_is_named(nnsweep, new_file) -> None:
    new_file.write_text(NEW.format(more='sampler = "random"'))
    answer = nnsweep("run", new_file, "--from", "old", "--jobs", 1)
    assert "note: sampler random does not use the known results" in answer.err.splitlines()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--from", "none"), "`none` must be a run folder, but contains no sweep.toml"),
        (("--from", "old", "--out", "old"), "`--from` must be another run than the run folder"),
        (
            ("--from", "old", "--set", "space.lmbda={low=1e3, high=1e4}"),
            "`old` must have a trial in the space of the new sweep, got none of 5",
        ),
    ],
)
def test_what_cannot_work_is_refused_in_one_line(
    words: tuple[str, ...], line: str, nnsweep, new_file
) -> None:
    answer = nnsweep("run", new_file, *words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert line in answer.err
    assert not NEW_RUN.exists()

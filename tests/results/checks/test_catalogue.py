"""The catalogue of checks: its codes, its manual, and that no run makes a check fail."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from results.analysis.findings import Findings
from results.checks.answer import Status
from results.checks.catalogue import CHECKS, OF_NUMBERS, checks_for, run_checks, warnings_text
from results.frames import read_run
from tests.support.checked_runs import (
    epochs_of,
    metric_epochs,
    rows_of,
    show,
)

GOOD, WARNING, OPEN = Status.GOOD, Status.WARNING, Status.OPEN


def test_the_codes_are_unique_and_in_order():
    assert [check.code for check in CHECKS] == [f"C{n:02}" for n in range(1, len(CHECKS) + 1)]
    assert all(check.question.endswith("?") for check in (*CHECKS, *OF_NUMBERS))
    of_numbers = [check.code for check in checks_for(regression=True)]
    assert of_numbers == [f"C{n:02}" for n in range(1, len(of_numbers) + 1)]
    assert checks_for(regression=False) == CHECKS


def test_the_manual_has_a_row_for_each_check():
    page = Path(__file__).parents[3] / "docs" / "reference" / "checks.md"
    rows = [line.split(" | ")[:2] for line in page.read_text("utf-8").splitlines()]
    found = [(code.removeprefix("| "), *rest) for code, *rest in rows if code.startswith("| C")]
    assert found == [(check.code, check.question) for check in (*CHECKS, *OF_NUMBERS)]


def test_the_number_of_warnings_as_text():
    assert warnings_text([WARNING, GOOD, OPEN]) == "1 of 3 checks warns"
    assert warnings_text([WARNING, WARNING]) == "2 of 2 checks warn"
    assert warnings_text([GOOD]) == "0 of 1 checks warn"


@pytest.mark.parametrize("missing", ["trials.csv", "epochs.csv", "timings.csv"])
def test_a_run_that_has_just_begun_is_checked_too(write_run, missing):
    folder = write_run(trials=(), epochs=())
    (folder / "environment.json").touch()  # a run writes it first
    (folder / missing).unlink()
    assert {one.status for one in run_checks(Findings(read_run(folder)))} == {GOOD, OPEN}


def test_a_run_whose_data_are_not_stored_is_checked_too(write_run, toml):
    folder = write_run(toml.replace('name = "mnist-5k"', 'name = "nowhere.npz"'))
    (folder / "best.npz").write_bytes(b"not a model")
    checked = {one.code: one for one in run_checks(Findings(read_run(folder)))}
    assert checked["C01"].status is checked["C03"].status is OPEN
    assert json.dumps(checked["C01"].evidence)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each run is overwritten
@given(
    values=st.lists(
        st.one_of(st.none(), st.just(0.5), st.floats(0, 1).map(lambda v: round(v, 3))), max_size=14
    ),
    replicates=st.integers(1, 3),
    name=st.sampled_from(["accuracy", "log_loss", "roc_auc"]),
    hole=st.sampled_from(["nan", "inf", "", "0.5"]),
    error=st.sampled_from([float("nan"), 0.0, 0.01, 0.5]),
    seed=st.integers(0, 99),
)
def test_no_run_makes_a_check_fail(write_run, toml, values, replicates, name, hole, error, seed):
    rng = np.random.default_rng(seed)
    table = [
        [hole if rng.random() < 0.2 else round(rng.random(), 2) for _ in range(replicates)]
        for _ in values
    ]
    text = toml.replace("replicates = 1", f'replicates = {replicates}\nmetric = "{name}"')
    text = text.replace("trials = 5", f"trials = {max(len(values), 1)}")
    folder = write_run(text, rows_of(values), epochs_of(table))
    if name != "accuracy":
        metric_epochs(folder, name)
    findings = Findings(read_run(folder))
    labels = rng.integers(2, size=20)
    show(findings, rng.random((20, 2)), labels)
    findings.__dict__["example_error"] = error  # else bootstraps would take seconds
    checked = run_checks(findings)
    assert [one.code for one in checked] == [check.code for check in CHECKS]
    for one in checked:
        assert one.question
        assert one.evidence[0].isupper() or one.evidence[0].isdigit() or one.evidence[0] == "`"
        assert one.evidence.endswith(".")
        assert bool(one.advice) == (one.status is WARNING)
        assert "nan" not in one.evidence

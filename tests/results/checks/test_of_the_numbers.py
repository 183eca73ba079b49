"""The checks of predicted numbers, each seen to answer ok, warning and open on hand-made runs."""

import numpy as np
import pytest

from results.analysis.findings import Findings
from results.checks.answer import Status
from results.checks.catalogue import checks_for, run_checks
from results.frames import read_run
from tests.support.predicted_runs import predicted_findings, predicted_run, scored_numbers

GOOD, WARNING, OPEN = Status.GOOD, Status.WARNING, Status.OPEN
RAMP = np.arange(1.0, 101.0)
BY_CODE = {check.code: check for check in checks_for(regression=True)}


@pytest.fixture
def ask(write_run):
    """Return a function that puts a check to a run with these predictions."""

    def answer(code, true, predicted, *, metric="rmse", epochs=None, **options):
        changes = {} if epochs is None else {"epochs": epochs}
        folder = predicted_run(write_run, metric=metric, **changes)
        scored = scored_numbers(true, predicted, **options)
        return BY_CODE[code].answer(predicted_findings(folder, scored))

    return answer


def test_c01_compares_with_the_mean(ask):
    # The mean of the training rows is 50.5; the root of the mean square about it is √833.25.
    answer = ask("C01", RAMP, RAMP + 10)
    assert answer.status is GOOD
    assert answer.evidence == (
        "On validation data the network reaches 10.00; answering with the mean of the target "
        "reaches 28.87."
    )
    answer = ask("C01", RAMP, np.full(100, 51.0))
    assert answer.status is WARNING
    assert answer.advice.endswith("check them and the targets.")


def test_c03_asks_how_much_the_farthest_targets_decide(ask):
    # 1% of 100 rows is one row. About the median 0, it has a square of 100, the others have 65.
    training = [-1.0] * 33 + [0.0] * 34 + [1.0] * 32 + [10.0]
    answer = ask("C03", [1.0], [1.0], training=training)
    assert answer.status is WARNING
    assert "the farthest 1% of the training rows have 61%: a few rows" in answer.evidence
    assert 'set metric to "mae"' in answer.advice
    answer = ask("C03", [1.0], [1.0], training=training, metric="mae")
    assert answer.status is GOOD
    assert answer.evidence.endswith("have 61%; the metric is MAE.")
    assert ask("C03", [1.0], [1.0], training=RAMP).status is GOOD
    assert ask("C03", [1.0], [1.0], training=RAMP[:29]).status is OPEN


@pytest.mark.parametrize(
    ("train", "validation", "status"),
    [("0.1", "0.149", GOOD), ("0.1", "0.16", WARNING), ("0.3", "0.1", GOOD), ("", "0.1", OPEN)],
)
def test_c07_compares_the_costs(ask, train, validation, status):  # a tenth of 0.5 is 0.05
    answer = ask("C07", RAMP, RAMP, epochs=[f"0,0,2,0.1,{train},{validation},48620.0"])
    assert answer.status is status
    if status is WARNING:
        assert answer.evidence == (
            "At its best epoch, trial 0 has a cost of 0.1 on training data and 0.16 on validation "
            "data; that of answering with the mean is 0.5: the network overfits."
        )


def test_c07_counts_each_target(ask):
    epochs = ["0,0,2,0.1,0.1,0.16,48620.0"]
    both = np.column_stack([RAMP, RAMP])
    assert ask("C07", both, both, epochs=epochs, names=("a", "b")).status is GOOD


def test_c13_warns_of_errors_that_grow(ask):
    sign = np.tile([-1.0, 1.0], 50)
    answer = ask("C13", RAMP * (1 + 0.1 * sign), RAMP)  # the size is a tenth of the prediction
    assert answer.status is WARNING
    assert "residual of price and its prediction have a rank correlation of 1.00" in answer.evidence
    assert "predict the logarithm of the target" in answer.advice
    answer = ask("C13", (RAMP - 50) + sign * RAMP, RAMP - 50)  # some targets are negative
    assert answer.advice == "Report the errors by the size of the prediction."


def test_c13_accepts_errors_of_one_size(ask):
    noise = np.random.default_rng(5).normal(size=100)
    assert ask("C13", RAMP + noise, RAMP).status is GOOD
    assert ask("C13", RAMP, RAMP).status is GOOD
    assert ask("C13", RAMP[:29], RAMP[:29]).status is OPEN
    # 100 rows whose correlation is -1: errors that shrink are no reason to warn
    assert ask("C13", RAMP + (101 - RAMP), RAMP).status is GOOD


def test_all_checks_of_numbers_answer_without_a_network(write_run):
    found = Findings(read_run(predicted_run(write_run)))
    found.__dict__["scored"] = "no weights have been saved yet"
    checked = run_checks(found)
    assert [one.code for one in checked] == [f"C{n:02}" for n in range(1, 14)]
    assert all("class" not in one.question for one in checked)
    assert {one.code for one in checked if "cannot be scored" in one.evidence} == {
        "C01", "C03", "C13",
    }  # fmt: skip

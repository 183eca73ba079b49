"""The checks of a run, each seen to answer ok, warning and open on runs made by hand.

The numbers in the evidence are worked out beside each case.
"""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from results.analysis.best_network import Scored
from results.analysis.confirmation import judge
from results.analysis.findings import Findings
from results.frames import read_run
from results.report.checks import CHECKS, Status, run_checks, warnings_text
from sweeps.confirmation import Candidate
from sweeps.records.confirmation_record import BaselineScore, LeadOnTestSet
from sweeps.records.confirmed_networks import Confirmed
from tests.support.records import opened

GOOD, WARNING, OPEN = Status.GOOD, Status.WARNING, Status.OPEN
BY_CODE = {check.code: check for check in CHECKS}


def ask(code, findings):
    return BY_CODE[code].answer(findings)


def rows_of(values, rates=None, reasons=None):
    """Return rows of trials of one epoch; None is a trial that diverged in its first epoch."""
    rows = []
    for n, value in enumerate(values):
        reason = (reasons or {}).get(n, "max_epochs")
        rate = rates[n] if rates else round(0.1 + 0.01 * n, 2)
        end = f"0.0,,1,diverged,{rate}" if value is None else f"{value},1,1,{reason},{rate}"
        rows.append(f"{n},complete,{end},30,10,quadratic")
    return rows


def epochs_of(table):
    """Return one epoch for each trial and replicate; `table` is `(trials, replicates)`."""
    return [
        f"{n},{replicate},1,0.1,0.5,,0.5,{value}"
        for n, values in enumerate(table)
        for replicate, value in enumerate(values)
    ]


@pytest.fixture
def make(write_run, toml):
    """Return a function that makes the findings of a run of trials with these values."""

    def findings(values, *, epochs=(), sampler="tpe", rates=None, planned=None):
        text = toml.replace("trials = 5", f"trials = {planned or max(len(values), 1)}")
        text = text.replace('"tpe"', f'"{sampler}"')
        return Findings(read_run(write_run(text, rows_of(values, rates), epochs)))

    return findings


def show(findings, outputs, labels, training=None):
    """Give the findings a network with these outputs on validation data."""
    outputs, labels = np.array(outputs, dtype=float), np.array(labels)
    dataset = SimpleNamespace(
        train=SimpleNamespace(labels=np.array(labels if training is None else training)),
        validation=SimpleNamespace(labels=labels),
        classes=[f"c{k}" for k in range(outputs.shape[1])],
    )
    findings.__dict__["scored"] = Scored(dataset, None, outputs)
    return findings


def confirm(findings, values, *, times=1, splits=False, lead=None):
    """Give the findings a confirmation of trials with these values.

    `lead` is the interval of the networks' lead over a linear model on the test set.
    """
    metric = findings.metric
    rows = [
        Confirmed(trial, seed, value, 1, 1, "max_epochs")
        for trial, of_trial in values.items()
        for seed, value in enumerate(of_trial)
    ]
    candidates = [Candidate(trial, {}, max(v), max(v)) for trial, v in values.items()]
    verdict = judge(candidates, rows, 1, 20, metric, overlap=0.2 if splits else 0.0)
    changes = {}
    if lead is not None:
        changes["baselines"] = [
            BaselineScore(
                name="logistic regression",
                on_validation=0.5,
                on_test=0.9,
                lead=LeadOnTestSet(mean=0.04, ci=lead or None),
            )
        ]
    opened(verdict, times, **changes).write(findings.run.folder / "confirmation.json")
    return findings


def one_hot(predicted, classes=2):
    return np.eye(classes)[predicted]


def metric_epochs(folder: Path, name: str):
    """Add the column of a metric to the epochs, equal to the accuracy."""
    path = folder / "epochs.csv"
    header, *rows = path.read_text().splitlines()
    lines = [f"{header},validation_{name}", *(f"{row},{row.split(',')[-1]}" for row in rows)]
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def by_metric(write_run, toml):
    """Return a function that makes the findings of a run that a metric judges."""

    def findings(name, values, table=None, replicates=1):
        text = toml.replace("[data]", f'metric = "{name}"\n[data]')
        text = text.replace("replicates = 1", f"replicates = {replicates}")
        text = text.replace("trials = 5", f"trials = {len(values)}")
        epochs = epochs_of(table if table is not None else [[v] for v in values])
        folder = write_run(text, rows_of(values), epochs)
        metric_epochs(folder, name)
        return Findings(read_run(folder))

    return findings


def test_the_codes_are_unique_and_in_order():
    assert [check.code for check in CHECKS] == [f"C{n:02}" for n in range(1, len(CHECKS) + 1)]
    assert all(check.question.endswith("?") for check in CHECKS)


def test_the_manual_has_a_row_for_each_check():
    page = Path(__file__).parents[3] / "docs" / "reference" / "checks.md"
    rows = [line.split(" | ")[:2] for line in page.read_text("utf-8").splitlines()]
    found = [(code.removeprefix("| "), *rest) for code, *rest in rows if code.startswith("| C")]
    assert found == [(check.code, check.question) for check in CHECKS]


# C01


@pytest.mark.parametrize(
    ("right", "status"),
    [
        # 100 examples, 80 of class 0. A lead of 12 points: with (92 + 2) / (100 + 4), the standard
        # error is sqrt(0.9038 * 0.0962 / 104) = 2.89 points, 1.96 of them 5.7. A lead of 5 points:
        # 87/104 gives 3.63 points, 1.96 of them 7.1.
        (92, GOOD),
        (85, WARNING),
        (80, WARNING),
    ],
)
def test_c01_compares_with_the_majority_class(make, right, status):
    labels = np.repeat([0, 1], [80, 20])
    predicted = labels.copy()
    predicted[right:] = 0
    answer = ask("C01", show(make([0.9]), one_hot(predicted), labels))
    assert answer.status is status
    assert f"reaches {right}.00%; answering with the shares of the classes reaches 80.00%" in (
        answer.evidence
    )


def test_c01_with_a_metric_that_falls(by_metric):
    # The constant answer (0.5, 0.5) has the log loss ln 2 = 0.6931; always 0.9 for the right class
    # has -ln 0.9 = 0.1054, without any spread.
    labels = np.repeat([0, 1], [50, 50])
    outputs = np.where(one_hot(labels) == 1, 0.9, 0.1)
    answer = ask("C01", show(by_metric("log_loss", [0.1]), outputs, labels))
    assert answer.status is GOOD
    assert "reaches 0.1054; answering with the shares of the classes reaches 0.6931" in (
        answer.evidence
    )
    worse = ask("C01", show(by_metric("log_loss", [0.1]), 1 - outputs, labels))
    assert worse.status is WARNING


def test_c01_is_open_if_the_metric_is_not_defined(by_metric):
    answer = ask("C01", show(by_metric("roc_auc", [0.9]), one_hot([0, 0, 1]), [0, 0, 0]))
    assert (answer.status, answer.evidence) == (
        OPEN,
        "The validation data do not determine the ROC AUC.",
    )


@pytest.mark.parametrize("code", ["C01", "C03", "C06"])
def test_a_run_without_a_network_leaves_these_open(make, code):
    answer = ask(code, make([0.5 + 0.01 * n for n in range(12)]))
    assert answer.status is OPEN
    assert answer.evidence == (
        "The network cannot be scored here: best.npz is missing; resuming the run makes it again."
    )


def test_the_error_of_many_examples_is_scaled_from_a_part(by_metric):
    # 5,000 examples of each of two classes, 80% and 90% of them recognized: the mean of the two
    # recalls has the variance (0.8 * 0.2 + 0.9 * 0.1) / 5,000 / 4, whose root is 0.00354.
    labels = np.tile([0, 1], 5_000)
    wrong = np.random.default_rng(2).random(10_000) < np.where(labels == 0, 0.2, 0.1)
    run = show(by_metric("balanced_accuracy", [0.85]), one_hot(labels ^ wrong), labels)
    assert run.example_error == pytest.approx(0.00354, rel=0.15)


# C02


@pytest.mark.parametrize(
    ("lead", "status"), [((0.01, 0.07), GOOD), ((-0.01, 0.09), WARNING), ((0.0, 0.08), WARNING)]
)
def test_c02_asks_for_a_lead_over_the_linear_model(make, lead, status):
    answer = ask("C02", confirm(make([0.95]), {0: [0.90, 0.92]}, lead=lead))
    assert answer.status is status
    assert "the certified networks reach 94.00%, logistic regression 90.00%" in answer.evidence
    ends = f"{100 * lead[0]:+z.2f} to {100 * lead[1]:+z.2f}"
    assert f"95% interval of the lead over the test examples: {ends}" in answer.evidence


def test_c02_knows_that_a_loss_falls(by_metric):  # a lead is positive if the networks are better
    run = confirm(by_metric("log_loss", [0.3]), {0: [0.30, 0.31]}, lead=(0.01, 0.07))
    assert ask("C02", run).status is GOOD


def test_c02_warns_if_the_answers_are_the_same(make):
    answer = ask("C02", confirm(make([0.95]), {0: [0.9, 0.9]}, lead=()))
    assert answer.status is WARNING
    assert "interval" not in answer.evidence


def test_c02_is_open_without_a_linear_model(make):
    assert ask("C02", make([0.9])).evidence == "`nnsweep confirm` fits the linear model."
    answer = ask("C02", confirm(make([0.9]), {0: [0.9, 0.8]}))
    assert answer.status is OPEN
    assert "no comparison with a linear model" in answer.evidence


# C03


@pytest.mark.parametrize(
    ("counts", "status", "evidence"),
    [
        (
            (87, 13),
            WARNING,
            "87% are of class c0, 13% of class c1: a network that never answers c1",
        ),
        ((75, 25), GOOD, "75% are of class c0, 25% of class c1."),  # exactly a third of 75
        ((76, 24), WARNING, "can reach an accuracy of 76%."),
        ((45, 45, 10), WARNING, "can reach an accuracy of 90%."),
        ((100, 0), WARNING, "0% of class c1"),
    ],
)
def test_c03_compares_the_rarest_class_with_the_largest(make, counts, status, evidence):
    training = np.repeat(range(len(counts)), counts)
    outputs = one_hot([0, 1], len(counts))
    answer = ask("C03", show(make([0.9]), outputs, [0, 1], training))
    assert answer.status is status
    assert evidence in answer.evidence


def test_c03_accepts_every_metric_but_accuracy(by_metric):
    answer = ask("C03", show(by_metric("roc_auc", [0.9]), one_hot([0, 1]), [0, 1], [0] * 9 + [1]))
    assert (answer.status, answer.evidence) == (
        GOOD,
        "Of the training examples, 90% are of class c0, 10% of class c1; the metric is ROC AUC.",
    )


# C04


def test_c04_finds_ties(make):
    alone = ask("C04", make([0.9, 0.8, 0.9001]))
    assert (alone.status, alone.evidence) == (GOOD, "One trial alone has the best value, 90.01%.")
    tied = ask("C04", make([0.9, 0.8, 0.9, None]))  # the trial that never learned does not count
    assert (tied.status, tied.evidence) == (WARNING, "2 of 3 trials have the best value, 90.00%.")
    assert ask("C04", make([0.1 + 0.2, 0.3])).status is WARNING  # 0.30000000000000004 and 0.3
    assert ask("C04", make([None])).status is OPEN


def test_c04_takes_the_smallest_loss(by_metric):
    answer = ask("C04", by_metric("log_loss", [0.5, 0.2, 0.2]))
    assert answer.evidence == "2 of 3 trials have the best value, 0.2000."


def test_c04_is_resolved_by_a_confirmation_of_all_tied_trials(make):
    values = [0.9, 0.8, 0.9, 0.9]
    part = confirm(make(values), {0: [0.8, 0.81], 2: [0.8, 0.82]})
    assert ask("C04", part).status is WARNING
    whole = confirm(make(values), {0: [0.8, 0.81], 2: [0.8, 0.82], 3: [0.7, 0.71]})
    answer = ask("C04", whole)
    assert answer.status is GOOD
    assert answer.evidence.endswith("; the confirmation compared them.")


# C05


def test_c05_finds_best_trials_at_an_end(make):
    # The value rises along the whole range, and the best five of 40 trials lie in its last tenth.
    rates = [round(0.01 * 1000 ** (n / 39), 6) for n in range(40)]
    rates[0], rates[-1] = 0.01, 10.0
    noise = [0.0001 * (n * 7 % 5) for n in range(40)]
    crowded = ask("C05", make([0.5 + 0.01 * n + noise[n] for n in range(40)], rates=rates))
    assert (crowded.status, crowded.evidence) == (
        WARNING,
        "The best trials crowd at the high end of learning_rate, and the values improve up to "
        "there.",
    )
    inside = [0.9 - 0.001 * (n - 20) ** 2 + noise[n] for n in range(40)]
    assert ask("C05", make(inside, rates=rates)).status is GOOD
    assert ask("C05", make([0.5] * 9)).evidence == "This needs 10 trials that learned."


# C06


def test_c06_counts_the_trials_that_chance_could_make_the_best(make):
    # 98 of 100 correct: (98 + 2) / 104 gives an error of sqrt(0.9615 * 0.0385 / 104) = 1.886
    # points; 1.96 of them are 3.70 points. Of ten trials, each a point below the one before, the
    # best four lie within.
    labels = np.repeat([0, 1], [50, 50])
    predicted = labels.copy()
    predicted[:2] = 1
    apart = [0.98 - 0.01 * n for n in range(10)]
    answer = ask("C06", show(make(apart), one_hot(predicted), labels))
    assert (answer.status, answer.evidence) == (
        GOOD,
        "On 100 validation examples, two equally good networks differ by up to 3.70 points by "
        "chance; 4 of 10 trials lie so close to the best one.",
    )
    close = [0.98 - 0.01 * n for n in range(4)] + [0.97] + [0.5] * 5
    half = ask("C06", show(make(close), one_hot(predicted), labels))
    assert half.status is WARNING
    assert "; 5 of 10 trials lie" in half.evidence


def test_c06_does_not_take_all_correct_answers_for_certainty(make):
    answer = ask("C06", show(make([1.0] * 10), one_hot([0, 1] * 5), [0, 1] * 5))
    assert answer.status is WARNING  # (10 + 2) / 14: sqrt(0.857 * 0.143 / 14) = 9.35 points
    assert "by up to 18.33 points by chance; 10 of 10" in answer.evidence


def test_c06_trusts_a_confirmation_that_distinguishes(make):
    apart = {0: [0.9, 0.91, 0.92, 0.9], 1: [0.5, 0.52, 0.51, 0.5]}
    assert ask("C06", confirm(make([0.9] * 12), apart)).status is GOOD


@pytest.mark.parametrize("count", [1, 9])
def test_c06_needs_ten_trials(make, count):
    run = show(make([0.9] * count), one_hot([0, 1]), [0, 1])
    assert ask("C06", run).evidence == "This needs 10 trials that learned."


def test_c06_is_open_if_a_metric_shows_no_spread(by_metric):
    run = show(by_metric("balanced_accuracy", [0.9] * 12), one_hot([0, 1]), [0, 1])
    assert ask("C06", run).status is OPEN


# C07


@pytest.mark.parametrize(
    ("train", "status"),
    [("0.94", GOOD), ("1.0", WARNING), ("", OPEN), ("nan", OPEN)],
)
def test_c07_measures_the_gap_at_the_best_epoch(make, train, status):
    findings = make([0.9], epochs=[f"0,0,1,0.1,0.5,{train},0.5,0.9", "0,0,2,0.1,0.4,1.0,0.5,0.5"])
    answer = ask("C07", findings)
    assert answer.status is status
    if status is WARNING:
        assert answer.evidence == (
            "At its best epoch, trial 0 has an accuracy of 100.00% on training data and 90.00% on "
            "validation data: the network overfits."
        )


def test_c07_is_open_without_a_trial_that_learned(make):
    assert ask("C07", make([None])).evidence == "No trial has learned anything yet."


# C08


@pytest.mark.parametrize(
    ("best_at", "status", "evidence"),
    [
        (8, WARNING, "Only the last 20% of the trials reached the best value: 1 trial followed."),
        (7, GOOD, "After the best trial, 2 trials brought no better value."),
        (0, GOOD, "After the best trial, 9 trials brought no better value."),
    ],
)
def test_c08_asks_when_the_best_trial_came(make, best_at, status, evidence):
    values = [0.5] * 10
    values[best_at] = 0.9
    answer = ask("C08", make(values))
    assert (answer.status, answer.evidence) == (status, evidence)


def test_c08_needs_a_finished_adaptive_sweep(make):
    late = [0.5] * 9 + [0.9]
    assert ask("C08", make(late, sampler="random")).status is GOOD
    assert ask("C08", make(late, planned=20)).evidence == "The sweep is not finished."
    assert ask("C08", make([0.5] * 4)).evidence == "This needs 10 trials."
    assert ask("C08", make([None] * 10)).evidence == "No trial has learned anything yet."


# C09


@pytest.mark.parametrize(
    ("diverged", "of", "status"), [(0, 1, GOOD), (2, 20, GOOD), (3, 20, WARNING), (1, 1, WARNING)]
)
def test_c09_counts_the_diverged_trials(make, diverged, of, status):
    answer = ask("C09", make([None] * diverged + [0.9] * (of - diverged)))
    trials = "trial" if of == 1 else "trials"
    assert (answer.status, answer.evidence) == (status, f"{diverged} of {of} {trials} diverged.")


def test_c09_is_open_before_the_first_trial(make):
    assert ask("C09", make([])).status is OPEN


# C10 and C11


@pytest.mark.parametrize(("networks", "status"), [(4, WARNING), (5, GOOD)])
@pytest.mark.parametrize(("splits", "what"), [(False, "seeds"), (True, "splits")])
def test_c10_counts_the_fresh_seeds_or_splits(make, networks, status, splits, what):
    values = {0: [0.9, 0.91, 0.92, 0.93, 0.94][:networks]}
    answer = ask("C10", confirm(make([0.9]), values, splits=splits))
    assert (answer.status, answer.evidence) == (
        status,
        f"The confirmation trained 1 trial again, on {networks} fresh {what} each.",
    )
    assert (f"`--{what} 10`" in answer.advice) == (status is WARNING)


def test_c10_warns_of_a_run_that_is_not_confirmed_but_could_be(make):
    assert ask("C10", make([0.9])).advice == "Run `nnsweep confirm`."
    assert ask("C10", make([None])).status is OPEN


def test_c11_counts_the_openings_of_the_test_set(make):
    assert ask("C11", make([0.9])).evidence == "The test set has not been opened."
    for times, status in ((1, GOOD), (2, WARNING)):
        answer = ask("C11", confirm(make([0.9]), {0: [0.9, 0.8]}, times=times))
        assert answer.status is status
        assert f"opened {'once' if times == 1 else '2 times'}" in answer.evidence


# C12


ORDER = [0.5 + 0.01 * n for n in range(10)]


@pytest.mark.parametrize(
    ("other", "status", "correlation"),
    [
        (ORDER, GOOD, "1.00"),
        (ORDER[::-1], WARNING, "-1.00"),
        # each pair of neighbours changes places: 1 - 6 * 10 / (10 * 99) = 0.94
        ([ORDER[n ^ 1] for n in range(10)], GOOD, "0.94"),
        # halves change places: 1 - 6 * 10 * 25 / 990 = -0.52
        (ORDER[5:] + ORDER[:5], WARNING, "-0.52"),
        ([0.9] * 10, WARNING, "0.00"),  # no order
    ],
)
def test_c12_correlates_the_orders_of_the_replicates(by_metric, other, status, correlation):
    table = list(zip(ORDER, other, strict=True))
    answer = ask("C12", by_metric("log_loss", ORDER, table, 2))
    assert answer.status is status
    assert f"The 2 replicates order 10 trials with a mean rank correlation of {correlation} " in (
        answer.evidence
    )


def test_c12_leaves_out_trials_of_which_a_replicate_has_no_value(by_metric):
    values = [*ORDER, 0.99]
    table = [*zip(ORDER, ORDER, strict=True), (0.99, "nan")]
    assert "order 10 trials" in ask("C12", by_metric("log_loss", values, table, 2)).evidence
    none = [("nan", "nan")] * 11
    assert ask("C12", by_metric("log_loss", values, none, 2)).status is OPEN


def test_c12_is_open_for_one_replicate(make):
    assert ask("C12", make(ORDER)).evidence == "The trials have one replicate each."


# all


def test_the_number_of_warnings_as_text():
    assert warnings_text([WARNING, GOOD, OPEN]) == "1 of 3 checks warns"
    assert warnings_text([WARNING, WARNING]) == "2 of 2 checks warn"
    assert warnings_text([GOOD]) == "0 of 1 checks warn"


@pytest.mark.parametrize("missing", ["trials.csv", "epochs.csv", "timings.csv"])
def test_a_run_that_has_just_begun_is_checked_too(write_run, missing):
    folder = write_run(trials=(), epochs=())
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

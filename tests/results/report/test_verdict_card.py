"""The card that opens the page: gains worked out by hand, and what measures the unknown ones."""

import numpy as np
import pytest

from results.analysis.best_network import constant_value
from results.analysis.confirmation import judge
from results.analysis.findings import Findings
from results.frames import read_run
from results.report.verdict_card import verdict_card
from sweeps.confirmation import Candidate
from sweeps.records.confirmation_record import BaselineScore, LeadOnTestSet
from sweeps.records.confirmed_networks import Confirmed
from tests.support.checked_runs import one_hot, show
from tests.support.records import ablation, effect, opened


def gains(findings):
    return {gain.over: gain for gain in verdict_card(findings).gains}


def with_network(folder):
    """Return findings whose network answers 9 of 10 rows correctly; 6 are of the larger class."""
    labels = np.array([0] * 6 + [1] * 4)
    predicted = labels.copy()
    predicted[0] = 1
    return show(Findings(read_run(folder)), one_hot(predicted), labels)


def confirmed(folder, *baselines):
    rows = [Confirmed(3, seed, value, 1, 1, "max_epochs") for seed, value in enumerate((0.9, 0.92))]
    verdict = judge([Candidate(3, {}, 0.95, 0.95)], rows, 1, 5)
    opened(verdict, baselines=list(baselines)).write(folder / "confirmation.json")


def test_before_a_confirmation_each_unknown_gain_has_its_command(write_run):
    folder = write_run()
    found = gains(with_network(folder))
    assert list(found) == ["the defaults", "the majority class", "a linear model"]
    unknown = [found["the defaults"], found["a linear model"]]
    assert [gain.by for gain in unknown] == ["not measured", "not measured"]
    commands = [f"nnsweep ablate {folder}", f"nnsweep confirm {folder}"]
    assert [gain.command for gain in unknown] == commands
    # 9 of 10 are right, and 6 of 10 are of the majority class
    known = found["the majority class"]
    assert (known.by, known.measured, known.command) == ("+30.00 points", "validation data", "")


def test_a_run_under_way_has_no_command_that_must_wait_for_its_end(write_run, short):
    card = verdict_card(Findings(read_run(write_run(trials=short, epochs=[]))))
    assert card.gains == []
    assert (card.command, card.file) == ("", "")
    assert card.trial == 2


def test_a_run_that_learned_nothing_has_no_gains_and_no_settings(write_run):
    card = verdict_card(Findings(read_run(write_run(trials=[], epochs=[]))))
    assert (card.value, card.trial, card.gains, card.settings) == ("–", None, [], [])
    assert card.sentences == ["No trial has a value yet."]


def test_certified_gains_are_those_of_the_test_set_with_their_intervals(write_run):
    folder = write_run()
    confirmed(
        folder,
        BaselineScore(
            name="class shares",
            on_validation=0.1,
            on_test=0.1,
            lead=LeadOnTestSet(mean=0.84, ci=(0.8, 0.88)),
        ),
        BaselineScore(
            name="logistic regression",
            on_validation=0.93,
            on_test=0.93,
            lead=LeadOnTestSet(mean=0.01, ci=(-0.01, 0.03)),
        ),
    )
    found = gains(with_network(folder))
    first, second = found["the majority class"], found["logistic regression"]
    assert (first.by, first.interval) == ("+84.00 points", "95% interval +80.00 to +88.00")
    assert (first.measured, first.doubt) == ("the test set", "")
    assert (second.by, second.doubt) == ("+1.00 points", "not clearly better")


@pytest.mark.parametrize(
    ("metric", "total", "by", "interval"),
    [
        ("accuracy", 0.02, "+2.00 points", "95% interval +1.50 to +2.50"),
        # a log loss that falls by 0.2 is a gain; its interval turns round
        ("log_loss", -0.2, "+0.2000", "95% interval +0.1950 to +0.2050"),
    ],
)
def test_the_gain_over_the_defaults_is_that_of_the_ablation(
    write_run, toml, metric, total, by, interval
):
    toml = toml.replace("seed = 1", f'seed = 1\nmetric = "{metric}"')
    folder = write_run(toml=toml)
    (folder / "epochs.csv").unlink()  # its columns depend on the metric
    best = int(Findings(read_run(folder)).best["number"])
    ablation(trial=best, metric=metric, total=effect(total, None)).write(folder / "ablation.json")
    gain = gains(Findings(read_run(folder)))["the defaults"]
    assert (gain.by, gain.interval) == (by, interval)
    assert gain.measured == "5 fresh seeds, validation data"


def test_an_ablation_of_another_trial_measures_nothing_here(write_run):
    folder = write_run()
    ablation(trial=4).write(folder / "ablation.json")
    gain = gains(Findings(read_run(folder)))["the defaults"]
    assert (gain.by, gain.command) == ("not measured", f"nnsweep ablate {folder}")


def test_a_constant_answer_has_the_accuracy_of_the_majority_class(write_run):
    scored = with_network(write_run()).scored
    assert constant_value(scored, Findings(read_run(write_run())).metric) == 0.6

"""The paragraph for a methods section: every fact of a run that was made by hand."""

import json

import pytest

from results.analysis.confirmation import judge
from results.analysis.findings import Findings
from results.frames import read_run
from results.report.methods_prose import methods_paragraph
from sweeps.confirmation import Candidate
from sweeps.records.confirmed_networks import Confirmed
from tests.support.records import ablation, environment_json, opened


@pytest.fixture
def said(write_run):
    """Return a function that writes a run with changes and returns its paragraph."""

    def write(change=lambda folder: None, **parts):
        folder = write_run(**parts)
        change(folder)
        found = Findings(read_run(folder))
        found.__dict__["scored"] = "no network"
        return methods_paragraph(found)

    return write


def test_an_unconfirmed_run_says_what_was_searched_and_that_the_test_set_was_not_used(said):
    assert said() == (
        "The hyperparameters of feed-forward neural networks were searched on the data set "
        "mnist-5k. The search varied learning_rate (0.01 to 10, logarithmic), hidden_units (10 to "
        "100 in steps of 10), mini_batch_size (5, 10, 20) and cost (quadratic, cross-entropy). "
        "Fixed settings were epochs 3; all other hyperparameters of training "
        "had their default values. "
        'The sampler "tpe" proposed 5 trials, in generations of 8, with the seed 1 and no pruner: '
        "1 diverged and 1 failed. Each trial was trained on one seed and judged by the highest "
        "accuracy that it had on validation data after any epoch. The test set was not used."
    )


def test_a_confirmation_says_how_the_test_set_was_used(said):
    rows = [Confirmed(3, seed, value, 1, 1, "max_epochs") for seed, value in enumerate((0.9, 0.92))]
    verdict = judge([Candidate(3, {}, 0.95, 0.95)], rows, 1, 5)

    def confirm(times):
        return lambda folder: opened(verdict, times).write(folder / "confirmation.json")

    once = said(confirm(1))
    assert "the best trial, trial 3, was trained again on 2 fresh seeds." in once
    assert once.endswith(
        "The test set was used once, after this choice, to score its 2 networks, alone and as an "
        "ensemble."
    )
    assert "The test set was used 3 times to score" in said(confirm(3))


def test_pruner_replicates_conditions_and_versions_are_named(said, toml):
    toml = toml.replace("replicates = 1", 'replicates = 3\npruner = "median"\npatience = 4')
    toml = toml.replace("step = 10", 'step = 10, when = { cost = "quadratic" }')
    toml = toml.replace("epochs = 3", 'epochs = 3\nactivation = "relu"')
    facts = environment_json(packages={"nnsweep": "0.1.0", "numpy": "2.4", "optuna": "5.0"})

    def change(folder):
        (folder / "environment.json").write_text(json.dumps(facts))
        ablation().write(folder / "ablation.json")

    text = said(change, toml=toml, epochs=())
    assert "hidden_units (10 to 100 in steps of 10, if cost is quadratic)" in text
    assert "Fixed settings were activation relu and epochs 3;" in text
    assert 'with the seed 1 and the pruner "median" (patience 4): 1 diverged and 1 failed.' in text
    assert "trained on 3 seeds and judged by the highest mean accuracy" in text
    assert "to trial 3 is worth was measured on 5 further fresh seeds" in text
    assert text.endswith(
        "All of it was done with nnsweep 0.1.0 (Python 3.11.0, NumPy 2.4, Optuna 5.0 and "
        "openblas 0.3)."
    )


def test_a_run_under_way_says_how_far_it_is(said, short):
    assert "proposed 3 trials of 5 that were planned" in said(trials=short, epochs=[])

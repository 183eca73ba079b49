"""What is said of a confirmation, against numbers worked out by hand."""

import json
import math

import pandas as pd
import pytest

from nncore.errors import InputError
from results.analysis.confirmation import (
    best_candidates,
    judge,
    luck_text,
    params_of,
    read_confirmation,
    sentences,
    staleness,
    told_since,
)
from results.frames import read_run
from sweeps.confirmation import Candidate
from sweeps.records.confirmed_networks import Confirmed
from sweeps.space.dimensions import Choices, Range


def rows(values: dict[int, list[float]]) -> list[Confirmed]:
    return [
        Confirmed(trial, seed, value, 2, 3, "max_epochs")
        for trial, of_trial in values.items()
        for seed, value in enumerate(of_trial)
    ]


LED = {  # trial 4 is a point better than trial 7 on each of six seeds
    7: [0.90, 0.91, 0.92, 0.93, 0.94, 0.95],
    4: [0.91, 0.92, 0.93, 0.94, 0.95, 0.96],
}
CANDIDATES = [
    Candidate(7, {"lmbda": 1.0}, 0.96, 0.96),
    Candidate(4, {"lmbda": 2.0}, 0.95, 0.95),
]


def test_the_verdict_by_hand():
    record = judge(CANDIDATES, rows(LED), sweep_seed=11, told=9)
    assert (record["sweep_seed"], record["seeds"]) == (11, [0, 1, 2, 3, 4, 5])
    assert (record["winner"], record["runner_up"]) == (4, 7)
    first, second = record["candidates"]
    assert (first["trial"], first["params"], first["search_value"]) == (7, {"lmbda": 1.0}, 0.96)
    assert first["values"] == LED[7]
    assert first["mean"] == pytest.approx(0.925)
    assert second["mean"] == pytest.approx(0.935)
    low, high = second["ci"]
    assert 0.91 < low < 0.935 < high < 0.96
    assert record["difference"]["mean"] == pytest.approx(0.01)
    assert record["difference"]["ci"] == pytest.approx((0.01, 0.01))
    assert record["difference"]["p_value"] == pytest.approx(2 / 64)
    assert record["distinguishable"] is True
    # the search's own best was trial 7: it promised 0.96
    assert record["luck"]["trial"] == 7
    assert record["luck"]["mean"] == pytest.approx(0.035)
    assert json.loads(json.dumps(record, allow_nan=False))["winner"] == 4


def test_the_same_rows_give_the_same_verdict():
    assert judge(CANDIDATES, rows(LED), 1, 9) == judge(CANDIDATES, rows(LED), 1, 9)


def test_five_seeds_cannot_tell_even_a_clear_lead():
    few = {trial: values[:5] for trial, values in LED.items()}
    record = judge(CANDIDATES, rows(few), 1, 9)
    assert record["difference"]["ci"][0] > 0
    assert record["distinguishable"] is False
    assert any("fewer than 6 seeds cannot tell" in sentence for sentence in sentences(record))


def test_equal_candidates_are_not_distinguishable():
    record = judge(CANDIDATES, rows({7: LED[7], 4: LED[7]}), 1, 9)
    assert record["winner"] == 7
    assert record["difference"]["p_value"] == 1.0
    assert record["distinguishable"] is False


def test_a_single_candidate_has_no_runner_up():
    record = judge(CANDIDATES[:1], rows({7: LED[7]}), 1, 9)
    assert record["runner_up"] is record["difference"] is None
    assert record["distinguishable"] is False
    assert not any("distinguishable" in sentence for sentence in sentences(record))


def test_the_sentences():
    record = judge(CANDIDATES, rows(LED), 1, 9)
    test = {"accuracy": 0.92, "std": 0.004, "values": [0.92] * 6, "trial": 4, "opened_at": "now"}
    said = sentences({**record, "test": test, "history": [test]})
    assert said[0] == "Trial 4 wins: 93.50% on validation data, mean of 6 seeds."
    assert said[1] == (
        "It is distinguishable from trial 7: +1.00 points, 95 % interval +1.00 to +1.00, "
        "Wilcoxon p = 0.031."
    )
    assert said[2].startswith("Of the search's best value (trial 7), +3.50 points were luck")
    assert said[3].startswith("On test data its networks reach 92.00% ± 0.40%")
    assert len(said) == 4
    more = sentences({**record, "test": test, "history": [test, test]})
    assert "The test set was opened 2 times" in more[-1]


def test_a_verdict_over_all_trials_is_not_stale(small_run):
    run = read_run(small_run)  # of five trials
    record = judge(CANDIDATES, rows(LED), 1, 5)
    assert (told_since(record, run), staleness(record, run)) == (0, "")
    del record["told"]  # as it was once written
    assert (told_since(record, run), staleness(record, run)) == (0, "")


def test_a_verdict_tells_how_many_trials_it_knows_nothing_of(small_run):
    run = read_run(small_run)  # trial 3 is its best
    said = staleness({**judge(CANDIDATES, rows(LED), 1, 3)}, run)
    assert said.startswith("Confirmed when the run had 3 trials; 2 more since")
    assert "the search's best is now trial 3, which was not confirmed" in said
    assert f"`nnsweep confirm {small_run} --again`" in said
    among = [Candidate(3, {}, 0.95, 0.95), Candidate(4, {}, 0.925, 0.925)]
    record = judge(among, rows({3: [0.9, 0.9], 4: [0.8, 0.8]}), 1, 4)
    assert told_since(record, run) == 1
    assert "trial 3, is still among those confirmed" in staleness(record, run)


def test_candidates_are_the_best_trials_with_what_was_proposed(small_run):
    found = best_candidates(read_run(small_run), 2)
    assert [(c.trial, c.search_value) for c in found] == [(3, 0.95), (4, 0.925)]
    assert found[0].params == {
        "learning_rate": 1.0,
        "hidden_units": 60,
        "mini_batch_size": 10,
        "cost": "cross-entropy",
    }
    kinds = [type(value) for value in found[0].params.values()]
    assert kinds == [float, int, int, str]


REPLICATES = {  # of trial 3; each replicate has its best in another epoch
    0: [0.90, 0.97, 0.94],
    1: [0.91, 0.92, 0.95],
}


def _with_replicates(write_run, toml, reason="max_epochs"):
    """Return a run of one trial with two replicates; the best of its mean curve is 0.945."""
    return write_run(
        toml=toml.replace("replicates = 1", "replicates = 2"),
        trials=[f"3,complete,0.945,2,3,{reason},1.0,60,10,cross-entropy"],
        epochs=[
            f"3,{replicate},{epoch},1.0,0.3,,0.4,{value}"
            for replicate, curve in REPLICATES.items()
            for epoch, value in enumerate(curve, start=1)
        ],
    )


def test_replicates_promise_the_mean_of_their_own_bests(write_run, toml):
    run = read_run(_with_replicates(write_run, toml))
    (found,) = best_candidates(run, 3)
    assert found.search_value == 0.945
    assert found.in_search_estimate == pytest.approx((0.97 + 0.95) / 2)
    # fresh seeds that are just as good, each at its own best: no luck, and not 1.5 points below 0
    fresh = rows({3: [0.97, 0.95]})
    record = judge([found], fresh, 1, 1)
    assert (
        record["luck"]["promised"]
        == record["candidates"][0]["promised"]
        == found.in_search_estimate
    )
    assert record["luck"]["mean"] == pytest.approx(0.0)
    said = " ".join(sentences(record))
    assert "No luck shows in the search's best (trial 3)" in said
    assert "against 96.00%, the mean of its replicates' own best epochs" in said


def test_the_epoch_in_which_a_replicate_diverged_promises_nothing(write_run, toml):
    (found,) = best_candidates(read_run(_with_replicates(write_run, toml, "diverged")), 1)
    assert found.in_search_estimate == pytest.approx((0.97 + 0.92) / 2)


def test_without_the_curves_the_value_itself_is_promised(small_run, write_run, toml):
    assert {
        c.in_search_estimate == c.search_value for c in best_candidates(read_run(small_run), 9)
    } == {True}
    folder = _with_replicates(write_run, toml)
    lines = (folder / "epochs.csv").read_text().splitlines(keepends=True)
    (folder / "epochs.csv").write_text("".join(lines[:4]))  # one of two replicates
    assert [c.in_search_estimate for c in best_candidates(read_run(folder), 1)] == [0.945]


@pytest.mark.parametrize(
    ("candidate", "text"),
    [
        ({"search_value": 0.95, "promised": 0.96, "mean": 0.94, "ci": [0.93, 0.955]}, "+2.00"),
        ({"search_value": 0.95, "mean": 0.94, "ci": [0.93, 0.945]}, "+1.00"),  # an old record
        (
            {"search_value": 0.95, "promised": 0.95, "mean": 0.94, "ci": [0.93, 0.95]},
            "+1.00, none shows",
        ),
    ],
)
def test_luck_shows_where_its_whole_interval_is_above_zero(candidate, text):
    assert luck_text(candidate) == text


def test_trials_that_never_learned_are_no_candidates(small_run, write_run):
    assert [c.trial for c in best_candidates(read_run(small_run), 9)] == [3, 4, 0]
    pruned = "7,pruned,0.9,2,5,pruned,0.1,30,10,quadratic"  # by patience, past its best
    assert [c.trial for c in best_candidates(read_run(write_run(trials=[pruned])), 3)] == [7]
    folder = write_run(trials=["1,complete,0.0,,1,diverged,10.0,100,5,quadratic"], epochs=[])
    with pytest.raises(InputError, match="must have a trial that learned, got none"):
        best_candidates(read_run(folder), 3)


def test_params_leave_out_what_was_not_active_and_keep_kinds():
    space = {
        "units": Range(low=10, high=50),
        "rate": Range(low=0.1, high=1.0),
        "batch": Choices(choices=[5, 10]),
        "nesterov": Choices(choices=[True, False]),
        "momentum": Range(low=0.0, high=0.9),
        "output": Choices(choices=["softmax"]),
    }
    row = pd.Series(
        {
            "units": 30.0,  # a whole number in a column with gaps
            "rate": 1.0,
            "batch": 10.0,
            "nesterov": False,
            "momentum": math.nan,
            "output": None,
        }
    )
    found = params_of(row, space)
    assert found == {"units": 30, "rate": 1.0, "batch": 10, "nesterov": False}
    assert [type(value) for value in found.values()] == [int, float, int, bool]


def test_a_record_is_read_as_it_was_written(small_run, tmp_path):
    assert read_confirmation(small_run) is None
    test = {"accuracy": 0.92, "std": 0.004, "values": [0.92] * 6, "trial": 4, "opened_at": "now"}
    record = {**judge(CANDIDATES, rows(LED), 1, 9), "test": test, "history": [test]}
    text = json.dumps(record)
    (tmp_path / "confirmation.json").write_text(text)
    assert read_confirmation(tmp_path) == json.loads(text)


LACKING = {"trial": 4, "search_value": 0.95, "values": [0.9] * 6, "mean": 0.9, "ci": [0.9, 0.9]}


@pytest.mark.parametrize(
    "change",
    [
        {"winner": 9},
        {"seeds": [0]},
        {"seeds": None},
        {"told": "many"},
        {"candidates": 3},
        {"candidates": [{"trial": 4}]},
        {"candidates": [{**LACKING, "promised": "much"}] * 2},
        {"luck": {"trial": 7, "mean": "much", "ci": [0.0, 1.0]}},
        {"difference": {"mean": 0.1}},
        {"test": {"accuracy": None}},
        {"test": [1]},
    ],
)
def test_another_record_is_refused_in_one_line(tmp_path, change):
    record = judge(CANDIDATES, rows(LED), 1, 9)
    (tmp_path / "confirmation.json").write_text(json.dumps({**record, **change}))
    with pytest.raises(InputError, match=r"confirmation\.json` must be as `nnsweep confirm` wrote"):
        read_confirmation(tmp_path)

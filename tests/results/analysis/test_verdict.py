"""What is said of a confirmation, against numbers worked out by hand."""

import json
import math

import pandas as pd
import pytest
import scipy.stats

from nncore.components.metrics import ACCURACY, METRICS
from nncore.errors import InputError
from results.analysis.confirmation import (
    best_candidates,
    finished_since,
    judge,
    params_of,
    read_confirmation,
)
from results.frames import read_run
from results.report.certificate import staleness
from results.report.confirmation_prose import selection_bias_text, sentences
from sweeps.confirmation import Candidate
from sweeps.records.confirmation_record import CandidateRecord
from sweeps.records.confirmed_networks import Confirmed
from sweeps.space.dimensions import Choices, Range
from tests.support.records import opened


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
    record = judge(CANDIDATES, rows(LED), sweep_seed=11, finished_trials=9)
    assert (record.sweep_seed, record.seeds) == (11, [0, 1, 2, 3, 4, 5])
    assert (record.winner, record.runner_up) == (4, 7)
    first, second = record.candidates
    assert (first.trial, first.params, first.search_value) == (7, {"lmbda": 1.0}, 0.96)
    assert first.values == LED[7]
    assert first.mean == pytest.approx(0.925)
    assert second.mean == pytest.approx(0.935)
    low, high = second.ci
    # six values a point apart have no skewness, and a standard deviation of sqrt(3.5) points
    half = scipy.stats.t.ppf(0.9825, 5) * math.sqrt(3.5 / 6) / 100
    assert (low, high) == pytest.approx((0.935 - half, 0.935 + half))
    assert record.difference.mean == pytest.approx(0.01)
    assert record.difference.ci is None  # a point on each seed: no spread, so the sign test
    assert record.difference.p_value == pytest.approx(2 / 64)
    assert record.distinguishable is True
    # the lead has no noise, so the choice between the two flatters nobody
    assert record.winner_estimate.optimism == pytest.approx(0.0)
    assert record.winner_estimate.mean == pytest.approx(0.935)
    assert record.winner_estimate.ci == pytest.approx((low, high))
    # the search's own best was trial 7, with an estimate of 0.96
    assert record.selection_bias.trial == 7
    assert record.selection_bias.mean == pytest.approx(0.035)
    assert json.loads(json.dumps(record.plain(), allow_nan=False))["winner"] == 4


def test_the_same_rows_give_the_same_verdict():
    assert judge(CANDIDATES, rows(LED), 1, 9) == judge(CANDIDATES, rows(LED), 1, 9)


def test_five_seeds_can_tell_a_clear_lead():
    uneven = [value - 0.001 * seed for seed, value in enumerate(LED[4][:5])]
    record = judge(CANDIDATES, rows({7: LED[7][:5], 4: uneven}), 1, 9)
    # differences 10, 9, 8, 7, 6 thousandths: standard error sqrt(0.5), t of 4 degrees 2.776
    half = 2.776445 * math.sqrt(0.5) / 1000
    assert record.difference.ci == pytest.approx((0.008 - half, 0.008 + half))
    assert record.distinguishable is True


def test_the_winner_of_a_close_choice_is_corrected():
    close = {7: [0.90, 0.92, 0.94], 4: [0.91, 0.91, 0.95]}
    record = judge(CANDIDATES, rows(close), 1, 9)
    assert record.winner == 4
    # t of the differences 1, -1, 1 points is 0.5: chance explains the lead of 1/3 point
    found = record.winner_estimate
    assert found.optimism == pytest.approx(0.01 / 6)
    assert found.mean == pytest.approx(0.92 + 0.01 / 6)
    of_winner = record.candidates[1].ci
    assert found.ci == pytest.approx((of_winner[0] - found.optimism, of_winner[1]))
    assert of_winner[1] == 1.0  # no accuracy is above 1
    said = sentences(record)[1]
    assert said == (
        "Corrected for choosing the best of 2 candidates: 92.17%, "
        f"95% interval over seeds {found.ci[0]:.2%} to 100.00%."
    )


def test_a_metric_that_falls_gives_the_mirrored_verdict():
    loss = METRICS["log_loss"]
    close = {7: [0.90, 0.92, 0.94], 4: [0.91, 0.91, 0.95]}
    mirrored = {trial: [1.5 - value for value in values] for trial, values in close.items()}
    candidates = [Candidate(7, {}, 0.96, 0.96), Candidate(4, {}, 0.95, 0.95)]
    losses = [Candidate(7, {}, 0.54, 0.54), Candidate(4, {}, 0.55, 0.55)]
    rising = judge(candidates, rows(close), 1, 9)
    falling = judge(losses, rows(mirrored), 1, 9, loss)
    assert falling.winner == rising.winner == 4
    assert falling.difference.mean == pytest.approx(rising.difference.mean)
    assert falling.difference.ci == pytest.approx(rising.difference.ci)
    assert falling.selection_bias.mean == pytest.approx(rising.selection_bias.mean)
    assert falling.selection_bias.ci[1] == pytest.approx(rising.selection_bias.ci[1])
    assert falling.winner_estimate.optimism == pytest.approx(rising.winner_estimate.optimism)
    assert falling.winner_estimate.mean == pytest.approx(1.5 - rising.winner_estimate.mean)
    # the good end of the accuracy is cut at 1, that of the loss is not yet at 0
    good, bad = falling.winner_estimate.ci
    assert bad == pytest.approx(1.5 - rising.winner_estimate.ci[0])
    assert 0 < good < 0.5


def test_candidates_that_are_the_same_on_every_seed_have_no_interval():
    same = {7: [0.8667] * 3, 4: [0.8667] * 3}  # all choose the larger class
    record = judge(CANDIDATES, rows(same), 1, 9)
    assert record.candidates[0].ci is record.winner_estimate.ci is record.difference.ci is None
    assert record.distinguishable is False
    said = " ".join(sentences(opened(record)))
    assert "86.67%, no interval, because all seeds gave the same value" in said
    assert "Trial 7 and trial 4 tie; trial 7 is taken: 86.67% on validation data" in said
    assert json.loads(json.dumps(record.plain(), allow_nan=False))["difference"]["ci"] is None


def test_equal_candidates_are_not_distinguishable():
    record = judge(CANDIDATES, rows({7: LED[7], 4: LED[7]}), 1, 9)
    assert record.winner == 7
    assert record.difference.p_value == 1.0
    assert record.distinguishable is False


def test_a_single_candidate_has_no_runner_up():
    record = judge(CANDIDATES[:1], rows({7: LED[7]}), 1, 9)
    assert record.runner_up is record.difference is None
    assert record.distinguishable is False
    said = sentences(record)
    assert not any("distinguishable" in sentence for sentence in said)
    assert record.winner_estimate.optimism == 0.0
    ends = " to ".join(f"{end:.2%}" for end in record.winner_estimate.ci)
    assert said[1] == f"Its 95% interval over seeds {ends}."


def test_the_sentences():
    record = judge(CANDIDATES, rows(LED), 1, 9)
    said = sentences(opened(record))
    assert said[0] == "Trial 4 wins: 93.50% on validation data, mean of 6 seeds."
    assert said[1].startswith("Corrected for choosing the best of 2 candidates: 93.50%, 95% interv")
    assert said[2] == (
        "It is distinguishable from trial 7: it is better by +1.00 points, no interval, because "
        "all seeds gave the same difference, p = 0.031."
    )
    assert said[3].startswith("Selection bias of the search's best value (trial 7): +3.50 points")
    assert said[4:] == [
        "The 6 networks of trial 4 together classify 94.00% of the test set correctly (95% "
        "interval over the 200 test examples: 89.80% to 96.50%).",
        "The networks alone reach 92.00% on average; the standard deviation over 6 seeds is 0.40 "
        "points (95% interval of the mean over the seeds: 91.50% to 92.50%).",
    ]
    more = sentences(opened(record, times=2))
    assert "The test set was opened 2 times" in more[-1]


def test_a_verdict_over_all_trials_is_not_stale(small_run):
    run = read_run(small_run)  # of five trials
    record = judge(CANDIDATES, rows(LED), 1, 5)
    assert (finished_since(record, run), staleness(record, run)) == (0, "")


def test_a_verdict_tells_how_many_trials_it_knows_nothing_of(small_run):
    run = read_run(small_run)  # trial 3 is its best
    said = staleness(judge(CANDIDATES, rows(LED), 1, 3), run)
    assert said.startswith(
        "This confirmation was made when the run had 3 trials; 2 more trials have finished since."
    )
    assert "The best trial of the search is now trial 3, which was not confirmed." in said
    assert f"`nnsweep confirm {small_run} --again`" in said
    among = [Candidate(3, {}, 0.95, 0.95), Candidate(4, {}, 0.925, 0.925)]
    record = judge(among, rows({3: [0.9, 0.9], 4: [0.8, 0.8]}), 1, 4)
    assert finished_since(record, run) == 1
    assert "trial 3, is still among the confirmed trials" in staleness(record, run)


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
    # fresh seeds that are just as good, each at its own best: no bias, and not 1.5 points below 0
    fresh = rows({3: [0.97, 0.95]})
    record = judge([found], fresh, 1, 1)
    assert (
        record.selection_bias.in_search_estimate
        == record.candidates[0].in_search_estimate
        == found.in_search_estimate
    )
    assert record.selection_bias.mean == pytest.approx(0.0)
    said = " ".join(sentences(record))
    assert "Selection bias of the search's best value (trial 3): +0.00 points" in said
    assert "the search's estimate is 96.00% if each replicate counts at its own best epoch" in said


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
    ("change", "text"),
    [
        ({"in_search_estimate": 0.96, "ci": (0.93, 0.955)}, "+2.00"),
        ({"in_search_estimate": 0.95, "ci": (0.93, 0.945)}, "+1.00"),
        ({"in_search_estimate": 0.95, "ci": (0.93, 0.95)}, "+1.00, not significant"),
    ],
)
def test_selection_bias_shows_if_its_whole_interval_is_above_zero(change, text):
    given = {"trial": 1, "params": {}, "search_value": 0.95, "values": [0.94], "mean": 0.94}
    assert selection_bias_text(ACCURACY, CandidateRecord(**given, **change)) == text


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
    record = opened(judge(CANDIDATES, rows(LED), 1, 9))
    record.write(tmp_path / "confirmation.json")
    assert read_confirmation(tmp_path) == record


def test_a_record_of_an_earlier_version_is_read(tmp_path):
    record = opened(judge(CANDIDATES, rows(LED), 1, 9))
    old = record.plain()
    del old["winner_estimate"]
    old["difference"]["ci"] = [0.01, 0.01]  # the bootstrap of equal differences
    (tmp_path / "confirmation.json").write_text(json.dumps(old))
    found = read_confirmation(tmp_path)
    assert found.winner_estimate is None
    assert found.difference.ci is None
    assert found == record.model_copy(update={"winner_estimate": None})
    assert not any("Corrected" in sentence for sentence in sentences(found))


LACKING = {"trial": 4, "params": {}, "search_value": 0.95, "values": [0.9] * 6, "mean": 0.9}
LACKING |= {"ci": [0.9, 0.9]}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"format": 2}, "must have format 1, got 2"),
        ({"winner": 9}, "`winner` must be one of the candidates"),
        ({"seeds": [0]}, "must have 1 `values`, one for each seed, got 6"),
        ({"seeds": None}, "`seeds` must be a valid"),
        ({"finished_trials": "many"}, "`finished_trials` must be a valid integer, got 'many'"),
        ({"candidates": 3}, "`candidates` must be a valid"),
        ({"candidates": [{"trial": 4}]}, r"a record with `candidates\.0\.params`, got none"),
        ({"candidates": [LACKING] * 2}, r"with `candidates\.0\.in_search_estimate`, got none"),
        ({"candidates": [{**LACKING, "in_search_estimate": "much"}] * 2}, "in_search_estimate`"),
        ({"selection_bias": {"trial": 7, "mean": "much", "ci": [0.0, 1.0]}}, "selection_bias"),
        (
            {
                "winner": 4,
                "candidates": [{**LACKING, "in_search_estimate": 0.9, "values": [None] * 6}],
            },
            "null",
        ),
        ({"difference": {"mean": 0.1}}, r"`difference\.pairs`"),
        ({"difference": None}, "`runner_up` and `difference` must be given together"),
        ({"test_set": {"accuracy": "much"}}, r"`test_set\.accuracy`"),
        ({"test_set": [1]}, "`test_set`"),
        ({"more": 1}, "a record without `more`"),
    ],
)
def test_another_record_is_refused_in_one_line(tmp_path, change, fault):
    path = tmp_path / "confirmation.json"
    record = opened(judge(CANDIDATES, rows(LED), 1, 9)).plain()
    path.write_text(json.dumps({**record, **change}))
    with pytest.raises(InputError, match=fault) as caught:
        read_confirmation(tmp_path)
    assert str(caught.value).startswith(f"`{path}` must ")
    assert "\n" not in str(caught.value)


def test_a_record_without_a_format_is_refused(tmp_path):
    path = tmp_path / "confirmation.json"
    path.write_text(json.dumps({"winner": 4}))
    with pytest.raises(InputError, match="must have format 1, got no format"):
        read_confirmation(tmp_path)

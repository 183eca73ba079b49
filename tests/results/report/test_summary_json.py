"""The summary of a run as JSON, of a good run and of those with nothing to say."""

import json

import pytest

from results.analysis.confirmation import judge
from results.analysis.findings import Findings
from results.frames import read_run
from results.report.summary_json import summarize, write_summary
from sweeps.confirmation import Candidate
from sweeps.records.confirmed_networks import Confirmed
from tests.support.records import opened


def test_the_summary_by_hand(small_run):
    found = summarize(Findings(read_run(small_run))).plain()
    assert found["name"] == "small"
    assert found["data"] == {"name": "mnist-5k", "sha256": None, "file_sha256": None}
    counts = {"complete": 4, "pruned": 0, "failed": 1, "waiting": 0}
    assert found["trials"] == {"wanted": 5, "done": 5, **counts}
    assert found["stop_reasons"] == {
        "diverged": 1,
        "error": 1,
        "max_epochs": 2,
        "no_improvement": 1,
    }
    assert found["epochs_spent"] == 2 + 1 + 0 + 3 + 2
    assert found["best"] == {
        "trial": 3,
        "certified": False,
        "value": 0.95,
        "best_epoch": 3,
        "params": {
            "learning_rate": 1.0,
            "hidden_units": 60,
            "mini_batch_size": 10,
            "cost": "cross-entropy",
        },
    }
    assert found["best_so_far"] == [
        {"trial": 0, "epochs_spent": 2, "value": 0.9},
        {"trial": 3, "epochs_spent": 6, "value": 0.95},
    ]
    parts = ["the better half of the space", "the whole space"]
    assert [one["over"] for one in found["importance"]] == parts
    assert {one["basis"] for one in found["importance"]} == {"needs 20 complete trials, got 4"}
    assert found["confirmation"] is None


def test_the_file_is_json_without_nan(write_run):
    values = [round(0.5 + 0.01 * k, 2) for k in range(20)]
    folder = write_run(
        trials=[
            f"{k},complete,{value},1,1,max_epochs,{0.1 + k / 10:.1f},30,10,quadratic"
            for k, value in enumerate(values)
        ],
        epochs=[],
    )
    rows = [Confirmed(3, seed, 0.52, 1, 1, "max_epochs") for seed in range(2)]
    verdict = judge([Candidate(3, {}, 0.53, 0.53)], rows, 1, 9)
    opened(verdict).write(folder / "confirmation.json")
    path = write_summary(Findings(read_run(folder)))
    assert path == folder / "summary.json"

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    found = json.loads(path.read_text("utf-8"), parse_constant=refuse)
    for part in found["importance"]:
        assert part["shares"][0] == {"name": "learning_rate", "share": 1.0, "low": 1.0, "high": 1.0}
        assert part["shares"][1]["low"] is None  # it never varied
        assert (part["leaders"], part["ahead"]) == (["learning_rate"], True)
    assert found["confirmation"]["winner"] == 3
    assert (found["confirmation"]["finished_trials"], found["confirmation"]["finished_since"]) == (
        9,
        11,
    )
    assert found["confirmation"]["selection_bias"]["mean"] == pytest.approx(0.01)
    assert found["confirmation"]["test_set"]["mean"] == 0.92


ONE = "0,complete,0.9,2,2,max_epochs,0.1,30,10,quadratic"
LITTLE = {
    "no trial": ([], False),
    "one trial": ([ONE], True),
    "one pruned": (["0,pruned,0.4,1,1,pruned,0.1,30,10,quadratic"], True),
    "one failed": (["0,failed,,,,error,0.1,30,10,quadratic"], False),
    "one diverged": (["0,complete,0.0,,1,diverged,0.1,30,10,quadratic"], False),
    "no number": (["0,complete,nan,1,1,max_epochs,0.1,30,10,quadratic"], False),
    "all the same": ([ONE.replace("0", str(k), 1) for k in range(20)], True),
    "all pruned": ([f"{k},pruned,0.5,1,1,pruned,0.1,30,10,quadratic" for k in range(20)], True),
}


@pytest.mark.parametrize("which", LITTLE)
def test_runs_with_little_to_say(write_run, which):
    trials, learned = LITTLE[which]
    found = summarize(Findings(read_run(write_run(trials=trials, epochs=[])))).plain()
    json.dumps(found, allow_nan=False)
    assert found["trials"]["done"] == len(trials)
    assert (found["best"] is not None) is learned
    assert all(one["shares"] == [] and "needs" in one["basis"] for one in found["importance"])

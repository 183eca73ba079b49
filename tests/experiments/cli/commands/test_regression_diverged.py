"""A regression run whose networks diverge in their first epoch: words for them, and strict JSON.

At a learning rate of 0.6, about half of the seeds diverge; at 1e30, all of them do.
"""

import csv
import html
import json
import math
from pathlib import Path
from typing import Any

import pytest

from nncore.components.metrics import METRICS
from results.analysis.ablation import read_ablation
from results.analysis.confirmation import read_confirmation

SWEEP = """
[sweep]
name = "{name}"
trials = 6
seed = 1
metric = "{metric}"
[data]
name = "diabetes"
[training]
epochs = 2
activation = "relu"
init = "he"
[space]
learning_rate = {{ choices = [{rates}, 1e30] }}
hidden_units = {{ choices = [7, 8] }}
"""


def strict(path: Path) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{path} has {constant}")

    return json.loads(path.read_text(), parse_constant=refuse)


def sweep_file(name: str, rates: str, metric: str) -> str:
    Path(f"{name}.toml").write_text(SWEEP.format(name=name, rates=rates, metric=metric))
    return f"{name}.toml"


@pytest.mark.parametrize("metric", ["rmse", "r2"])
def test_every_command_says_that_networks_diverged(
    nnsweep, metric: str, with_figures: None
) -> None:
    run = Path("runs/old")
    assert nnsweep("run", sweep_file("old", "0.5, 0.6", metric), "--jobs", "1").code == 0
    confirmed = nnsweep("confirm", run, "--top", "2", "--seeds", "4", "--jobs", "1")
    assert confirmed.code == 0, confirmed.err
    rows = list(csv.DictReader((run / "confirmation.csv").read_text().splitlines()))
    record = read_confirmation(run)
    assert record
    diverged = {}
    for one in record.candidates:
        values = [float(row["value"]) for row in rows if int(row["trial"]) == one.trial]
        diverged[one.trial] = sum(map(math.isinf, values))
        known = [None if math.isinf(value) else value for value in values]
        (plain,) = [
            plain
            for plain in strict(run / "confirmation.json")["candidates"]
            if plain["trial"] == one.trial
        ]
        assert plain["values"] == known
        assert plain["mean"] is None
    assert all(0 < count < 4 for count in diverged.values())
    assert diverged[record.winner] == min(diverged.values())
    assert (record.runner_up, record.winner_estimate) == (None, None)
    count = diverged[record.winner]
    assert f"it diverged in the first epoch on {count} of 4 seeds" in confirmed.out
    assert f"{count} of 4 networks diverged in the first epoch" in confirmed.out
    ablated = nnsweep("ablate", run, "--seeds", "2", "--jobs", "1")
    assert ablated.code == 0, ablated.err
    ablation = read_ablation(run)
    assert ablation
    effects = [e for c in ablation.changes for e in (c.step, c.alone, c.in_winner)]
    unknown = [one for one in effects if math.isnan(one.mean)]
    assert unknown
    assert all(math.isnan(one.p_value) and one.ci is None for one in unknown)
    assert "diverged" in ablated.out
    strict(run / "ablation.json")
    for command in ("report", "check", "show"):
        answer = nnsweep(command, run)
        assert answer.code == 0, answer.err
        assert not {"inf", "nan"} & set(answer.out.split())
    summary = strict(run / "summary.json")
    assert summary["confirmation"]["test_set"]["mean"] is None
    assert summary["stop_reasons"]["diverged"] >= 1
    page = html.unescape((run / "report.html").read_text())
    assert "diverged in the first epoch on" in page
    again = nnsweep("run", sweep_file("new", "0.02, 0.5", metric), "--from", run, "--jobs", "1")
    assert again.code == 0, again.err
    known = f"value = {METRICS[metric].worst}"
    assert known in Path("runs/new/sweep.toml").read_text()
    nnsweep("confirm", "runs/new", "--top", "2", "--seeds", "4", "--jobs", "1")
    compared = nnsweep("compare", "runs/new", run)
    assert compared.code == 0, compared.err
    assert "of 4 pairs diverged" in compared.out

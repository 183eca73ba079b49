"""A run whose confirmed winner is not the search's best: every output shows the certified trial.

Trial 3 is the best of the search, trial 4 is certified.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from nncore.config import trial_config
from nncore.datasets import FreshSplit, load_dataset
from nncore.model import Ensemble, Model
from nncore.network import new_network
from nncore.shipped_model import file_sha256
from results.analysis.confirmation import judge
from results.analysis.findings import Findings
from results.figures.catalogue import (
    draw_best_curves,
    draw_best_so_far,
    draw_hidden_units,
    draw_learning_curves,
    draw_parallel_coordinates,
    draw_slices,
)
from results.frames import read_run
from results.report.certificate import certificate, certified_lines
from results.report.html import write_report
from results.report.summary_json import summarize
from results.report.verdict_card import verdict_card
from sweeps.confirmation import Candidate
from sweeps.records.confirmed_networks import Confirmed
from tests.support.records import environment_json, opened


def write_record(folder: Path, sha256: str | None, finished_trials: int = 5, **changes):
    rows = [
        Confirmed(trial, seed, value, 1, 1, "max_epochs")
        for trial, values in {3: [0.91, 0.91], 4: [0.93, 0.94]}.items()
        for seed, value in enumerate(values)
    ]
    candidates = [Candidate(3, {}, 0.95, 0.95), Candidate(4, {}, 0.925, 0.925)]
    verdict = judge(candidates, rows, 1, finished_trials)
    opened(verdict, sha256=sha256, **changes).write(folder / "confirmation.json")


@pytest.fixture
def confirmed(write_run) -> Path:
    """The small run on `digits`, with `best.npz` and an ensemble of two networks certified."""
    folder = write_run()
    digits = load_dataset("digits")
    toml = (folder / "sweep.toml").read_text().replace("mnist-5k", "digits")
    (folder / "sweep.toml").write_text(toml)
    models = []
    for units in (7, 5, 3):
        config = trial_config({"hidden_units": units})
        network = new_network(config, 64, 10, np.random.default_rng(units))
        models.append(Model(network, digits.classes, digits.scaling))
    models[0].save(folder / "best.npz")
    Ensemble(tuple(models[1:])).save(folder / "confirmed.npz")
    facts = environment_json(data={"name": "digits", "sha256": digits.sha256})
    (folder / "environment.json").write_text(json.dumps(facts))
    write_record(folder, file_sha256(folder / "confirmed.npz"))
    return folder


@pytest.fixture
def findings(confirmed: Path) -> Findings:
    return Findings(read_run(confirmed))


def titles(figure: Figure) -> list[str]:
    return [ax.get_title(loc="left") for ax in figure.axes if ax.get_title(loc="left")]


def labels(figure: Figure) -> list[str]:
    return [str(label) for ax in figure.axes for label in ax.get_legend_handles_labels()[1]]


def test_the_shipped_trial_is_the_winner_and_the_best_keeps_its_name(findings: Findings) -> None:
    assert (findings.certified, findings.shipped["number"], findings.best["number"]) == (4, 4, 3)


def test_the_figures_show_the_certified_trial(findings: Findings) -> None:
    assert titles(draw_learning_curves(findings))[0].startswith(
        "Trial 4 is certified; in the search"
    )
    assert "certified: trial 4" in labels(draw_learning_curves(findings))
    assert all(title.startswith("Trial 4, epoch 1") for title in titles(draw_best_curves(findings)))
    assert titles(draw_parallel_coordinates(findings)) == [
        "Trial 4 (thick line) is certified; in the search, it reached 92.50%"
    ]
    (ax,) = draw_parallel_coordinates(findings).axes[:1]
    (line,) = [line for line in ax.lines if line.get_label() == "certified trial"]
    # learning_rate 0.5 on a logarithmic axis from 0.01 to 10; hidden_units 20 from 10 to 100
    assert list(line.get_ydata())[:2] == pytest.approx([np.log10(50) / 3, 10 / 90])
    assert "certified learning_rate: 0.5" in titles(draw_slices(findings))
    assert "certified trial" in labels(draw_slices(findings))
    # how the search went is shown as it was: its best keeps its mark
    assert {"best: trial 3", "certified: trial 4"} <= set(labels(draw_best_so_far(findings)))


def test_the_network_figures_are_of_the_ensemble(findings: Findings, confirmed: Path) -> None:
    digits = load_dataset("digits")
    raw = digits.scaling.undo(digits.validation.x)
    scored = findings.scored
    assert not isinstance(scored, str)
    np.testing.assert_allclose(scored.outputs, scored.model.predict_proba(raw), rtol=1e-6)
    assert [network.sizes[1] for network in scored.networks] == [5, 3]
    (title,) = titles(draw_hidden_units(findings))
    assert title.startswith(
        "Network 1 of 2: weights, orange < 0 < purple, into\nall 5 hidden units"
    )


def test_after_splits_the_network_figures_are_of_rows_that_the_network_did_not_see(
    confirmed: Path,
) -> None:
    path = confirmed / "confirmation.json"
    plain = json.loads(path.read_text())
    path.write_text(json.dumps({**plain, "splits": True}))
    findings = Findings(read_run(confirmed))
    digits = load_dataset("digits")
    own = load_dataset(replace(digits.source, part=FreshSplit(0)))
    scored = findings.scored
    assert not isinstance(scored, str)
    assert [network.sizes[1] for network in scored.networks] == [5]
    assert scored.labels.tolist() == own.validation.labels.tolist()
    assert own.validation.labels.tolist() != digits.validation.labels.tolist()
    text = write_report(confirmed).read_text("utf-8")
    assert "The first certified network on the validation rows of its own split" in text


def test_the_page_is_that_of_the_certified_trial(confirmed: Path, findings: Findings) -> None:
    card = verdict_card(findings)
    assert (card.label, card.value, card.trial) == ("certified test accuracy", "94.00%", 4)
    assert (card.file, card.content) == (
        "confirmed.npz",
        "the 2 certified networks, which answer together",
    )
    text = write_report(confirmed).read_text("utf-8")
    assert (
        "Certified: trial 4, on 2 fresh seeds. The test set was opened once on 2026-01-02" in text
    )
    assert (
        "In the search it had a validation accuracy of 92.50%, reached after epoch 1; the best "
        in text
    )
    assert "of trial 3, 95.00%" in text
    assert "The certified trial</h3>" in text
    assert "The ensemble of the certified networks on validation data" in text
    assert "hidden unit of the first certified network" in text
    for word in ("Not confirmed", "best network", "±"):
        assert word not in text
    assert '<th scope="row">odd</th>' in text  # the scores of each class


def test_the_summary_is_that_of_the_certified_trial(findings: Findings) -> None:
    found = summarize(findings).plain()
    assert (found["best"]["trial"], found["best"]["certified"]) == (4, True)
    assert (found["best"]["value"], found["best"]["params"]["hidden_units"]) == (0.925, 20)
    assert found["confirmation"]["test_set"]["ensemble"]["value"] == 0.94
    assert found["best_so_far"][-1]["trial"] == 3


def test_trials_that_finished_later_change_nothing_but_warn_at_the_head(confirmed: Path) -> None:
    write_record(confirmed, file_sha256(confirmed / "confirmed.npz"), finished_trials=4)
    findings = Findings(read_run(confirmed))
    assert findings.certified == 4
    head = write_report(confirmed).read_text("utf-8").partition("<nav")[0]
    assert "1 more trial has finished since." in head


def test_before_a_confirmation_the_head_says_so_and_how(write_run) -> None:
    folder = write_run()
    head = write_report(folder).read_text("utf-8").partition("<nav")[0]
    assert "Not confirmed" in head
    assert f"nnsweep confirm {folder}</code>" in head
    assert "certified" not in head.replace('class="certificate', "")
    assert certified_lines(Findings(read_run(folder)))[0].endswith(f"nnsweep confirm {folder}")


def test_a_run_under_way_is_not_confirmed_and_has_no_command(write_run, short) -> None:
    found = certificate(Findings(read_run(write_run(trials=short, epochs=[]))))
    assert found["text"].startswith("Not confirmed")
    assert found["command"] == ""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "the confirmation kept no ensemble of the winner's networks"),
        ({"values": [0.0, 0.0]}, "none of the winner's networks learned anything"),
    ],
)
def test_without_a_certified_network_the_search_s_best_is_shown(
    confirmed: Path, changes, reason: str
) -> None:
    write_record(confirmed, None, **changes)
    findings = Findings(read_run(confirmed))
    assert (findings.certified, findings.shipped["number"]) == (None, 3)
    found = certificate(findings)
    assert reason in found["text"]
    assert found["command"] == f"nnsweep confirm {confirmed} --again"
    card = verdict_card(findings)
    assert (card.label, card.value) == ("best validation accuracy", "95.00%")
    assert card.file == "best.npz"
    assert not summarize(findings).best.certified


def test_a_lost_certified_network_leaves_its_figures_out_and_says_how_to_go_on(
    confirmed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (confirmed / "confirmed.npz").unlink()
    text = write_report(confirmed).read_text("utf-8")
    assert "`nnsweep confirm` makes it again" in text
    assert "the report lacks the figures of the certified network" in caplog.text

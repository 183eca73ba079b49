"""The commands on a sweep whose trials compete: each says what is true of it."""

import json
import re
from pathlib import Path

from experiments.cli.running.progress import PlainLines, on_rung
from nncore.components.metrics import ACCURACY
from results import read_run
from results.analysis.findings import Findings
from results.figures.catalogue import DrawnFigure
from results.report.next_settings import further
from results.report.page_figures import page_figure
from sweeps import parse_config
from sweeps.progress import RungProgress, Tally

NINE = ("--set", "sweep.pruner=promotion", "--set", "sweep.generation=9", "--trials", "9")
QUICK = ("--data", "digits", "--set", "training.epochs=9", "--set", "training.early_stopping=0")
RUN = ("run", *QUICK, *NINE, "--out", "run", "--jobs", "1")


def test_the_dry_run_shows_the_brackets(nnsweep) -> None:
    assert nnsweep(*RUN, "--dry-run").out.splitlines()[2:4] == [
        "Bracket of 9 trials: the best go on, 3 after epoch 1, 1 after epoch 3",
        "",
    ]
    hyperband = nnsweep(*RUN, "--set", "pruner.hyperband=true", "--trials", "17", "--dry-run")
    assert hyperband.out.splitlines()[2:6] == [
        "Bracket of 9 trials: the best go on, 3 after epoch 1, 1 after epoch 3",
        "Bracket of 5 trials: the best go on, 1 after epoch 3",
        "Bracket of 3 trials: all train to their end",
        "",
    ]


def test_the_commands_after_a_run(nnsweep) -> None:
    answer = nnsweep(*RUN)
    assert answer.code == 0
    assert re.search(r"^9/9 trials, 8 pruned; best \d\d\.\d\d% \(trial \d\)\n\Z", answer.err, re.M)
    assert "9 of 9 trials finished, 8 pruned; best validation accuracy" in answer.out
    assert "--trials 18  # adds trials to this sweep" in answer.out
    shown = nnsweep("show", "run").out
    assert "9 of 9 trials finished" in shown
    assert "stop reasons: 8 pruned, 1 max_epochs" in shown
    assert nnsweep("check", "run").code == 0
    page = Path("run", "report.html").read_text()
    assert "Of 9 trials, 8 were pruned." in page
    assert "covered 21 epochs. Trials that went on to a later rung trained their" in page
    picture = Path("picture.svg")
    picture.write_text("<svg/>")
    drawn = DrawnFigure("timeline", ("Workers",), picture, picture)
    caption = page_figure(drawn, Findings(read_run(Path("run")))).text
    assert caption.endswith("was trained again and has several bars.")
    summary = json.loads(Path("run", "summary.json").read_text())
    assert summary["trials"]["pruned"] == 8


def test_more_trials_are_whole_generations() -> None:
    """Generations of 27, 12, 6 and 4 end at 45, 49, 76, 88 and 94 trials; 90 is no such number."""
    config = parse_config(
        {
            "sweep": {"name": "more", "pruner": "promotion"},
            "pruner": {"hyperband": True},
            "training": {"epochs": 30},
            "space": {"learning_rate": {"low": 0.1, "high": 1.0}},
        }
    )
    assert further(config, 45) == "sweep.trials=94"


def test_the_bar_says_how_many_have_reached_a_rung_and_plain_lines_do_not() -> None:
    tally = Tally(9, [9], None, ACCURACY)
    lines: list[str] = []
    update = PlainLines(lines.append, lambda: 0.0, verbose=True).update
    update(tally.progress())
    for rung, text in (
        (RungProgress(3, 2, 9), "2 of 9 at epoch 3"),
        (RungProgress(None, 1, 1), "1 of 1 at their last epoch"),
    ):
        progress = tally.progress(rung=rung)
        update(progress)
        assert on_rung(progress) == [text]
    assert on_rung(tally.progress()) == []
    assert lines == []

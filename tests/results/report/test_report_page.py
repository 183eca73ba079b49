"""The report of runs of every kind: whole pages that say what is there, and what is not.

What a browser makes of them is tested in `test_report_in_chromium`.
"""

import json
import shlex
from html.parser import HTMLParser

import pytest
from matplotlib.backends.backend_svg import FigureCanvasSVG

from results.analysis.confirmation import judge
from results.analysis.findings import Findings
from results.figures.catalogue import draw_values
from results.frames import read_run
from results.report.command_lines import commands
from results.report.html import render, write_report
from results.report.page_figures import PageFigure, in_rows
from results.report.page_table import page_data
from results.report.verdict_card import verdict_card
from sweeps.confirmation import Candidate
from sweeps.records.confirmation_record import ConfirmationRecord
from sweeps.records.confirmed_networks import Confirmed
from tests.support.records import environment_json, opened

VOID = {"meta", "link", "img", "input", "br", "wbr"}
EVIL = "<script>alert(1)</script>"


class Page(HTMLParser):
    """A page taken apart: its texts, the attributes of its elements, and what was left open."""

    def __init__(self, text):
        super().__init__()
        self.open, self.texts, self.elements = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.texts.append(" ".join(data.split()))

    @property
    def text(self):
        return " ".join(filter(None, self.texts))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def _page(folder):
    """Return the page of a run, without the figures, which take their time."""
    return _whole(render(Findings(read_run(folder)), []))


def _whole(text):
    page = Page(text)
    assert page.open == []
    return page


def _assert_self_contained(page, folder):
    """Nothing is loaded from elsewhere; links lead into the page and to files beside it."""
    for tag, attributes in page.elements:
        assert attributes.get("src", "data:").startswith("data:"), attributes
        link = attributes.get("href", "#")
        beside = tag == "a" and (folder / link).is_file()
        assert link.startswith(("#", "data:")) or beside, attributes
    assert [script.get("type") for script in page.all("script")] == [
        "application/json",
        "application/json",
        None,
        None,
    ]
    assert all(image["alt"] for image in page.all("img"))


def _rows(state, reason, value=""):
    return [
        f"{n},{state},{value},{1 if value else ''},1,{reason},0.1,30,10,quadratic"
        for n in range(20)
    ]


CURVES = [f"{n},0,1,0.1,0.5,0.4,0.6,0.5" for n in range(20)]


@pytest.mark.parametrize(
    ("trials", "epochs", "sentence"),
    [
        ([], [], "No trial has a value yet."),
        (_rows("failed", "error"), [], "Of 20 trials, 20 failed."),
        (_rows("pruned", "pruned", 0.5), CURVES, "Of 20 trials, 20 were pruned."),
        (_rows("complete", "diverged", 0.0), CURVES, "Of 20 trials, 20 diverged."),
        (_rows("complete", "max_epochs", 0.9), CURVES, "needs trials that differ in value"),
        (_rows("complete", "max_epochs", 0.9)[:1], CURVES[:1], "The only trial has finished."),
        (
            [f"{n},complete,0.9{n:02},1,1,max_epochs,0.1,30,10,quadratic" for n in range(20)],
            [f"{n},0,1,0.1,nan,nan,nan,nan" for n in range(20)],
            "needs a hyperparameter that varies, but none does",
        ),
        (_rows("complete", "max_epochs", "nan"), CURVES, "No trial has a value yet."),
    ],
    ids=["none", "failed", "pruned", "diverged", "equal", "one", "constant", "NaN"],
)  # fmt: skip
def test_a_run_of_any_kind_has_a_page_that_says_so(write_run, trials, epochs, sentence):
    folder = write_run(trials=trials, epochs=epochs)
    if len(trials) == 1:
        toml = (folder / "sweep.toml").read_text().replace("trials = 5", "trials = 1")
        (folder / "sweep.toml").write_text(toml)
    page = _whole(write_report(folder).read_text("utf-8"))
    _assert_self_contained(page, folder)
    assert sentence in page.text
    assert "nan" not in page.text.lower().split()
    assert len(page.all("img")) == 7


def test_a_run_that_has_just_begun_says_so(write_run):
    folder = write_run(trials=(), epochs=())
    for name in ("epochs.csv", "timings.csv"):
        (folder / name).unlink()
    page = _page(folder)
    assert "0 of 5 trials have finished" in page.text
    assert "No trial has finished yet." in page.text
    assert "The run folder does not record its environment." in page.text


def test_a_growing_run_is_reported_as_far_as_it_is(write_run):
    folder = write_run()
    with (folder / "trials.csv").open("a") as file:
        file.write("5,complete,0.9,3,3,max_ep")  # being written
    toml = (folder / "sweep.toml").read_text().replace("trials = 5", "trials = 40")
    (folder / "sweep.toml").write_text(toml)
    page = _page(folder)
    assert "5 of 40 trials have finished: the run was stopped." in page.text


def test_what_was_found_is_said_in_words(write_run):
    page = _page(write_run())
    assert "All 5 trials have finished." in page.text
    assert (
        "The best is trial 3 with a validation accuracy of 95.00%, reached after epoch 3."
    ) in page.text
    assert (
        "Settings of trial 3 learning_rate 1 hidden_units 60 mini_batch_size 10 cost cross-entropy"
    ) in page.text
    assert "Of 5 trials, 1 diverged and 1 failed." in page.text
    needed = "importance of the hyperparameters could not be estimated: it needs 20 complete trials"
    assert needed in page.text


def test_text_from_files_is_shown_and_never_obeyed(write_run):
    folder = write_run(trials=[f"0,complete,0.9,1,1,{EVIL},0.1,30,10,quadratic"], epochs=[])
    (folder / "environment.json").write_text(
        json.dumps(environment_json(cpu=EVIL, packages={EVIL: "<b>", "<b>": EVIL}))
    )
    (folder / "timings.csv").write_text(
        f"number,started,seconds,worker\n0,2026-01-02T03:04:05+00:00,1,{EVIL}\n"
    )
    page = _whole(write_report(folder).read_text("utf-8"))
    _assert_self_contained(page, folder)
    assert EVIL in page.texts
    assert {"packages <b>", f"packages {EVIL}"} <= set(page.texts)
    assert EVIL not in (folder / "report.html").read_text("utf-8")


def test_a_folder_of_any_name_is_quoted_in_commands(write_run, tmp_path):
    folder = write_run().rename(tmp_path / "a <b> $(x) 'run'")
    quoted = f"nnsweep report {shlex.quote(str(folder))}"
    assert commands(read_run(folder))[2] == ("Write this page again", quoted)
    assert quoted in _page(folder).texts


def test_a_report_gives_the_same_bytes_again(write_run):
    folder = write_run()
    first = write_report(folder).read_bytes()
    assert write_report(folder).read_bytes() == first
    assert {path.name for path in folder.iterdir()} == {
        "sweep.toml",
        "trials.csv",
        "epochs.csv",
        "timings.csv",
        "figures",
        "report.html",
        "summary.json",
    }


def test_two_reports_at_once_both_end_well(write_run, monkeypatch):
    folder = write_run()
    print_svg, others = FigureCanvasSVG.print_svg, []

    def print_after_another_report(canvas, path, **options):
        print_svg(canvas, path, **options)
        if not others:
            others.append(path)
            write_report(folder)

    monkeypatch.setattr("results.figures.catalogue.FIGURES", {"values": draw_values})
    monkeypatch.setattr(FigureCanvasSVG, "print_svg", print_after_another_report)
    write_report(folder)
    assert others
    assert not list(folder.rglob("*.tmp"))


def _record(finished_trials: int = 5) -> ConfirmationRecord:
    rows = [
        Confirmed(trial, seed, value, 1, 1, "max_epochs")
        for trial, values in {3: [0.93, 0.94], 4: [0.92, 0.92]}.items()
        for seed, value in enumerate(values)
    ]
    candidates = [Candidate(3, {}, 0.95, 0.95), Candidate(4, {}, 0.925, 0.925)]
    return opened(judge(candidates, rows, 1, finished_trials))


def test_a_confirmation_is_shown_with_its_selection_bias(write_run):
    folder = write_run()
    _record().write(folder / "confirmation.json")
    page = _page(folder)
    assert "Confirmed on 2 fresh seeds" in page.text
    # two values half a point from their mean: 0.5 tan(0.4825 pi) = 9.09 points; none above 100%
    assert "3 winner 95.00% 93.50% 84.41% to 100.00% +1.50, not significant" in page.text
    assert "92.50% 92.00% no spread +0.50, not significant" in page.text
    assert "Selection bias of the search's best value" in page.text
    assert f"nnsweep confirm {folder}" not in page.text  # it was done


def test_a_confirmation_that_later_trials_outdate_says_so(write_run):
    folder = write_run()  # five trials
    _record(5).write(folder / "confirmation.json")
    assert "This confirmation was made" not in _page(folder).text
    _record(4).write(folder / "confirmation.json")
    text = _page(folder).text
    assert "made when the run had 4 trials; 1 more trial has finished since." in text
    assert f"nnsweep confirm {folder} --again" in text


def test_hyperparameters_that_a_trial_does_not_have_are_empty_cells(conditional_run):
    found = Findings(read_run(conditional_run))
    data = page_data(found)
    columns = {column["key"]: column["values"] for column in data["columns"]}
    assert columns["hidden_units"] == [None, 30]
    assert columns["mini_batch_size"] == [10, None]
    settings = [("learning_rate", "0.1"), ("cost", "quadratic"), ("mini_batch_size", "10")]
    assert verdict_card(found).settings == settings


def test_a_sweep_whose_epochs_are_spent_says_so_and_how_to_go_on(write_run):
    folder = write_run()
    toml = (folder / "sweep.toml").read_text()
    toml = toml.replace("trials = 5", "trials = 40\nepoch_budget = 8")
    (folder / "sweep.toml").write_text(toml.replace("generation = 8", "generation = 5"))
    page = _page(folder)
    assert "the epoch budget of 8 is spent" in page.text
    assert "--set sweep.epoch_budget=16" in page.text


def test_a_pruned_trial_is_the_best_where_it_got_furthest(write_run):
    trials = ["0,complete,0.8,1,1,max_epochs,0.1,30,10,quadratic"]
    trials += ["1,pruned,0.9,1,3,pruned,0.2,30,10,quadratic"]
    page = _page(write_run(trials=trials, epochs=[]))
    assert "The best is trial 1 with a validation accuracy of 90.00%" in page.text


def _figure(name, wide):
    return PageFigure(name, "", "", "", "", wide)


def test_two_narrow_figures_share_a_row_and_the_last_may_be_alone():
    names = {"a": True, "b": False, "c": True, "d": False, "e": False}
    rows = in_rows([_figure(name, wide) for name, wide in names.items()])
    placed = [(figure.name, place) for place, figure in rows]
    assert placed == [("a", "whole"), ("b", "half"), ("d", "half"), ("c", "whole"), ("e", "alone")]

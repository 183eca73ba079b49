"""The interactive charts as a reader meets them: pointed at, clicked, brushed, by keys, on paper.

Each test opens the page anew, and ends with a silent console and no request to a network. Where a
mark must lie is computed here, from the data of the page and the box of the axes.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from results.analysis.confirmation import judge
from results.analysis.findings import Findings
from results.figures.catalogue import FIGURES, DrawnFigure
from results.frames import read_run
from results.report.html import render
from results.report.page_views import page_views
from sweeps.confirmation import Candidate
from sweeps.records.confirmed_networks import Confirmed
from sweeps.trial import StopReason
from tests.support.records import opened as opened_test_set

SIZE = 'width="9" height="9"'
PICTURE = f'<svg xmlns="http://www.w3.org/2000/svg" {SIZE}><rect {SIZE}/></svg>'
VIEWS = ("best_so_far", "learning_curves", "slices", "parallel_coordinates")
TRIALS = 120


def _page(folder: Path) -> Path:
    """Write the report of a run with a small square for each static figure."""
    picture = folder / "picture.svg"
    picture.write_text(PICTURE, "utf-8")
    drawn = [DrawnFigure(name, (f"all of {name}",), picture) for name in FIGURES]
    page = folder / "report.html"
    page.write_text(render(Findings(read_run(folder)), drawn), "utf-8")
    return page


class Charts:
    """The page of a run in a browser, with the data that its charts draw."""

    def __init__(self, browser: Any, folder: Path) -> None:
        self.browser = browser
        self.views = page_views(Findings(read_run(folder)))
        browser.open(_page(folder))

    def show(self, view: str) -> None:
        """Scroll to a view and wait until it is drawn."""
        self.browser.run(
            f"document.getElementById('figure-{view}').scrollIntoView({{behavior: 'instant'}})"
        )
        self.browser.settle()

    def box(self, view: str, panel: int = 0) -> tuple[float, float, float, float]:
        """Return left, top, width and height of the axes of a panel in the window."""
        left, top, width, height = self.browser.run(
            f"(() => {{ const box = document.querySelectorAll('#figure-{view} .u-over')[{panel}]"
            ".getBoundingClientRect(); return [box.left, box.top, box.width, box.height]; })()"
        )
        return left, top, width, height

    def slice_of(self, row: int, panel: int = 0) -> tuple[float, float]:
        """Return where the mark of a trial lies in a slice."""
        dimension = self.views["dimensions"][panel]
        low, high = dimension["ends"]
        left, top, width, height = self.box("slices", panel)
        across = (dimension["places"][row] - low) / (high - low)
        return left + across * width, top + (1 - self.views["values"][row]) * height

    def marked(self, view: str, kind: str = "hovered") -> set[str]:
        """Return the rows that the panels of a view mark."""
        found: list[str] = self.browser.run(
            f"[...document.querySelectorAll('#figure-{view} .marks .{kind}')]"
            ".map((path) => path.dataset.row)"
        )
        return set(found)

    def count(self) -> str:
        """Return what the table says about its rows."""
        said: str = self.browser.run("document.getElementById('count').textContent")
        return said

    def pixels(self, view: str, measure: str) -> float:
        """Return a number that JavaScript makes of `data`, the pixels of a view."""
        number: float = self.browser.run(
            f"(() => {{ const canvas = document.querySelector('#figure-{view} canvas');"
            "const whole = [0, 0, canvas.width, canvas.height];"
            "const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');"
            "copy.drawImage(canvas, 0, 0); const { data } = copy.getImageData(...whole);"
            f"{measure} }})()"
        )
        return number

    def inked(self, view: str) -> float:
        """Return how many pixels of the first canvas of a view are strongly colored."""
        return self.pixels(
            view,
            "let inked = 0; for (let i = 0; i < data.length; i += 4) {"
            "const [r, g, b, a] = data.slice(i, i + 4);"
            "if (a > 60 && Math.max(r, g, b) - Math.min(r, g, b) > 60) inked += 1; }"
            "return inked;",
        )

    def axis(self, name: str) -> tuple[float, float, float]:
        """Return x, top and bottom of an axis of the parallel coordinates in the window."""
        x, top, bottom = self.browser.run(
            f"(() => {{ const axis = document.querySelector('.axis[aria-label=\"Brush {name}\"]');"
            "const line = axis.querySelector('.line').getBoundingClientRect();"
            "return [line.left + 1, line.top, line.bottom]; })()"
        )
        return x, top, bottom

    def brush(self, name: str, low: float, high: float) -> None:
        """Drag a brush over an axis, from the place `low` to `high`."""
        x, top, bottom = self.axis(name)
        self.browser.drag((x, bottom - low * (bottom - top)), (x, bottom - high * (bottom - top)))

    def ends(self) -> list[float]:
        """Return the ends of the brush on the first axis, in its units; a pixel is 2% there."""
        said = self.browser.run("document.querySelector('.axis').getAttribute('aria-valuetext')")
        return [float(end) for end in said.split(" to ")]

    def focus(self, selector: str) -> None:
        """Put the focus on an element."""
        self.browser.run(f"document.querySelector({selector!r}).focus()")


@pytest.fixture(scope="module")
def many(make_run_of: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 120 trials: number 17 is the best, 5 diverged, and 119 failed."""
    folder: Path = make_run_of(tmp_path_factory.mktemp("runs") / "many", TRIALS)
    return folder


@pytest.fixture
def charts(browser: Any, many: Path) -> Iterator[Charts]:
    yield Charts(browser, many)
    browser.call("Runtime.evaluate", expression="0")
    assert browser.complaints() == []


def test_a_view_stands_in_the_place_of_its_static_figure(charts: Charts) -> None:
    for view in VIEWS:
        charts.show(view)
        shown = f"[...document.querySelectorAll('#figure-{view} img, #figure-{view} canvas')]"
        visible = charts.browser.run(
            f"{shown}.filter((one) => one.offsetWidth).map((one) => one.tagName)"
        )
        assert set(visible) == {"CANVAS"}
        assert charts.inked(view) > 50
    assert charts.browser.run("document.querySelector('#figure-values img').offsetWidth") > 0
    assert not charts.browser.run("document.querySelector('#figure-fresh_values .interactive')")


def test_pointing_at_a_trial_shows_all_of_it_and_marks_it_everywhere(charts: Charts) -> None:
    charts.show("parallel_coordinates")
    charts.show("slices")
    charts.browser.mouse("Moved", charts.slice_of(60))
    tip = charts.browser.run("document.querySelector('.tip').textContent")
    assert tip.startswith("Trial 60accuracy88.09%")
    for name, text in {
        "learning_rate": "0.2484",
        "hidden_units": "10",
        "mini_batch_size": "5",
        "cost": "quadratic",
    }.items():
        assert f"{name}{text}" in tip
    assert charts.marked("slices") == {"60"}
    assert charts.marked("parallel_coordinates") == {"60"}
    charts.browser.mouse("Moved", (2, 2))
    assert charts.browser.run("document.querySelector('.tip').hidden")
    assert charts.marked("slices") == {""}


def test_the_mark_lies_on_the_trial(charts: Charts) -> None:
    charts.show("slices")
    x, y = charts.slice_of(60)
    charts.browser.mouse("Moved", (x, y))
    left, top, width, height = charts.browser.run(
        "(() => { const box = document.querySelector('#figure-slices .marks .hovered')"
        ".getBoundingClientRect(); return [box.left, box.top, box.width, box.height]; })()"
    )
    assert (left + width / 2, top + height / 2) == pytest.approx((x, y), abs=1.5)


def test_a_click_selects_the_trial_in_all_charts_and_in_the_table(charts: Charts) -> None:
    charts.show("best_so_far")
    charts.show("slices")
    at = charts.slice_of(100)
    for kind in ("Moved", "Pressed", "Released"):
        charts.browser.mouse(kind, at)
    assert charts.marked("slices", "chosen") == {"100"}
    assert charts.marked("best_so_far", "chosen") == {"100"}
    sheet = charts.browser.run("document.querySelector('#figure-slices .chosen-trial').textContent")
    assert "Trial 100" in sheet
    assert "--trial 100" in sheet
    accuracy, _ = charts.browser.run(
        "[...document.querySelectorAll('.chosen-trial svg.chart')]"
        ".map((picture) => picture.getAttribute('aria-label'))"
    )
    assert accuracy.startswith("Trial 100: accuracy (%) over 3 epochs")
    row = "document.querySelector('#table tr.trial.chosen')"
    assert charts.browser.run(f"{row}.cells[0].textContent") == "100"
    assert charts.browser.run(f"{row}.nextElementSibling.className") == "detail"
    charts.browser.run("document.querySelector('.chosen-trial button').click()")
    assert charts.marked("slices", "chosen") == {""}
    assert not charts.browser.run("document.querySelector('.chosen-trial')")
    assert not charts.browser.run(row)


def test_a_row_of_the_table_is_marked_in_the_charts(charts: Charts) -> None:
    charts.show("slices")
    charts.browser.run("document.querySelector('#table tr.trial button').click()")
    assert charts.marked("slices", "chosen") == {"17"}
    charts.browser.run("document.querySelector('#table tr.trial button').click()")
    assert charts.marked("slices", "chosen") == {""}


def test_a_brush_filters_table_slices_and_curves(charts: Charts) -> None:
    charts.show("learning_curves")
    charts.show("slices")
    before = {view: charts.inked(view) for view in ("slices", "learning_curves")}
    charts.show("parallel_coordinates")
    charts.brush("learning_rate", -0.02, 0.3)
    low, high = 0.01, 0.01 * 1000**0.3
    kept = [n for n in range(TRIALS) if low <= 0.01 * 1.055**n <= high]
    assert charts.count() == f"{len(kept)} of 120 trials"
    assert charts.ends() == pytest.approx([low, high], rel=0.03)
    charts.show("slices")
    charts.browser.mouse("Moved", charts.slice_of(60))
    assert "60" not in charts.marked("slices")  # it is not there anymore
    charts.browser.mouse("Moved", charts.slice_of(30))
    assert charts.marked("slices") == {"30"}
    assert charts.inked("slices") < before["slices"]
    charts.show("learning_curves")
    assert charts.inked("learning_curves") < before["learning_curves"]
    charts.browser.run("document.querySelector('.brushed + button').click()")
    charts.browser.settle()
    assert charts.count() == "120 of 120 trials"
    assert charts.inked("learning_curves") == before["learning_curves"]


def test_brushes_of_several_axes_and_the_filter_hold_together(charts: Charts) -> None:
    charts.show("parallel_coordinates")
    charts.brush("cost", 0.9, 1.1)  # a brush that touches a choice takes all its lines
    assert charts.count() == "60 of 120 trials"
    charts.brush("hidden_units", 0.95, 1.02)
    assert charts.count() == "12 of 120 trials"  # the odd numbers that end in 9
    charts.browser.type_filter("trial<50")
    assert sorted(charts.browser.column("trial")) == ["19", "29", "39", "49", "9"]
    charts.show("parallel_coordinates")  # the filter is further down
    x, top, bottom = charts.axis("cost")
    charts.browser.mouse("Pressed", (x, (top + bottom) / 2), 1)  # a click beside a brush removes it
    charts.browser.mouse("Released", (x, (top + bottom) / 2))
    charts.browser.settle()
    assert (
        charts.browser.run("document.querySelector('.brushed').textContent")
        == "hidden_units 95.5 to 100"
    )


def test_a_brush_is_moved_and_its_ends_are_dragged(charts: Charts) -> None:
    charts.show("parallel_coordinates")
    charts.brush("learning_rate", 0.2, 0.4)
    charts.brush("learning_rate", 0.3, 0.5)  # inside: the whole brush moves by 0.2
    assert charts.ends() == pytest.approx([0.01 * 1000**0.4, 0.01 * 1000**0.6], rel=0.03)
    charts.brush("learning_rate", 0.6, 1.0)
    assert charts.ends() == pytest.approx([0.01 * 1000**0.4, 10], rel=0.03)


def test_the_filter_of_the_table_reaches_the_charts(charts: Charts) -> None:
    charts.show("slices")
    before = charts.inked("slices")
    charts.browser.type_filter("trial<10")
    charts.browser.settle()
    charts.show("slices")
    assert charts.inked("slices") < before
    charts.browser.mouse("Moved", charts.slice_of(60))
    assert "60" not in charts.marked("slices")


def test_the_keyboard_is_enough(charts: Charts) -> None:
    charts.show("slices")
    charts.focus("#figure-slices .stage")
    status = "document.querySelector('[role=status]').textContent"
    for key, code, row in (
        ("Home", 36, 17),
        ("ArrowDown", 40, 16),
        ("ArrowRight", 39, 17),
        ("ArrowRight", 39, 18),
    ):
        charts.browser.press(key, code)
        assert charts.marked("slices") == {str(row)}
        assert charts.browser.run(status).startswith(f"Trial {row}: accuracy ")
    charts.browser.press("Enter", 13)
    assert charts.marked("slices", "chosen") == {"18"}
    assert charts.browser.run(status).startswith("Selected. Trial 18: ")
    charts.browser.press("Escape", 27)
    assert charts.marked("slices", "chosen") == {""}
    assert charts.browser.run(status) == "No trial is selected."


def test_an_axis_is_brushed_by_keys(charts: Charts) -> None:
    charts.show("parallel_coordinates")
    charts.focus("#figure-parallel_coordinates .axis")
    text = "document.activeElement.getAttribute('aria-valuetext')"
    assert charts.browser.run(text) == "all trials"
    charts.browser.press("ArrowUp", 38)
    charts.browser.settle()
    assert charts.browser.run(text) == "1 to 10"  # the upper third of three powers of ten
    assert charts.count() == f"{sum(0.01 * 1.055**n >= 1 for n in range(TRIALS))} of 120 trials"
    charts.browser.press("ArrowDown", 40)
    assert charts.browser.run(text) == "0.708 to 7.08"  # lower by 0.05 of the axis
    charts.browser.press("Escape", 27)
    charts.browser.settle()
    assert charts.count() == "120 of 120 trials"


def test_every_chart_and_each_of_its_controls_is_reached_by_tab(charts: Charts) -> None:
    for view in VIEWS:
        charts.show(view)
    reached = charts.browser.run(
        "[...document.querySelectorAll('.stage, .axis, .legend button')]"
        ".every((one) => one.tabIndex === 0)"
    )
    assert reached
    named = "[...document.querySelectorAll('.stage')].map((one) => one.getAttribute('aria-label'))"
    assert charts.browser.run(named) == [f"all of {view}" for view in VIEWS]


def test_an_entry_of_the_legend_switches_its_trials(charts: Charts) -> None:
    charts.show("slices")
    before = charts.inked("slices")
    charts.focus("#figure-slices .legend button")
    assert charts.browser.run("document.activeElement.textContent") == "●complete (118)"
    charts.browser.press("Enter", 13)
    charts.browser.settle()
    assert charts.browser.run("document.activeElement.getAttribute('aria-pressed')") == "false"
    assert charts.inked("slices") < before / 2
    charts.browser.mouse("Moved", charts.slice_of(60))
    assert charts.marked("slices") <= {"", "17"}
    charts.browser.press("Enter", 13)
    charts.browser.settle()
    assert charts.inked("slices") == before


def test_colors_follow_the_reader(charts: Charts) -> None:
    gradient = "getComputedStyle(document.querySelector('.gradient')).backgroundImage"
    seen = []
    for scheme in ("light", "dark"):
        wanted = [{"name": "prefers-color-scheme", "value": scheme}]
        charts.browser.call("Emulation.setEmulatedMedia", media="", features=wanted)
        charts.show("slices")
        root = "getComputedStyle(document.documentElement)"
        trial = charts.browser.run(f"{root}.getPropertyValue('--chart-trial').trim()")
        brightness = charts.pixels(
            "slices",
            "let sum = 0; let many = 0; for (let i = 0; i < data.length; i += 4) {"
            "if (data[i + 3] > 200) { sum += data[i] + data[i + 1] + data[i + 2]; many += 1; } }"
            "return sum / many;",
        )
        seen.append((charts.browser.run(gradient), trial, brightness))
    charts.browser.call("Emulation.setEmulatedMedia", media="", features=[])
    (light, blue, dim), (dark, sky, bright) = seen
    assert light != dark
    assert blue != sky
    assert bright != dim


@pytest.mark.parametrize("width", [400, 1280])
def test_the_charts_fit_the_screen(charts: Charts, width: int) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    charts.browser.call("Emulation.setDeviceMetricsOverride", **size)
    for view in VIEWS:
        charts.show(view)
        left, _, wide, _ = charts.box(view)
        assert wide > 200
        scrolls = view == "parallel_coordinates" and width == 400  # in a frame of its own
        assert scrolls or left + wide <= width
    assert charts.browser.run("document.documentElement.scrollWidth") <= width
    charts.browser.call("Emulation.clearDeviceMetricsOverride")


def test_on_paper_the_static_figures_stand(charts: Charts) -> None:
    charts.show("slices")
    charts.browser.call("Emulation.setEmulatedMedia", media="print", features=[])
    for view in VIEWS:
        assert charts.browser.run(f"document.querySelector('#figure-{view} img').offsetWidth") > 0
        assert (
            charts.browser.run(f"document.querySelector('#figure-{view} .interactive').offsetWidth")
            == 0
        )
    charts.browser.call("Emulation.setEmulatedMedia", media="", features=[])


def test_the_policy_allows_two_scripts_by_hash_and_nothing_else(many: Path) -> None:
    page = _page(many).read_text("utf-8")
    policy = page.partition('Content-Security-Policy" content="')[2].partition('"')[0]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    sources = rules["script-src"].split()
    assert len(sources) == 2
    assert all(source.startswith("'sha256-") for source in sources)


@pytest.mark.parametrize(
    ("trials", "epochs", "views"),
    [
        ([], [], 0),
        (["0,failed,,,0,error,0.1,30,10,quadratic"], [], 0),
        (["0,complete,0.0,,1,diverged,0.1,30,10,quadratic"], ["0,0,1,0.1,0.5,0.1,0.6,0.1"], 1),
        (
            ["0,complete,0.9,1,1,max_epochs,0.1,30,10,quadratic"],
            ["0,0,1,0.1,0.5,0.9,0.6,0.9"],
            4,
        ),
        (
            [f"{n},pruned,0.5,1,1,pruned,0.1,30,10,quadratic" for n in range(3)],
            [f"{n},0,1,0.1,0.5,0.4,0.6,0.5" for n in range(3)],
            4,
        ),
    ],
    ids=["none", "failed", "diverged", "one", "pruned"],
)
def test_a_run_of_any_kind_has_the_charts_that_show_something(
    browser: Any, write_run: Callable[..., Path], trials: list[str], epochs: list[str], views: int
) -> None:
    charts = Charts(browser, write_run(trials=trials, epochs=epochs))
    for view in VIEWS:
        charts.show(view)
    assert browser.run("document.querySelectorAll('figure.live').length") == views
    assert browser.complaints() == []


def test_a_trial_without_a_hyperparameter_runs_below_its_axis(
    browser: Any, conditional_run: Path
) -> None:
    charts = Charts(browser, conditional_run)
    charts.show("parallel_coordinates")
    charts.brush("hidden_units", -0.26, -0.18)
    assert charts.count() == "1 of 2 trials"
    assert browser.run("document.querySelector('.brushed').textContent") == "hidden_units not set"
    charts.brush("mini_batch_size", -0.26, -0.18)
    assert charts.count() == "0 of 2 trials"
    assert browser.complaints() == []


def test_a_confirmed_trial_is_selected_by_its_fresh_seeds(
    browser: Any, write_run: Callable[..., Path]
) -> None:
    rows = [
        Confirmed(trial, seed, value, 1, 1, StopReason.MAX_EPOCHS)
        for trial, values in {3: [0.93, 0.94], 4: [0.92, 0.92]}.items()
        for seed, value in enumerate(values)
    ]
    candidates = [Candidate(3, {}, 0.95, 0.95), Candidate(4, {}, 0.925, 0.925)]
    folder = write_run()
    opened_test_set(judge(candidates, rows, 1, 5)).write(folder / "confirmation.json")
    charts = Charts(browser, folder)
    charts.show("fresh_values")
    left, top, width, height = charts.box("fresh_values")
    winner, other = charts.views["views"]["fresh_values"]["points"]
    # 92 to 95% on both axes, with a margin of 0.2 points
    assert (winner["search"], winner["mean"]) == pytest.approx((3.2 / 3.4, 1.7 / 3.4), abs=1e-4)
    at = (left + other["search"] * width, top + (1 - other["mean"]) * height)
    for kind in ("Moved", "Pressed", "Released"):
        browser.mouse(kind, at)
    assert charts.marked("fresh_values", "chosen") == {"4"}
    assert "Trial 4" in browser.run(
        "document.querySelector('#figure-fresh_values .chosen-trial').textContent"
    )
    assert browser.complaints() == []

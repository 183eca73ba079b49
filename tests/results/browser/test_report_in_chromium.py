"""The report as a reader meets it, in a browser: sorted, filtered, opened, by mouse and keyboard.

Each test opens the page anew, and ends with a silent console and no request to a network.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from results.report.html import write_report


@pytest.fixture(scope="module")
def page(make_run_of: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of 120 trials, the 17th of which is best and the last of which failed."""
    return write_report(make_run_of(tmp_path_factory.mktemp("runs") / "many", 120))


@pytest.fixture
def opened(browser: Any, page: Path) -> Iterator[Any]:
    """The report, freshly opened; at the end nothing has gone wrong and no network was asked."""
    browser.open(page)
    yield browser
    browser.call("Runtime.evaluate", expression="0")  # what is under way is told before
    assert browser.complaints() == []


def test_the_table_begins_with_the_best(opened: Any) -> None:
    assert opened.column("trial")[:2] == ["17", "16"]
    texts = opened.column("accuracy")
    assert texts[0] == "96.70%"
    accuracies = [float(text.removesuffix("%")) for text in texts]
    assert len(accuracies) == 50
    assert accuracies == sorted(accuracies, reverse=True)
    assert opened.run("document.getElementById('count').textContent") == "120 of 120 trials"
    assert opened.run("document.getElementById('page').textContent") == "Page 1 of 3"


def test_a_title_sorts_and_sorts_back(opened: Any) -> None:
    opened.click("#table th:nth-child(1) button")
    assert opened.column("trial") == [str(n) for n in range(50)]
    heading = "document.querySelector('#table th:nth-child(1)').getAttribute('aria-sort')"
    assert opened.run(heading) == "ascending"
    opened.click("#table th:nth-child(1) button")
    assert opened.column("trial") == [str(n) for n in range(119, 69, -1)]
    assert opened.run(heading) == "descending"


def test_numbers_are_sorted_as_numbers_and_what_is_missing_comes_last(opened: Any) -> None:
    opened.run(
        "[...document.querySelectorAll('#table th button')]"
        ".find((b) => b.textContent === 'learning_rate').click()"
    )
    rates = [float(text) for text in opened.column("learning_rate")]
    assert rates == sorted(rates)
    assert rates[0] < 0.05 < 0.1 < rates[-1]
    opened.click("#table th:nth-child(2) button")
    for _ in range(2):
        opened.click("#next-page")
    assert opened.column("accuracy")[-1] == ""  # the one that failed


@pytest.mark.parametrize(
    ("text", "trials"),
    [
        ("trial<3", ["0", "1", "2"]),
        ("trial>=118", ["118", "119"]),
        ("TRIAL=7", ["7"]),
        ("stop_reason=error", ["119"]),
        ("accuracy > 96.4 %", ["16", "17", "18"]),
        ("accuracy>96.4% trial != 17", ["16", "18"]),
        ("accuracy = 96.70%", ["17"]),
        ("96.70%", ["17"]),
        ('cost = "quadratic"  trial < 3', ["0", "2"]),
        ("learning_rate>5.6 trial=", ["119"]),
        ("diverged", ["5"]),
        ("cost=quadratic trial<=4", ["0", "2", "4"]),
        ("trial<3 nothing-like-it", []),
        ("accuracy<", None),
    ],
)
def test_the_filter_keeps_what_is_meant(opened: Any, text: str, trials: list[str] | None) -> None:
    opened.type_filter(text)
    shown = opened.column("trial")
    if trials is None:  # still being typed
        assert len(shown) == 50
        return
    assert sorted(shown, key=int) == trials
    count = opened.run("document.getElementById('count').textContent")
    assert count == f"{len(trials)} of 120 trials"
    opened.type_filter("")
    assert len(opened.column("trial")) == 50


def test_the_filter_names_the_columns_that_it_knows(opened: Any) -> None:
    help_text = opened.run("document.getElementById('filter-help').textContent")
    titles = opened.run(
        "[...document.querySelectorAll('#table thead th')].map((cell) => cell.textContent)"
    )
    assert titles[:2] == ["trial", "accuracy"]
    assert all(title in help_text for title in titles)


@pytest.mark.parametrize(
    ("text", "problem", "trials"),
    [
        ("acuracy > 90 trial < 2", "There is no column “acuracy”. The columns are: trial, acc", 2),
        ("accuracy > high", "accuracy > needs a number, got “high”.", 50),
        ("accuracy > 96", "", 7),
    ],
)
def test_the_filter_says_what_it_does_not_understand(
    opened: Any, text: str, problem: str, trials: int
) -> None:
    opened.type_filter(text)
    said = opened.run("document.getElementById('problem').textContent")
    assert said.startswith(problem)
    assert bool(said) is bool(problem)
    invalid = opened.run("document.getElementById('filter').getAttribute('aria-invalid')")
    assert invalid == str(bool(problem)).lower()
    assert len(opened.column("trial")) == trials


@pytest.mark.parametrize("with_clipboard", [True, False])
def test_a_button_copies_the_command(opened: Any, with_clipboard: bool) -> None:
    if with_clipboard:
        permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        opened.call("Browser.grantPermissions", permissions=permissions)
    else:
        opened.run("delete Navigator.prototype.clipboard")
    command = opened.run("document.querySelector('#again .command').textContent")
    assert command.startswith("nnsweep run ")
    opened.click("#again .copy")
    opened.wait_for("document.querySelector('#again .copy').textContent === 'Copied'")
    opened.run("document.getElementById('filter').focus()")
    opened.run("document.getElementById('filter').value = ''")
    opened.call(
        "Input.dispatchKeyEvent",
        type="keyDown",
        key="v",
        code="KeyV",
        windowsVirtualKeyCode=86,
        modifiers=2,
        commands=["paste"],
    )
    assert opened.run("document.getElementById('filter').value") == command


def test_the_command_of_an_opened_trial_can_be_copied(opened: Any) -> None:
    opened.click("#table tr.trial button")
    assert opened.run("document.querySelector('tr.detail .copyable .copy').textContent") == "Copy"


def test_a_click_on_a_row_shows_its_curves_and_hides_them_again(opened: Any) -> None:
    opened.click("#table tr.trial:nth-child(1) td:nth-child(3)")
    charts = (
        "[...document.querySelectorAll('tr.detail svg')].map((s) => s.getAttribute('aria-label'))"
    )
    accuracy, cost = opened.run(charts)
    assert accuracy.startswith("Trial 17: accuracy (%) over 3 epochs; last values: training 99")
    assert "validation 96.7" in accuracy
    assert cost == "Trial 17: cost over 3 epochs; last values: training 0.1, validation 0.2"
    command = opened.run("document.querySelector('tr.detail code.command').textContent")
    assert command.startswith("nnsweep train --from ")
    assert command.endswith(" --trial 17")
    assert opened.run("document.querySelectorAll('tr.detail polyline').length") == 4
    opened.click("#table tr.trial:nth-child(1) td:nth-child(3)")
    assert opened.run("document.querySelectorAll('tr.detail').length") == 0


def test_the_curve_is_drawn_where_its_points_lie(opened: Any) -> None:
    opened.click("#table tr.trial button")
    points = opened.run(
        "document.querySelector('tr.detail polyline.validation').getAttribute('points')"
    )
    corners = [tuple(map(float, pair.split(","))) for pair in points.split()]
    assert len(corners) == 3
    (x1, y1), (x2, y2), (x3, y3) = corners
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)
    # 86.7, 91.7 and 96.7%: equal steps, upwards
    assert y1 - y2 == pytest.approx(y2 - y3, abs=0.5)
    assert y1 > y2 > y3


def test_the_keyboard_is_enough(opened: Any) -> None:
    opened.run("document.querySelector('#table tr.trial button').focus()")
    opened.press("Enter", 13)
    expanded = "document.querySelector('#table tr.trial button').getAttribute('aria-expanded')"
    assert opened.run(expanded) == "true"
    assert opened.run("document.querySelectorAll('tr.detail svg').length") == 2
    opened.press("ArrowDown", 40)
    assert opened.run("document.activeElement.textContent") == "16"
    opened.press("ArrowUp", 38)
    opened.press("Enter", 13)
    assert opened.run(expanded) == "false"


def test_a_trial_without_curves_says_so(opened: Any) -> None:
    opened.type_filter("stop_reason=error")
    opened.click("#table tr.trial button")
    said = opened.run("document.querySelector('tr.detail').textContent")
    assert said == "Trial 119 has no learning curves; its stop reason is error."


def test_every_figure_is_there_and_has_words(opened: Any) -> None:
    pictures = opened.run(
        "[...document.images].map((i) => [i.complete && i.naturalWidth > 0, i.alt])"
    )
    assert len(pictures) == 9
    assert all(whole and alt for whole, alt in pictures)


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(opened: Any, width: int) -> None:
    opened.call(
        "Emulation.setDeviceMetricsOverride",
        width=width,
        height=800,
        deviceScaleFactor=1,
        mobile=width < 500,
    )
    opened.click("#table tr.trial button")
    assert opened.run("document.documentElement.scrollWidth") <= width
    opened.call("Emulation.clearDeviceMetricsOverride")


def test_seven_hyperparameters_fit_a_screen_of_1280(
    browser: Any, write_run: Any, toml: str
) -> None:
    further = "lmbda = { low = 0.01, high = 100.0, log = true }"
    further += '\ninit = { choices = ["large", "scaled"] }\ndropout = { low = 0.0, high = 0.5 }'
    names = "learning_rate,lmbda,mini_batch_size,hidden_units,cost,init,dropout"
    page = write_report(
        write_run(
            toml=f"{toml}{further}\n",
            trials_header=f"number,state,value,best_epoch,epochs,stop_reason,{names}",
            trials=[
                f"{n},complete,0.98{n},26,30,no_improvement,0.01234{n},0.01234{n},10,100,"
                "cross-entropy,scaled,0.012345"
                for n in range(5)
            ],
            epochs=[],
        )
    )
    browser.open(page)
    size = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.call("Emulation.setDeviceMetricsOverride", **size)
    around = "document.querySelector('#table').parentElement"
    assert browser.run(f"{around}.scrollWidth <= {around}.clientWidth")
    titles = "[...document.querySelectorAll('#table th')].map((cell) => cell.textContent)"
    assert browser.run(titles)[2:5] == ["learning_rate", "hidden_units", "mini_batch_size"]
    browser.call("Emulation.clearDeviceMetricsOverride")


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_colors_follow_the_reader(opened: Any, scheme: str, is_dark: bool) -> None:
    wanted = [{"name": "prefers-color-scheme", "value": scheme}]
    opened.call("Emulation.setEmulatedMedia", media="", features=wanted)
    colors = opened.run(
        "['color', 'backgroundColor'].map((k) => getComputedStyle(document.body)[k]"
        ".match(/\\d+/g).slice(0, 3).map(Number))"
    )
    ink, paper = (sum(color) for color in colors)
    assert abs(ink - paper) > 500
    assert (paper < ink) is is_dark
    opened.call("Emulation.setEmulatedMedia", media="", features=[])


def test_a_script_from_elsewhere_does_not_run(browser: Any, write_run: Any, tmp_path: Path) -> None:
    folder = write_run(
        trials=["0,complete,0.9,1,1,<script>document.title='gone'</script>,0.1,30,10,quadratic"],
        epochs=["0,0,1,0.1,0.5,0.9,0.6,0.9"],
    )
    page = write_report(folder)
    harm = "<script>document.title = 'gone'</script><img src='https://example.org/x.png'>"
    page.write_text(page.read_text("utf-8").replace("<main>", f"<main>{harm}"), "utf-8")
    browser.open(page)
    assert browser.run("document.title") == "small – nnsweep report"
    assert "<script>" in browser.column("stop_reason")[0]
    # The browser refused both, and says so; neither reached a network.
    refused = [one for one in browser.complaints() if "Content Security Policy" in str(one)]
    assert len(refused) == 2
    sent = [
        e["params"]["request"]["url"]
        for e in browser.events
        if e.get("method") == "Network.requestWillBeSent"
    ]
    loaded = [e["params"] for e in browser.events if e.get("method") == "Network.responseReceived"]
    assert not [url for url in sent if url.startswith("https:") and url in str(loaded)]


def test_the_verdict_comes_first_and_the_table_after_the_figures(opened: Any) -> None:
    order = opened.run(
        "[...document.querySelectorAll('section[id]')].map((section) => section.id)"
        ".filter((id) => ['verdict', 'checks', 'figures', 'trials'].includes(id))"
    )
    assert order == ["verdict", "checks", "figures", "trials"]
    size = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    opened.call("Emulation.setDeviceMetricsOverride", **size)
    end = "document.getElementById('verdict').getBoundingClientRect().bottom"
    assert opened.run(end) < 800  # all of it is seen at once
    opened.call("Emulation.clearDeviceMetricsOverride")


@pytest.mark.parametrize(("width", "beside"), [(390, False), (1280, True)])
def test_two_narrow_figures_share_a_row_of_a_wide_screen(
    opened: Any, width: int, beside: bool
) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    opened.call("Emulation.setDeviceMetricsOverride", **size)
    tops = opened.run(
        "['values', 'learning_curves'].map((name) => "
        "Math.round(document.getElementById(`figure-${name}`).getBoundingClientRect().top))"
    )
    assert (tops[0] == tops[1]) is beside
    opened.call("Emulation.clearDeviceMetricsOverride")


def test_no_figure_is_shrunk_until_its_numbers_cannot_be_read(opened: Any) -> None:
    """Ticks are 9 points, which is 12 pixels; at three quarters they are 9 pixels."""
    size = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    opened.call("Emulation.setDeviceMetricsOverride", **size)
    shares = opened.run(
        "[...document.querySelectorAll('figure img')].map((i) => i.width / i.naturalWidth)"
    )
    assert len(shares) == 9
    assert min(shares) > 0.75
    opened.call("Emulation.clearDeviceMetricsOverride")


def test_hostile_remarks_are_shown_and_do_nothing(browser: Any, write_run: Any) -> None:
    folder = write_run()
    harm = "<script>document.title='gone'</script>"
    lines = [
        "# Remarks <b>of mine</b>",
        harm,
        "<img src=x onerror=\"document.title='gone'\">",
        "[here](javascript:document.title='gone')",
        "![there](https://example.org/x.png)",
    ]
    (folder / "notes.md").write_text("\n\n".join(lines), "utf-8")
    browser.open(write_report(folder))
    assert browser.run("document.title") == "small – nnsweep report"
    assert harm in browser.run("document.getElementById('notes').textContent")
    found = browser.run("document.querySelectorAll('#notes :is(script, img, b)').length")
    assert found == 0
    assert browser.run("[...document.querySelectorAll('#notes a')].map((a) => a.href)") == [
        "https://example.org/x.png"
    ]
    assert browser.complaints() == []


def test_print_shows_the_verdict_and_no_controls(opened: Any) -> None:
    opened.call("Emulation.setEmulatedMedia", media="print", features=[])
    shown = opened.run(
        "['#verdict', '.copy', '#controls', 'nav'].map((where) => "
        "getComputedStyle(document.querySelector(where)).display !== 'none')"
    )
    assert shown == [True, False, False, False]
    opened.call("Emulation.setEmulatedMedia", media="", features=[])

"""All figures of a run: which files appear, that they are whole, and that nothing stops them."""

import html
import io
import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from results.analysis.findings import Findings
from results.figures import catalogue
from results.figures.catalogue import (
    FIGURES,
    draw_figures,
    draw_heat_map,
    draw_importance,
    draw_slices,
    draw_values,
    panels_per_row,
    shared_out,
)
from results.figures.heat_map import enough_trials
from results.figures.slices import plot_slice
from results.frames import read_run
from sweeps.space.dimensions import Choices, Range

OF_NUMBERS = ["predicted", "residuals"]
PICTURES = [*OF_NUMBERS, "confusion", "mistakes", "hidden_units"]  # no network is kept
OF_MANY = ["importance", "heat_map"]  # need more trials than the small run has
NOT_MADE = ["ablation", "fresh_values"]  # neither an ablation nor a confirmation
NAMES = [name for name in FIGURES if name not in (*PICTURES, *OF_MANY, *NOT_MADE)]
FILES = [f"{name}.svg" for name in NAMES]


def _found(folder):
    return Findings(read_run(folder))


def _draw(folder):
    drawn = draw_figures(_found(folder), folder / "figures")
    return [one.svg for one in drawn]


def _said(folder):
    return {name: _sentences((folder / "figures" / f"{name}.svg").read_text()) for name in NAMES}


def _sentences(svg):
    """Return what an SVG says; matplotlib writes each text beside its outlines as a comment."""
    parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
    nodes = ET.fromstring(svg, parser).iter()
    return [node.text.strip() for node in nodes if node.tag is ET.Comment]


@pytest.fixture(scope="module")
def drawn(small_run):
    """Draw the small run once; return the paths, and the global style before and after."""
    before = dict(mpl.rcParams)
    return _draw(small_run), before, dict(mpl.rcParams)


@pytest.fixture(scope="module")
def drawn_elsewhere(small_run):
    """Draw the small run in another process; return its folder and whether it loaded pyplot."""
    program = (
        "import sys; from pathlib import Path; from results.frames import read_run;"
        "from results.figures.catalogue import draw_figures;"
        "from results.analysis.findings import Findings;"
        "folder = Path(sys.argv[1]);"
        "draw_figures(Findings(read_run(folder)), folder / 'elsewhere');"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(small_run)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return small_run / "elsewhere", done.stdout


def test_all_figures_are_written_and_nothing_else_is_left(drawn):
    paths, _, _ = drawn
    assert [path.name for path in paths] == FILES
    assert sorted(path.name for path in paths[0].parent.iterdir()) == sorted(FILES)
    for path in paths:
        assert path.read_bytes().startswith(b"<?xml ve")


def test_another_process_gives_the_same_bytes(drawn, drawn_elsewhere):
    paths, _, _ = drawn
    elsewhere, _ = drawn_elsewhere
    for path in paths:
        assert path.read_bytes() == (elsewhere / path.name).read_bytes(), path.name


def test_drawing_leaves_the_global_style_alone(drawn):
    _, before, after = drawn
    assert after == before


def test_drawing_never_loads_pyplot(drawn_elsewhere):
    _, loaded = drawn_elsewhere
    assert loaded == "False\n"


def test_an_empty_run_says_so_in_every_figure(write_run):
    folder = write_run(trials=[], epochs=[])
    assert [path.name for path in _draw(folder)] == FILES
    said = _said(folder)
    assert "no trial has a value yet" in said["best_so_far"]
    assert "no values on validation data yet" in said["learning_curves"]
    assert said["slices"].count("no trial has a value yet") == 1
    assert "no trial has a value yet" in said["parallel_coordinates"]
    assert "no complete trial has learned anything yet" in said["values"]
    assert "no best trial with a curve yet" in said["best_curves"]
    assert "no timings yet" in said["timeline"]


@pytest.mark.parametrize("best_epoch", ["", "0"])
def test_a_run_in_which_no_trial_learned_says_so_and_praises_none(write_run, best_epoch):
    folder = write_run(
        trials=[f"{n},complete,0.0,{best_epoch},1,diverged,9.0,30,10,quadratic" for n in range(9)],
        epochs=[f"{n},0,1,9.0,nan,,inf,0.1" for n in range(9)],
    )
    _draw(folder)
    said = _said(folder)
    sentence = "no trial learned anything before it diverged"
    for name in ("best_so_far", "slices", "parallel_coordinates"):
        assert {*said[name]} == {sentence, "small: 9 trials"}
    assert "No trial learned anything" in said["learning_curves"]
    praise = [text for texts in said.values() for text in texts if "best" in text]
    assert praise == 2 * ["no best trial with a curve yet"]


def _rows(count, sizes=(10,)):
    """Return trials of which the learning rate decides the value, in cells of the heat map."""
    return [
        f"{n},complete,{0.9 - 0.001 * (n % 7) ** 2},1,1,max_epochs,"
        f"{0.02 * 2 ** (n % 7)},{10 + 10 * (n % 3)},{sizes[n % len(sizes)]},quadratic"
        for n in range(count)
    ]


def test_importance_is_drawn_for_two_parts_of_the_space(write_run):
    better, whole = draw_importance(_found(write_run(trials=_rows(21), epochs=[]))).axes
    share, basis = (
        "share of the single effects on the accuracy (%)",
        "by a model of 21 trials; lines:",
    )
    assert better.get_xlabel().startswith(f"{share}\nover the better half of the space;")
    assert whole.get_xlabel().startswith(f"{share}\nover the whole space\n{basis}")


def test_the_heat_map_shows_the_two_that_mattered_most(write_run):
    found = _found(write_run(trials=_rows(36), epochs=[]))
    assert found.ranked[0] == "learning_rate"
    ax = draw_heat_map(found).axes[0]
    assert ax.get_xlabel() == "learning_rate (log scale)"
    assert ax.get_ylabel().startswith(found.ranked[1])


@pytest.mark.parametrize(
    ("count", "across", "wanted"), [(19, 3, False), (20, 3, True), (20, 4, False)]
)
def test_a_heat_map_needs_twenty_trials_and_one_for_each_cell(make_trials, count, across, wanted):
    space = {
        "learning_rate": Range(low=0.01, high=10.0, log=True),  # six cells
        "mini_batch_size": Choices(choices=[5, 10, 20, 50][:across]),
    }
    trials = make_trials([0.9] * count, learning_rate=1.0, mini_batch_size=5)
    assert enough_trials(trials, space, "learning_rate", "mini_batch_size") is wanted
    missing = trials.assign(mini_batch_size=[None] + [5] * (count - 1))
    assert not enough_trials(missing, space, "learning_rate", "mini_batch_size")


def test_what_needs_more_trials_is_not_drawn(small_run):
    found = _found(small_run)
    assert found.ranked == []
    assert draw_importance(found) is None
    assert draw_heat_map(found) is None


def test_what_a_pruner_cut_short_is_no_value_of_the_distribution(write_run, small_run):
    rows = [f"{n},complete,0.9{n},1,1,max_epochs,0.1,30,10,quadratic" for n in range(3)]
    rows += [f"{n},pruned,0.5,1,1,pruned,0.1,30,10,quadratic" for n in range(3, 9)]
    toml = (small_run / "sweep.toml").read_text()
    toml = toml.replace('sampler = "tpe"', 'sampler = "tpe"\npruner = "median"')
    (ax,) = draw_values(_found(write_run(toml=toml, trials=rows, epochs=[]))).axes
    assert ax.get_title(loc="left") == "Of 3 trials that learned, half reached 91.00%"


def test_one_hyperparameter_alone_has_no_heat_map(write_run):
    toml = (
        '[sweep]\nname = "one"\n[space]\nlearning_rate = { low = 0.01, high = 10.0, log = true }\n'
    )
    folder = write_run(
        toml=toml,
        trials=[f"{n},complete,0.{50 + n},1,1,max_epochs,{0.1 + n / 10:.1f}" for n in range(20)],
        trials_header="number,state,value,best_epoch,epochs,stop_reason,learning_rate",
        epochs=[],
    )
    found = _found(folder)
    assert found.ranked == ["learning_rate"]
    assert draw_heat_map(found) is None


def test_pictures_of_an_earlier_report_go_when_there_is_no_network(write_run):
    folder = write_run()
    (folder / "figures").mkdir()
    for name in PICTURES:
        (folder / "figures" / f"{name}.png").touch()
        (folder / "figures" / f"{name}.svg").touch()
    _draw(folder)
    assert _names(folder / "figures") == sorted(FILES)


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_pngs_are_drawn_where_they_are_wanted_and_then_kept_up_to_date(small_run, tmp_path):
    found, names = _found(small_run), ["values", "timeline"]
    assert [one.png for one in draw_figures(found, tmp_path, names)] == [None, None]
    (drawn,) = draw_figures(found, tmp_path, names[:1], png=True)
    assert drawn.png == tmp_path / "values.png"
    png = drawn.png.read_bytes()
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    drawn.png.write_bytes(b"an earlier picture")
    draw_figures(found, tmp_path, names)
    assert drawn.png.read_bytes() == png
    assert _names(tmp_path) == ["timeline.svg", "values.png", "values.svg"]


def test_a_heavy_figure_has_a_png_for_the_page(small_run, tmp_path, monkeypatch):
    (light,) = draw_figures(_found(small_run), tmp_path, ["values"])
    monkeypatch.setattr(catalogue, "HEAVY", light.svg.stat().st_size - 1)
    (heavy,) = draw_figures(_found(small_run), tmp_path, ["values"])
    assert heavy.png == tmp_path / "values.png"


@pytest.mark.parametrize("count", [catalogue.MANY, catalogue.MANY + 1])
def test_two_processes_share_all_figures_and_none_is_drawn_twice(count):
    own, others = shared_out(count)
    assert sorted(own + others) == sorted(FIGURES)
    assert bool(others) is (count > catalogue.MANY)
    assert set(catalogue.RANKED) <= set(others or own[-2:])


def test_a_growing_run_says_so_in_its_caption(write_run, small_run):
    growing = (small_run / "sweep.toml").read_text().replace("trials = 5", "trials = 50")
    folder = write_run(toml=growing)
    _draw(folder)
    said = _sentences((folder / "figures" / "values.svg").read_text())
    assert "small: 5 of 50 trials" in said


def test_users_text_is_shown_as_written(make_trials):
    name = "$\\frac{a}$ <script>alert(1)</script>"
    texts = ["$x^$", "<b>&amp;"]
    figure = Figure()
    trials = make_trials([0.9, 0.8], **{name: texts})
    plot_slice(trials, name, Choices(choices=texts), figure.subplots())
    file = io.StringIO()
    figure.savefig(file, format="svg")
    svg = file.getvalue()
    assert "<script" not in svg
    assert "<b>" not in svg
    said = [html.unescape(sentence).replace("\\$", "$") for sentence in _sentences(svg)]
    assert {name, *texts} <= set(said)


def test_slices_have_a_panel_per_hyperparameter_and_one_legend(small_run):
    figure = draw_slices(_found(small_run))
    panels = [ax for ax in figure.axes if ax.axison]
    assert [ax.get_xlabel() for ax in panels] == [
        "learning_rate (log scale)",
        "hidden_units",
        "mini_batch_size",
        "cost",
    ]
    assert len({ax.get_ylim() for ax in panels}) == 1
    (legend,) = figure.legends
    labels = [text.get_text() for text in legend.get_texts()]
    assert len(labels) == len(set(labels))
    assert {"trial", "best trial"} <= set(labels)


def test_the_package_itself_loads_nothing():
    program = (
        "import sys, results;"
        "heavy = {'pandas', 'matplotlib', 'scipy', 'optuna', 'numpy'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    ("count", "columns"), [(1, 1), (2, 2), (3, 3), (4, 4), (5, 3), (6, 3), (7, 4), (9, 3), (10, 4)]
)
def test_panels_leave_few_places_empty(count, columns):
    assert panels_per_row(count) == columns


def test_a_figure_says_whether_it_needs_a_whole_row(small_run, tmp_path):
    drawn = draw_figures(_found(small_run), tmp_path, ["best_so_far", "values"])
    assert [one.wide for one in drawn] == [True, False]

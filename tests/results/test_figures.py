"""All figures of a run: which files appear, that they are whole, and that nothing stops them."""

import html
import io
import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from results.figures import draw_figures, draw_importance, draw_slices
from results.frames import read_run
from results.landscape import plot_slice
from sweeps.space import Choices

NAMES = ["best_so_far", "learning_curves", "slices", "parallel_coordinates", "importance"]
FILES = [f"{name}{ending}" for name in NAMES for ending in (".png", ".svg")]


def _draw(folder):
    return draw_figures(read_run(folder), folder / "figures")


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
        "from results.figures import draw_figures; folder = Path(sys.argv[1]);"
        "draw_figures(read_run(folder), folder / 'elsewhere');"
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
        start = path.read_bytes()[:8]
        assert start == (b"\x89PNG\r\n\x1a\n" if path.suffix == ".png" else b"<?xml ve")


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


@pytest.mark.parametrize(
    ("trials", "epochs"),
    [
        (["0,complete,0.9,1,1,max_epochs,0.1,30,10,quadratic"], ["0,0,1,0.1,,,,0.9"]),
        (
            [f"{n},complete,0.0,,1,diverged,9.0,30,10,quadratic" for n in range(12)],
            [f"{n},0,1,9.0,nan,,inf,0.1" for n in range(12)],
        ),
        ([f"{n},failed,,,0,error,0.1,30,10,quadratic" for n in range(12)], []),
        (
            [f"{n},complete,0.9{n:02},1,1,max_epochs,0.1,30,10,quadratic" for n in range(12)],
            [f"{n},0,1,0.1,nan,nan,nan,nan" for n in range(12)],
        ),
    ],
    ids=["one", "all diverged", "all failed", "all the same place"],
)
def test_whatever_the_trials_every_figure_is_drawn(write_run, trials, epochs):
    paths = _draw(write_run(trials=trials, epochs=epochs))
    assert [path.name for path in paths] == FILES


def test_an_empty_run_says_so_in_every_figure(write_run):
    folder = write_run(trials=[], epochs=[])
    assert [path.name for path in _draw(folder)] == FILES
    said = {name: _sentences((folder / "figures" / f"{name}.svg").read_text()) for name in NAMES}
    assert "no complete trials yet" in said["best_so_far"]
    assert "no validation accuracies yet" in said["learning_curves"]
    assert said["slices"].count("no complete trials yet") == 1
    assert "no complete trials yet" in said["parallel_coordinates"]
    assert any("importance needs" in sentence for sentence in said["importance"])


@pytest.mark.parametrize("best_epoch", ["", "0"])
def test_a_run_in_which_no_trial_learned_says_so_and_praises_none(write_run, best_epoch):
    folder = write_run(
        trials=[f"{n},complete,0.0,{best_epoch},1,diverged,9.0,30,10,quadratic" for n in range(9)],
        epochs=[f"{n},0,1,9.0,nan,,inf,0.1" for n in range(9)],
    )
    _draw(folder)
    said = {name: _sentences((folder / "figures" / f"{name}.svg").read_text()) for name in NAMES}
    for name in ("best_so_far", "slices", "parallel_coordinates"):
        assert said[name] == ["no trial learned anything before it diverged", "small: 9 trials"]
    assert "No trial learned anything" in said["learning_curves"]
    assert not [text for texts in said.values() for text in texts if "best" in text]


def test_importance_says_how_many_trials_it_compared(write_run):
    rows = [f"{n},complete,0.{50 + n},1,1,max_epochs,{0.1 + n},30,10,quadratic" for n in range(9)]
    rows += [f"{n},complete,0.9,1,1,max_epochs,0.1,30,10,quadratic" for n in range(9, 16)]
    (ax,) = draw_importance(read_run(write_run(trials=rows, epochs=[]))).axes
    assert ax.get_xlabel() == "PED-ANOVA importance (%): best 7 of 16 trials against all"


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
    figure = draw_slices(read_run(small_run))
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

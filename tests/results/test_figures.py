"""All figures of a run: which files appear, that they are whole, and that nothing stops them."""

import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib as mpl
import pytest

from results.figures import draw_figures, draw_slices
from results.frames import read_run

NAMES = ["best_so_far", "learning_curves", "slices", "parallel_coordinates", "importance"]
FILES = [f"{name}{ending}" for name in NAMES for ending in (".png", ".svg")]


def _draw(folder, into="figures"):
    return draw_figures(read_run(folder), folder / into)


def _sentences(svg):
    """Return what an SVG says; matplotlib writes each text beside its outlines as a comment."""
    parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
    nodes = ET.fromstring(svg, parser).iter()
    return [node.text.strip() for node in nodes if node.tag is ET.Comment]


def test_all_figures_are_written_and_nothing_else_is_left(write_run):
    folder = write_run()
    paths = _draw(folder)
    assert [path.name for path in paths] == FILES
    assert sorted(path.name for path in (folder / "figures").iterdir()) == sorted(FILES)
    for path in paths:
        start = path.read_bytes()[:8]
        assert start == (b"\x89PNG\r\n\x1a\n" if path.suffix == ".png" else b"<?xml ve")


def test_another_process_gives_the_same_bytes(write_run):
    folder = write_run()
    here = _draw(folder, "here")
    program = (
        "import sys; from pathlib import Path; from results.frames import read_run;"
        "from results.figures import draw_figures; folder = Path(sys.argv[1]);"
        "draw_figures(read_run(folder), folder / 'there')"
    )
    subprocess.run([sys.executable, "-c", program, str(folder)], check=True)
    for path in here:
        assert path.read_bytes() == (folder / "there" / path.name).read_bytes(), path.name


def test_drawing_leaves_the_global_style_alone(write_run):
    before = dict(mpl.rcParams)
    _draw(write_run())
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("trials", "epochs"),
    [
        ([], []),
        (["0,complete,0.9,1,1,max_epochs,0.1,30,10,quadratic"], ["0,0,1,0.1,,,,0.9"]),
        (["0,complete,0.9,1,1,max_epochs,0.1,30,10,quadratic"], []),
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
    ids=["none", "one", "one without curve", "all diverged", "all failed", "all the same place"],
)
def test_whatever_the_trials_every_figure_is_drawn(write_run, trials, epochs):
    paths = _draw(write_run(trials=trials, epochs=epochs))
    assert [path.name for path in paths] == FILES


def test_an_empty_run_says_so_in_every_figure(write_run):
    folder = write_run(trials=[], epochs=[])
    _draw(folder)
    said = {name: _sentences((folder / "figures" / f"{name}.svg").read_text()) for name in NAMES}
    assert "no complete trials yet" in said["best_so_far"]
    assert "no validation accuracies yet" in said["learning_curves"]
    assert said["slices"].count("no complete trials yet") == 4
    assert "no complete trials yet" in said["parallel_coordinates"]
    assert any("importance needs" in sentence for sentence in said["importance"])


def test_a_space_without_hyperparameters_is_drawn(write_run):
    header = "number,state,value,best_epoch,epochs,stop_reason"
    folder = write_run(
        "sweep = { name = 'bare' }\n[space]\n",
        ["0,complete,0.9,1,1,max_epochs"],
        ["0,0,1,0.1,,,,0.9"],
        header,
    )
    _draw(folder)
    said = _sentences((folder / "figures" / "slices.svg").read_text())
    assert "the space has no hyperparameters" in said


def test_users_text_is_shown_as_written(write_run):
    toml = """
    sweep = { name = "$\\\\frac{a}$ <script>alert(1)</script>" }
    [space]
    choice = { choices = ["$x^$", "<b>&amp;"] }
    """
    header = "number,state,value,best_epoch,epochs,stop_reason,choice"
    rows = ["0,complete,0.9,1,1,max_epochs,$x^$", "1,complete,0.8,1,1,max_epochs,<b>&amp;"]
    folder = write_run(toml, rows, [], header)
    _draw(folder)
    svg = (folder / "figures" / "slices.svg").read_text()
    assert "<script" not in svg
    assert "<b>" not in svg
    said = _sentences(svg)
    assert "$x^$" in " ".join(said).replace("\\", "")


def test_slices_have_a_panel_per_hyperparameter_and_one_legend(write_run):
    figure = draw_slices(read_run(write_run()))
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
    assert {"trial", "best trial", "median of a choice"} <= set(labels)


def test_the_package_itself_loads_nothing():
    program = (
        "import sys, results;"
        "heavy = {'pandas', 'matplotlib', 'scipy', 'optuna', 'numpy'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_figures_never_load_pyplot():
    program = "import sys, results.figures; sys.exit('matplotlib.pyplot' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)

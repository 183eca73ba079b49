"""The figure of an ablation, looked at through its artists."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from results.analysis.findings import Findings
from results.drawing.style import BLUE, VERMILLION
from results.figures.ablation import plot_effects, plot_path
from results.figures.catalogue import draw_ablation
from results.frames import read_run
from tests.support.records import ablation


def test_the_path_goes_from_the_defaults_to_the_winner(ax) -> None:
    plot_path(ablation(), ax)
    first, second = ax.patches
    assert (first.get_y(), first.get_height()) == pytest.approx((0.9, 0.03))
    assert (second.get_y(), second.get_height()) == pytest.approx((0.93, -0.01))
    assert to_hex(first.get_facecolor()).upper() == BLUE
    assert to_hex(second.get_facecolor()) == "#ffffff"  # not significant
    assert to_hex(second.get_edgecolor()).upper() == VERMILLION
    assert ax.get_legend_handles_labels()[1] == ["better", "worse"]
    intervals = [line.get_ydata() for line in ax.lines if len(set(line.get_xdata())) == 1]
    assert np.allclose(intervals, [[0.925, 0.935], [0.915, 0.925]])
    assert [label.get_text() for label in ax.get_xticklabels()] == [
        "defaults",
        "learning_rate\n0.5 → 1",
        "output\nsigmoid → softmax\ncost\ncross-entropy → log-likelihood",
    ]
    title = "From the defaults to trial 3: +2.00 points; 1 of 2 steps significant (filled)"
    assert ax.get_title(loc="left") == title


def test_each_change_has_its_two_effects(ax) -> None:
    plot_effects(ablation(), ax)
    marks = [line for line in ax.lines if line.get_marker() in ("o", "s")]
    drawn = [(m.get_marker(), round(m.get_xdata()[0]), m.get_ydata()[0]) for m in marks]
    assert drawn == [("o", 1, 0.03), ("o", 2, 0.0), ("s", 1, 0.02), ("s", 2, -0.01)]
    filled = [to_hex(mark.get_markerfacecolor()) != "#ffffff" for mark in marks]
    assert filled == [True, False, True, False]
    intervals = [line.get_ydata() for line in ax.lines if line.get_linewidth() == 2]
    ends = sorted(tuple(ys) for ys in intervals if len(ys) == 2)  # an effect of four has none
    assert np.allclose(ends, [(-0.015, -0.005), (0.015, 0.025), (0.025, 0.035)])


def test_better_is_up_for_a_loss(ax) -> None:
    plot_path(ablation(metric="log_loss"), ax)
    first, _ = ax.patches
    assert (first.get_y(), first.get_height()) == pytest.approx((-0.9, -0.03))
    assert to_hex(first.get_facecolor()).upper() == VERMILLION


def test_there_is_no_figure_without_an_ablation(write_run) -> None:
    folder = write_run()
    assert draw_ablation(Findings(read_run(folder))) is None
    ablation().write(folder / "ablation.json")
    figure = draw_ablation(Findings(read_run(folder)))
    assert figure is not None
    assert len(figure.axes) == 2

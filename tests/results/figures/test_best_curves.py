"""The best trial on training and validation data, read back from the artists."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from results.analysis.trials import best_trial, mean_curves
from results.figures.learning_curves import plot_gap
from results.frames import read_run


def _labeled(ax):
    """Return the artists of the legend by their labels."""
    handles, labels = ax.get_legend_handles_labels()
    return dict(zip(labels, handles, strict=True))


def test_the_gap_lies_between_training_and_validation(write_run, ax):
    epochs = ["3,0,1,1.0,0.3,0.95,0.4,0.94", "3,0,2,1.0,0.2,0.97,0.3,0.93",
              "3,0,3,1.0,0.1,0.99,0.2,0.95"]  # fmt: skip
    run = read_run(write_run(epochs=epochs))
    curves, best = mean_curves(run.epochs), best_trial(run.trials)
    plot_gap(curves, best, "accuracy", ax)
    artists = _labeled(ax)
    assert artists["training"].get_xydata().tolist() == [[1, 0.95], [2, 0.97], [3, 0.99]]
    assert artists["validation"].get_xydata().tolist() == [[1, 0.94], [2, 0.93], [3, 0.95]]
    area = artists["gap"].get_paths()[0].get_extents()
    assert (area.y0, area.y1) == pytest.approx((0.93, 0.99))
    assert artists["training"].get_linestyle() != artists["validation"].get_linestyle()
    title = "Trial 3, epoch 3: training 99.00%, validation 95.00%"
    assert ax.get_title(loc="left") == title
    costs = Figure().subplots()
    plot_gap(curves, best, "cost", costs)
    assert _labeled(costs)["validation"].get_ydata().tolist() == [0.4, 0.3, 0.2]
    assert costs.get_title(loc="left") == "Trial 3, epoch 3: training 0.1, validation 0.2"


def test_where_training_was_not_measured_validation_is_drawn_alone(write_run, ax):
    run = read_run(write_run())
    plot_gap(mean_curves(run.epochs), best_trial(run.trials), "accuracy", ax)
    assert "training" not in _labeled(ax)
    assert ax.get_title(loc="left") == "Trial 3, epoch 3"


@pytest.mark.parametrize(
    ("epochs", "sentence"),
    [([], "no best trial with a curve yet"), (["3,0,1,1.0,,,,"], "the cost was not measured")],
)
def test_without_a_curve_of_the_best_a_sentence_is_drawn(write_run, ax, epochs, sentence):
    run = read_run(write_run(epochs=epochs))
    plot_gap(mean_curves(run.epochs), best_trial(run.trials), "cost", ax)
    assert [text.get_text() for text in ax.texts] == [sentence]


def test_what_is_not_finite_leaves_a_gap_in_the_curve(write_run, ax):
    epochs = ["3,0,1,1.0,0.3,,inf,0.94", "3,0,2,1.0,0.2,,0.3,0.93"]
    run = read_run(write_run(epochs=epochs))
    plot_gap(mean_curves(run.epochs), best_trial(run.trials), "cost", ax)
    first, second = _labeled(ax)["validation"].get_ydata()
    assert np.isnan(first)
    assert second == 0.3

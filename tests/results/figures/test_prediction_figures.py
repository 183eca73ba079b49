"""The figures of predicted numbers: points, lines and titles read back from the artists."""

import numpy as np
import pytest

from results.analysis.predictions import predictions_of
from results.figures.catalogue import (
    draw_best_curves,
    draw_mistakes,
    draw_predicted,
    draw_residuals,
)
from results.figures.predictions import (
    plot_predicted,
    plot_residual_histogram,
    plot_residuals,
    plot_worst_images,
)
from tests.support.predicted_runs import predicted_findings, predicted_run, scored_numbers

TRUE = np.array([100.0, 200.0, 300.0, 500.0])
PREDICTED = np.array([110.0, 180.0, 330.0, 460.0])


def points(ax, label):
    (line,) = [line for line in ax.lines if line.get_label() == label]
    return line.get_xydata().tolist()


def one(true=TRUE, predicted=PREDICTED, **options):
    return predictions_of(scored_numbers(true, predicted, **options))[0]


def test_predictions_are_drawn_against_the_truth_on_equal_axes(ax):
    plot_predicted(one(), ax)
    assert points(ax, "one row") == np.column_stack([TRUE, PREDICTED]).tolist()
    assert points(ax, "prediction = true value") == [[100, 100], [500, 500]]
    assert ax.get_xlim() == ax.get_ylim() == (84.0, 516.0)  # 4% of 400 beyond both ends
    assert ax.get_aspect() == 1.0
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("true price", "predicted price")
    # The squares of 10, 20, 30 and 40 are 3000; those about the mean 275 are 87500.
    assert ax.get_title(loc="left") == "price: RMSE 27.39, R² 0.9657"


def test_a_single_row_has_no_r2(ax):
    plot_predicted(one([5.0], [5.0]), ax)
    assert ax.get_title(loc="left") == "price: RMSE 0.000"
    assert ax.get_xlim() == (4.0, 6.0)


def test_residuals_are_drawn_against_predictions(ax):
    plot_residuals(one(), ax)
    assert points(ax, "one row") == [[110, -10], [180, 20], [330, -30], [460, 40]]
    assert ax.get_title(loc="left") == (
        "price: half of the predictions within 25.00, nine in ten within 37.00"
    )
    assert ax.get_ylabel() == "residual (true − predicted)"
    assert not ax.collections  # four rows have no band


def test_many_residuals_have_a_band_and_a_median(ax):
    predicted = np.arange(16.0)
    plot_residuals(one(predicted + np.tile([-1.0, 1.0], 8), predicted), ax)
    assert points(ax, "median") == [[3.5, 0.0], [11.5, 0.0]]
    (band,) = ax.collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert {heights.min(), heights.max()} == {-1.0, 1.0}
    assert band.get_label() == "middle 80%"


def test_the_histogram_counts_every_row(ax):
    plot_residual_histogram(one(), ax)
    counts = [bar.get_width() for bar in ax.patches]
    assert sum(counts) == 4
    assert len(counts) == 5  # the least number of bars
    assert counts == [1, 1, 0, 1, 1]  # from -30 to 40 in steps of 14


@pytest.mark.parametrize(("targets", "drawn"), [(1, 1), (2, 2), (3, 3), (4, 4), (6, 4)])
def test_there_is_a_panel_for_each_target_up_to_four(write_run, targets, drawn):
    names = tuple(f"t{k}" for k in range(targets))
    values = np.tile(TRUE[:, None], targets)
    found = predicted_findings(
        predicted_run(write_run), scored_numbers(values, values + 1, names=names)
    )
    assert [ax.get_xlabel() for ax in draw_predicted(found).axes] == [
        f"true {name}" for name in names[:drawn]
    ]
    residuals = draw_residuals(found).axes
    assert len(residuals) == 2 * drawn
    assert residuals[0].get_ylim() == residuals[1].get_ylim()


def test_classes_have_neither(small_run):
    from results.analysis.findings import Findings
    from results.frames import read_run

    found = Findings(read_run(small_run))
    assert draw_predicted(found) is draw_residuals(found) is None


def test_the_curves_of_numbers_are_those_of_the_cost(write_run):
    found = predicted_findings(predicted_run(write_run), scored_numbers(TRUE, PREDICTED))
    (ax,) = draw_best_curves(found).axes
    assert ax.get_ylabel() == "cost"
    assert ax.get_title(loc="left") == "Trial 0, epoch 2: training 0.1, validation 0.12"


def test_images_with_targets_show_the_largest_residuals(ax, write_run):
    from nncore.datasets.scaling import Scaling

    x = np.arange(16.0).reshape(4, 4)
    made = scored_numbers(TRUE, PREDICTED, x=x, image_shape=(2, 2), scaling=Scaling())
    plot_worst_images(made, ax)
    assert [text.get_text() for text in ax.texts] == [
        "500 → 460",
        "300 → 330",
        "200 → 180",
        "100 → 110",
    ]
    (image,) = ax.images
    assert image.get_array()[:2, :2].tolist() == [[12, 13], [14, 15]]
    assert ax.get_title(loc="left") == "The 4 largest residuals of 4 images: true → predicted"
    found = predicted_findings(predicted_run(write_run), made)
    assert draw_mistakes(found) is not None

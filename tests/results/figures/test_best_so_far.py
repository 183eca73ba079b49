"""Best so far against its price, and the distribution of values, read back from the artists."""

import pytest

from results.analysis.trials import best_so_far, epochs_spent, value_distribution
from results.figures.best_so_far import plot_best_so_far, plot_value_distribution


def test_the_best_is_drawn_against_the_epochs_spent_on_all(make_trials, ax):
    trials = make_trials([0.7, None, 0.9, 0.8]).assign(epochs=[10, 4, 20, 6])
    incumbent = best_so_far(trials)
    incumbent = incumbent.assign(spent=incumbent["number"].map(epochs_spent(trials)))
    plot_best_so_far(incumbent, ax, "spent")
    artists = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    assert artists["one trial"].get_xydata().tolist() == [[10, 0.7], [34, 0.9], [40, 0.8]]
    assert artists["best so far"].get_xydata().tolist() == [[10, 0.7], [34, 0.9], [40, 0.9]]
    assert ax.get_title(loc="left") == "Best so far: 90.00% after 34 epochs"
    assert ax.get_xlabel() == "epochs trained by all trials so far"
    assert ax.get_xlim()[0] < 0


def test_the_distribution_is_the_share_that_got_no_further(make_trials):
    trials = make_trials([0.9, 0.7, None, 0.9, 0.8, 0.0], diverged=[5])
    found = value_distribution(trials)
    assert found["score"].tolist() == [0.7, 0.8, 0.9, 0.9]
    assert found["share"].tolist() == [0.25, 0.5, 0.75, 1.0]


def test_the_distribution_is_drawn_as_steps_with_median_and_best_tenth(make_trials, ax):
    plot_value_distribution(
        value_distribution(make_trials([0.01 * n + 0.8 for n in range(10)])), ax
    )
    steps, median, tenth, best = ax.lines
    assert steps.get_drawstyle() == "steps-post"
    assert steps.get_xdata()[1:-1] == pytest.approx([0.01 * n + 0.8 for n in range(10)])
    assert steps.get_ydata().tolist() == pytest.approx([0, *(0.1 * n for n in range(1, 11)), 1])
    assert median.get_xdata()[-1] == pytest.approx(0.84)  # five of ten got no further
    assert tenth.get_xdata()[-1] == pytest.approx(0.88)
    assert best.get_xydata()[0].tolist() == pytest.approx([0.89, 1.0])
    assert ax.get_title(loc="left") == (
        "Of 10 trials that learned, half reached 84.00%, a tenth 88.00%"
    )


def test_the_distribution_counts_the_trials_beyond_its_axis(make_trials, ax):
    # The median is 0.85 and the best 0.9, so the axis begins 0.2 below the median, at 0.65, less 4%
    # of its length, 0.01.
    values = [0.1, 0.2, 0.5, *[0.84] * 3, 0.85, *[0.86] * 4, 0.88, 0.9]
    plot_value_distribution(value_distribution(make_trials(values)), ax)
    assert [text.get_text() for text in ax.texts] == ["below 64.00%: 3 trials"]


@pytest.mark.parametrize("values", [[0.9], [0.9, 0.9, 0.9]])
def test_equal_values_are_one_step(make_trials, ax, values):
    plot_value_distribution(value_distribution(make_trials(values)), ax)
    assert ax.get_title(loc="left") == "Every trial that learned reached 90.00%"
    left, right = ax.get_xlim()
    assert left < 0.9 < right


def test_without_values_a_sentence_is_drawn(make_trials, ax):
    plot_value_distribution(value_distribution(make_trials([None])), ax)
    assert [text.get_text() for text in ax.texts] == ["no complete trial has learned anything yet"]


@pytest.mark.parametrize(
    ("values", "title"),
    [
        # nobody passed 90%, and three of four reached it
        ([0.7, 0.9, 0.9, 0.9], "Of 4 trials that learned, half reached 90.00%"),
        ([0.5, 0.9], "Of 2 trials that learned, half reached 50.00%"),
        ([0.5] * 9 + [0.9], "Of 10 trials that learned, half reached 50.00%, a tenth 50.00%"),
    ],
)
def test_what_half_of_the_trials_reached_is_true_of_few_and_of_ties(make_trials, ax, values, title):
    plot_value_distribution(value_distribution(make_trials(values)), ax)
    assert ax.get_title(loc="left") == title
    guides = len(ax.lines) - 2  # but for the steps and the best
    assert guides == (2 if len(values) >= 10 else 1)

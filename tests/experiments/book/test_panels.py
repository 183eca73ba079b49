"""The panels of studies: every curve can be seen, one color for a name, legends beside the axes."""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import same_color, to_hex
from matplotlib.figure import Figure

from experiments.book.arm_runs import ArmOutcome, ArmRuns, Runs
from experiments.book.arms import NetworkArm
from experiments.book.book_files import BookFiles
from experiments.book.figures.colors import COLORS
from experiments.book.figures.panels import BOOK, FEWEST_FOR_INTERVAL, curves, points, seed_values
from experiments.book.figures.study_figure import study_figure
from experiments.book.report.study_report import figure_caption
from experiments.book.study import Panel, Study
from nncore.config import TrialConfig
from results.drawing.save import write_figure
from sweeps.trial import StopReason

METRIC = "validation_accuracy"
NO_FILES = BookFiles(withheld=True)


def arm_runs(name: str, *seeds: Sequence[float]) -> ArmRuns:
    """Return the runs of an arm with these accuracies by epoch, a sequence for each seed."""
    outcomes = tuple(
        ArmOutcome(
            value=max(values),
            best_step=1,
            stop_reason=StopReason.MAX_EPOCHS,
            steps=tuple(range(1, len(values) + 1)),
            curves={METRIC: tuple(values)},
            started="2026-01-01T00:00:00Z",
            seconds=1.0,
            worker=1,
        )
        for values in seeds
    )
    return ArmRuns(NetworkArm(name=name, config=TrialConfig()), 10, outcomes)


def runs_of(**arms: Sequence[Sequence[float]]) -> Runs:
    return {name: arm_runs(name, *seeds) for name, seeds in arms.items()}


def drawn(runs: Runs, *panels: Panel, book: Any = NO_FILES) -> Figure:
    """Return the figure of a study with these panels."""
    arms = tuple(one.arm for one in runs.values())
    study = Study(
        name="s",
        question="?",
        book_reports="",
        minutes=1,
        check=lambda of: [],
        arms=arms,
        panels=panels,
    )
    return study_figure(study, runs, book)


def labels(ax: Axes) -> list[str]:
    return ax.get_legend_handles_labels()[1]


LATE = [0.2, 0.96, 0.97, 0.98]
LOW = [0.3, 0.4, 0.5, 0.6]


def test_a_panel_shows_from_low_on_if_all_arms_get_there() -> None:
    (ax,) = drawn(runs_of(a=[LATE], b=[LATE]), curves(METRIC, low=0.9)).axes
    assert ax.get_ylim()[0] == 0.9


@pytest.mark.parametrize("seeds", [1, 2, 3])
def test_a_panel_shows_every_curve_whole_if_one_of_them_stays_below_low(seeds: int) -> None:
    (ax,) = drawn(runs_of(a=[LATE] * seeds, b=[LOW] * seeds), curves(METRIC, low=0.9)).axes
    bottom, top = ax.get_ylim()
    assert bottom < 0.2
    assert 0.98 < top <= 1.02
    assert ax.get_ylim()[0] < min(line.get_ydata().min() for line in ax.lines)  # type: ignore[union-attr]


def test_the_interval_is_drawn_only_if_there_are_enough_seeds() -> None:
    few = [[0.5 + 0.01 * seed, 0.6, 0.7] for seed in range(FEWEST_FOR_INTERVAL - 1)]
    (ax,) = drawn(runs_of(a=few), curves(METRIC)).axes
    mean, *each = [np.asarray(line.get_ydata()) for line in ax.lines]
    assert len(ax.collections) == 0
    assert mean == pytest.approx(np.mean(few, axis=0))
    assert [line.tolist() for line in each] == few

    enough = [*few, [0.54, 0.6, 0.7]]
    (ax,) = drawn(runs_of(a=enough), curves(METRIC)).axes
    assert len(ax.lines) == len(ax.collections) == 1
    # Student's t for 4 degrees of freedom is 2.776; 0.50 to 0.54 deviate by 0.01581.
    (band,) = ax.collections
    first = band.get_paths()[0].vertices[:, 0] == 1
    heights = np.asarray(band.get_paths()[0].vertices)[first, 1]
    assert heights.max() - heights.min() == pytest.approx(2 * 2.776 * 0.01581 * 1.0954, rel=1e-3)


def test_caption_says_what_is_drawn() -> None:
    study = Study(
        name="s",
        question="?",
        book_reports="",
        minutes=1,
        check=lambda of: [],
        arms=(NetworkArm(name="a", config=TrialConfig()),),
    )
    assert figure_caption(study, 1, quick=False) == "s: 1 seed"
    assert figure_caption(study, 4, quick=False) == "s: 4 seeds, mean and each run"
    assert figure_caption(study, 5, quick=False) == "s: 5 seeds, mean and 95% prediction interval"


@pytest.mark.parametrize("epochs", [1, 2, 3, 12, 60, 400])
def test_epochs_are_whole(epochs: int) -> None:
    (ax,) = drawn(runs_of(a=[np.linspace(0.1, 0.9, epochs).tolist()]), curves(METRIC)).axes
    ticks = [tick for tick in ax.get_xticks() if ax.get_xlim()[0] <= tick <= ax.get_xlim()[1]]
    assert 1 <= len(ticks) <= 9
    assert all(tick == int(tick) and 1 <= tick <= epochs for tick in ticks)


def test_counts_per_seed_have_whole_ticks() -> None:
    runs = runs_of(a=[[0.1, 0.9], [0.9, 0.9]])
    panel = seed_values(lambda arm: np.array([1.0, 2.0]), ylabel="epochs")
    (ax,) = drawn(runs, panel).axes
    assert all(tick == int(tick) for tick in ax.get_yticks())


def test_a_panel_without_values_says_so() -> None:
    runs = runs_of(a=[LOW], b=[LOW])
    (ax,) = drawn(runs, seed_values(lambda arm: np.array([np.nan]), ylabel="epochs")).axes
    assert [text.get_text() for text in ax.texts] == ["no run has this value"]
    assert not ax.axison


def test_a_color_means_one_name_in_all_panels() -> None:
    runs = runs_of(a=[LATE], b=[LOW], c=[LATE])
    first, second, third = drawn(
        runs,
        curves(METRIC, arms=["a", "b"]),
        curves(METRIC, arms=["b", "c"]),
        seed_values(lambda arm: arm.best(METRIC), ylabel="y", arms=["c", "a"]),
    ).axes[:3]
    colors: dict[str, set[str]] = {}
    for ax in (first, second):
        for line in ax.lines:
            colors.setdefault(str(line.get_label()), set()).add(to_hex(line.get_color()))
    for name, dots in zip(["c", "a"], third.lines[::2], strict=True):
        colors[name].add(to_hex(dots.get_color()))
    assert all(len(of_name) == 1 for of_name in colors.values())
    assert len(set.union(*colors.values())) == len(colors) == 3


def test_a_curve_may_have_the_name_and_the_color_of_a_line_of_points() -> None:
    runs = runs_of(a1=[LATE], a2=[LATE], b1=[LOW], b2=[LOW])
    lines = [("a", [("a1", 0.1), ("a2", 0.5)]), ("b", [("b1", 0.1), ("b2", 0.5)])]
    first, second = drawn(
        runs,
        points(METRIC, lines, xlabel="η", log=True),
        curves(METRIC, arms=["b2", "a2"], labels=["b", "a"]),
    ).axes
    of_points = {
        line.get_label(): line.get_color() for line in first.lines if line.get_label() in "ab"
    }
    of_curves = {line.get_label(): line.get_color() for line in second.lines}
    assert of_points == of_curves
    assert [tick.get_text() for tick in first.get_xticklabels()] == ["0.1", "0.5"]


def test_neighbors_in_the_palette_can_be_told_apart() -> None:
    assert len(COLORS) == 9
    assert not any(same_color(one, other) for one, other in combinations(COLORS, 2))


class Files(dict[str, Any]):
    """The author's files, by name."""


@pytest.mark.parametrize("panels", [1, 2, 3])
def test_legend_covers_no_panel(panels: int, tmp_path: Any) -> None:
    names = [f"arm number {k} with a long name" for k in range(8)]
    runs = {name: arm_runs(name, LATE, LOW) for name in names}
    book = [(names[0], "file", lambda values: values), (names[1], "file", lambda values: values)]
    figure = drawn(runs, *[curves(METRIC, book=book)] * panels, book=Files(file=LOW))
    write_figure(figure, tmp_path / "figure", "caption", ["png"])

    found = [ax.get_legend() for ax in figure.axes] + list(figure.legends)
    (legend,) = [one for one in found if one is not None]
    assert [text.get_text() for text in legend.get_texts()] == [*names, BOOK]
    place = legend.get_window_extent()
    assert not any(place.overlaps(ax.get_window_extent()) for ax in figure.axes[:panels])
    assert figure.bbox.contains(place.x0, place.y0)
    assert figure.bbox.contains(place.x1, place.y1)


def test_the_author_s_curve_is_dashed_in_the_color_of_its_arm() -> None:
    runs = runs_of(a=[LATE], b=[LOW])
    read: Callable[[Any], Sequence[float]] = list
    (ax,) = drawn(runs, curves(METRIC, book=[("b", "file", read)]), book=Files(file=LATE)).axes
    dashed = [line for line in ax.lines if line.is_dashed() and len(line.get_xdata())]  # type: ignore[arg-type]
    ours = {line.get_label(): line.get_color() for line in ax.lines}
    assert [line.get_color() for line in dashed] == [ours["b"]]
    assert labels(ax) == ["a", "b", BOOK]

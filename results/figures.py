"""The way out: all figures of a run, written as PNG and SVG beside each other.

The same run gives the same bytes, and a file appears whole or not at all.
"""

from collections.abc import Callable
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from results.curves import plot_best_so_far, plot_learning_curves, why_no_best
from results.drawing import GREY, say
from results.frames import Run
from results.importance import compared_trials, ped_anova
from results.landscape import plot_importance, plot_parallel_coordinates, plot_slice
from results.statistics import best_so_far, best_trial, completed, mean_curves
from sweeps.files import replace_with

DOTS_PER_INCH = 150
PANELS_PER_ROW = 3


def draw_figures(run: Run, folder: Path) -> list[Path]:
    """Write the figures of `run` into `folder`, made if missing; return their paths.

    They are `best_so_far`, `learning_curves`, `slices`, `parallel_coordinates` and `importance`,
    each as `.png` and `.svg`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [
        path
        for name, draw in FIGURES.items()
        for path in _write(draw(run), folder / name, _caption(run))
    ]


def draw_best_so_far(run: Run) -> Figure:
    """Return the figure of the best value over the trials."""
    return _single(7, 4, lambda ax: plot_best_so_far(best_so_far(run.trials), ax))


def draw_learning_curves(run: Run) -> Figure:
    """Return the figure of all learning curves."""
    return _single(8, 4.5, lambda ax: plot_learning_curves(mean_curves(run.epochs), run.trials, ax))


def draw_parallel_coordinates(run: Run) -> Figure:
    """Return the figure of all trials across all hyperparameters that each of them has."""
    width = max(7.0, 1.5 + 1.5 * len(run.shared))
    return _single(width, 4.5, lambda ax: plot_parallel_coordinates(run.trials, run.shared, ax))


def draw_importance(run: Run) -> Figure:
    """Return the figure of the importance of each hyperparameter that all trials have."""
    height = max(2.5, 1.3 + 0.4 * len(run.shared))
    shares = ped_anova(run.trials, run.shared)
    top, count = compared_trials(run.trials, run.shared)
    return _single(7, height, lambda ax: plot_importance(shares, top, count, ax))


def draw_slices(run: Run) -> Figure:
    """Return the figure of the values over each hyperparameter, one panel each."""
    if best_trial(run.trials) is None:
        return _single(7, 3, lambda ax: say(ax, why_no_best(completed(run.trials))))
    columns = min(PANELS_PER_ROW, len(run.space))
    rows = -(-len(run.space) // columns)
    figure = _figure(max(7.0, 3.4 * columns), 3 * rows + 0.7)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, (name, dimension) in zip(panels, run.space.items(), strict=False):
        plot_slice(run.trials, name, dimension, ax)
    for ax in panels[len(run.space) :]:
        ax.set_axis_off()
    for index, ax in enumerate(panels):
        if index % columns:
            ax.set_ylabel("")  # said once per row: the limits are the same
    _shared_legend(figure)
    return figure


FIGURES: dict[str, Callable[[Run], Figure]] = {
    "best_so_far": draw_best_so_far,
    "learning_curves": draw_learning_curves,
    "slices": draw_slices,
    "parallel_coordinates": draw_parallel_coordinates,
    "importance": draw_importance,
}


def _figure(width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _single(width: float, height: float, plot: Callable[[Axes], Axes]) -> Figure:
    figure = _figure(width, height)
    plot(figure.subplots())
    return figure


def _shared_legend(figure: Figure) -> None:
    """Put one legend for all panels below them."""
    found = [ax.get_legend_handles_labels() for ax in figure.axes]
    handles = {
        label: handle
        for handles, labels in found
        for handle, label in zip(handles, labels, strict=True)
    }
    if handles:
        figure.legend(
            handles.values(),
            handles.keys(),
            loc="outside lower center",
            ncols=len(handles),
            fontsize=9,
            frameon=False,
        )


def _caption(run: Run) -> str:
    trials = len(run.trials)
    return f"{run.config.sweep.name}: {trials} trial{'' if trials == 1 else 's'}"


def _write(figure: Figure, stem: Path, caption: str) -> list[Path]:
    figure.suptitle(caption, x=0.01, ha="left", fontsize=9, color=GREY)
    png, svg = stem.with_suffix(".png"), stem.with_suffix(".svg")
    _save(figure, png, {"Software": None})
    figure.set_layout_engine("none")  # laid out once, so that both files agree
    _save(figure, svg, {"Date": None})
    return [png, svg]


def _save(figure: Figure, path: Path, metadata: dict[str, str | None]) -> None:
    """Put the figure at `path`; the salt makes an SVG's ids the same in every process."""

    def save(temporary: Path) -> None:
        figure.savefig(temporary, format=path.suffix[1:], dpi=DOTS_PER_INCH, metadata=metadata)

    with matplotlib.rc_context({"svg.hashsalt": path.stem}):
        replace_with(path, save)

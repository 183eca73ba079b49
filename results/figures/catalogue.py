"""All figures of a run, in the order of the questions: what was best, why, and how it learned.

Each is a function from the findings to a figure; `draw_figures` writes them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from nncore.arguments import as_path, require_type
from results.analysis.ablation import read_ablation
from results.analysis.best_network import confusion
from results.analysis.findings import Findings
from results.analysis.fresh_values import fresh_scores, fresh_text
from results.analysis.predictions import predictions_of
from results.analysis.timeline import timeline
from results.analysis.trials import value_distribution, valued, why_no_best
from results.collector import collector_paused
from results.drawing.save import (
    new_figure,
    shared_legend,
    single_figure,
    write_figure,
    write_png,
)
from results.drawing.settings import default_settings
from results.drawing.style import say
from results.figures.ablation import plot_effects, plot_path
from results.figures.best_network import (
    MISTAKE_GAPS,
    MISTAKES_PER_ROW,
    MOST_MISTAKES,
    MOST_UNITS,
    UNIT_GAPS,
    UNITS_PER_ROW,
    plot_confusion,
    plot_hidden_units,
    plot_mistakes,
    tiles_height,
)
from results.figures.best_so_far import plot_best_so_far, plot_value_distribution
from results.figures.fresh_values import plot_fresh_values
from results.figures.heat_map import enough_trials, plot_heat_map
from results.figures.importance_bars import plot_importance
from results.figures.learning_curves import plot_gap, plot_learning_curves
from results.figures.parallel_coordinates import plot_parallel_coordinates
from results.figures.predictions import (
    MOST_TARGETS,
    plot_predicted,
    plot_residual_histogram,
    plot_residuals,
    plot_worst_images,
)
from results.figures.slices import plot_slice
from results.figures.timeline import plot_timeline
from results.frames import Run

HALF, WHOLE = 6.0, 12.0
"""The width in inches of a figure that takes half a row of the page, and of one that takes all."""
FEW_AXES = 3  # parallel axes that half a row has room for
HEAVY = 1_500_000  # bytes; the PNG of a larger SVG is smaller and as good


@dataclass(frozen=True)
class DrawnFigure:
    """A figure that was written: its name, the titles of its panels, and its files.

    `png` is None if it was not asked for and the SVG is light enough for a page. `wide` says
    whether the figure needs a whole row of the page.
    """

    name: str
    titles: tuple[str, ...]
    svg: Path
    png: Path | None = None
    wide: bool = True


@collector_paused()
@default_settings()
def draw_figures(
    findings: Findings, folder: str | Path, names: Sequence[str] | None = None, *, png: bool = False
) -> list[DrawnFigure]:
    """Write the figures of a run into a folder, each as SVG and, if `png`, as PNG.

    A PNG of an earlier call is drawn again too, and a figure whose SVG is heavy has one in any
    case. The importance and the heat map are left out if there are too few trials, the figures of
    the network if its file is missing, and those that show images also if the data are not images.
    The files of an omitted figure are removed from `folder`.

    Parameters
    ----------
    findings
        The run.
    folder
        The folder, created if it is missing.
    names
        Names of `FIGURES`, all by default.
    png
        Whether to write each figure as PNG too.

    Returns
    -------
    list[DrawnFigure]
        The figures that were written, in the order of `names`.

    Examples
    --------
    >>> from results import Findings, draw_figures, read_run
    >>> findings = Findings(read_run("runs/first"))
    >>> [figure.svg.name for figure in draw_figures(findings, "figures")][:3]
    ['best_so_far.svg', 'values.svg', 'fresh_values.svg']
    """
    require_type(findings, Findings, "findings", "Findings, which are made of a run")
    folder = as_path(folder, "folder")
    folder.mkdir(parents=True, exist_ok=True)
    wanted = FIGURES if names is None else names
    drawn = [_draw(findings, name, folder / name, png) for name in wanted]
    return [figure for figure in drawn if figure]


def shared_out(trials: int) -> tuple[list[str], list[str]]:
    """Return the names of the figures that one process draws, and of those that another draws.

    Both take about the same time if there are many `trials`; if not, the other draws none.
    """
    others = OTHERS if trials > MANY else ()
    own = sorted((name for name in FIGURES if name not in others), key=RANKED.__contains__)
    return own, [name for name in FIGURES if name in others]


def as_reported(drawn: Iterable[DrawnFigure]) -> list[DrawnFigure]:
    """Return figures in the order of the report."""
    return sorted(drawn, key=lambda figure: list(FIGURES).index(figure.name))


def _draw(findings: Findings, name: str, stem: Path, png: bool) -> DrawnFigure | None:
    figure = FIGURES[name](findings)
    if figure is None:
        for suffix in (".png", ".svg"):
            stem.with_suffix(suffix).unlink(missing_ok=True)
        return None
    said = [
        ax.get_title(loc="left") or " ".join(t.get_text() for t in ax.texts) for ax in figure.axes
    ]
    (svg,) = write_figure(figure, stem, _caption(findings.run), ["svg"])
    wanted = png or stem.with_suffix(".png").exists() or svg.stat().st_size > HEAVY
    titles = tuple(title.replace(r"\$", "$").replace("\n", "; ") for title in said if title)
    picture = write_png(figure, stem) if wanted else None
    return DrawnFigure(name, titles, svg, picture, wide=figure.get_figwidth() > HALF)


def draw_best_so_far(findings: Findings) -> Figure:
    """Return the figure of the best value over the trials, and over the epochs they cost."""
    figure = new_figure(WHOLE, 4)
    for ax, price in zip(figure.subplots(1, 2), ("number", "spent"), strict=True):
        plot_best_so_far(findings.incumbent, ax, price, findings.metric, findings.certified)
    shared_legend(figure)
    return figure


def draw_learning_curves(findings: Findings) -> Figure:
    """Return the figure of all learning curves."""
    return single_figure(
        HALF,
        4,
        lambda ax: plot_learning_curves(
            findings.curves, findings.run.trials, ax, findings.metric, findings.certified
        ),
    )


def draw_best_curves(findings: Findings) -> Figure:
    """Return the figure of accuracy and cost of the shipped trial, training and validation."""
    measures = ("cost",) if findings.metric.regression else ("accuracy", "cost")
    figure = new_figure(HALF * len(measures), 4)
    panels = figure.subplots(1, len(measures), squeeze=False).ravel()
    for ax, measure in zip(panels, measures, strict=True):
        plot_gap(findings.curves, findings.shipped, measure, ax)
    shared_legend(figure)
    return figure


def draw_values(findings: Findings) -> Figure:
    """Return the figure of how the values of the trials are distributed."""
    values = value_distribution(findings.settled)
    return single_figure(HALF, 4, lambda ax: plot_value_distribution(values, ax, findings.metric))


def draw_fresh_values(findings: Findings) -> Figure | None:
    """Return the figure of search value against fresh-seed value; None without confirmation."""
    record = findings.confirmation
    if record is None:
        return None
    return single_figure(
        HALF,
        5,
        lambda ax: plot_fresh_values(
            fresh_scores(record), ax, record.winner, fresh_text(record), findings.metric
        ),
    )


def draw_importance(findings: Findings) -> Figure | None:
    """Return the figure of the importance of each hyperparameter; None if it is not known."""
    if not findings.ranked:
        return None
    figure = new_figure(WHOLE, max(2.6, 1.5 + 0.4 * len(findings.run.space)))
    for ax, importance in zip(figure.subplots(1, 2), findings.importance, strict=True):
        plot_importance(importance, ax, findings.metric)
    return figure


def draw_ablation(findings: Findings) -> Figure | None:
    """Return the figure of what each change from the defaults is worth; None without ablation."""
    record = read_ablation(findings.run.folder)
    if record is None:
        return None
    most_names = max(len(change.after) for change in record.changes)
    figure = new_figure(max(HALF, 2 + 1.25 * len(record.changes)), 6.2 + 0.8 * most_names)
    path, by_itself = figure.subplots(2, 1)
    plot_path(record, path)
    plot_effects(record, by_itself)
    shared_legend(figure)
    return figure


def draw_slices(findings: Findings) -> Figure:
    """Return the figure of the values over each hyperparameter, one panel each."""
    trials, space = findings.run.trials, findings.run.space
    if findings.best is None:
        return single_figure(HALF, 3, lambda ax: say(ax, why_no_best(valued(trials))))
    columns = panels_per_row(len(space))
    rows = -(-len(space) // columns)
    figure = new_figure(HALF if columns == 1 else WHOLE, 3 * rows + 0.7)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    pruner = findings.run.config.sweep.pruner
    for ax, (name, dimension) in zip(panels, space.items(), strict=False):
        plot_slice(trials, name, dimension, ax, pruner, findings.metric, findings.certified)
    for ax in panels[len(space) :]:
        ax.set_axis_off()
    for index, ax in enumerate(panels):
        if index % columns:
            ax.set_ylabel("")  # said once per row: the limits are the same
            ax.tick_params(labelleft=False)
    shared_legend(figure)
    return figure


def panels_per_row(count: int) -> int:
    """Return in how many columns, at most four, panels leave the fewest places empty."""
    return count if count <= 4 else min((4, 3), key=lambda columns: -count % columns)


def draw_heat_map(findings: Findings) -> Figure | None:
    """Return the figure of the two most important hyperparameters; None of too few trials."""
    run = findings.run
    if len(findings.ranked) < 2:
        return None
    across, up = findings.ranked[:2]
    if not enough_trials(findings.settled, run.space, across, up):
        return None
    pruner = run.config.sweep.pruner
    return single_figure(
        HALF,
        4.6,
        lambda ax: plot_heat_map(
            run.trials, run.space, across, up, ax, pruner, run.metric, findings.certified
        ),
    )


def draw_parallel_coordinates(findings: Findings) -> Figure:
    """Return the figure of all trials across all hyperparameters."""
    trials, space = findings.run.trials, findings.run.space
    width = HALF if len(space) <= FEW_AXES else max(WHOLE, 1.5 + 1.5 * len(space))
    return single_figure(
        width,
        4.5,
        lambda ax: plot_parallel_coordinates(
            trials, space, ax, findings.metric, findings.certified
        ),
    )


def draw_timeline(findings: Findings) -> Figure:
    """Return the figure of when which worker trained which trial."""
    when = timeline(findings.run.timings, findings.run.trials)
    height = 1.9 + 0.3 * min(when.lanes if when else 1, 40)
    return single_figure(WHOLE, height, lambda ax: plot_timeline(when, ax))


def draw_confusion(findings: Findings) -> Figure | None:
    """Return the figure of which classes the network takes for which; None without one."""
    scored = findings.scored
    if isinstance(scored, str) or not scored.dataset.classes:
        return None
    wider = min(0.25 * max(len(scored.dataset.classes) - 10, 0), HALF)
    counts = confusion(scored.labels, scored.predicted, len(scored.dataset.classes))
    return single_figure(
        HALF + wider, 5.4 + wider, lambda ax: plot_confusion(counts, scored.dataset.classes, ax)
    )


def draw_predicted(findings: Findings) -> Figure | None:
    """Return the figure of predictions against true values; None for classes."""
    scored = findings.scored
    if isinstance(scored, str) or scored.dataset.targets is None:
        return None
    targets = predictions_of(scored)[:MOST_TARGETS]
    columns = 2 if len(targets) == MOST_TARGETS else len(targets)
    rows = len(targets) // columns
    figure = new_figure(HALF * columns, 5 * rows + 0.6)
    for one, ax in zip(targets, figure.subplots(rows, columns, squeeze=False).flat, strict=True):
        plot_predicted(one, ax)
    shared_legend(figure)
    return figure


def draw_residuals(findings: Findings) -> Figure | None:
    """Return the figure of the residuals, a row of panels for each target; None for classes."""
    scored = findings.scored
    if isinstance(scored, str) or scored.dataset.targets is None:
        return None
    targets = predictions_of(scored)[:MOST_TARGETS]
    figure = new_figure(WHOLE, 3.4 * len(targets) + 0.6)
    panels = figure.subplots(len(targets), 2, squeeze=False, sharey="row", width_ratios=[4, 1])
    for one, (against, counted) in zip(targets, panels, strict=True):
        plot_residuals(one, against)
        plot_residual_histogram(one, counted)
    shared_legend(figure)
    return figure


def draw_mistakes(findings: Findings) -> Figure | None:
    """Return the figure of the network's worst mistakes; None if the data is no pictures.

    Of predicted numbers, they are the largest residuals.
    """
    scored = findings.scored
    if isinstance(scored, str) or scored.dataset.image_shape is None:
        return None
    regression = scored.dataset.targets is not None
    wrong = len(scored.labels) if regression else int((scored.labels != scored.predicted).sum())
    shown, shape = min(max(wrong, 1), MOST_MISTAKES), scored.dataset.image_shape
    height = 0.7 + tiles_height(shown, MISTAKES_PER_ROW, shape, MISTAKE_GAPS, HALF)
    plot = plot_worst_images if regression else plot_mistakes
    return single_figure(HALF, height, lambda ax: plot(scored, ax))


def draw_hidden_units(findings: Findings) -> Figure | None:
    """Return the figure of the weights into hidden units; None if the data is no pictures."""
    scored = findings.scored
    if isinstance(scored, str) or scored.dataset.image_shape is None:
        return None
    units = min(scored.networks[0].sizes[1], MOST_UNITS)
    shape = scored.dataset.image_shape
    height = 0.8 + tiles_height(units, UNITS_PER_ROW, shape, UNIT_GAPS, HALF)
    return single_figure(HALF, height, lambda ax: plot_hidden_units(scored, ax))


FIGURES: dict[str, Callable[[Findings], Figure | None]] = {
    "best_so_far": draw_best_so_far,
    "values": draw_values,
    "fresh_values": draw_fresh_values,
    "learning_curves": draw_learning_curves,
    "best_curves": draw_best_curves,
    "importance": draw_importance,
    "ablation": draw_ablation,
    "slices": draw_slices,
    "parallel_coordinates": draw_parallel_coordinates,
    "heat_map": draw_heat_map,
    "predicted": draw_predicted,
    "residuals": draw_residuals,
    "confusion": draw_confusion,
    "mistakes": draw_mistakes,
    "hidden_units": draw_hidden_units,
    "timeline": draw_timeline,
}

RANKED = ("importance", "heat_map")
"""The figures that need the importance, which is computed meanwhile: they are drawn last."""

OTHERS, MANY = (*RANKED, "parallel_coordinates"), 500
"""What another process draws if there are more than so many trials. With fewer trials, it would
take longer to load matplotlib."""


def _caption(run: Run) -> str:
    asked, ended = run.config.sweep.trials, len(run.trials)
    still = "" if ended >= asked else f" of {asked:,}"
    return f"{run.name}: {ended:,}{still} trial{'s' if ended != 1 or still else ''}"

"""What each change from the defaults to the winner is worth: along the path, and by itself.

The effects are those of `ablation.json`; better is up for every metric.
"""

import math

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from nncore.components.metrics import METRICS, Metric
from results.analysis.ablation import significant
from results.drawing.style import (
    BLACK,
    BLUE,
    GRAY,
    SKY,
    VERMILLION,
    dress,
    score_axis,
    short,
)
from results.number_text import difference_text, parameter_text
from sweeps.records.ablation_record import AblationRecord, ChangeRecord, Effect

BAR = 0.56  # the width of a step, of the distance between steps
BESIDE = 0.12  # how far the two effects of a change lie from its middle


def plot_path(record: AblationRecord, ax: Axes) -> Axes:
    """Draw the mean score from the defaults to the winner, a bar for each step; return the axes.

    A line shows the 95% interval of the step's effect. The color says whether the step is better or
    worse; the bar is filled if the effect is significant.
    """
    metric = METRICS[record.metric]
    scores = [metric.score(v) for v in (record.default_value, *(c.value for c in record.changes))]
    ax.plot([-BAR / 2, BAR / 2], [scores[0]] * 2, color=BLACK, linewidth=2)
    drawn = list(scores)
    for x, change in enumerate(record.changes, start=1):
        before, after = scores[x - 1 : x + 1]
        color = BLUE if after >= before else VERMILLION
        ax.bar(
            [x],
            [after - before],
            bottom=before,
            width=BAR,
            color=color if significant(change.step) else "white",
            edgecolor=color,
            linewidth=1.6,
            label="better" if color == BLUE else "worse",
        )
        ax.plot([x - 1 + BAR / 2, x - BAR / 2], [before] * 2, color=GRAY, linewidth=1)
        ends = [before + end for end in _score_ends(change.step, metric)]
        ax.plot([x] * len(ends), ends, color=BLACK, linewidth=1.4)
        drawn += ends
    known = [score for score in drawn if math.isfinite(score)]
    score_axis(ax, min(known, default=0.0), max(known, default=0.0), metric)
    _changes_axis(ax, record, first="defaults")
    dress(ax, _path_title(record, metric), grid="y")
    return ax


def _path_title(record: AblationRecord, metric: Metric) -> str:
    sure = sum(significant(change.step) for change in record.changes)
    steps = f"{sure} of {len(record.changes)} steps significant (filled)"
    total = difference_text(metric, record.total.mean)
    return f"From the defaults to trial {record.trial}: {total}; {steps}"


def plot_effects(record: AblationRecord, ax: Axes) -> Axes:
    """Draw the effects of each change on the defaults and in the winner; return the axes.

    Marks are filled if the effect is significant; lines are 95% intervals.
    """
    metric = METRICS[record.metric]
    shown = (
        ("alone, on the defaults", -BESIDE, "o", BLUE, [one.alone for one in record.changes]),
        ("in the winner", BESIDE, "s", SKY, [one.in_winner for one in record.changes]),
    )
    for label, aside, marker, color, effects in shown:
        for place, effect in enumerate(effects, start=1):
            x = place + aside
            ends = _score_ends(effect, metric)
            ax.plot([x] * len(ends), ends, color=color, linewidth=2)
            ax.plot(
                [x],
                [metric.score(effect.mean)],
                marker=marker,
                markersize=7,
                color=color,
                markerfacecolor=color if significant(effect) else "white",
                markeredgewidth=2,
                linestyle="none",
                label=label if place == 1 else None,
            )
    ax.axhline(0, color=BLACK, linewidth=1, zorder=1)
    factor = 100 if metric.percent else 1
    ax.yaxis.set_major_formatter(
        FuncFormatter(lambda y, _: f"{metric.score(factor * y):+g}" if y else "0")
    )
    ax.yaxis.set_major_locator(MaxNLocator(nbins=7))
    ax.set_ylabel(f"effect{' (points)' if metric.percent else ''}")
    _changes_axis(ax, record, first="")
    dress(ax, "Each change by itself (filled: significant)", grid="y")
    return ax


def _score_ends(effect: Effect, metric: Metric) -> list[float]:
    """Return the ends of an effect's interval as differences of scores, if it has one."""
    return sorted(metric.score(end) for end in effect.ci) if effect.ci else []


def _changes_axis(ax: Axes, record: AblationRecord, *, first: str) -> None:
    """Put what comes `first` and the changes side by side on x, in the order of the path."""
    labels = [first, *map(_label, record.changes)]
    ax.set_xticks(range(len(labels)), labels)
    ax.set_xlim(-0.5, len(labels) - 0.5)
    ax.tick_params(axis="x", length=0)


def _label(change: ChangeRecord) -> str:
    return "\n".join(
        f"{short(name)}\n{short(parameter_text(before))} → {short(parameter_text(after))}"
        for (name, before), after in zip(change.before.items(), change.after.values(), strict=True)
    )

"""Draws the parts of the network at work: `python docs/gallery.py` writes the gallery's figures.

Every curve is computed by the catalogues and rules of `nncore`, never by a formula in this file.
"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nncore.arrays.layout import Array
from nncore.components.activations import ACTIVATIONS
from nncore.components.costs import COSTS
from nncore.components.dropout import dropout_mask
from nncore.components.schedules import SCHEDULES, SMALLEST, ScheduleState
from nncore.config import TrialConfig, trial_config
from nncore.datasets import DataSet, load_dataset
from nncore.descent.expansion import Expansion
from nncore.descent.update_rule import new_state
from nncore.descent.updates import UPDATES
from nncore.network import Network, new_network
from nncore.training import EpochRecord, train
from results.drawing.settings import default_settings
from results.drawing.style import BLACK, BLUE, GRAY, PALE, SKY, VERMILLION, dress

FOLDER = Path(__file__).parent / "gallery"
DOTS_PER_INCH = 100
LINE = 2.2


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, `width` by `height` inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def trained(config: TrialConfig, dataset: DataSet) -> tuple[Network, list[EpochRecord]]:
    """Return a network trained on `dataset` as `config` says, and its records."""
    rng = np.random.default_rng(1)
    network = new_network(config, dataset.train.x.shape[1], len(dataset.classes), rng)
    records = train(network, config, rng, training=dataset.train, validation=dataset.validation)
    return network, list(records)


def activations() -> Figure:
    """Draw each activation, its derivative, and the outputs of a softmax layer, stacked to 1."""
    z = np.linspace(-4, 4, 401)[:, None]
    figure = new_figure(10, 3.4)
    function, derivative, shares = figure.subplots(1, 3)
    looks = {"linear": (PALE, "-"), "relu": (VERMILLION, "-"), "tanh": (SKY, "--")}
    for name, (color, dashes) in {**looks, "sigmoid": (BLUE, "-")}.items():
        a = ACTIVATIONS[name](z)
        slope = ACTIVATIONS[name].pull_back(a, np.ones_like(a))
        function.plot(z, a, dashes, color=color, linewidth=LINE, label=name)
        derivative.plot(z, slope, dashes, color=color, linewidth=LINE)
    function.set(ylim=(-1.6, 2.6), ylabel="output $a = f(z)$")
    function.legend(frameon=False, fontsize=9)
    derivative.set(ylim=(-0.08, 1.15), ylabel="derivative $f'(z)$")
    others = np.array([0.0, 1.0, 2.0])
    a = ACTIVATIONS["softmax"](np.hstack([z, np.broadcast_to(others, (len(z), 3))]))
    shares.stackplot(z[:, 0], a.T, colors=[BLUE, "#E6E6E6", "#CCCCCC", PALE], edgecolor="white")
    for row, text in enumerate(["$a_2$, $z_2 = 0$", "$a_3$, $z_3 = 1$", "$a_4$, $z_4 = 2$"], 1):
        shares.text(-3.7, a[15, :row].sum() + a[15, row] / 2, text, va="center", fontsize=9)
    shares.text(2.6, 0.28, "$a_1$", color="white", fontsize=12)
    shares.set(xlim=(-4, 4), ylim=(0, 1), ylabel="outputs, stacked")
    for ax, title in zip(
        figure.axes, ("functions", "derivatives", "softmax of 4 units"), strict=True
    ):
        dress(ax, title, grid="" if ax is shares else "xy")
        ax.set_xlabel("weighted input $z_1$" if ax is shares else "weighted input $z$")
    return figure


def costs() -> Figure:
    """Draw cost and output error of one output unit whose target is 1."""
    a = np.linspace(0.002, 0.998, 499)[:, None]
    z, y = np.log(a / (1 - a)), np.ones_like(a)
    pair, pair_y = np.hstack([z, 0 * z]), np.hstack([y, 0 * y])  # softmax of (z, 0) is σ(z)
    cases = [
        ("quadratic", "sigmoid", z, y, VERMILLION, LINE, "-"),
        ("cross-entropy", "sigmoid", z, y, SKY, 2 * LINE, "-"),
        ("log-likelihood", "softmax", pair, pair_y, BLACK, LINE / 2, "--"),
    ]
    figure = new_figure(8.4, 3.4)
    value, error = figure.subplots(1, 2)
    for name, output, z_case, y_case, color, width, dashes in cases:
        outputs, cost = ACTIVATIONS[output](z_case), COSTS[name]
        look: dict[str, Any] = {"color": color, "linewidth": width, "linestyle": dashes}
        value.plot(a, cost.value(z_case, outputs, y_case), label=f"{name}, {output}", **look)
        delta = cost.output_error(ACTIVATIONS[output], outputs, y_case)
        error.plot(a, np.abs(delta[:, 0]), **look)
    value.set(ylim=(0, 4), ylabel="cost $C$")
    value.legend(frameon=False, fontsize=9)
    error.set(ylim=(0, 1), ylabel="size of the output error $|\\delta|$")
    error.annotate(
        "badly wrong, but hardly\nany error to learn from",
        (0.02, 0.025),
        (0.13, 0.3),
        arrowprops={"arrowstyle": "->", "color": GRAY},
        fontsize=9,
    )
    dress(value, "cost")
    dress(error, "output error")
    for ax in figure.axes:
        ax.set(xlim=(0, 1), xlabel="output $a$, where the target is 1")
    return figure


def learning_rates(name: str, epochs: int) -> list[float]:
    """Return η of each epoch under a schedule that needs no validation accuracy."""
    state: ScheduleState | None = ScheduleState(
        initial=1.0, learning_rate=1.0, epochs=epochs, decay=0.95, patience=1
    )
    rates: list[float] = []
    while state is not None and len(rates) < epochs:
        rates.append(state.learning_rate)
        state = SCHEDULES[name](state, None)
    return rates


def schedules() -> Figure:
    """Draw η over the epochs, and a real run whose η is halved when accuracy stops improving."""
    config = TrialConfig(
        schedule="halve-on-plateau", schedule_patience=4, epochs=100, lmbda=0.3, learning_rate=1.0
    )
    _, records = trained(config, load_dataset("mnist-5k"))
    epochs, rates = np.arange(1, len(records) + 1), [r.learning_rate for r in records]
    figure = new_figure(9.4, 3.6)
    rate, accuracy = figure.subplots(1, 2)
    for name, color in (("constant", PALE), ("exponential", SKY), ("cosine", VERMILLION)):
        planned = learning_rates(name, len(records))
        rate.plot(epochs, planned, color=color, linewidth=LINE, label=name)
    rate.step(epochs, rates, where="mid", color=BLUE, linewidth=LINE, label="halve-on-plateau")
    rate.set_yscale("log", base=2)
    rate.set(ylim=(SMALLEST / 1.5, 1.5), ylabel="$\\eta$ / first $\\eta$")
    powers = range(8)
    rate.set_yticks([2.0**-k for k in powers], ["1" if k == 0 else f"1/{2**k}" for k in powers])
    rate.legend(frameon=False, fontsize=9, loc="lower left")
    values = [100 * (r.validation_accuracy or 0.0) for r in records]
    accuracy.plot(epochs, values, color=BLUE, linewidth=1.4)
    for epoch, (before, after) in enumerate(pairwise(rates), 1):
        if after < before:
            accuracy.axvline(epoch + 0.5, color=PALE, linewidth=1, zorder=0)
            accuracy.text(epoch + 0.7, 90.2, "$\\eta/2$", color=GRAY, fontsize=8)
    accuracy.set(ylabel="validation accuracy (%)", ylim=(90, 97))
    dress(rate, "learning rate")
    dress(accuracy, "a run with halve-on-plateau", grid="y")
    for ax in figure.axes:
        ax.set(xlabel="epoch", xlim=(0, len(records) + 1))
    return figure


WARPS: dict[str, tuple[str, tuple[float, ...]]] = {
    "shift": ("pixels", (0, 1, 2, 4, 6)),
    "rotation": ("degrees", (0, 10, 20, 40, 60)),
    "scaling": ("fraction", (0, 0.1, 0.2, 0.4, 0.8)),
    "shear": ("fraction", (0, 0.1, 0.2, 0.4, 0.8)),
    "elastic": ("pixels", (0, 10, 20, 40, 80)),
}
"""The unit of each warp, and the strengths shown."""


def warps() -> Figure:
    """Draw one digit under each warp, drawn from the same noise at growing strength."""
    dataset = load_dataset("mnist-5k")
    shape = dataset.image_shape
    assert shape is not None
    digit = dataset.train.x[np.flatnonzero(dataset.train.labels == 5)[4]][None]
    figure = new_figure(6, 6.4)
    grid = figure.subplots(len(WARPS), 5)
    for row, (name, (unit, strengths)) in zip(grid, WARPS.items(), strict=True):
        for ax, strength in zip(row, strengths, strict=True):
            warp = Expansion(trial_config({name: strength}), shape, np.random.default_rng(126))
            show(ax, warp(digit).reshape(shape), f"{strength:g}")
        row[0].set_ylabel(f"{name}\n({unit})", fontsize=10)
    return figure


def show(ax: Axes, image: NDArray[Any], title: str, **look: Any) -> None:
    """Draw an image without ticks: ink on paper, or as `look` says."""
    ax.imshow(image, **{"cmap": "gray_r", "vmin": 0, "vmax": 1, "interpolation": "nearest", **look})
    ax.set_title(title, fontsize=9, pad=3)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_color(PALE)


def dropout() -> Figure:
    """Draw masks of a layer of 24 units, and their mean over examples, which approaches 1."""
    figure = new_figure(9.4, 3.4)
    light, heavy, mean = figure.subplots(1, 3, width_ratios=[1, 1, 1.1])
    noise = np.random.default_rng(3)
    for ax, rate in ((light, 0.2), (heavy, 0.5)):
        mask = dropout_mask(noise, np.empty((24, 24)), rate)
        ax.pcolormesh(mask > 0, cmap="Blues", vmin=-0.05, vmax=1.3, edgecolor="white", linewidth=1)
        dress(ax, f"rate {rate}: 0, or {1 / (1 - rate):g}", grid="")
        ax.set(xlabel="hidden unit", ylabel="example", aspect="equal", xticks=[], yticks=[])
        ax.spines[["left", "bottom"]].set_visible(False)
    examples = np.arange(1, 10_001)
    masks = dropout_mask(noise, np.empty((len(examples), 12)), 0.5)
    means = masks.cumsum(axis=0) / examples[:, None]
    mean.plot(examples, means, color=BLUE, linewidth=0.8, alpha=0.6)
    mean.set(
        xscale="log", xlim=(1, examples[-1]), xlabel="examples so far", ylabel="mean of the mask"
    )
    dress(mean, "12 units at rate 0.5")
    return figure


CURVATURES = np.array([1.0, 25.0])
"""The curvatures of the bowl C = ½ Σ curvature · w², whose gradient is curvature · w."""


def descend(rule: str, learning_rate: float, momentum: float, steps: int) -> Array:
    """Return the path, `(steps + 1, 2)`, of an update rule down the bowl."""
    config = TrialConfig(learning_rate=learning_rate, momentum=momentum)
    w = np.array([-4.0, 1.2])
    state, path = new_state([w]), [w.copy()]
    for _ in range(steps):
        UPDATES[rule].readable([w], state, [CURVATURES * w], config)
        path.append(w.copy())
    return np.array(path)


def paths() -> Figure:
    """Draw the path of each update rule down a narrow bowl, and the cost after each step."""
    figure = new_figure(10.4, 4.2)
    axes = figure.subplot_mosaic("aabbccc;ddeeccc")
    cost_ax = axes.pop("c")
    rules = [
        ("gradient", "$\\eta$ = 0.036", 0.036, 0.0, GRAY),
        ("momentum", "$\\eta$ = 0.036, $\\mu$ = 0.8", 0.036, 0.8, SKY),
        ("nesterov", "$\\eta$ = 0.036, $\\mu$ = 0.8", 0.036, 0.8, BLUE),
        ("fixed-length", "$\\epsilon$ = 0.25", 0.25, 0.0, VERMILLION),
    ]
    w1, w2 = np.meshgrid(np.linspace(-4.6, 2.4, 200), np.linspace(-1.7, 1.7, 200))
    bowl = (CURVATURES[0] * w1**2 + CURVATURES[1] * w2**2) / 2
    for ax, (rule, settings, rate, momentum, color) in zip(axes.values(), rules, strict=True):
        path = descend(rule, rate, momentum, 60)
        ax.contour(w1, w2, bowl, levels=[0.5, 2, 5, 10, 18, 28], colors=[PALE], linewidths=0.6)
        ax.plot(path[:, 0], path[:, 1], ".-", color=color, linewidth=1.2, markersize=4)
        ax.plot(0, 0, "+", color=BLACK, markersize=9)
        dress(ax, f"{rule}: {settings}", grid="")
        ax.set(xlabel="$w_1$", ylabel="$w_2$", xlim=(-4.6, 2.4), ylim=(-1.7, 1.7))
        cost = (CURVATURES * path**2).sum(axis=1) / 2
        cost_ax.semilogy(cost, color=color, linewidth=LINE, label=rule)
    dress(cost_ax, "cost after each step")
    cost_ax.set(xlabel="step", ylabel="cost $C$", xlim=(0, 60))
    cost_ax.legend(frameon=False, fontsize=9)
    return figure


def hidden_units() -> Figure:
    """Draw the weights of each hidden unit of a trained [784, 30, 10] network as an image."""
    dataset = load_dataset("mnist-5k")
    config = TrialConfig(lmbda=3.0, epochs=30)
    network, records = trained(config, dataset)
    shape = dataset.image_shape
    assert shape is not None
    first, last = network.weights
    limit = float(np.quantile(np.abs(first), 0.995))
    figure = new_figure(9.2, 3.3)
    grid = figure.subplots(3, 10)
    for ax, incoming, outgoing in zip(grid.ravel(), first.T, last, strict=True):
        title = f"for {outgoing.argmax()}, not {outgoing.argmin()}"
        show(ax, incoming.reshape(shape), title, cmap="RdBu_r", vmin=-limit, vmax=limit)
    bar = figure.colorbar(grid[0, 0].images[0], ax=grid, label="weight", aspect=35, pad=0.01)
    bar.outline.set_visible(False)
    accuracy = records[-1].validation_accuracy
    assert accuracy is not None
    figure.suptitle(f"validation accuracy {accuracy:.1%}", x=0.01, ha="left", fontsize=9)
    return figure


FIGURES: dict[str, Callable[[], Figure]] = {
    "activations": activations,
    "costs": costs,
    "schedules": schedules,
    "warps": warps,
    "dropout": dropout,
    "paths": paths,
    "hidden_units": hidden_units,
}


@default_settings()
def draw_gallery(folder: Path = FOLDER) -> None:
    """Write every figure into `folder`; the same machine gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in FIGURES.items():
        path = folder / f"{name}.png"
        draw().savefig(path, dpi=DOTS_PER_INCH, metadata={"Software": None})


if __name__ == "__main__":
    draw_gallery()

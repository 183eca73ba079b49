"""One neuron that learns to output 0 for the input 1, from a good and from a bad start.

Nielsen ch. 3, "The cross-entropy cost function".
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from experiments.book.arm_runs import Runs
from experiments.book.book_files import BookFiles
from experiments.book.exact_verdicts import published_exact_number, value_in_range
from experiments.book.figures.colors import color_of
from experiments.book.study import Panel, Study
from experiments.book.verdicts import ClaimVerdict
from nncore.arrays.layout import Array
from nncore.config import TrialConfig
from nncore.datasets import Split
from nncore.network import Network
from nncore.training import train
from results.drawing.style import dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ETA = {"quadratic": 0.15, "cross-entropy": 0.005}
STARTS = ((0.6, 0.9), (2.0, 2.0))
EPOCHS = 300
EXAMPLE = Split(np.ones((1, 1), np.float32), np.zeros((1, 1), np.float32), np.zeros(1, np.int64))
MEASURES = ("weight", "bias", "cost", "output")


@cache
def learned(cost: str, start: tuple[float, float]) -> dict[str, Array]:
    """Return weight, bias, cost and output before the first epoch and after each, `(301,)`."""
    config = TrialConfig(
        cost=cost,
        learning_rate=ETA[cost],
        mini_batch_size=1,
        hidden_units=(),
        epochs=EPOCHS,
        dtype="float64",
    )
    weight, bias = start
    network = Network([np.full((1, 1), weight)], [np.full(1, bias)], "sigmoid", "sigmoid", cost)
    rows = [(weight, bias)]
    rows += [
        (float(network.weights[0][0, 0]), float(network.biases[0][0]))
        for _ in train(network, config, np.random.default_rng(0), training=EXAMPLE)
    ]
    weights, biases = np.array(rows).T
    output = 1 / (1 + np.exp(-weights - biases))
    value = output**2 / 2 if cost == "quadratic" else -np.log(1 - output)
    return dict(zip(MEASURES, (weights, biases, value, output), strict=True))


def panel(measure: str) -> Panel:
    """Return the panel of one measure over the epochs, for both costs and both starts."""

    def draw(ax: "Axes", runs: Runs, book: BookFiles) -> None:
        for cost in ETA:
            for dashes, start in zip(("-", "--"), STARTS, strict=True):
                label = f"{cost}, from {start}"
                values, color = learned(cost, start)[measure], color_of(ax, cost)
                ax.plot(values, dashes, color=color, label=label)
        ax.set(xlabel="epoch", ylabel=measure)
        dress(ax, measure.capitalize())

    return draw


def plateau(cost: str, start: tuple[float, float]) -> float:
    """Return the first step of the weight as a fraction of its largest step, small on a plateau."""
    steps = np.abs(np.diff(learned(cost, start)["weight"]))
    return float(steps[0] / steps.max())


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare the final outputs, and how fast each cost starts to learn from (2, 2)."""
    ends = [round(float(learned("quadratic", start)["output"][-1]), 2) for start in STARTS]
    slow, quick = (plateau(cost, STARTS[1]) for cost in ETA)
    claim = "from (2, 2), first step as a fraction of the largest"
    return [
        published_exact_number("Quadratic from (0.6, 0.9), final output", 0.09, ends[0], ""),
        published_exact_number("Quadratic from (2, 2), final output", 0.20, ends[1], ""),
        value_in_range(f"Quadratic {claim}", slow, 0.0, 0.2),
        value_in_range(f"Cross-entropy {claim}", quick, 0.8, 1.0),
    ]


STUDY = Study(
    name="single-neuron",
    question="Does a neuron learn fastest when it is most wrong?",
    book_reports="With the quadratic cost the outputs end near 0.09 and 0.20, the second after a "
    "long plateau. With the cross-entropy there is no plateau.",
    minutes=0.0,
    panels=tuple(map(panel, MEASURES)),
    check=check,
    notes="This study has no randomness, so it has no seeds.",
)

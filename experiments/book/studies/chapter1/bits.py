"""A fourth layer that turns ten outputs, one for each digit, into the four bits of the digit.

Nielsen ch. 1, "A simple network to classify handwritten digits", exercise.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from experiments.book.arm_runs import Runs
from experiments.book.book_files import BookFiles
from experiments.book.exact_verdicts import value_in_range
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict
from nncore.arrays.layout import Array
from nncore.components.activations import ACTIVATIONS
from results.drawing.style import dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DIGITS, BITS = 10, 4
WEIGHT = 10.0
"""Weights are +10 from a digit that has the bit and −10 from one that has not; biases are 0."""
RIGHT, WRONG = 0.99, 0.01
"""The exercise's bounds: the right output is at least 0.99, each other one at most 0.01."""


def weights() -> Array:
    """Return the weights from digit to bit, `(10, 4)`, the most significant bit first."""
    bits = np.arange(DIGITS)[:, None] >> np.arange(BITS)[::-1] & 1
    return np.where(bits == 1, WEIGHT, -WEIGHT)


@cache
def errors() -> Array:
    """Return the largest error of each bit for each digit, `(10, 4)`, over all allowed outputs.

    z is linear in the outputs, so it is extreme where each of them is at one of its bounds: the
    right one at 0.99, and each other at 0.01 if it pulls to the wrong side and at 0 if not.
    """
    w = weights()
    wanted = w > 0
    worst = np.empty(w.shape)
    for digit in range(DIGITS):
        sign = np.where(wanted[digit], 1.0, -1.0)
        others = np.delete(w, digit, axis=0) * sign
        z = RIGHT * w[digit] * sign + WRONG * np.minimum(others, 0).sum(axis=0)
        worst[digit] = 1 - ACTIVATIONS["sigmoid"](z)
    return worst


def draw(ax: "Axes", runs: Runs, book: BookFiles) -> None:
    """Draw the weights as an image."""
    ax.imshow(weights().T, cmap="coolwarm", aspect="auto")
    ax.set_xticks(range(DIGITS))
    ax.set_yticks(range(BITS), ["8", "4", "2", "1"])
    ax.set(xlabel="output of the third layer", ylabel="bit")
    dress(ax, "Weights: red +10, blue −10", grid="")


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Check that every bit is right for all allowed outputs of the third layer."""
    claim = "Largest error of a bit over all digits and all allowed outputs"
    return [value_in_range(claim, float(errors().max()), 0.0, 0.01)]


STUDY = Study(
    name="bits",
    question="Which weights turn the ten outputs for digits into the digit's four bits?",
    book_reports="An exercise asks for weights and biases of a fourth layer, if the right output "
    "of the third is at least 0.99 and each other one is less than 0.01.",
    minutes=0.0,
    panels=(draw,),
    check=check,
    notes="The weight from a digit to a bit is +10 if the digit has the bit, else −10; all biases "
    "are 0. The right output contributes at least 9.9 to the correct side, and the nine others at "
    "most 0.9 to the wrong one, so |z| >= 9.0. This study has no randomness, so it has no seeds.",
)

"""Learning rates that are far too low and far too high, and the way from the low one upward.

Nielsen ch. 1, "Implementing our network to classify digits".
"""

from collections.abc import Sequence
from itertools import pairwise

from experiments.book.arm_runs import Runs
from experiments.book.arms import NetworkArm
from experiments.book.figures.panels import curves
from experiments.book.studies.settings import first_network
from experiments.book.study import Study
from experiments.book.verdicts import (
    ClaimVerdict,
    difference_claim,
    interval_in_range,
    published_number,
)

RATES = (0.001, 0.01, 0.1, 1.0)
"""Learning rates with 100 hidden units; the book names the first two and 1.0."""
SLOW, FAST = "100 hidden, η 0.001", "30 hidden, η 100"


def name(rate: float) -> str:
    """Return the name of the arm with 100 hidden units and this learning rate."""
    return f"100 hidden, η {rate:g}"


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare the book's numbers for both extremes, and each learning rate with the one below."""
    slow, fast = (runs[arm].curve("test_accuracy") for arm in (SLOW, FAST))
    verdicts = [
        published_number("η 0.001, after the first epoch", 0.1139, slow[:, 0]),
        published_number("η 0.001, after the last epoch", 0.2142, slow[:, -1]),
        difference_claim("η 0.001 improves slowly", slow[:, -1], slow[:, 0], book=0.1003),
        published_number("η 100, after the first epoch", 0.1009, fast[:, 0]),
        published_number("η 100, after the last epoch", 0.0982, fast[:, -1]),
        interval_in_range("η 100 learns nothing, best epoch", fast.max(axis=1), high=0.2, unit="%"),
    ]
    last = {rate: runs[name(rate)].last("test_accuracy") for rate in RATES}
    return verdicts + [
        difference_claim(f"η {high:g} is better than η {low:g}", last[high], last[low])
        for low, high in pairwise(RATES)
    ]


STUDY = Study(
    name="extreme-rates",
    question="What happens if the learning rate is far too low or far too high?",
    book_reports="With 100 hidden units and η 0.001, test accuracy rises slowly from 11.39% to "
    "21.42% in 30 epochs, which suggests 0.01 and, step by step, about 1.0. With 30 hidden units "
    "and η 100 it is 10.09% after the first epoch and 9.82% after the last.",
    minutes=0.6,
    arms=(
        *(
            NetworkArm(name=name(rate), config=first_network(100, rate), evaluation="test")
            for rate in RATES
        ),
        NetworkArm(name=FAST, config=first_network(30, 100.0), evaluation="test"),
    ),
    panels=(curves("test_accuracy", title="Test accuracy"),),
    check=check,
    notes="With η 100 the first steps drive all outputs so near to 0 that the network hardly "
    "learns any more. It then answers with a few of the ten digits, whatever the image.",
)

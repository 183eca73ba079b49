"""How often the intervals of reports hold the truth, and how often equal candidates seem to differ.

`python -m benchmarks.coverage` simulates values whose true means are known and prints the tables of
`docs/explanation/statistics.md` in Markdown. `--tables` chooses among them.
"""

import argparse
import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import stats

from results.analysis.selection_bias import lead_over, winner_estimate
from results.analysis.uncertainty import (
    LEVEL,
    SIGNIFICANT,
    Interval,
    distinguishable,
    example_interval,
    mean_interval,
    paired_difference,
    paired_example_interval,
    wilson_interval,
)
from sweeps.workers.local import available_cores

SIMULATIONS, RESAMPLES = 2_000, 1_000
ENUMERATED = 10
SLOWER = 5  # a bootstrap over examples is simulated less often
SEEDS = (5, 10, 20)
TAILS = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
Numbers = NDArray[np.float64]
Shape = Callable[[np.random.Generator, tuple[int, ...]], Numbers]


def _tied(rng: np.random.Generator, shape: tuple[int, ...]) -> Numbers:
    """Return counts of right answers of 100, as fractions: few distinct values."""
    return rng.binomial(100, 0.97, size=shape) / 100 - 0.97


SHAPES: dict[str, Shape] = {
    # Deviations from the true mean in units of their standard deviation, except for the tied ones.
    # Accuracies have their long tail downward.
    "normal": lambda rng, shape: rng.normal(size=shape),
    "gamma 2": lambda rng, shape: (2 - rng.gamma(2, size=shape)) / math.sqrt(2),
    "lognormal 0.8": lambda rng, shape: (
        (math.exp(0.32) - rng.lognormal(0, 0.8, size=shape))
        / math.sqrt(math.exp(0.64) * (math.exp(0.64) - 1))
    ),
    "tied": _tied,
}


def percentile(samples: Numbers) -> Numbers:
    """Return the percentile bootstrap interval of each sample's mean, that of earlier versions."""
    return _scipys(samples, "percentile")


def bca(samples: Numbers) -> Numbers:
    """Return the BCa bootstrap interval of each sample's mean."""
    return _scipys(samples, "BCa")


def _scipys(samples: Numbers, method: str) -> Numbers:
    with warnings.catch_warnings(action="ignore"):  # BCa of few tied values is not always defined
        found = stats.bootstrap(
            (samples,), np.mean, axis=1, n_resamples=RESAMPLES, batch=50, method=method, rng=0
        ).confidence_interval
    return np.stack(found, axis=1)


def studentized(samples: Numbers) -> Numbers:
    """Return the studentized bootstrap intervals, without the resamples that have no spread."""
    rng = np.random.default_rng(0)
    return np.array([_studentized(values, rng) for values in samples])


def _studentized(values: Numbers, rng: np.random.Generator) -> Numbers:
    n = len(values)
    resampled = values[rng.integers(n, size=(RESAMPLES, n))]
    errors = resampled.std(axis=1, ddof=1)
    kept = errors > 1e-12
    t = (resampled.mean(axis=1)[kept] - values.mean()) / errors[kept]
    ends: Numbers = values.mean() - np.quantile(t, TAILS)[::-1] * values.std(ddof=1)
    return ends


def students(samples: Numbers) -> Numbers:
    """Return Student's t intervals."""
    ends = stats.ttest_1samp(samples, 0.0, axis=1).confidence_interval(LEVEL)
    return np.stack([ends.low, ends.high], axis=1)


def ours(samples: Numbers) -> Numbers:
    """Return the intervals of reports."""
    return np.array([mean_interval(values) for values in samples])


INTERVALS: dict[str, Callable[[Numbers], Numbers]] = {
    "percentile (old)": percentile,
    "BCa": bca,
    "studentized": studentized,
    "Student's t": students,
    "new": ours,
}


def holds(interval: Interval, truth: float) -> bool:
    """Return whether an interval holds the truth; rounding errors do not count."""
    return interval[0] <= truth + 1e-12 and interval[1] >= truth - 1e-12


def of_means(simulations: int) -> None:
    """Print the coverage and the mean width of the intervals of a mean."""
    print("\n| values | " + " | ".join(INTERVALS) + " |\n|---|" + "---|" * len(INTERVALS))
    rows = Parallel(n_jobs=available_cores())(
        delayed(_coverage_of_mean)(shape, n, simulations) for shape in SHAPES for n in SEEDS
    )
    for place, shape in enumerate(SHAPES):
        cells = rows[place * len(SEEDS) : (place + 1) * len(SEEDS)]
        texts = [" / ".join(f"{100 * held:.1f}" for held in column) for column in _columns(cells)]
        print(f"| {shape} | " + " | ".join(texts) + " |", flush=True)
    widths = [" / ".join(f"{one:.2f}" for one in column) for column in _columns(rows, at=1)]
    print("| width, normal, in widths of t | " + " | ".join(widths) + " |", flush=True)


def _columns(rows: Sequence[tuple[Numbers, Numbers]], at: int = 0) -> Iterable[Numbers]:
    return np.transpose([row[at] for row in rows[: len(SEEDS)]])


def _coverage_of_mean(shape: str, n: int, simulations: int) -> tuple[Numbers, Numbers]:
    """Return the coverage of each interval, and its median width in widths of Student's t."""
    samples = SHAPES[shape](np.random.default_rng((n, list(SHAPES).index(shape))), (simulations, n))
    samples = samples[np.ptp(samples, axis=1) > 1e-12]
    found = np.array([intervals(samples) for intervals in INTERVALS.values()])
    held = (found[..., 0] <= 1e-12) & (found[..., 1] >= -1e-12)
    width = np.ptp(found, axis=2)
    return held.mean(axis=1), np.median(width / width[list(INTERVALS).index("Student's t")], axis=1)


def old_rule(differences: Numbers) -> NDArray[np.bool_]:
    """Return where the percentile interval excludes 0 and Wilcoxon's p-value is below 5%."""
    differences = np.round(differences, 12)
    ends = percentile(differences)
    called: NDArray[np.bool_] = (ends[:, 0] > 0) | (ends[:, 1] < 0)
    for place in np.flatnonzero(called):
        called[place] = _wilcoxons_p(differences[place]) < SIGNIFICANT
    return called


def _wilcoxons_p(differences: Numbers) -> float:
    """Return the p-value of Wilcoxon's test; for few pairs faster than SciPy, by enumeration."""
    differences = differences[differences != 0]
    n = len(differences)
    if n > ENUMERATED:
        return float(stats.wilcoxon(differences).pvalue)
    ranks = stats.rankdata(np.abs(differences))
    positive = np.arange(2**n)[:, np.newaxis] >> np.arange(n) & 1
    away = np.abs(positive @ ranks - ranks.sum() / 2)
    return float(np.mean(away >= abs(ranks[differences > 0].sum() - ranks.sum() / 2) - 1e-9))


def of_differences(simulations: int) -> None:
    """Print how often two candidates are called distinguishable, by their true difference."""
    effects = (0.0, 0.5, 1.0, 2.0)
    print("\n| values | rule | " + " | ".join(f"{effect:g} SD" for effect in effects) + " |")
    print("|---|---|" + "---|" * len(effects))
    for shape in SHAPES:
        calls = [delayed(_called)(shape, e, n, simulations) for e in effects for n in SEEDS]
        shares = np.reshape(
            Parallel(n_jobs=available_cores())(calls), (len(effects), len(SEEDS), 2)
        )
        for rule, column in (("old", 0), ("new", 1)):
            cells = [
                " / ".join(f"{100 * share:.1f}" for share in row) for row in shares[..., column]
            ]
            print(f"| {shape} | {rule} | " + " | ".join(cells) + " |", flush=True)


def _called(shape: str, effect: float, n: int, simulations: int) -> tuple[float, float]:
    """Return the shares of pairs that the old and the new rule call distinguishable."""
    rng = np.random.default_rng((n, list(SHAPES).index(shape), int(10 * effect)))
    pairs = SHAPES[shape](rng, (simulations, 2, n))
    spread = (pairs[:, 0] - pairs[:, 1]).std()
    pairs[:, 0] += effect * spread  # in standard deviations of the paired difference
    new = [distinguishable(paired_difference(one, other)) for one, other in pairs]
    return float(old_rule(pairs[:, 0] - pairs[:, 1]).mean()), float(np.mean(new))


def equal(k: int) -> Numbers:
    """Return equal means."""
    return np.zeros(k)


def apart(k: int) -> Numbers:
    """Return means each of which is a standard error below the one before it."""
    return -np.arange(k, dtype="float64")


def one_above(k: int) -> Numbers:
    """Return equal means but for one, which is two standard errors above the others."""
    return np.array([0.0] + [-2.0] * (k - 1))


GAPS: dict[str, Callable[[int], Numbers]] = {
    # True means of K candidates, in standard errors of a candidate's mean.
    "equal": equal,
    "1 apart": apart,
    "one 2 above": one_above,
}


def of_winners(simulations: int) -> None:
    """Print the coverage of the winner's mean and of its lead, before and after correction.

    Each number is the lowest over the true means in `GAPS`, with and without correlation. The bias
    is that of equal, uncorrelated candidates.
    """
    print("\n| values | K | winner: uncorrected | corrected | its bias, in standard errors | "
          "lead: uncorrected | corrected |\n|---|---|---|---|---|---|---|")  # fmt: skip
    for shape in ("normal", "gamma 2"):
        for k in (2, 3, 5, 10):
            calls = [
                delayed(_coverage_of_winner)(shape, gap, correlation, k, n, simulations)
                for gap in GAPS
                for correlation in (0.0, 0.7)
                for n in SEEDS
            ]
            found = np.reshape(Parallel(n_jobs=available_cores())(calls), (-1, len(SEEDS), 6))
            lowest = [
                " / ".join(f"{100 * held:.1f}" for held in column)
                for column in found.min(axis=0).T[[0, 1, 4, 5]]
            ]
            bias = " / ".join(f"{row[2]:.2f} → {row[3]:.2f}" for row in found[0])
            cells = [*lowest[:2], bias, *lowest[2:]]
            print(f"| {shape} | {k} | {' | '.join(cells)} |", flush=True)


def _coverage_of_winner(
    shape: str, gap: str, correlation: float, k: int, n: int, simulations: int
) -> Any:
    """Return the coverage of four intervals, and the bias of the winner's two estimates."""
    rng = np.random.default_rng((n, k, list(SHAPES).index(shape), int(10 * correlation)))
    true = GAPS[gap](k) / math.sqrt(n)
    own = SHAPES[shape](rng, (simulations, k, n)) * math.sqrt(1 - correlation)
    shared = SHAPES[shape](rng, (simulations, 1, n)) * math.sqrt(correlation)
    outcomes = [_winner(scores, true) for scores in true[:, np.newaxis] + own + shared]
    return np.mean(outcomes, axis=0) * [1, 1, math.sqrt(n), math.sqrt(n), 1, 1]


def _winner(scores: Numbers, true: Numbers) -> tuple[float, ...]:
    first, second, *rest = np.argsort(-scores.mean(axis=1), kind="stable")
    winner, runner_up, others = scores[first], scores[second], list(scores[rest])
    estimate = winner_estimate(winner, [runner_up, *others])
    lead, alone = lead_over(winner, runner_up, others), paired_difference(winner, runner_up)
    return (
        holds(mean_interval(winner), true[first]),
        holds(estimate["ci"], true[first]),
        winner.mean() - true[first],
        estimate["mean"] - true[first],
        holds(alone["ci"], true[first] - true[second]),
        holds(lead["ci"], true[first] - true[second]),
    )


def of_examples(simulations: int) -> None:
    """Print the coverage of the intervals over test examples."""
    sizes = (100, 500, 2_000)
    print("\n| Wilson, true accuracy | " + " | ".join(f"{m:,} examples" for m in sizes) + " |")
    print("|---|" + "---|" * len(sizes))
    for accuracy in (0.6, 0.9, 0.98):
        cells = [_coverage_of_wilson(accuracy, m) for m in sizes]
        print(f"| {accuracy:.0%} | " + " | ".join(f"{100 * held:.1f}" for held in cells) + " |")
    print("\n| bootstrap over examples | 100 examples | 500 examples |\n|---|---|---|")
    for name, simulated in {
        "difference of two accuracies, 90% and 87%": difference_of_accuracies,
        "area under the curve 0.71, 13% positives": lambda m, rng: area(0.8, m, rng),
        "area under the curve 0.98, 13% positives": lambda m, rng: area(3.0, m, rng),
        "mean cost (exponential)": mean_cost,
    }.items():
        texts = []
        for m in (100, 500):
            held = Parallel(n_jobs=available_cores())(
                delayed(simulated)(m, np.random.default_rng((m, seed)))
                for seed in range(simulations // SLOWER)
            )
            texts.append(f"{100 * np.nanmean(held):.1f}")
        print(f"| {name} | " + " | ".join(texts) + " |", flush=True)


def _coverage_of_wilson(accuracy: float, m: int) -> float:
    """Return the coverage over all counts of correct examples: no simulation is needed."""
    counts = np.arange(m + 1)
    held = [holds(wilson_interval(int(count), m), accuracy) for count in counts]
    return float(stats.binom.pmf(counts, m, accuracy) @ held)


def difference_of_accuracies(m: int, rng: np.random.Generator) -> float:
    """Return whether the interval of a paired difference of accuracies holds 3 points."""
    hardness = rng.random(m)  # both networks fail on similar examples
    own = rng.random((2, m)) < 0.15
    one, other = (
        np.where(own[place], rng.random(m) < rate, hardness < rate)
        for place, rate in enumerate((0.9, 0.87))
    )
    ends = paired_example_interval(
        lambda rows: float(one[rows].mean()), lambda rows: float(other[rows].mean()), m, rng
    )
    return _held(ends, 0.03)


def area(distance: float, m: int, rng: np.random.Generator) -> float:
    """Return whether the interval of an area under the curve holds its true value."""
    positive = rng.random(m) < 0.13
    outputs = rng.normal(size=m) + distance * positive
    positive = positive[np.argsort(outputs)]

    def score(rows: NDArray[np.intp]) -> float:  # the rows are in the order of their outputs
        counts = np.bincount(rows, minlength=m)
        negatives = np.cumsum(counts * ~positive)
        pairs = counts[positive].sum() * negatives[-1]
        return float(counts[positive] @ negatives[positive] / pairs) if pairs else math.nan

    ends = example_interval(score, m, rng, strata=positive)
    return _held(ends, float(stats.norm.cdf(distance / math.sqrt(2))))


def mean_cost(m: int, rng: np.random.Generator) -> float:
    """Return whether the interval of a mean of skewed costs holds 1."""
    costs = rng.exponential(size=m)
    return _held(example_interval(lambda rows: float(costs[rows].mean()), m, rng), 1.0)


def _held(ends: Interval, truth: float) -> float:
    """Return 1 or 0; NaN, which does not count, if there is no interval."""
    return math.nan if math.isnan(ends[0]) else float(holds(ends, truth))


ROWS, TRAINING = 483, 397  # as the breast cancer data without their test rows
PAIRS_OF_INPUTS = 6  # each of two learners sees one input of each pair, so they are equally good


def of_splits(simulations: int) -> None:
    """Print the coverage over splits of the same rows, and the false calls, by both errors."""
    print("\n| standard error | interval holds the mean | called distinguishable, equal learners |")
    print("|---|---|---|")
    counts = Parallel(n_jobs=available_cores())(delayed(_on_splits)(n, simulations) for n in SEEDS)
    for place, label in enumerate(("s/√n", "s √(1/n + overlap)")):
        cells = [" / ".join(f"{100 * one[place][k]:.1f}" for one in counts) for k in range(2)]
        print(f"| {label} | " + " | ".join(cells) + " |", flush=True)


def _on_splits(n: int, simulations: int) -> list[tuple[float, float]]:
    """Return coverage and false calls for n splits, without and with the overlap of the splits."""
    rng = np.random.default_rng(n)
    overlap = (ROWS - TRAINING) / TRAINING
    truth = np.mean(
        [_right(*_examples(rng, TRAINING), *_examples(rng, 20_000)) for _ in range(100)]
    )
    found = np.zeros((simulations, 2, 2))
    for row in found:
        x, labels = _examples(rng, ROWS)
        values = []
        for _ in range(n):
            order = rng.permutation(ROWS)
            fit, held = order[:TRAINING], order[TRAINING:]
            values.append(_right(x[fit], labels[fit], x[held], labels[held]))
        one, other = np.array(values).T
        for place, share in enumerate((0.0, overlap)):
            row[place, 0] = holds(mean_interval(one, (0, 1), overlap=share), float(truth))
            row[place, 1] = distinguishable(paired_difference(one, other, overlap=share))
    return [(float(a), float(b)) for a, b in found.mean(axis=0)]


def _examples(rng: np.random.Generator, count: int) -> tuple[Numbers, NDArray[np.int64]]:
    labels = rng.integers(0, 2, count)
    x = rng.normal(size=(count, 2 * PAIRS_OF_INPUTS))
    return x + 0.225 * (2 * labels - 1)[:, np.newaxis], labels


def _right(
    x: Numbers, labels: NDArray[np.int64], held: Numbers, truth: NDArray[np.int64]
) -> list[float]:
    """Return the accuracies of two linear discriminants, each of which sees half of the inputs."""
    reached = []
    for inputs in (slice(0, PAIRS_OF_INPUTS), slice(PAIRS_OF_INPUTS, None)):
        one, zero = (x[labels == label, inputs].mean(axis=0) for label in (1, 0))
        weights = np.linalg.solve(np.cov(x[:, inputs].T), one - zero)
        answers = held[:, inputs] @ weights > weights @ (one + zero) / 2
        reached.append(float((answers == truth).mean()))
    return reached


TABLES: dict[str, Callable[[int], None]] = {
    "means": of_means,
    "differences": of_differences,
    "winners": of_winners,
    "examples": of_examples,
    "splits": of_splits,
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Simulated coverage of the intervals of reports.")
    parser.add_argument("--simulations", type=int, default=SIMULATIONS)
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    options = parser.parse_args()
    for name in options.tables:
        TABLES[name](options.simulations)


if __name__ == "__main__":
    main()

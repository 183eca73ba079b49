"""Checks of a network for regression, which have no counterpart for classes or ask it otherwise.

None of them opens the test set.
"""

import numpy as np

from nncore.components.metrics import METRICS
from results.analysis.findings import Findings
from results.analysis.predictions import growth, predictions_of, share_of_far, target_names
from results.checks.answer import NO_VALUE, Answer, Status, unscored
from results.checks.of_the_network import compared_with_constant
from results.number_text import format_number, whole_percent

FEWEST_ROWS = 30
FAR, MUCH = 0.01, 1 / 3  # if so many of the targets make so much of the squares, they decide
GROWS, SURE = 0.3, 0.01  # a correlation above it shows in the figure; p below it is not chance
MEAN_COST, GAP = 0.5, 0.1  # of the mean answer, for each target; of it, a gap shows overfitting


def beats_mean(findings: Findings) -> Answer:
    """Compare the network with the mean of the targets in the training rows."""
    scored = findings.scored
    if isinstance(scored, str):
        return unscored(scored)
    return compared_with_constant(findings, scored, "the mean of the target", "targets.")


def metric_suits_targets(findings: Findings) -> Answer:
    """Ask how much of the squared distances the farthest targets have, if squares are minimized."""
    scored, metric = findings.scored, findings.metric
    if isinstance(scored, str):
        return unscored(scored)
    train = scored.dataset.train.labels
    if len(train) < FEWEST_ROWS:
        return Answer(Status.OPEN, f"This needs {FEWEST_ROWS} training rows.")
    shares = [share_of_far(values, FAR) for values in train.T]
    worst = int(np.argmax(shares))
    name = target_names(scored)[worst]
    evidence = (
        f"Of all squared distances of {name} from its median, the farthest {whole_percent(FAR)} of "
        f"the training rows have {whole_percent(shares[worst])}"
    )
    if metric is METRICS["mae"]:
        return Answer(Status.GOOD, f"{evidence}; the metric is {metric.title}.")
    if shares[worst] < MUCH:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}: a few rows decide the {metric.title}.",
        'If these rows are right, set metric to "mae", or predict the logarithm of the target, in '
        "a column of its own.",
    )


def generalizes_in_cost(findings: Findings) -> Answer:
    """Compare the costs on training and validation data at the best epoch."""
    shipped, curves = findings.shipped, findings.curves
    if shipped is None:
        return Answer(Status.OPEN, NO_VALUE)
    at = curves[(curves["trial"] == shipped["number"]) & (curves["epoch"] == shipped["best_epoch"])]
    pair = at[["train_cost", "validation_cost"]].to_numpy(dtype="float64")
    if len(pair) == 0 or not np.isfinite(pair).all():
        return Answer(Status.OPEN, "The training cost was not measured (`monitor_training`).")
    of_mean = MEAN_COST * max(len(findings.targets), 1)
    train, validation = pair[0]
    evidence = (
        f"At its best epoch, trial {shipped['number']} has a cost of {format_number(train)} on "
        f"training data and {format_number(validation)} on validation data; that of answering "
        f"with the mean is {format_number(of_mean)}"
    )
    if validation - train <= GAP * of_mean:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}: the network overfits.",
        "Try more data, a larger lmbda, dropout or fewer hidden units.",
    )


def residuals_keep_their_size(findings: Findings) -> Answer:
    """Correlate the size of the residuals with the predictions."""
    scored = findings.scored
    if isinstance(scored, str):
        return unscored(scored)
    if len(scored.labels) < FEWEST_ROWS:
        return Answer(Status.OPEN, f"This needs {FEWEST_ROWS} validation rows.")
    found = [(*growth(one), one) for one in predictions_of(scored)]
    correlation, p_value, one = max(found, key=lambda entry: entry[0])
    evidence = (
        f"On {len(one.true):,} validation rows, the size of the residual of {one.target} and its "
        f"prediction have a rank correlation of {correlation:z.2f} (0: no relation)"
    )
    if correlation <= GROWS or p_value >= SURE:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}: errors grow with the prediction, so one error for all rows misleads.",
        _if_residuals_grow(bool((one.true > 0).all())),
    )


def _if_residuals_grow(positive: bool) -> str:
    if positive:
        return (
            "If relative errors count, predict the logarithm of the target, in a column of its own."
        )
    return "Report the errors by the size of the prediction."

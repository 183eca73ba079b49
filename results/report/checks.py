"""The checks of a run: coded questions that a careful reader asks before believing its result.

Each check has evidence and, if it warns, what to do. Nothing here opens the test set: of it, only
what `confirm` has recorded is read.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from nncore.components.metrics import ACCURACY
from results.analysis.evidence import FEWEST, LATE, OFTEN_DIVERGED, pressed_bounds, when_best_came
from results.analysis.findings import Findings
from results.analysis.trials import kind_of_trial, learned, top_trials, trained
from results.number_text import (
    count_of_trials,
    score_text,
    signed,
    spread_text,
    value_text,
    whole_percent,
)
from sweeps.baselines import LINEAR
from sweeps.samplers.catalogue import SAMPLERS
from sweeps.space.dimensions import column
from sweeps.trial import StopReason

RARE = 1 / 3  # a class with less than this part of the examples of the largest one is rare
GAP = 0.05  # an accuracy on training data that is so much higher shows overfitting
FEW_SEEDS = 5  # the fewest for which the intervals over seeds were measured
NORMAL = 1.96  # standard errors that chance reaches in 5% of all cases
MANY_NEAR = 0.5  # of the trials: if chance can make so many the best, it decides the search
TOP, NEWEST, MANY_NEW = 5, 0.25, 4  # of trials in random order, so many are new in 1.6% of runs
AGREEMENT = 0.5  # a correlation below it shows more of chance than of the settings
ROUNDING = 1e-12  # means of equal values may differ by so much
NO_VALUE = "No trial has learned anything yet."


class Status(StrEnum):
    """The outcome of a check; OPEN means that its data are not known."""

    GOOD = "ok"
    WARNING = "warning"
    OPEN = "open"


@dataclass(frozen=True)
class Answer:
    """What a check found: its `evidence`, and the `advice` that follows from a warning or ""."""

    status: Status
    evidence: str
    advice: str = ""


@dataclass(frozen=True)
class Check:
    """A check of the catalogue: its `code`, the `question` it asks, and the function that answers.

    A good result answers the question with yes.
    """

    code: str
    question: str
    answer: Callable[[Findings], Answer]


@dataclass(frozen=True)
class Checked:
    """A check and its answer for one run."""

    code: str
    question: str
    status: Status
    evidence: str
    advice: str


def run_checks(findings: Findings) -> list[Checked]:
    """Return the answers of all checks for a run, in the order of their codes."""
    answers = [(check, check.answer(findings)) for check in CHECKS]
    return [
        Checked(check.code, check.question, answer.status, answer.evidence, answer.advice)
        for check, answer in answers
    ]


def warnings_text(statuses: Iterable[Status]) -> str:
    """Return how many of the checks with these statuses warn: "1 of 12 checks warns"."""
    known = list(statuses)
    count = known.count(Status.WARNING)
    return f"{count} of {len(known)} checks {'warns' if count == 1 else 'warn'}"


def _unscored(why: str) -> Answer:
    return Answer(Status.OPEN, f"The network cannot be scored here: {why}.")


def _majority(findings: Findings) -> Answer:
    """Compare the network with a constant answer, whose value the examples of a class share."""
    scored, metric = findings.scored, findings.metric
    if isinstance(scored, str):
        return _unscored(scored)
    labels, classes = scored.labels, len(scored.dataset.classes)
    counts = np.bincount(scored.dataset.train.labels, minlength=classes)
    constant = np.tile(counts / counts.sum(), (len(labels), 1))
    own, baseline = (metric.compute(outputs, labels) for outputs in (scored.outputs, constant))
    lead, error = metric.score(own) - metric.score(baseline), findings.example_error
    if math.isnan(lead) or math.isnan(error):
        return Answer(Status.OPEN, f"The validation data do not determine the {metric.title}.")
    evidence = (
        f"On validation data the network reaches {value_text(metric, own)}; answering with the "
        f"shares of the classes reaches {value_text(metric, baseline)}"
    )
    if lead > NORMAL * error:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}: on {len(labels):,} examples this is no clear advantage.",
        "The network may have learned nothing from the inputs: check them and the labels. If a "
        'class is rare, search class_weight and set metric to "roc_auc" or "balanced_accuracy".',
    )


def _linear(findings: Findings) -> Answer:
    record, metric = findings.confirmation, findings.metric
    if record is None:
        return Answer(Status.OPEN, "`nnsweep confirm` fits the linear model.")
    linear = next((one for one in record.test_set.baselines if one.name == LINEAR), None)
    if linear is None or linear.lead is None or record.test_set.ensemble is None:
        return Answer(Status.OPEN, "The confirmation recorded no comparison with a linear model.")
    ends = linear.lead.ci
    evidence = (
        f"On the test set the certified networks reach "
        f"{value_text(metric, record.test_set.ensemble.value)}, logistic regression "
        f"{value_text(metric, linear.on_test)}"
    )
    if ends:
        lead = " to ".join(signed(metric, end) for end in ends)
        evidence += f" (95% interval of the lead over the test examples: {lead})"
    if ends and ends[0] > 0:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}: the network is not clearly better.",
        "The linear model is simpler: use it instead, or search larger networks.",
    )


def _balance(findings: Findings) -> Answer:
    scored = findings.scored
    if isinstance(scored, str):
        return _unscored(scored)
    counts = np.bincount(scored.dataset.train.labels, minlength=len(scored.dataset.classes))
    rarest, largest = int(counts.argmin()), int(counts.argmax())
    shares, names = counts / counts.sum(), scored.dataset.classes
    evidence = (
        f"Of the training examples, {whole_percent(shares[largest])} are of class "
        f"{names[largest]}, {whole_percent(shares[rarest])} of class {names[rarest]}"
    )
    if findings.metric is not ACCURACY:
        return Answer(Status.GOOD, f"{evidence}; the metric is {findings.metric.title}.")
    if counts[rarest] >= RARE * counts[largest]:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}: a network that never answers {names[rarest]} can reach an accuracy of "
        f"{whole_percent(1 - shares[rarest])}.",
        'Set metric to "balanced_accuracy", "f1_macro" or "roc_auc", and search class_weight.',
    )


def _ties(findings: Findings) -> Answer:
    ended, metric, record = learned(findings.run.trials), findings.metric, findings.confirmation
    if ended.empty:
        return Answer(Status.OPEN, NO_VALUE)
    best = ended["score"].max()
    value = score_text(metric, best)
    tied = set(ended.loc[np.isclose(ended["score"], best, rtol=0, atol=ROUNDING), "number"])
    if len(tied) == 1:
        return Answer(Status.GOOD, f"One trial alone has the best value, {value}.")
    evidence = f"{len(tied)} of {count_of_trials(len(ended))} have the best value, {value}"
    if record and tied <= {one.trial for one in record.candidates}:
        return Answer(Status.GOOD, f"{evidence}; the confirmation compared them.")
    return Answer(
        Status.WARNING,
        f"{evidence}.",
        "The run takes the first of them, an arbitrary choice. Confirm all of them, or use a "
        "larger validation set, more replicates or another metric.",
    )


def _inside(findings: Findings) -> Answer:
    config = findings.run.config
    space = {name: d for name, d in config.space.items() if column(name) == name}
    if len(learned(findings.run.trials)) < FEWEST:
        return Answer(Status.OPEN, f"This needs {FEWEST} trials that learned.")
    pressed = pressed_bounds(findings.run.trials, space)
    if not pressed:
        return Answer(Status.GOOD, "The best trials do not crowd at an end of a range.")
    places = " and ".join(f"the {one.end} end of {one.name}" for one in pressed)
    return Answer(
        Status.WARNING,
        f"The best trials crowd at {places}, and the values improve up to there.",
        "Widen the range: better values may lie beyond it.",
    )


def _resolved(findings: Findings) -> Answer:
    """Count the trials that other validation examples might have made the best.

    The standard error of one network stands for that of the difference of two equal ones: they
    share so many mistakes that the ratio is 0.7 to 1.0 (12 seeds of three networks on `digits`).
    """
    metric, ended, record = findings.metric, learned(findings.run.trials), findings.confirmation
    if record and record.distinguishable:
        return Answer(Status.GOOD, "The confirmation distinguishes the winner from the runner-up.")
    if len(ended) < FEWEST:
        return Answer(Status.OPEN, f"This needs {FEWEST} trials that learned.")
    if isinstance(findings.scored, str):
        return _unscored(findings.scored)
    folds = findings.run.config.data.folds or 1  # each trial is scored on the rows of all folds
    chance = NORMAL * findings.example_error / math.sqrt(folds)
    if math.isnan(chance) or chance == 0:
        return Answer(Status.OPEN, "The validation examples do not show how much chance matters.")
    near = int((ended["score"] >= ended["score"].max() - chance).sum())
    examples = folds * len(findings.scored.labels)
    evidence = (
        f"On {examples:,} validation examples, two equally good networks differ "
        f"by up to {spread_text(metric, chance)} by chance; {near} of {len(ended)} trials lie so "
        "close to the best one"
    )
    if near < MANY_NEAR * len(ended):
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}.",
        f"Any of them may be the best: use a larger validation set"
        f"{'' if folds > 1 else ' or `folds` in [data]'}, and confirm more trials (`--top`).",
    )


def _fits(findings: Findings) -> Answer:
    shipped, curves = findings.shipped, findings.curves
    if shipped is None:
        return Answer(Status.OPEN, NO_VALUE)
    at = curves[(curves["trial"] == shipped["number"]) & (curves["epoch"] == shipped["best_epoch"])]
    pair = at[["train_accuracy", "validation_accuracy"]].to_numpy(dtype="float64")
    if len(pair) == 0 or np.isnan(pair).any():
        return Answer(Status.OPEN, "The training accuracy was not measured (`monitor_training`).")
    train, validation = pair[0]
    evidence = (
        f"At its best epoch, trial {shipped['number']} has an accuracy of "
        f"{value_text(ACCURACY, train)} on training data and {value_text(ACCURACY, validation)} on "
        "validation data"
    )
    if train - validation <= GAP:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}: the network overfits.",
        "Try more data, a larger lmbda, dropout or fewer hidden units.",
    )


def _settled(findings: Findings) -> Answer:
    run, sampler = findings.run, findings.run.config.sweep.sampler
    if not run.budget_spent:
        return Answer(Status.OPEN, "The sweep is not finished.")
    if findings.best is None:
        return Answer(Status.OPEN, NO_VALUE)
    if len(run.trials) < FEWEST:
        return Answer(Status.OPEN, f"This needs {FEWEST} trials.")
    newest = run.trials["number"] >= (1 - NEWEST) * len(run.trials)
    top = top_trials(learned(run.trials), TOP)["number"]
    new = int(top.isin(run.trials.loc[newest, "number"]).sum())
    if new >= MANY_NEW:
        return Answer(
            Status.WARNING,
            f"{new} of the best {TOP} trials are among the newest {whole_percent(NEWEST)}: the "
            "ranking is still changing.",
            "The search was still improving: run more trials.",
        )
    if not SAMPLERS[sampler].adaptive:
        return Answer(
            Status.GOOD,
            f"The sampler {sampler} does not learn from its trials, so it may find the best one "
            "at any time.",
        )
    when, since = when_best_came(findings.incumbent, len(run.trials))
    if when == "late":
        return Answer(
            Status.WARNING,
            f"Only the last {whole_percent(1 - LATE)} of the trials reached the best value: "
            f"{count_of_trials(since)} followed.",
            "The search was still improving: run more trials.",
        )
    return Answer(
        Status.GOOD, f"After the best trial, {count_of_trials(since)} brought no better value."
    )


def _stable(findings: Findings) -> Answer:
    trials = trained(findings.run.trials)
    if trials.empty:
        return Answer(Status.OPEN, "No trial has ended yet.")
    diverged = int((kind_of_trial(trials) == StopReason.DIVERGED).sum())
    evidence = f"{diverged} of {count_of_trials(len(trials))} diverged"
    if diverged < OFTEN_DIVERGED * len(trials):
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING, f"{evidence}.", "Lower the upper end of learning_rate, or of lmbda."
    )


def _confirmed(findings: Findings) -> Answer:
    record = findings.confirmation
    if record is None and findings.best is None:
        return Answer(Status.OPEN, NO_VALUE)
    if record is None:
        return Answer(
            Status.WARNING,
            "The run is not confirmed, and the best of many noisy values is too good on average.",
            "Run `nnsweep confirm`.",
        )
    networks, what = len(record.seeds), "split" if record.splits else "seed"
    evidence = (
        f"The confirmation trained {count_of_trials(len(record.candidates))} again, on {networks} "
        f"fresh {what}{'' if networks == 1 else 's'} each"
    )
    if networks >= FEW_SEEDS:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}.",
        f"So few show little of the spread: in your next run, confirm with `--{what}s 10`.",
    )


def _opened_once(findings: Findings) -> Answer:
    record = findings.confirmation
    if record is None:
        return Answer(Status.GOOD, "The test set has not been opened.")
    times = len(record.history)
    if times <= 1:
        return Answer(Status.GOOD, "The test set was opened once.")
    return Answer(
        Status.WARNING,
        f"The test set was opened {times} times.",
        "What was chosen after seeing its scores makes them too good: report how often it was "
        "opened.",
    )


def _agree(findings: Findings) -> Answer:
    run, count = findings.run, findings.replicates
    if count < 2:
        return Answer(Status.OPEN, "The trials have one replicate each.")
    ended = learned(run.trials)
    own = run.epochs[run.epochs["trial"].isin(ended["number"])]
    reached = own.groupby(["trial", "replicate"])["score"].max().unstack("replicate").dropna()
    if len(reached) < FEWEST or reached.shape[1] < count:
        return Answer(Status.OPEN, f"This needs {FEWEST} trials in which all replicates learned.")
    agreement = _rank_correlation(reached)
    evidence = (
        f"The {count} replicates order {len(reached)} trials with a mean rank correlation of "
        f"{agreement:.2f} (1: in the same order; 0: no relation)"
    )
    if agreement >= AGREEMENT:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}.",
        "Chance orders the trials as much as their settings do: use more replicates or more data.",
    )


def _rank_correlation(scores: pd.DataFrame) -> float:
    """Return the mean of Spearman's correlation over all pairs of columns; no order counts 0."""
    pairs = scores.rank().corr().to_numpy()[np.triu_indices(scores.shape[1], k=1)]
    return float(np.nan_to_num(pairs).mean())


CHECKS = (
    Check("C01", "Is the network better than the majority class?", _majority),
    Check("C02", "Is the network better than a linear model?", _linear),
    Check("C03", "Does the metric suit the balance of the classes?", _balance),
    Check("C04", "Is there a single best trial?", _ties),
    Check("C05", "Does the best trial lie inside the search space?", _inside),
    Check("C06", "Is the validation set large enough to rank the trials?", _resolved),
    Check("C07", "Does the network generalize from its training data?", _fits),
    Check("C08", "Had the search stopped improving?", _settled),
    Check("C09", "Did nearly all trainings converge?", _stable),
    Check("C10", "Was the result confirmed on enough fresh seeds or splits?", _confirmed),
    Check("C11", "Was the test set opened only once?", _opened_once),
    Check("C12", "Do the replicates agree on the order of the trials?", _agree),
)
"""Every check, by its code; codes are never given to another check."""

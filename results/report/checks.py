"""The checks of a run: coded questions that a careful reader asks before believing its result.

Each check has evidence and, if it warns, what to do. Nothing here sees the test set.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from nncore.components.metrics import ACCURACY
from results.analysis.best_network import Scored
from results.analysis.evidence import FEWEST, OFTEN_DIVERGED, pressed_bounds, when_best_came
from results.analysis.findings import Findings
from results.analysis.trials import kind_of_trial, learned, top_trials, trained
from results.analysis.uncertainty import bootstrap_rng, example_error
from results.number_text import score_text, spread_text, value_text, whole_percent
from sweeps.baselines import LINEAR
from sweeps.samplers.catalogue import SAMPLERS
from sweeps.space.dimensions import column
from sweeps.trial import StopReason

RARE = 1 / 3  # a class with fewer than this share of the examples of the largest one is rare
GAP = 0.05  # an accuracy on training data that is so much higher shows overfitting
FEW_SEEDS = 5
NORMAL = 1.96  # standard errors that chance reaches in 5% of all cases
TOP = 5  # trials that a search should tell apart
NO_VALUE = "no trial has learned anything yet"


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


def warnings(checked: list[Checked]) -> Iterator[Checked]:
    """Yield the checks that warn."""
    return (one for one in checked if one.status is Status.WARNING)


def _majority(findings: Findings) -> Answer:
    scored = findings.scored
    if isinstance(scored, str):
        return Answer(Status.OPEN, scored)
    metric, labels, outputs = findings.metric, scored.labels, scored.outputs
    shares = np.bincount(scored.dataset.train.labels, minlength=outputs.shape[1])
    constant = np.tile(shares / shares.sum(), (len(labels), 1))

    def score_of(answers: NDArray[np.generic]) -> Callable[[NDArray[np.intp]], float]:
        return lambda rows: metric.score(metric.compute(answers[rows], labels[rows]))

    own, baseline = score_of(outputs), score_of(constant)
    every = np.arange(len(labels))
    lead = own(every) - baseline(every)
    error = example_error(
        lambda rows: own(rows) - baseline(rows), len(labels), bootstrap_rng(), strata=labels
    )
    evidence = (
        f"On validation data the network reaches {score_text(metric, own(every))}; answering with "
        f"the shares of the classes reaches {score_text(metric, baseline(every))}"
    )
    if lead > NORMAL * error:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}; {len(labels):,} examples show no advantage.",
        "The network may have learned nothing from the inputs. Check the labels and the inputs; "
        'if classes are rare, search class_weight and choose metric = "roc_auc" or '
        '"balanced_accuracy".',
    )


def _linear(findings: Findings) -> Answer:
    record, metric = findings.confirmation, findings.metric
    baselines = record.test_set.baselines if record else []
    linear = next((one.on_validation for one in baselines if one.name == LINEAR), None)
    if record is None or linear is None:
        return Answer(Status.OPEN, "`nnsweep confirm` fits the linear model.")
    winner = next(one for one in record.candidates if one.trial == record.winner)
    estimate = record.winner_estimate
    mean = estimate.mean if estimate else winner.mean
    ends = (estimate.ci if estimate else winner.ci) or (mean, mean)
    evidence = (
        f"The winner's mean on validation data is {value_text(metric, mean)}; logistic regression "
        f"has {value_text(metric, linear)}"
    )
    if min(map(metric.score, ends)) > metric.score(linear):
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}, inside the winner's interval or better.",
        "A linear model may do as well and is simpler: prefer it, or search larger networks.",
    )


def _balance(findings: Findings) -> Answer:
    scored = findings.scored
    if isinstance(scored, str):
        return Answer(Status.OPEN, scored)
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
        f"{evidence}: a network that always answers {names[largest]} has an accuracy of "
        f"{whole_percent(shares[largest])}.",
        'Judge the trials by metric = "balanced_accuracy", "f1_macro" or "roc_auc", and search '
        "class_weight.",
    )


def _ties(findings: Findings) -> Answer:
    ended, metric = learned(findings.run.trials), findings.metric
    if ended.empty:
        return Answer(Status.OPEN, NO_VALUE)
    best = ended["score"].max()
    tied = int((ended["score"] == best).sum())
    value = value_text(metric, metric.score(best))
    if tied == 1:
        return Answer(Status.GOOD, f"One trial alone has the best value, {value}.")
    return Answer(
        Status.WARNING,
        f"{tied} of {len(ended)} trials have the best value, {value}.",
        "The first of them is taken, which is arbitrary: confirm them on fresh seeds, or use a "
        "larger validation set or more replicates.",
    )


def _inside(findings: Findings) -> Answer:
    config = findings.run.config
    space = {name: d for name, d in config.space.items() if column(name) == name}
    if len(learned(findings.run.trials)) < FEWEST:
        return Answer(Status.OPEN, f"This needs {FEWEST} trials that learned.")
    pressed = pressed_bounds(findings.run.trials, space)
    if not pressed:
        return Answer(Status.GOOD, "The best trials do not crowd at an end of a range.")
    places = ", ".join(f"the {one.end} end of {one.name}" for one in pressed)
    return Answer(
        Status.WARNING,
        f"The best trials crowd at {places}, and their values improve up to there.",
        "Widen the range: better values may lie beyond it.",
    )


def _resolved(findings: Findings) -> Answer:
    """Compare the lead of the best trial with what other validation examples might change."""
    scored, metric, record = findings.scored, findings.metric, findings.confirmation
    if record is not None and record.distinguishable:
        return Answer(Status.GOOD, "The confirmation tells the winner from the runner-up.")
    best = top_trials(learned(findings.run.trials), TOP)
    if len(best) < TOP:
        return Answer(Status.OPEN, f"This needs {TOP} trials that learned.")
    if isinstance(scored, str):
        return Answer(Status.OPEN, scored)
    lead = float(best["score"].iloc[0] - best["score"].iloc[-1])
    chance = _by_chance(findings, scored)
    m = len(scored.labels)
    evidence = (
        f"The best {TOP} trials lie within {spread_text(metric, lead)}; on {m:,} validation "
        f"examples, two equal networks differ by up to {spread_text(metric, chance)} by chance"
    )
    if lead > chance:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}.",
        "The order of the best trials is uncertain: confirm several of them (`--top`), or use a "
        "larger validation set or `folds` in [data].",
    )


def _by_chance(findings: Findings, scored: Scored) -> float:
    """Return how much two equally good networks differ at most in 95% of validation sets.

    Two networks make about half of their mistakes on the same examples, so the variance of their
    difference is about that of one network alone.
    """
    metric, labels = findings.metric, scored.labels
    error = example_error(
        lambda rows: metric.compute(scored.outputs[rows], labels[rows]),
        len(labels),
        bootstrap_rng(),
        strata=None if metric is ACCURACY else labels,
    )
    return 0.0 if np.isnan(error) else NORMAL * error


def _fits(findings: Findings) -> Answer:
    shipped, curves = findings.shipped, findings.curves
    if shipped is None:
        return Answer(Status.OPEN, NO_VALUE)
    at = curves[(curves["trial"] == shipped["number"]) & (curves["epoch"] == shipped["best_epoch"])]
    pair = at[["train_accuracy", "validation_accuracy"]].to_numpy(dtype="float64")
    if len(pair) == 0 or np.isnan(pair).any():
        return Answer(Status.OPEN, "The training accuracy was not measured (monitor_training).")
    train, validation = pair[0]
    evidence = (
        f"At its best epoch, trial {shipped['number']} has an accuracy of "
        f"{value_text(ACCURACY, train)} on training and {value_text(ACCURACY, validation)} on "
        "validation data"
    )
    if train - validation <= GAP:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}: the network overfits.",
        "More data, a larger lmbda, dropout or early stopping may help.",
    )


def _settled(findings: Findings) -> Answer:
    run = findings.run
    if not SAMPLERS[run.config.sweep.sampler].adaptive:
        return Answer(Status.GOOD, f"The sampler {run.config.sweep.sampler} does not adapt.")
    if not run.budget_spent:
        return Answer(Status.OPEN, "The sweep is not finished.")
    if len(run.trials) < FEWEST:
        return Answer(Status.OPEN, f"This needs {FEWEST} trials.")
    when, since = when_best_came(findings.incumbent, len(run.trials))
    if when == "late":
        return Answer(
            Status.WARNING,
            f"The best trial came late: only {since} trials followed it.",
            "Run more trials: the search was still improving.",
        )
    return Answer(Status.GOOD, f"{since} trials followed the best one without a better value.")


def _stable(findings: Findings) -> Answer:
    trials = trained(findings.run.trials)
    if trials.empty:
        return Answer(Status.OPEN, "No trial has ended yet.")
    diverged = int((kind_of_trial(trials) == StopReason.DIVERGED).sum())
    evidence = f"{diverged} of {len(trials)} trials diverged"
    if diverged < OFTEN_DIVERGED * len(trials):
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING, f"{evidence}.", "Lower the upper bound of learning_rate, or of lmbda."
    )


def _confirmed(findings: Findings) -> Answer:
    record = findings.confirmation
    if record is None:
        return Answer(
            Status.WARNING,
            "The run is not confirmed: its best value is the largest of many noisy ones.",
            "Run `nnsweep confirm`.",
        )
    count = len(record.seeds)
    evidence = f"{len(record.candidates)} trials were trained again on {count} fresh seeds"
    if count >= FEW_SEEDS:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING, f"{evidence}.", f"Confirm with --seeds {FEW_SEEDS} or more, better 10."
    )


def _opened_once(findings: Findings) -> Answer:
    record = findings.confirmation
    times = len(record.history) if record else 0
    if times <= 1:
        return Answer(Status.GOOD, "It was opened once." if times else "It was not opened yet.")
    return Answer(
        Status.WARNING,
        f"It was opened {times} times.",
        "Choices made after seeing its scores bias them upward: report how often it was opened.",
    )


def _agree(findings: Findings) -> Answer:
    run, count = findings.run, findings.replicates
    if count < 2:
        return Answer(Status.OPEN, "The trials have one seed each.")
    top = top_trials(learned(run.trials), 2 * TOP)
    if len(top) < 2:
        return Answer(Status.OPEN, "This needs two trials that learned.")
    own = run.epochs[run.epochs["trial"].isin(top["number"])]
    reached = own.groupby(["replicate", "trial"])["score"].max().unstack("trial")
    favorites = reached.idxmax(axis=1)
    best = int(top["number"].iloc[0])
    same = int((favorites == best).sum())
    evidence = f"By {same} of {count} replicates alone, trial {best} would be the best one too"
    if 2 * same >= count:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}.",
        "The seeds, or the folds, disagree about the best trial: use more replicates, and confirm.",
    )


CHECKS = (
    Check("C01", "Is the network better than the majority class?", _majority),
    Check("C02", "Is the network better than a linear model?", _linear),
    Check("C03", "Does the metric suit the balance of the classes?", _balance),
    Check("C04", "Is there a single best trial?", _ties),
    Check("C05", "Does the best trial lie inside the search space?", _inside),
    Check("C06", "Can the validation set tell the best trials apart?", _resolved),
    Check("C07", "Does the network generalize from its training data?", _fits),
    Check("C08", "Had the search stopped improving?", _settled),
    Check("C09", "Did nearly all trainings converge?", _stable),
    Check("C10", "Was the result confirmed on enough fresh seeds?", _confirmed),
    Check("C11", "Was the test set opened only once?", _opened_once),
    Check("C12", "Do the replicates agree about the best trial?", _agree),
)
"""Every check, by its code; codes are never given to another check."""

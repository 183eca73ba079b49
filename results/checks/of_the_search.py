"""Checks of the search: whether its trials, their number and their order support its best one."""

import math

import numpy as np
import pandas as pd

from results.analysis.evidence import FEWEST, LATE, OFTEN_DIVERGED, pressed_bounds, when_best_came
from results.analysis.findings import Findings
from results.analysis.positions import places
from results.analysis.trials import kind_of_trial, learned, top_trials, trained
from results.checks.answer import NO_VALUE, NORMAL, Answer, Status, unscored
from results.number_text import count_of_trials, score_text, spread_text, whole_percent
from sweeps.samplers.catalogue import SAMPLERS
from sweeps.space.dimensions import Range, Space, column
from sweeps.trial import StopReason

END = 0.02  # a position this close to an end of its range lies at the end
MANY_NEAR = 0.5  # of the trials: if chance can make so many the best, it decides the search
TOP, NEWEST, MANY_NEW = 5, 0.25, 4  # of trials in random order, so many are new in 1.6% of runs
AGREEMENT = 0.5  # a correlation below it shows more of chance than of the settings
ROUNDING = 1e-12  # means of equal values may differ by so much


def has_single_best(findings: Findings) -> Answer:
    """Count the trials that share the best value."""
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


def best_is_inside(findings: Findings) -> Answer:
    """Find ends of ranges where the best trials crowd."""
    config = findings.run.config
    space = {name: d for name, d in config.space.items() if column(name) == name}
    if len(learned(findings.run.trials)) < FEWEST:
        return Answer(Status.OPEN, f"This needs {FEWEST} trials that learned.")
    pressed = pressed_bounds(findings.run.trials, space)
    if not pressed:
        evidence = f"The best trials do not crowd at an end of a range{_own_ends(findings, space)}."
        return Answer(Status.GOOD, evidence)
    where = " and ".join(f"the {one.end} end of {one.name}" for one in pressed)
    return Answer(
        Status.WARNING,
        f"The best trials crowd at {where}, and the values improve up to there.",
        "Widen the range: better values may lie beyond it.",
    )


def _own_ends(findings: Findings, space: Space) -> str:
    """Return where the run's own trial lies at an end of a range, as the end of a sentence."""
    trial = findings.shipped
    if trial is None:
        return ""
    at = [
        f"the {'low' if place < 0.5 else 'high'} end of {name}"
        for name, dimension in space.items()
        if isinstance(dimension, Range) and pd.notna(trial[name])
        for place in places(pd.Series([trial[name]]), dimension)
        if min(place, 1 - place) <= END
    ]
    return f", but trial {trial['number']} itself lies at {' and '.join(at)}" if at else ""


def validation_set_suffices(findings: Findings) -> Answer:
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
        return unscored(findings.scored)
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


def search_has_settled(findings: Findings) -> Answer:
    """Ask when the best trials came."""
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


def trainings_converge(findings: Findings) -> Answer:
    """Count the trials that diverged."""
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


def replicates_agree(findings: Findings) -> Answer:
    """Correlate the orders that the replicates give the trials."""
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

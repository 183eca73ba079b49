"""Lists the checks by their codes and puts all of them to a run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from results.analysis.findings import Findings
from results.checks.answer import Answer, Status
from results.checks.of_the_confirmation import is_confirmed, test_set_opened_once
from results.checks.of_the_network import (
    beats_linear_model,
    beats_majority_class,
    generalizes,
    metric_suits_classes,
)
from results.checks.of_the_numbers import (
    beats_mean,
    generalizes_in_cost,
    metric_suits_targets,
    residuals_keep_their_size,
)
from results.checks.of_the_search import (
    best_is_inside,
    has_single_best,
    replicates_agree,
    search_has_settled,
    trainings_converge,
    validation_set_suffices,
)


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
    """Return the answers of the checks that apply to a run, in the order of their codes."""
    asked = checks_for(regression=findings.metric.regression)
    answers = [(check, check.answer(findings)) for check in asked]
    return [
        Checked(check.code, check.question, answer.status, answer.evidence, answer.advice)
        for check, answer in answers
    ]


def warnings_text(statuses: Iterable[Status]) -> str:
    """Return how many of the checks with these statuses warn: "1 of 12 checks warns"."""
    known = list(statuses)
    count = known.count(Status.WARNING)
    return f"{count} of {len(known)} checks {'warns' if count == 1 else 'warn'}"


CHECKS = (
    Check("C01", "Is the network better than the majority class?", beats_majority_class),
    Check("C02", "Is the network better than a linear model?", beats_linear_model),
    Check("C03", "Does the metric suit the balance of the classes?", metric_suits_classes),
    Check("C04", "Is there a single best trial?", has_single_best),
    Check("C05", "Does the best trial lie inside the search space?", best_is_inside),
    Check(
        "C06",
        "Is the validation set large enough to rank the trials?",
        validation_set_suffices,
    ),
    Check("C07", "Does the network generalize from its training data?", generalizes),
    Check("C08", "Had the search stopped improving?", search_has_settled),
    Check("C09", "Did nearly all trainings converge?", trainings_converge),
    Check("C10", "Was the result confirmed on enough fresh seeds or splits?", is_confirmed),
    Check("C11", "Was the test set opened only once?", test_set_opened_once),
    Check("C12", "Do the replicates agree on the order of the trials?", replicates_agree),
)
"""Every check of a run that predicts classes; codes are never given to another check."""

OF_NUMBERS = (
    Check("C01", "Is the network better than the mean of the target?", beats_mean),
    Check("C03", "Does the metric suit the spread of the target?", metric_suits_targets),
    Check("C07", "Does the network generalize from its training data?", generalizes_in_cost),
    Check("C13", "Do the errors keep their size over all predictions?", residuals_keep_their_size),
)
"""The checks that a run that predicts numbers has in place of those with their codes, or more."""


def checks_for(*, regression: bool) -> tuple[Check, ...]:
    """Return the checks of a run that predicts classes, or numbers, in the order of their codes."""
    checks = {check.code: check for check in CHECKS}
    if regression:
        checks |= {check.code: check for check in OF_NUMBERS}
    return tuple(checks.values())

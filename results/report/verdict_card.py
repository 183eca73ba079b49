"""The verdict of a run, the card that opens its page: the value, how sure it is, and what it gains.

What was not measured is named with the command that measures it.
"""

from dataclasses import dataclass

from nncore.components.metrics import ACCURACY, Metric
from nncore.shipped_model import BEST_MODEL, CONFIRMED_MODEL
from results.analysis.ablation import read_ablation
from results.analysis.best_network import constant_value
from results.analysis.findings import Findings
from results.frames import params_of
from results.number_text import difference_text, parameter_text, signed, value_text
from results.report.certificate import certificate
from results.report.command_lines import (
    ablate_command,
    first_confirm_command,
    predict_command,
)
from results.report.confirmation_prose import alone, together
from results.report.prose import about_search
from sweeps.baselines import CLASS_SHARES, LINEAR, MEAN
from sweeps.records.confirmation_record import BaselineScore

ON_TEST = "the test set"
Ends = tuple[float, float] | None


@dataclass(frozen=True)
class Gain:
    """By how much the shipped trial is better than something simpler.

    `by` is the difference, `interval` how sure it is, `measured` on which data, and `doubt` says if
    it is not clear. A gain that was not measured has the `command` that measures it.
    """

    over: str
    by: str = "not measured"
    interval: str = ""
    measured: str = ""
    doubt: str = ""
    command: str = ""


@dataclass(frozen=True)
class VerdictCard:
    """The verdict of a run.

    Attributes
    ----------
    kind
        "certified" or "unconfirmed".
    label, value
        The name and the text of the number that the run stands for.
    text, command
        What is certified, or why nothing is; the command that follows or "".
    stale
        A warning that trials have finished since, or "".
    sentences
        How sure the value is, and what the trial reached in the search.
    gains
        What it gains over the defaults, a constant answer and a linear model.
    trial, settings
        The trial, None if none learned, and its searched hyperparameters.
    file, content, use
        The file of the network or "", what it holds, and the command that uses it.
    """

    kind: str
    label: str
    value: str
    text: str
    command: str
    stale: str
    sentences: list[str]
    gains: list[Gain]
    trial: int | None
    settings: list[tuple[str, str]]
    file: str
    content: str
    use: str


def verdict_card(findings: Findings) -> VerdictCard:
    """Return the verdict of a run, as far as it is known."""
    shipped, space = findings.shipped, findings.run.space
    label, value, sentences = _value(findings)
    params = {} if shipped is None else params_of(shipped, space)
    file, content = _file(findings)
    return VerdictCard(
        **certificate(findings),
        label=label,
        value=value,
        sentences=[*sentences, about_search(findings)],
        gains=[] if shipped is None else _gains(findings),
        trial=None if shipped is None else int(shipped["number"]),
        settings=[(name, parameter_text(value)) for name, value in params.items()],
        file=file,
        content=content,
        use=predict_command(findings.run.folder) if file else "",
    )


def _value(findings: Findings) -> tuple[str, str, list[str]]:
    """Return label and text of the number, and the sentences on its uncertainties."""
    record, metric = findings.confirmation, findings.metric
    if findings.certified is not None and record and record.test_set.ensemble:
        reached = value_text(metric, record.test_set.ensemble.value)
        return f"certified test {metric.title}", reached, [together(record), alone(record)]
    best = findings.best
    value = value_text(metric, best["value"]) if best is not None else "–"
    return f"best validation {metric.title}", value, []


def _file(findings: Findings) -> tuple[str, str]:
    """Return the name of the network's file and what it holds; "" if it is not there."""
    record = findings.confirmation
    name, content = BEST_MODEL, "the best network of the search"
    if findings.certified is not None and record and record.test_set.ensemble:
        count = record.test_set.ensemble.networks
        name, content = CONFIRMED_MODEL, "the certified network"
        if count > 1:
            content = f"the {count} certified networks, which answer together"
    return (name, content) if (findings.run.folder / name).exists() else ("", "")


def _gains(findings: Findings) -> list[Gain]:
    gains = [_over_defaults(findings), _over_constant(findings), _over_linear(findings)]
    return [gain for gain in gains if gain is not None]


def _over_defaults(findings: Findings) -> Gain | None:
    """Return the gain over the defaults, as an ablation of this trial has measured it."""
    record, metric, run = read_ablation(findings.run.folder), findings.metric, findings.run
    shipped = findings.shipped
    assert shipped is not None
    if record is None or record.trial != shipped["number"]:
        if not run.budget_spent:
            return None
        return Gain("the defaults", command=ablate_command(run.folder))
    ends = record.total.ci
    if not metric.greater_is_better and ends:
        ends = (-ends[1], -ends[0])
    mean = record.total.mean if metric.greater_is_better else -record.total.mean
    return _gain("the defaults", metric, mean, ends, f"{record.seeds} fresh seeds, validation data")


def _over_constant(findings: Findings) -> Gain | None:
    """Return the gain over a constant answer, on the test set if it is certified."""
    metric, scored = findings.metric, findings.scored
    over = "the mean of the target" if metric.regression else "the shares of the classes"
    over = "the majority class" if metric is ACCURACY else over
    recorded = _recorded(findings, (CLASS_SHARES, MEAN))
    if recorded is not None:
        return _on_test(findings, over, recorded)
    if isinstance(scored, str):
        return None
    lead = metric.score(metric.compute(scored.outputs, scored.labels))
    lead -= metric.score(constant_value(scored, metric))
    return _gain(over, metric, lead, None, "validation data")


def _over_linear(findings: Findings) -> Gain | None:
    """Return the gain over a linear model, which the confirmation fits."""
    recorded, run = _recorded(findings, LINEAR), findings.run
    if recorded is not None:
        return _on_test(findings, recorded.name, recorded)
    if findings.confirmation or not run.budget_spent:
        return None
    return Gain("a linear model", command=first_confirm_command(run.folder, run.config))


def _recorded(findings: Findings, names: tuple[str, ...]) -> BaselineScore | None:
    """Return the first of these baselines that the certified networks were compared with."""
    if findings.certified is None or findings.confirmation is None:
        return None
    baselines = findings.confirmation.test_set.baselines
    return next((one for one in baselines if one.name in names and one.lead), None)


def _on_test(findings: Findings, over: str, baseline: BaselineScore) -> Gain:
    assert baseline.lead is not None
    return _gain(over, findings.metric, baseline.lead.mean, baseline.lead.ci, ON_TEST)


def _gain(over: str, metric: Metric, lead: float, ends: Ends, measured: str) -> Gain:
    interval = f"95% interval {' to '.join(signed(metric, end) for end in ends)}" if ends else ""
    clear = lead > 0 if ends is None else ends[0] > 0
    doubt = "" if clear else "not clearly better"
    return Gain(over, difference_text(metric, lead), interval, measured, doubt)

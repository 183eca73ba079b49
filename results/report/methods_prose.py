"""How a run was made, as a paragraph for the methods section of a paper.

It says what was searched and how, and what the test set was used for; the results are not its part.
"""

from dataclasses import asdict
from typing import Any

from nncore.task import default_config
from results.analysis.ablation import read_ablation
from results.analysis.findings import Findings
from results.analysis.trials import kind_of_trial
from results.number_text import count_of_trials, format_number, listed
from sweeps.records.confirmation_record import ConfirmationRecord
from sweeps.records.environment_record import EnvironmentFacts
from sweeps.space.dimensions import Choices, Dimension
from sweeps.space.hidden_layers import WIDTHS
from sweeps.trial import StopReason, TrialState

NAMES = {"numpy": "NumPy", "scipy": "SciPy", "optuna": "Optuna"}
"""The packages that are named with their versions, besides nnsweep."""


def methods_paragraph(findings: Findings) -> str:
    """Return the paragraph, as far as the run has come."""
    return " ".join(
        [
            _about_data(findings),
            *_about_space(findings),
            _about_search(findings),
            _about_training(findings),
            *_about_confirmation(findings),
            *_about_ablation(findings),
            *_about_versions(findings),
        ]
    )


def _about_data(findings: Findings) -> str:
    data, scored = findings.run.config.data, findings.scored
    sizes = ""
    if not isinstance(scored, str) and not data.folds:
        whole = scored.dataset
        counts = {"training": whole.train, "validation": whole.validation, "test": whole.test}
        rows = [f"{len(split.labels):,} {name}" for name, split in counts.items()]
        sizes = f" ({listed(rows)} examples)"
    folds = f", in {data.folds} folds of its training and validation rows" if data.folds else ""
    aim = f" to predict {listed(findings.targets)}" if findings.targets else ""
    return (
        f"The hyperparameters of feed-forward neural networks{aim} were searched on the data set "
        f"{data.name}{sizes}{folds}."
    )


def _about_space(findings: Findings) -> list[str]:
    config = findings.run.config
    searched = [f"{name} ({_dimension(one)})" for name, one in config.space.items()]
    usual = default_config(regression=config.data.regression)
    defaults = {**asdict(usual), WIDTHS: list(usual.hidden_units)}
    fixed = [
        f"{name} {_setting(value)}"
        for name, value in config.training.items()
        if name not in config.space and (value != defaults[name] or name == "epochs")
    ]
    others = "All other hyperparameters of training had their default values."
    if fixed:
        others = (
            f"Fixed settings were {listed(fixed)}; all other hyperparameters of training had their "
            "default values."
        )
    return [f"The search varied {listed(searched)}.", others]


def _dimension(dimension: Dimension) -> str:
    """Return which values a hyperparameter could have, and on which condition."""
    if isinstance(dimension, Choices):
        text = ", ".join(_setting(choice) for choice in dimension.choices)
    else:
        text = f"{format_number(dimension.low)} to {format_number(dimension.high)}"
        text += f" in steps of {format_number(dimension.step)}" if dimension.step else ""
        text += ", logarithmic" if dimension.log else ""
    for name, values in (dimension.when or {}).items():
        text += f", if {name} is {' or '.join(map(_setting, values))}"
    return text


def _setting(value: Any) -> str:
    """Return a value in all its digits: a reader may want to set it."""
    if isinstance(value, list | tuple):
        return "-".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _about_search(findings: Findings) -> str:
    run, sweep = findings.run, findings.run.config.sweep
    finished = count_of_trials(len(run.trials))
    if not run.budget_spent:
        finished += f" of {sweep.trials:,} that were planned"
    elif sweep.epoch_budget is not None and len(run.trials) < sweep.trials:
        finished += f", until {sweep.epoch_budget:,} epochs were trained"
    kinds = kind_of_trial(run.trials).value_counts()
    ends = {
        TrialState.PRUNED: "pruned",
        StopReason.DIVERGED: "diverged",
        TrialState.FAILED: "failed",
    }
    cut = [f"{kinds[kind]:,} {verb}" for kind, verb in ends.items() if kind in kinds]
    endings = f": {listed(cut)}" if cut else ""
    pruner = "no pruner" if sweep.pruner == "none" else f'the pruner "{sweep.pruner}"'
    if sweep.patience:
        pruner += f" (patience {sweep.patience})"
    known = len(run.config.known)
    the = f"After it had learned from {known:,} results of other runs, the" if known else "The"
    return (
        f'{the} sampler "{sweep.sampler}" proposed {finished}, in generations of '
        f"{sweep.generation}, with the seed {sweep.seed} and {pruner}{endings}."
    )


def _about_training(findings: Findings) -> str:
    metric, several = findings.metric, findings.replicates > 1
    return (
        f"Each trial was trained on {findings.replicates_text if several else 'one seed'} and "
        f"judged by the {'highest' if metric.greater_is_better else 'lowest'} "
        f"{'mean ' if several else ''}{metric.title} that it had on validation data after any "
        "epoch."
    )


def _about_confirmation(findings: Findings) -> list[str]:
    record = findings.confirmation
    if record is None:
        return ["The test set was not used."]
    over = "splits of the training and validation rows" if record.splits else "seeds"
    again, count = f"trained again on {len(record.seeds)} fresh {over}", len(record.candidates)
    said = f"After the search, the best trial, trial {record.winner}, was {again}."
    if count > 1:
        said = (
            f"After the search, the best {count} trials were {again}, and the one with the best "
            f"mean on validation data, trial {record.winner}, was chosen."
        )
    return [said, _about_test_set(record)]


def _about_test_set(record: ConfirmationRecord) -> str:
    times, ensemble = len(record.history), record.test_set.ensemble
    scored = "its networks"
    if ensemble and ensemble.networks > 1:
        scored = f"its {ensemble.networks} networks, alone and as an ensemble"
    often = "once, after this choice," if times == 1 else f"{times} times"
    beside = ["the networks of the runner-up"] if ensemble and ensemble.lead else []
    beside += ["the baselines"] if record.test_set.baselines else []
    others = f", and {' and '.join(beside)} for comparison" if beside else ""
    return f"The test set was used {often} to score {scored}{others}."


def _about_ablation(findings: Findings) -> list[str]:
    record = read_ablation(findings.run.folder)
    if record is None:
        return []
    return [
        f"What each change from the defaults to trial {record.trial} is worth was measured on "
        f"{record.seeds} further fresh seeds and validation data, with p-values corrected by "
        "Holm's method."
    ]


def _about_versions(findings: Findings) -> list[str]:
    environment = findings.environment
    if environment is None:
        return []
    facts: EnvironmentFacts = environment.latest
    packages = [
        f"{name} {facts.packages[key]}" for key, name in NAMES.items() if key in facts.packages
    ]
    blas = [f"{one.get('name', 'BLAS')} {one.get('version', '')}".strip() for one in facts.blas]
    used = [f"Python {facts.python}", *packages, *dict.fromkeys(blas)]
    nnsweep = " ".join(["nnsweep", *filter(None, [facts.packages.get("nnsweep")])])
    later = "; parts of the run had another environment" if environment.resumed else ""
    return [f"All of it was done with {nnsweep} ({listed(used)}{later})."]

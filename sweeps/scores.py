"""Samplers and pruners work with scores: values in which a greater one is better.

Both are made here from the config of a sweep, and hear the value of any metric as a score.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nncore.components.metrics import Metric
from sweeps.config import SweepConfig
from sweeps.pruners.catalogue import PRUNERS
from sweeps.pruners.history import PrunerHistory
from sweeps.samplers.catalogue import SAMPLERS
from sweeps.samplers.proposer import Proposer
from sweeps.samplers.protocol import Search
from sweeps.trial import Result


def in_scores(result: Result, metric: Metric) -> Result:
    """Return the result with its value as a score, as samplers and pruners receive it."""
    return result if result.value is None else replace(result, value=metric.score(result.value))


def new_proposer(config: SweepConfig) -> Proposer:
    """Return the proposer of a sweep, before its first trial."""
    section = config.sweep
    search = Search(config.space, section.seed, section.generation, config.start)
    sampler = SAMPLERS[section.sampler]
    results = config.known if sampler.uses_known else ()
    known = [(one.params, in_scores(one.result, config.metric)) for one in results]
    return Proposer(sampler.new(search), config.start, known)


def new_pruner_history(config: SweepConfig) -> PrunerHistory:
    """Return the empty history of the pruner that `config` names."""
    section = config.sweep
    settings = _bounds_in_scores(config.pruner, config.metric)
    history = PRUNERS[section.pruner].new_history(settings, config.most_epochs)
    return PrunerHistory(history, section.patience)


def _bounds_in_scores(settings: Mapping[str, Any], metric: Metric) -> Mapping[str, Any]:
    """Return the settings of a pruner with its bounds, if it has any, as scores."""
    if metric.greater_is_better:
        return settings
    swapped = {"lower": "upper", "upper": "lower"}
    return {
        swapped.get(key, key): metric.score(value) if key in swapped else value
        for key, value in settings.items()
    }

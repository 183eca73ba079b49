"""`[sweep]` with a pruner whose trials compete: whole generations, of the pruner's own size.

A generation that lacks some trials would decide on the others too early: with more trials, the
sweep would not continue as a longer sweep does.
"""

from typing import TYPE_CHECKING

from nncore.errors import require
from sweeps.config.sections import SweepSection
from sweeps.generations import generation_end
from sweeps.pruners.catalogue import PRUNERS

if TYPE_CHECKING:
    from sweeps.config.sweep_config import SweepConfig


def whole_trials(config: "SweepConfig", trials: int) -> int:
    """Return `trials`, or the next number of trials that the pruner of `config` allows."""
    return generation_end(config.generation_sizes, trials) if config.brackets else trials


def whole_generations(config: "SweepConfig") -> SweepSection:
    """Return `[sweep]` with the generation and the number of trials that its pruner needs.

    Raises
    ------
    InputError
        If the given generation is too small to compete in, the trials are not whole generations, or
        there is a patience, which would end trials between the rungs.
    """
    sweep, given = config.sweep, config.sweep.model_fields_set
    usual = PRUNERS[sweep.pruner].generation
    if usual and "generation" not in given:
        config = config.model_copy(update={"sweep": sweep.model_copy(update={"generation": usual})})
    if not config.brackets:
        return config.sweep
    sweep, who = config.sweep, f"with the pruner {sweep.pruner}"
    factor = config.pruner["reduction_factor"]
    rule = f"be >= {factor}, `pruner.reduction_factor`, {who}"
    require(sweep.generation >= factor, "sweep.generation", rule, sweep.generation)
    require(sweep.patience == 0, "sweep.patience", f"be 0 {who}", sweep.patience)
    end = whole_trials(config, sweep.trials)
    if "trials" not in given:
        return sweep.model_copy(update={"trials": end})
    rule = f"end with a generation {who}, as {end} does"
    require(sweep.trials == end, "sweep.trials", rule, sweep.trials)
    return sweep

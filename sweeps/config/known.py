"""`[[known]]`: results of other runs, from which the sampler learns before the first trial.

`nnsweep run --from RUN` writes them. A result with a hash of its settings is valid only in a sweep
that would measure the same.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, StrictInt

from nncore.config import TrialConfig
from nncore.errors import InputError, require
from sweeps.config.sections import LARGEST
from sweeps.space.dimensions import Number, Params
from sweeps.space.plain_values import PlainModel
from sweeps.space.start_points import point_in
from sweeps.trial import Result, TrialState

if TYPE_CHECKING:
    from sweeps.config.sweep_config import SweepConfig


class KnownResult(PlainModel):
    """`[[known]]`: the result of a trial of another run.

    Attributes
    ----------
    run
        The name of the sweep that gave the result.
    trial
        The number of the trial there.
    state
        How the trial ended.
    value
        Its value, in the metric of this sweep.
    epochs
        The number of epochs that it trained.
    params
        Its point in the space, as in `[[start]]`.
    settings
        A hash of the data, the metric, the replicates and all hyperparameters with which it was
        measured. Without it, this sweep is taken to have the same.
    """

    run: str = ""
    trial: StrictInt | None = Field(default=None, ge=0, le=LARGEST)
    state: Literal["complete", "pruned"] = "complete"
    value: Number
    epochs: StrictInt = Field(ge=1, le=LARGEST)
    params: dict[str, Any]
    settings: str | None = None

    @property
    def result(self) -> Result:
        """The part that samplers receive."""
        return Result(TrialState(self.state), float(self.value), self.epochs)


def settings_hash(config: "SweepConfig", params: Params) -> str:
    """Return a hash of all that decides what the value of a trial at `params` measures.

    Hyperparameters with their defaults are left out, so that later ones do not change it.
    """
    defaults, trial = asdict(TrialConfig()), asdict(config.trial_config(params))
    measured = {
        "data": config.data.model_dump(exclude_none=True),
        "metric": config.sweep.metric,
        "replicates": config.sweep.replicates,
        "trial": {key: value for key, value in trial.items() if value != defaults[key]},
    }
    return hashlib.sha256(json.dumps(measured, sort_keys=True).encode()).hexdigest()[:12]


def checked_results(known: Sequence[KnownResult], config: "SweepConfig") -> list[KnownResult]:
    """Return the `known` results with points of the space of `config`.

    Raises
    ------
    InputError
        If a point is not in the space, or a result was measured with other settings.
    """
    results = []
    for number, one in enumerate(known):
        params = point_in(config.space, one.params, f"known.{number}")
        # The worst value of a regression is infinite.
        measured = math.isfinite(one.value) or one.value == config.metric.worst
        require(measured, f"known.{number}.value", "be a finite number", one.value)
        if one.settings not in (None, settings_hash(config, params)):
            raise InputError(
                f"`known.{number}` must be measured with the data, metric, replicates and fixed "
                "hyperparameters of the sweep, but has others; `known = []` begins without such "
                "results, and `nnsweep run --from RUN` takes over those that fit"
            )
        results.append(one.model_copy(update={"params": params}))
    return results

"""Hyperparameter sweeps: the space, one trial, the loop that runs many, and the run folder.

A program needs only the public names below: `load_config` or `parse_config` reads a sweep,
`run_sweep` runs or resumes it, and `results.frames.read_run` reads its run folder. Importing
`sweeps` loads nothing; a name loads its module when it is first used.

Reading order, from the bottom: `space`; `trial` (one pure function); `pruners`; `config` (the sweep
file); `samplers`; `workers` (where trials run); `records` (the files of a run); `loop`, which uses
them all; `sweep`; `confirmation` (the best trials again).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sweeps.config import SweepConfig, dump_config, load_config, parse_config
    from sweeps.progress import SweepProgress
    from sweeps.space.dimensions import Choices, Range
    from sweeps.sweep import run_sweep
    from sweeps.trial import TrialOutcome, evaluate
    from sweeps.workers.dask import DaskWorkers
    from sweeps.workers.local import LocalWorkers

__all__ = [
    "Choices",
    "DaskWorkers",
    "LocalWorkers",
    "Range",
    "SweepConfig",
    "SweepProgress",
    "TrialOutcome",
    "dump_config",
    "evaluate",
    "load_config",
    "parse_config",
    "run_sweep",
]

_HOMES = {
    "Choices": "sweeps.space.dimensions",
    "DaskWorkers": "sweeps.workers.dask",
    "LocalWorkers": "sweeps.workers.local",
    "Range": "sweeps.space.dimensions",
    "SweepConfig": "sweeps.config",
    "SweepProgress": "sweeps.progress",
    "TrialOutcome": "sweeps.trial",
    "dump_config": "sweeps.config",
    "evaluate": "sweeps.trial",
    "load_config": "sweeps.config",
    "parse_config": "sweeps.config",
    "run_sweep": "sweeps.sweep",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]

"""What is searched, one trial, the loop that runs many, and the folder that records them.

The public names below are all that a program needs: `load_config` or `parse_config` builds a sweep,
`run_sweep` runs it or goes on with it, and `results.frames.read_run` reads what it wrote. Importing
`sweeps` loads nothing; a name loads its module when it is first used.

Reading order: `space`, with `conditions` and `layers`; `config` (the TOML file); `trial` (one pure
function); `proposals` over `grid`, `coordinate` and `samplers`; `pruning` and `pruning_history`;
`tasks`, `parallel` and `cluster` (where trials run); `run_folder` over `outcomes`, `storage` and
`database` (what is written); `loop` (over them all); `sweep`; `confirmation` (the best once more).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sweeps.config import SweepConfig, dump_config, load_config, parse_config
    from sweeps.progress import SweepProgress
    from sweeps.space.dimensions import Choices, Range
    from sweeps.sweep import run_sweep
    from sweeps.trial import TrialOutcome, evaluate

__all__ = [
    "Choices",
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

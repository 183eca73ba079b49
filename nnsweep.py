"""nnsweep from Python: `import nnsweep`, and every name that most programs need.

`run_sweep` runs a sweep, `confirm` confirms its result, `write_report` writes its report. The names
come from the packages `experiments`, `results`, `sweeps` and `nncore`, which hold more of them.
Importing this module does no work; a name loads its module when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.from_python import SweepResult, confirm, run_sweep
    from nncore import (
        DataSet,
        DataSource,
        Ensemble,
        InputError,
        Model,
        NetworkClassifier,
        NetworkRegressor,
        TrialConfig,
        dataset_info,
        dataset_names,
        fetch_dataset,
        load_dataset,
        load_model,
        trial_config,
    )
    from results import (
        Comparison,
        Findings,
        Run,
        draw_figures,
        read_run,
        read_runs,
        write_comparison,
        write_report,
        write_summary,
    )
    from sweeps import (
        Choices,
        DaskWorkers,
        LocalWorkers,
        Range,
        SweepConfig,
        SweepEnd,
        SweepProgress,
        TrialOutcome,
        dump_config,
        evaluate,
        load_config,
        parse_config,
    )

__all__ = [
    "Choices",
    "Comparison",
    "DaskWorkers",
    "DataSet",
    "DataSource",
    "Ensemble",
    "Findings",
    "InputError",
    "LocalWorkers",
    "Model",
    "NetworkClassifier",
    "NetworkRegressor",
    "Range",
    "Run",
    "SweepConfig",
    "SweepEnd",
    "SweepProgress",
    "SweepResult",
    "TrialConfig",
    "TrialOutcome",
    "confirm",
    "dataset_info",
    "dataset_names",
    "draw_figures",
    "dump_config",
    "evaluate",
    "fetch_dataset",
    "load_config",
    "load_dataset",
    "load_model",
    "parse_config",
    "read_run",
    "read_runs",
    "run_sweep",
    "trial_config",
    "write_comparison",
    "write_report",
    "write_summary",
]

PACKAGES = ("experiments.from_python", "results", "sweeps", "nncore")
"""Where a name is looked for, in this order: the first `run_sweep` is that of a program."""


def __getattr__(name: str) -> Any:
    if name in __all__:
        for package in map(import_module, PACKAGES):
            if name in package.__all__:
                return getattr(package, name)
    raise AttributeError(f"module 'nnsweep' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__

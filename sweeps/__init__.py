"""Hyperparameter sweeps: the space, one trial, the loop that runs many, and the run folder.

The public names are listed in `__init__.pyi`, each beside the module that defines it. Importing
`sweeps` loads nothing; a name loads its module when it is first used. `load_config` or
`parse_config` reads a sweep, `run_sweep` runs or resumes it, and `results.read_run` reads its run
folder.

Reading order, from the bottom: `space`; `trial` (one pure function); `pruners` and `samplers`;
`config` (the sweep file); `workers` (where trials run); `records` (the files of a run); `loop`,
which uses them all; `sweep`; `known_results` (what a sweep takes over from an old run);
`retraining` (one trial again); `confirmation` (the best trials again); `certification` (the test
set, once); `ablation` (what each hyperparameter of the winner is worth).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

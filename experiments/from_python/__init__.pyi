from .confirmation import confirm as confirm
from .sweep import run_sweep as run_sweep
from .sweep_result import SweepResult as SweepResult

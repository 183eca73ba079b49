"""What a run says, computed once: figures and report show it, neither computes it again.

Whatever cannot be said is said in words instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from results.analysis.importance import Importance, importances
from results.analysis.trials import best_so_far, best_trial, epochs_spent, mean_curves, settled
from results.figures.best_network import Scored, score_best
from results.frames import Run
from sweeps.records.environment_record import EnvironmentRecord
from sweeps.records.run_folder import ENVIRONMENT
from sweeps.records.versioned import read_if_there


@dataclass(frozen=True, eq=False)
class Findings:
    """A run and what follows from it; each part is computed when it is first asked for.

    The importance is what `awaited` returns, if that is given: another process computes it then.
    """

    run: Run
    awaited: Callable[[], tuple[Importance, Importance]] | None = None

    @property
    def replicates(self) -> int:
        """The number of seeds per trial."""
        return self.run.config.sweep.replicates

    @cached_property
    def best(self) -> "pd.Series[Any] | None":
        """The best trial that learned something, or None."""
        return best_trial(self.run.trials)

    @cached_property
    def settled(self) -> pd.DataFrame:
        """The trials whose values may be compared as final."""
        return settled(self.run.trials, self.run.config.sweep.pruner)

    @cached_property
    def curves(self) -> pd.DataFrame:
        """The learning curves, means over the replicates."""
        return mean_curves(self.run.epochs)

    @cached_property
    def climb(self) -> pd.DataFrame:
        """`number, value, best, spent`: the best value so far, and the epochs spent until then."""
        spent = epochs_spent(self.run.trials, self.replicates)
        climb = best_so_far(self.run.trials)
        return climb.assign(spent=climb["number"].map(spent))

    @cached_property
    def importance(self) -> tuple[Importance, Importance]:
        """The importance of each hyperparameter by PED-ANOVA and by fANOVA."""
        return self.awaited() if self.awaited else importances(self.settled, self.run.space)

    @property
    def ranked(self) -> list[str]:
        """The hyperparameters by importance, in PED-ANOVA's order or else fANOVA's; or none."""
        tables = [one.shares for one in self.importance if len(one.shares)]
        return [str(name) for name in tables[0].index] if tables else []

    @property
    def ranking(self) -> list[str]:
        """All hyperparameters, those that are ranked first."""
        ranked = self.ranked
        return [*ranked, *(name for name in self.run.space if name not in ranked)]

    @cached_property
    def scored(self) -> Scored | str:
        """The best network on validation data, or why there is none."""
        return score_best(self.run)

    @cached_property
    def environment(self) -> EnvironmentRecord | None:
        """The environment of the run, None if it is not recorded."""
        return read_if_there(EnvironmentRecord, self.run.folder / ENVIRONMENT)

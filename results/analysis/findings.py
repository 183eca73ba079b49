"""The findings of a run, computed once for the figures, the report and the summary.

A result that cannot be computed is replaced by the sentence that says why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import nan
from typing import TYPE_CHECKING, Any

import pandas as pd

from nncore.arguments import require_type
from nncore.components.metrics import Metric
from results.analysis.confirmation import read_confirmation
from results.analysis.importance import Importance, importances
from results.analysis.predictions import target_names
from results.analysis.trials import (
    best_so_far,
    best_trial,
    epochs_spent,
    mean_curves,
    settled,
    shipped_trial,
)
from results.frames import Run
from sweeps.records.confirmation_record import ConfirmationRecord
from sweeps.records.environment_record import EnvironmentRecord
from sweeps.records.file_names import ENVIRONMENT
from sweeps.records.record_format import read_if_there

if TYPE_CHECKING:
    from results.analysis.best_network import Scored


@dataclass(frozen=True, eq=False)
class Findings:
    """A run and its statistics; each statistic is computed when it is first used.

    Parameters
    ----------
    run
        The run.
    awaited
        A function that waits for the importance from another process; None computes it here.

    Examples
    --------
    >>> from results import Findings, read_run
    >>> findings = Findings(read_run("runs/first"))
    >>> bool(findings.best["value"] == findings.run.trials["value"].max())
    True
    >>> findings.incumbent[["number", "spent"]].to_dict("list")
    {'number': [0, 1, 2, 3], 'spent': [3, 6, 9, 12]}
    """

    run: Run
    awaited: Callable[[], tuple[Importance, Importance]] | None = None

    def __post_init__(self) -> None:
        require_type(self.run, Run, "run", "a Run, which read_run returns")

    @property
    def metric(self) -> Metric:
        """The metric by which the sweep judges its trials."""
        return self.run.metric

    @property
    def replicates(self) -> int:
        """The number of seeds per trial."""
        return self.run.config.sweep.replicates

    @property
    def replicates_text(self) -> str:
        """The replicates of a trial as prose counts them: "5 seeds", or "5 folds"."""
        return f"{self.replicates} {'folds' if self.run.config.data.folds else 'seeds'}"

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of the numbers that the run predicts, as far as they are known."""
        if not isinstance(self.scored, str):
            return target_names(self.scored)
        return self.run.config.data.source.target

    @cached_property
    def best(self) -> "pd.Series[Any] | None":
        """The best trial of the search that learned something, or None."""
        return best_trial(self.run.trials)

    @cached_property
    def confirmation(self) -> ConfirmationRecord | None:
        """The record of the confirmation, or None."""
        return read_confirmation(self.run.folder)

    @property
    def certified(self) -> int | None:
        """The number of the certified trial, None if none is: the winner of the confirmation."""
        record = self.confirmation
        if record is None or record.test_set.sha256 is None:
            return None
        return record.winner if record.winner in set(self.run.trials["number"]) else None

    @cached_property
    def shipped(self) -> "pd.Series[Any] | None":
        """The trial that the run stands for: the certified one, else the search's best, or None."""
        return shipped_trial(self.run.trials, self.certified)

    @cached_property
    def settled(self) -> pd.DataFrame:
        """The trials whose values may be compared as final."""
        return settled(self.run.trials, self.run.config.sweep.pruner)

    @cached_property
    def curves(self) -> pd.DataFrame:
        """The learning curves, means over the replicates."""
        return mean_curves(self.run.epochs)

    @cached_property
    def incumbent(self) -> pd.DataFrame:
        """`number, score, best, spent`: score, incumbent and epochs spent so far."""
        spent = epochs_spent(self.run.trials, self.replicates)
        incumbent = best_so_far(self.run.trials)
        return incumbent.assign(spent=incumbent["number"].map(spent))

    @cached_property
    def importance(self) -> tuple[Importance, Importance]:
        """The importance over the better half of the space, and over the whole space."""
        return self.awaited() if self.awaited else importances(self.settled, self.run.space)

    @property
    def ranked(self) -> list[str]:
        """The hyperparameters by importance over the better half; none if it is not known."""
        return [str(name) for name in self.importance[0].shares.index]

    @cached_property
    def scored(self) -> "Scored | str":
        """The network of the shipped trial on validation data, or why there is none."""
        from results.analysis.best_network import score_shipped  # `nnsweep show` needs no network

        return score_shipped(self.run, None if self.certified is None else self.confirmation)

    @cached_property
    def example_error(self) -> float:
        """The standard error of that network's value over validation examples; NaN if unknown."""
        from results.analysis.best_network import error_over_examples

        scored = self.scored
        return nan if isinstance(scored, str) else error_over_examples(scored, self.metric)

    @cached_property
    def environment(self) -> EnvironmentRecord | None:
        """The environment of the run, None if it is not recorded."""
        return read_if_there(EnvironmentRecord, self.run.folder / ENVIRONMENT)

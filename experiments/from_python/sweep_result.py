"""What a sweep has found, as a program or a notebook asks for it.

All of it is read from the run folder when it is first asked for.
"""

from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from results.analysis.trials import best_trial
from results.frames import Run, params_of, read_run
from results.number_text import parameter_text, value_text
from sweeps.config import SweepConfig
from sweeps.progress import SweepEnd, SweepProgress
from sweeps.space.dimensions import Params


@dataclass(frozen=True, eq=False, repr=False)
class SweepResult:
    """The result of a sweep, as `nnsweep.run_sweep` returns it; a notebook shows it as a table.

    Parameters
    ----------
    folder
        The run folder, which holds everything below.
    config
        The sweep, with every default.
    progress
        The counts of trials at the end of the run.

    Examples
    --------
    >>> import nnsweep
    >>> result = nnsweep.run_sweep("runs/first/sweep.toml", folder="runs/first")
    >>> sorted(result.best_params)
    ['learning_rate', 'mini_batch_size']
    >>> len(result.trials)
    4
    """

    folder: Path
    config: SweepConfig
    progress: SweepProgress

    @property
    def end(self) -> SweepEnd | None:
        """Why the run ended."""
        return self.progress.end

    @cached_property
    def run(self) -> Run:
        """The tables of the run: trials, epochs and timings."""
        return read_run(self.folder)

    @property
    def trials(self) -> pd.DataFrame:
        """The trials, a row each; `results.Run` describes the columns."""
        return self.run.trials

    @cached_property
    def _best(self) -> "pd.Series[Any] | None":
        return best_trial(self.trials)

    @property
    def best_number(self) -> int | None:
        """The number of the best trial; None if no trial has learned."""
        return None if self._best is None else int(self._best["number"])

    @property
    def best_value(self) -> float | None:
        """The value of the best trial, too good on average; `confirm` measures by how much.

        It is a value of the sweep's metric on validation data, accuracy as a fraction.
        """
        return None if self._best is None else float(self._best["value"])

    @property
    def best_params(self) -> Params:
        """The searched hyperparameters of the best trial; empty if no trial has learned."""
        return {} if self._best is None else params_of(self._best, self.config.space)

    def __repr__(self) -> str:
        return f"<SweepResult of {self.folder}: {self._counts()}, {self._best_text()}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the counts, and the hyperparameters of the best trial."""
        rows = "".join(
            f"<tr><td>{escape(name)}</td><td>{escape(parameter_text(value))}</td></tr>"
            for name, value in self.best_params.items()
        )
        head = f"<tr><th>hyperparameter</th><th>trial {self.best_number}</th></tr>"
        return (
            f"<p><b>{escape(self.config.sweep.name)}</b>: {self._counts()}, {self._best_text()}</p>"
            + (f"<table>{head}{rows}</table>" if rows else "")
            + f"<p>Run folder: <code>{escape(str(self.folder))}</code></p>"
        )

    def _counts(self) -> str:
        ended = {"pruned": self.progress.pruned, "failed": self.progress.failed}
        further = [f"{count} {kind}" for kind, count in ended.items() if count]
        return ", ".join([f"{self.progress.done} of {self.progress.trials} trials", *further])

    def _best_text(self) -> str:
        if self.best_value is None:
            return "no trial has learned"
        metric = self.config.metric
        best = value_text(metric, self.best_value)
        return f"best validation {metric.title} {best} (trial {self.best_number})"

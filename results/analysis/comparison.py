"""Several runs on the same data, side by side: at equal budgets, and paired over equal seeds.

A run is represented by the best trial of its search, on fresh seeds if it was confirmed. The winner
of a confirmation is not used, because it would be tested on the seeds that chose it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import isnan
from pathlib import Path

import numpy as np
import pandas as pd

from nncore.arguments import as_path
from nncore.components.metrics import Metric
from nncore.errors import InputError, named, shown
from results.analysis.confirmation import finished_since, read_confirmation
from results.analysis.findings import Findings
from results.analysis.trials import best_at, best_at_epochs, epochs_spent, value_distribution
from results.analysis.uncertainty import holm, paired_difference
from results.frames import read_run
from results.number_text import count_of_trials
from sweeps.records.file_names import ENVIRONMENT

FEWEST_PAIRS = 2
CONFIRMED, CHOSEN = "confirmation", "replicates: trials chosen on these seeds"
ON_SPLITS = " on fresh splits"
NO_PAIRS = "no seeds in common: confirm both runs; they need the same sweep.seed"

Seeds = dict[tuple[int, ...], float]
"""Values on validation data by sweep seed and the number of the fresh seed, or of the replicate.

For fresh seeds the key also says whether each trained on a fresh split.
"""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Runs on the same data, side by side, as `read_runs` returns them.

    Parameters
    ----------
    findings
        The runs with their statistics by their labels, in the order in which they were given.

    Examples
    --------
    >>> from pathlib import Path
    >>> from results import read_runs
    >>> comparison = read_runs(["runs/first", "runs/second"])
    >>> comparison.trials, comparison.epochs
    (4, 12)
    >>> comparison.budgets["run"].tolist()
    ['first', 'second']
    """

    findings: Mapping[str, Findings]

    @property
    def metric(self) -> Metric:
        """The metric by which all runs judge their trials."""
        return next(iter(self.findings.values())).metric

    @cached_property
    def trials(self) -> int:
        """The number of trials that every run has."""
        return min(len(one.run.trials) for one in self.findings.values())

    @cached_property
    def epochs(self) -> int:
        """The number of epochs that every run has spent, on all its trials and replicates."""
        return min(_epochs(one) for one in self.findings.values())

    @cached_property
    def budgets(self) -> pd.DataFrame:
        """`run, trials, epochs, best, at_trials, at_epochs`: the best value, and at equal budgets.

        A best value is NaN if no trial had learned by then.
        """
        rows = []
        for label, one in self.findings.items():
            trials, score = one.run.trials, self.metric.score
            best = np.nan if one.best is None else one.best["value"]
            at_trials = score(best_at(trials, self.trials))
            at_epochs = score(best_at_epochs(trials, self.epochs, one.replicates))
            row = (len(trials), _epochs(one), best, at_trials, at_epochs)
            rows.append((label, *row))
        columns = ["run", "trials", "epochs", "best", "at_trials", "at_epochs"]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """`run, other, by, pairs, mean, low, high, p_value, p_holm` for every two runs.

        `by` names the seeds that make the pairs: the fresh seeds of the confirmations if the runs
        have at least two in common, otherwise the replicates of the best trials. Without pairs it
        gives the reason. It also counts the trials that finished after a confirmation. `mean` is
        run − other, in units of the metric; `low` and `high` are its 95% interval over the seeds,
        splits or folds, NaN if all differences are equal; splits and folds share rows, so their
        interval is wider (Nadeau & Bengio 2003). All three are NaN if a network diverged.
        `p_holm` is the p-value of Student's t test,
        corrected for the number of tests in this table. Differences over replicates are not tested,
        because the search chose the trials by these replicates.
        """
        rows = [
            _difference(self.findings, one, other) for one, other in combinations(self.findings, 2)
        ]
        columns = ["run", "other", "by", "pairs", "mean", "low", "high", "p_value"]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.assign(p_holm=holm(frame["p_value"].tolist()))

    @cached_property
    def incumbents(self) -> pd.DataFrame:
        """`run, number, score, best, spent` of all runs, a row per trial with a value."""
        return pd.concat(
            [one.incumbent.assign(run=label) for label, one in self.findings.items()],
            ignore_index=True,
        )[["run", "number", "score", "best", "spent"]]

    @cached_property
    def distributions(self) -> dict[str, pd.DataFrame]:
        """The `value_distribution` of each run's settled trials."""
        return {label: value_distribution(one.settled) for label, one in self.findings.items()}

    @cached_property
    def best_curves(self) -> dict[str, pd.DataFrame]:
        """`epoch, score` of the best trial of each run that has one."""
        return {
            label: one.curves.loc[one.curves["trial"] == one.best["number"], ["epoch", "score"]]
            for label, one in self.findings.items()
            if one.best is not None
        }


def read_runs(folders: Sequence[str | Path]) -> Comparison:
    """Return the runs in `folders`, ready to be compared.

    Parameters
    ----------
    folders
        Two or more run folders on the same data, divided into the same folds if any.

    Returns
    -------
    Comparison
        The runs by the names of their folders, or by their paths if two names are equal.

    Raises
    ------
    InputError
        If there are fewer than two folders, a folder is given twice or is not a run folder, or the
        runs used different data or metrics.

    Examples
    --------
    >>> from results import read_runs
    >>> list(read_runs(["runs/first", "runs/second"]).findings)
    ['first', 'second']
    """
    rule = "two or more run folders"
    if isinstance(folders, str | Path):
        raise InputError(f"`folders` must be a list of {rule}, got {shown(folders)}")
    if len(folders) < 2:
        raise InputError(f"`folders` must be {rule}, got {len(folders)}", argument="folders")
    paths = [as_path(folder, "folders") for folder in folders]
    resolved = [path.resolve() for path in paths]
    for path in paths:
        twice = resolved.count(path.resolve()) > 1
        if twice:
            rule = "`folders` must be run folders that differ"
            raise InputError(f"{rule}, got {shown(str(path))}", argument="folders")
    names = [path.name for path in resolved]
    labels = names if len(set(names)) == len(names) else [str(path) for path in paths]
    runs = {label: Findings(read_run(path)) for label, path in zip(labels, paths, strict=True)}
    _check_data(runs)
    _check_metric(runs)
    return Comparison(runs)


def _check_data(runs: Mapping[str, Findings]) -> None:
    """Raise `InputError` unless all trials of all runs were trained on the same data."""
    (first, wanted), *others = [(label, _data(findings)) for label, findings in runs.items()]
    for label, data in [(first, wanted), *others]:
        if len(data) != 1 or data.keys() != wanted.keys():
            data_by_run = "; ".join(
                f"{' and '.join(d.values())} in {named(name)}"
                for name, d in {first: wanted, label: data}.items()
            )
            raise InputError(f"compared runs must use the same data, got {data_by_run}")


def _check_metric(runs: Mapping[str, Findings]) -> None:
    """Raise `InputError` unless all runs judge their trials by the same metric."""
    metrics = {label: findings.metric.name for label, findings in runs.items()}
    if len(set(metrics.values())) > 1:
        got = "; ".join(f"{name} in {named(label)}" for label, name in metrics.items())
        raise InputError(f"compared runs must have the same `sweep.metric`, got {got}")


def _data(findings: Findings) -> dict[str, str]:
    """Return the data sets of a run, each as "name (start of the hash)", with its folds if any."""
    environment = findings.environment
    if environment is None:
        raise InputError(f"`{findings.run.folder / ENVIRONMENT}` must record the data, got no file")
    data = [one.data for one in (environment, *environment.resumed)]
    folds = findings.run.config.data.folds
    divided = f", {folds} folds" if folds else ""
    return {one.sha256 + divided: f"{one.name} ({one.sha256[:8]}){divided}" for one in data}


def _epochs(findings: Findings) -> int:
    spent = epochs_spent(findings.run.trials, findings.replicates)
    return int(spent.iloc[-1]) if len(spent) else 0


def _difference(runs: Mapping[str, Findings], one: str, other: str) -> tuple[object, ...]:
    for by, values in ((CONFIRMED, confirmed_values), (CHOSEN, replicate_values)):
        of_one, of_other = values(runs[one]), values(runs[other])
        common = sorted(of_one.keys() & of_other.keys())
        if len(common) >= FEWEST_PAIRS:
            overlap = max(_overlap(runs[label], by) for label in (one, other))
            difference = paired_difference(
                [of_one[seed] for seed in common],
                [of_other[seed] for seed in common],
                overlap=overlap,
            )
            p_value = difference["p_value"] if by == CONFIRMED else np.nan
            if by == CONFIRMED:
                by += (ON_SPLITS if overlap else "") + _finished_since(runs, (one, other))
            diverged = sum(isnan(of_one[seed]) or isnan(of_other[seed]) for seed in common)
            if diverged:  # without these pairs, a trial would be praised for them
                by += f"; {diverged} of {len(common)} pairs diverged"
            return one, other, by, len(common), difference["mean"], *difference["ci"], p_value
    return one, other, NO_PAIRS, 0, np.nan, np.nan, np.nan, np.nan


def _overlap(findings: Findings, by: str) -> float:
    """Return the overlap of the rows behind a run's values, as `mean_interval` needs it."""
    if by == CHOSEN:
        folds = findings.run.config.data.folds
        return 1 / (folds - 1) if folds else 0.0
    record = read_confirmation(findings.run.folder)
    return record.overlap if record else 0.0


def _finished_since(runs: Mapping[str, Findings], labels: Sequence[str]) -> str:
    """Return, for each run with trials that finished after its confirmation, how many they are."""
    counts = {label: _count_since_confirmed(runs[label]) for label in labels}
    return "".join(
        f"; {label}: {count_of_trials(count)} finished after it"
        for label, count in counts.items()
        if count
    )


def _count_since_confirmed(findings: Findings) -> int:
    record = read_confirmation(findings.run.folder)
    return finished_since(record, findings.run) if record else 0


def confirmed_values(findings: Findings) -> Seeds:
    """Return the values on fresh seeds of the search's best trial; none without a confirmation."""
    record = read_confirmation(findings.run.folder)
    if record is None:
        return {}
    best = record.candidates[0]  # the candidates are in the order of the search
    pairs = zip(record.seeds, best.values, strict=True)
    return {(record.sweep_seed, seed, record.splits): value for seed, value in pairs}


def replicate_values(findings: Findings) -> Seeds:
    """Return the values of the best trial's replicates at its best epoch."""
    if findings.best is None:
        return {}
    epochs = findings.run.epochs
    of_best = (epochs["trial"] == findings.best["number"]) & (
        epochs["epoch"] == findings.best["best_epoch"]
    )
    rows = epochs[of_best].set_index("replicate")[findings.metric.column].dropna()
    seed = findings.run.config.sweep.seed
    return {(seed, int(replicate)): float(value) for replicate, value in rows.items()}

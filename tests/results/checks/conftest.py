"""Makes the findings of runs for the checks."""

import pytest

from results.analysis.findings import Findings
from results.frames import read_run
from tests.support.checked_runs import (
    epochs_of,
    metric_epochs,
    rows_of,
)


@pytest.fixture
def make(write_run, toml):
    """Return a function that makes the findings of a run of trials with these values."""

    def findings(values, *, epochs=(), sampler="tpe", rates=None, planned=None):
        text = toml.replace("trials = 5", f"trials = {planned or max(len(values), 1)}")
        text = text.replace('"tpe"', f'"{sampler}"')
        return Findings(read_run(write_run(text, rows_of(values, rates), epochs)))

    return findings


@pytest.fixture
def by_metric(write_run, toml):
    """Return a function that makes the findings of a run that a metric judges."""

    def findings(name, values, table=None, replicates=1):
        text = toml.replace("[data]", f'metric = "{name}"\n[data]')
        text = text.replace("replicates = 1", f"replicates = {replicates}")
        text = text.replace("trials = 5", f"trials = {len(values)}")
        epochs = epochs_of(table if table is not None else [[v] for v in values])
        folder = write_run(text, rows_of(values), epochs)
        metric_epochs(folder, name)
        return Findings(read_run(folder))

    return findings

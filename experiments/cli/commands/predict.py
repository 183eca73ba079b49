"""`nnsweep predict`: the class or the number of each example in a file, by a trained network.

The network is that of a run or was saved by `nnsweep train --save`. Its file holds the scaling of
the inputs and the names of the columns that it was trained on.
"""

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.completion import run_folders
from experiments.cli.json_output import print_json
from experiments.cli.options import OWN_FILE, DataSettings, Json, settings_of_data
from sweeps.records.file_names import CONFIG, CONFIRMATION_RECORD
from sweeps.records.is_run import is_run

if TYPE_CHECKING:
    from nncore.datasets.raw_inputs import RawInputs
    from nncore.model import Ensemble, Model
    from sweeps.config.sections import DataSection
    from sweeps.records.confirmation_record import ConfirmationRecord


def predict(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN|NETWORK",
            autocompletion=run_folders,
            help="A run folder, or a network saved by `nnsweep train`.",
        ),
    ],
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help=f"Unscaled inputs: {OWN_FILE}.",
        ),
    ],
    label: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            show_default="the label of the run",
            help="Column of the table that holds the classes. It is ignored, like the targets of "
            "the run.",
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            show_default="the ignored columns of the run",
            help="Another column of the table to ignore. Repeat the option to ignore several.",
        ),
    ] = None,
    settings: DataSettings = None,
    as_json: Json = False,
) -> None:
    """Predict the class of each example in a file, or its targets.

    Of a run folder, the certified networks answer together, with the mean of their outputs. Before
    `nnsweep confirm`, it is the best network of the search.

    The result is printed as CSV with the columns row, class and probability. The probability is
    the output for this class. For regression, the columns are row and each target, in its own
    units.
    """
    from nncore.datasets.formats.delimited import Dialect
    from nncore.datasets.formats.table import Table
    from nncore.datasets.user_file import read_inputs
    from nncore.errors import InputError
    from nncore.model_file import load_model

    if not run.exists():
        raise InputError(f"`{run}` must be a run folder or a saved network, got no such file")
    try:
        model = load_model(run)
    except InputError as error:
        raise InputError(f"{error}{_remedy(run)}") from error
    trained_on = _data_of(run)
    if trained_on:
        label = label or trained_on.label
        ignore = ignore or list(trained_on.ignore or ())
    group = [trained_on.group] if trained_on and trained_on.group else []
    targets = model.target_names
    dialect = trained_on.source.dialect if trained_on else Dialect()
    if settings:
        targeted = {"target": list(targets)} if targets else {"label": label or "?"}
        given = settings_of_data(settings, name=str(file), **targeted)
        label = label if given.label in ("?", None) else given.label
        ignore, dialect = [*(ignore or ()), *given.ignore], given.dialect
    ignored = [label, *targets, *(ignore or ()), *group]
    x = read_inputs(file, model.inputs, model.encoding, dialect, ignored)
    if not isinstance(x, Table) and x.shape[1] != model.n_in:
        raise InputError(f"`{file}` must have {model.n_in} inputs in each row, got {x.shape[1]}")
    columns = ("row", *targets) if targets else ("row", "class", "probability")
    answers = _numbers(model, x) if targets else _classes(model, x)
    rows = [(row, *answer) for row, answer in enumerate(answers, start=1)]
    if as_json:
        predictions = [dict(zip(columns, row, strict=True)) for row in rows]
        print_json({"predictions": predictions})
    else:
        csv.writer(sys.stdout, lineterminator="\n").writerows([columns, *rows])


def _classes(model: "Model | Ensemble", x: "RawInputs") -> list[tuple[Any, ...]]:
    """Return the class with the largest output for each row, and that output."""
    outputs = model.predict_proba(x)
    best = outputs.argmax(axis=1)
    return [(model.classes[k], float(row[k])) for k, row in zip(best, outputs, strict=True)]


def _numbers(model: "Model | Ensemble", x: "RawInputs") -> list[tuple[Any, ...]]:
    """Return the predicted targets of each row."""
    predicted = model.predict(x)
    return list(map(tuple, predicted.reshape(len(predicted), -1).tolist()))


def _remedy(run: Path) -> str:
    """Return how to make a network again that is lost or damaged, "" if that is not possible."""
    from nncore.errors import InputError
    from results.analysis.trials import best_trial
    from results.frames import read_run
    from sweeps.records.confirmation_record import ConfirmationRecord
    from sweeps.records.record_format import read_if_there

    if not is_run(run):
        return ""
    try:
        record = read_if_there(ConfirmationRecord, run / CONFIRMATION_RECORD)
    except InputError:
        return ""  # the record itself is damaged
    if record and record.test_set.sha256:
        return _remedy_of_confirmed(run, record)
    if best_trial(read_run(run).trials) is None:
        return "; no trial of this run has learned"
    return "; the same `nnsweep run` command makes it again"


def _remedy_of_confirmed(run: Path, record: "ConfirmationRecord") -> str:
    """Return how to make the certified networks of a run again."""
    from results.report.command_lines import confirm_command
    from sweeps.certification import can_restore

    if can_restore(run, record):
        return f"; `{confirm_command(run)}` makes it again"
    again = confirm_command(run, again=True, splits=len(record.seeds) if record.splits else 0)
    return f"; `{again}` trains the networks again and opens the test set again"


def _data_of(run: Path) -> "DataSection | None":
    """Return the data that a run was trained on; None for a saved network."""
    from sweeps.config import load_config

    return load_config(run / CONFIG).data if is_run(run) else None

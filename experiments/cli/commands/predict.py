"""`nnsweep predict`: what a trained network says of the examples in a file.

The network is a run's best or one that `nnsweep train --save` wrote; it brings its own scaling,
and the names of the columns that it was trained on.
"""

import csv
import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def predict(
    run: Annotated[
        Path, typer.Argument(help="A run folder, or a network saved as .npz.", metavar="RUN")
    ],
    file: Annotated[
        Path, typer.Argument(help="Raw inputs: an .npz with `x`, or a .csv.", metavar="FILE")
    ],
    label: Annotated[
        str | None, typer.Option(help="A column of the .csv to pass over; a run knows its own.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print the class of each example in a file, and the network's output for it, as CSV."""
    from nncore.datasets.tabular import read_inputs
    from nncore.errors import InputError
    from nncore.model import load_model

    path = run / "best.npz" if run.is_dir() else run
    if not path.exists():
        raise InputError(f"`{run}` must be a run folder with best.npz, or a saved network")
    model = load_model(path)
    x = read_inputs(file, model.inputs, label or _label_of(run))
    n_in = model.network.sizes[0]
    if x.shape[1] != n_in:
        raise InputError(f"`{file}` must have {n_in} inputs in each row, got {x.shape[1]}")
    outputs = model.predict_proba(x)
    best = outputs.argmax(axis=1)
    rows = [
        (row, model.classes[place], float(output[place]))
        for row, (place, output) in enumerate(zip(best, outputs, strict=True), start=1)
    ]
    columns = ("row", "class", "probability")
    if as_json:
        found = [dict(zip(columns, row, strict=True)) for row in rows]
        typer.echo(json.dumps({"predictions": found}, allow_nan=False))
    else:
        csv.writer(sys.stdout, lineterminator="\n").writerows([columns, *rows])


def _label_of(run: Path) -> str | None:
    """Return the column of classes that a run was trained on, if it is one on a table."""
    from sweeps.config import load_config

    file = run / "sweep.toml"
    return load_config(file).data.label if file.is_file() else None

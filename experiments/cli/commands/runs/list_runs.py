"""`nnsweep list`: the runs in a folder, a line each.

It also works while sweeps are running.
"""

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.json_output import print_json
from experiments.cli.options import Json
from experiments.cli.run_facts import listed_facts
from experiments.cli.running.progress import no_best_text
from sweeps.records.is_run import is_run


def list_runs(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The folder that contains run folders.")
    ] = Path("runs"),
    as_json: Json = False,
) -> None:
    """List the runs in a folder.

    Each line shows a run's data set, number of finished trials and best value on validation
    data, with the name of its metric if that is not accuracy.
    """
    from experiments.cli.tables import print_table
    from nncore.components.metrics import ACCURACY
    from nncore.errors import InputError, one_line
    from results.analysis.findings import Findings
    from results.analysis.trials import best_trial
    from results.frames import read_run
    from results.number_text import value_text
    from sweeps.trial import TrialState

    folders = sorted(filter(is_run, folder.glob("*")))
    if not folders and not as_json:
        typer.echo(f"no runs in {folder}/\n\nNext: nnsweep run")
        return
    rows, facts = [], []
    for path in folders:
        try:
            run = read_run(path)
        except InputError as error:
            typer.echo(f"nnsweep: {one_line(f'skipping {path}: {error}')}", err=True)
            continue
        if as_json:
            facts.append(listed_facts(Findings(run)))
            continue
        best = best_trial(run.trials)
        failed = int((run.trials["state"] == TrialState.FAILED).sum())
        value, number = no_best_text(len(run.trials), failed), ""
        if best is not None:
            value, number = value_text(run.metric, best["value"]), str(best["number"])
            value += "" if run.metric is ACCURACY else f" {run.metric.title}"
        done = f"{len(run.trials)} of {run.config.sweep.trials}"
        rows.append([str(path), run.config.data.name, done, value, number])
    if as_json:
        print_json({"runs": facts})
        return
    print_table(["run", "data", "trials", "best", "best trial"], rows)

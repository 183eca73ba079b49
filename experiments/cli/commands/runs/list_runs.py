"""`nnsweep list`: the runs in a folder, a line each.

It also works while sweeps are running.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.json_output import print_json
from experiments.cli.options import Json
from experiments.cli.run_facts import listed_facts
from results.progress_text import no_best_text
from sweeps.records.is_run import runs_in

if TYPE_CHECKING:
    from results.frames import Run

HEADER = ["run", "data", "state", "trials", "best", "best trial", "started", "seconds"]


def list_runs(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The folder that contains run folders.")
    ] = Path("runs"),
    as_json: Json = False,
) -> None:
    """List the runs in a folder.

    Each line shows a run's data set, whether it is running, finished, stopped or killed, the number
    of finished trials, the best value on validation data (with the name of its metric if that is
    not accuracy), when its first trial started, and for how many seconds it trained.
    """
    from experiments.cli.tables import print_table
    from nncore.errors import InputError, one_line
    from results.analysis.findings import Findings
    from results.frames import read_run

    folders = runs_in(folder)
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
        rows.append([str(path), *_cells(run)])
    if as_json:
        print_json({"runs": facts})
        return
    print_table(HEADER, rows)


def _cells(run: "Run") -> list[str]:
    """Return the line of a run, without its folder."""
    from nncore.components.metrics import ACCURACY
    from results.analysis.timeline import timeline
    from results.number_text import value_text

    progress, when = run.status.progress, timeline(run.timings, run.trials)
    value, number = no_best_text(progress.done, progress.failed), ""
    if progress.best_value is not None:
        value, number = value_text(run.metric, progress.best_value), str(progress.best_number)
        value += "" if run.metric is ACCURACY else f" {run.metric.title}"
    started = seconds = ""
    if when is not None:
        first = run.timings["started"].min().to_pydatetime()
        started, seconds = f"{first.astimezone():%Y-%m-%d %H:%M}", f"{when.length:.0f}"
    done = f"{progress.done} of {progress.trials}"
    return [run.config.data.name, run.status.state.value, done, value, number, started, seconds]

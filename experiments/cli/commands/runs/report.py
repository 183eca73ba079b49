"""`nnsweep report`: write the report and the figures of a run.

It also works while the sweep is running, and changes no table of the run.
"""

import typer

from experiments.cli.options import MovedData, RunArgument, note_moved_data


def report(
    run: RunArgument,
    data: MovedData = None,
) -> None:
    """Write the report and the figures of a run.

    report.html is one page that needs no internet connection. The command also works while the
    sweep is running.
    """
    from results.report.html import write_report

    note_moved_data(run, data)
    path = write_report(run)
    typer.echo(f"wrote {path} and {path.parent / 'figures'}/")

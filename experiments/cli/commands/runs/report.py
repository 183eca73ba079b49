"""`nnsweep report`: write the report and the figures of a run.

It also works while the sweep is running, and changes no table of the run.
"""

import typer

from experiments.cli.options import RunArgument


def report(
    run: RunArgument,
) -> None:
    """Write the report and the figures of a run.

    report.html is one page that needs no internet connection. The command also works while the
    sweep is running.
    """
    from results.report.html import write_report

    path = write_report(run)
    typer.echo(f"wrote {path} and {path.parent / 'figures'}/")

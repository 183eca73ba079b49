"""`nnsweep report`: write the report and the figures of a run.

It also works while the sweep is running, and changes no table of the run.
"""

from typing import Annotated

import typer

from experiments.cli.options import MovedData, RunArgument, note_moved_data
from results.collector import collector_paused

FORMATS = ("png", "svg")


@collector_paused()
def report(
    run: RunArgument,
    data: MovedData = None,
    figures: Annotated[
        str,
        typer.Option(
            metavar="FORMAT",
            autocompletion=lambda: FORMATS,
            help="Format of the figures: svg, or png to write each as PNG too. Later reports of "
            "the run then keep these files up to date.",
        ),
    ] = "svg",
) -> None:
    """Write the report and the figures of a run.

    report.html is one page that needs no internet connection. The command also works while the
    sweep is running.
    """
    from nncore.errors import unknown
    from results.report.html import write_report

    if figures not in FORMATS:
        raise unknown("`--figures`", figures, FORMATS)
    note_moved_data(run, data)
    path = write_report(run, png=figures == "png")
    typer.echo(f"wrote {path} and {path.parent / 'figures'}/")

"""`nnsweep check`: the coded checks of a run, with their evidence and what to do.

It reads the run folder only; the same checks are a section of the report.
"""

from typing import Annotated

import typer

from experiments.cli import exit_codes
from experiments.cli.options import RunArgument


def check(
    run: RunArgument,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with code 1 if a check warns.")
    ] = False,
) -> int:
    """Check a run before you believe its result.

    Each check has a code, its evidence and, if it warns, what to do. A check is open if its data
    are not known: for example, the linear model is fitted by `nnsweep confirm`.
    """
    from results.analysis.findings import Findings
    from results.checks.answer import Status
    from results.checks.catalogue import run_checks, warnings_text
    from results.frames import read_run

    checked = run_checks(Findings(read_run(run)))
    for one in checked:
        typer.echo(f"{one.code}  {one.status:<7}  {one.question}")
        typer.echo(f"     {'':<7}  {one.evidence}")
        if one.advice:
            typer.echo(f"     {'':<7}  -> {one.advice}")
    statuses = [one.status for one in checked]
    unknown = statuses.count(Status.OPEN)
    typer.echo(f"\n{warnings_text(statuses)}; {unknown} {'is' if unknown == 1 else 'are'} open")
    return exit_codes.FAILED if strict and Status.WARNING in statuses else 0

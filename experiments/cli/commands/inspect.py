"""`nnsweep list`, `show` and `report`: which runs there are, and what one of them found.

All of them read run folders that may still be growing, and change no table in them.
"""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

    from results.frames import Run

TOP = 10
BLOCKS, SPARKS = "▁▂▃▄▅▆▇█", 6


def list_runs(
    folder: Annotated[Path, typer.Argument(help="The folder that holds runs.")] = Path("runs"),
) -> None:
    """List the runs in a folder."""
    from experiments.cli.tables import print_table
    from nncore.errors import InputError
    from results.analysis.trials import best_trial
    from results.frames import read_run

    found = sorted(path.parent for path in folder.glob("*/sweep.toml"))
    if not found:
        typer.echo(f"no runs in {folder}/\n\nNext: nnsweep run")
        return
    rows = []
    for path in found:
        try:
            run = read_run(path)
        except InputError as error:
            typer.echo(f"nnsweep: {path} is left out: {error}", err=True)
            continue
        best = best_trial(run.trials)
        value, number = ("", "") if best is None else (f"{best['value']:.2%}", str(best["number"]))
        done = f"{len(run.trials)} of {run.config.sweep.trials}"
        rows.append([str(path), run.config.data.name, done, value, number])
    print_table(["run", "data", "trials", "best", "in trial"], rows)


def show(
    run: Annotated[Path, typer.Argument(help="A run folder, such as runs/mnist-first.")],
    top: Annotated[int, typer.Option(min=1, help="How many of the best trials to show.")] = TOP,
) -> None:
    """Show the best trials of a run, how the others ended, and where its files are."""
    from experiments.cli.tables import print_table
    from results.analysis.trials import learned, mean_curves, top_trials
    from results.frames import read_run

    found = read_run(run)
    trials, sweep = found.trials, found.config.sweep
    waiting = len(list((run / "pending").glob("*.json")))
    done = f"{len(trials)} of {sweep.trials} trials"
    late = f" (and {waiting} that wait for one before them)" if waiting else ""
    typer.echo(f"{sweep.name}: {done}{late} on {found.config.data.name}")
    if len(trials):
        typer.echo(_endings(trials))
    best = top_trials(learned(trials), top)
    if len(best):
        typer.echo(f"\nthe best {len(best)} by validation accuracy")
        curves = mean_curves(found.epochs[found.epochs["trial"].isin(best["number"])])
        print_table(
            ["trial", "accuracy", "epoch", "curve", "ended", *found.space],
            [
                [str(row["number"]), f"{row['value']:.2%}", str(row["best_epoch"])]
                + [sparkline(curves[curves["trial"] == row["number"]]["validation_accuracy"])]
                + [row["stop_reason"]]
                + [_cell(row[name]) for name in found.space]
                for _, row in best.iterrows()
            ],
        )
    elif len(trials):
        typer.echo("\nno trial has learned anything; if some failed, errors/ tells why")
    shown = shlex.quote(str(run))
    files = {
        "tables": "*.csv",
        "report": "report.html",
        "figures": "figures/*.png",
        "weights of the best": "best.npz",
    }
    there = [f"  {what}: {shown}/{name}" for what, name in files.items() if any(run.glob(name))]
    typer.echo("\n" + "\n".join(there))
    typer.echo(f"\nNext: {_next_step(found, can_be_confirmed=len(best) > 0)}")


def report(
    run: Annotated[Path, typer.Argument(help="A run folder, such as runs/mnist-first.")],
) -> None:
    """Write the report of a run, also while it grows: one page that opens without a network."""
    from results.report.html import write_report

    path = write_report(run)
    typer.echo(f"wrote {path} and {path.parent / 'figures'}/")


def sparkline(values: "pd.Series[float]") -> str:
    """Return a curve in at most six characters, from its lowest value to its highest."""
    known = values.dropna()
    if known.empty:
        return ""
    every = max(1, -(-len(known) // SPARKS))
    shown = known.iloc[::-every].iloc[::-1]  # the last epoch is always there
    low, high = shown.min(), shown.max()
    steps = (shown - low) / ((high - low) or 1.0) * (len(BLOCKS) - 1)
    return "".join(BLOCKS[round(step)] for step in steps)


def _next_step(found: "Run", *, can_be_confirmed: bool) -> str:
    """Return what makes sense now: go on, write the report of what there is, confirm it, read."""
    run, shown = found.folder, shlex.quote(str(found.folder))
    if not found.over:
        return "the same `nnsweep run` command goes on from there"
    page, record = run / "report.html", run / "confirmation.json"
    told = [path.stat().st_mtime_ns for path in (run / "trials.csv", record) if path.exists()]
    if not page.exists() or page.stat().st_mtime_ns < max(told):
        return f"nnsweep report {shown}"
    if can_be_confirmed and not record.exists():
        return f"nnsweep confirm {shown}"
    return f"open {shlex.quote(str(page))} in a browser"


def _endings(trials: "pd.DataFrame") -> str:
    """Return how many trials ended how, the commonest first."""
    counts = trials["stop_reason"].value_counts()
    return ", ".join(f"{count} {reason}" for reason, count in counts.items())


def _cell(value: object) -> str:
    if str(value) in ("None", "nan", "<NA>"):  # where its `when` does not hold
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)

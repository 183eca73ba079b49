"""`nnsweep compare`: several runs side by side, and whether one is better than another.

It only reads the run folders, and writes into a folder of its own.
"""

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from results.analysis.comparison import Comparison

LONGEST_NAME = 100


def compare(
    runs: Annotated[list[Path], typer.Argument(help="Two or more run folders.", metavar="RUN RUN")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; compare/<names> if not given.")
    ] = None,
) -> None:
    """Compare runs on the same data: at equal budgets, and paired over seeds."""
    from nncore.errors import require
    from results.analysis.comparison import read_runs
    from results.figures.comparison import write_comparison

    found = read_runs(runs)
    folder = out or Path("compare") / _joined(list(found.runs))
    free = folder.is_dir() or not folder.exists()
    require(free, "--out", "be a folder", str(folder))
    require(not (folder / "sweep.toml").exists(), "--out", "be no run folder", str(folder))
    write_comparison(found, folder)
    _print_budgets(found)
    _print_differences(found)
    for name, meaning in (
        ("budgets.csv", "the best values, also at equal budgets"),
        ("differences.csv", "the paired differences"),
        ("best_so_far.csv", "one row per run and trial with a value"),
        ("*.png, *.svg", "best so far, values, best trials' curves, importance, differences"),
    ):
        typer.echo(f"  {folder}/{name:<16} {meaning}")


def _joined(labels: list[str]) -> str:
    """Return the name of a folder for these runs, safe whatever their own names are."""
    plain = [re.sub(r"[^A-Za-z0-9._-]+", "_", label).strip("._") or "run" for label in labels]
    return "-vs-".join(plain)[:LONGEST_NAME]


def _print_budgets(found: "Comparison") -> None:
    from experiments.cli.tables import print_table

    print_table(
        [
            "run",
            "trials",
            "epochs",
            "best",
            f"at {found.trials:,} trials",
            f"at {found.epochs:,} epochs",
        ],
        [
            [
                str(row["run"]),
                f"{row['trials']:,}",
                f"{row['epochs']:,}",
                *(_percent(row[name]) for name in ("best", "at_trials", "at_epochs")),
            ]
            for _, row in found.budgets.iterrows()
        ],
    )


def _print_differences(found: "Comparison") -> None:
    from experiments.cli.tables import print_table

    typer.echo("\npaired over seeds: difference in points, 95 % interval, Wilcoxon (Holm)")
    rows = []
    for _, row in found.differences.iterrows():
        numbers = [_points(row[name]) for name in ("mean", "low", "high")]
        p = "" if math.isnan(row["p_holm"]) else f"{row['p_holm']:.2g}"
        versus = f"{row['run']} − {row['other']}"
        rows.append([versus, *numbers, p, str(row["pairs"]), str(row["by"])])
    print_table(["runs", "mean", "from", "to", "p", "pairs", "seeds of"], rows)
    typer.echo()


def _percent(fraction: float) -> str:
    return "" if math.isnan(fraction) else f"{fraction:.2%}"


def _points(fraction: float) -> str:
    return "" if math.isnan(fraction) else f"{100 * fraction:+.2f}"

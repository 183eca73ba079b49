"""`nnsweep compare`: the best values of several runs side by side, and their paired differences.

The run folders are only read; tables and figures are written into a separate folder.
"""

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.completion import run_folders
from experiments.cli.json_output import print_json
from experiments.cli.options import Json
from sweeps.records.is_run import is_run

if TYPE_CHECKING:
    from nncore.components.metrics import Metric
    from results.analysis.comparison import Comparison

LONGEST_NAME = 100


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN", autocompletion=run_folders, help="Two or more run folders."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            show_default="compare/<names of the runs>",
            help="The folder to write tables and figures to.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare two or more runs on the same data.

    The command compares the best values of the runs after equal numbers of trials and after equal
    numbers of epochs. For each pair of runs with the same `sweep.seed`, it also compares the best
    trials seed by seed: on the fresh seeds if both runs were confirmed, otherwise on the replicates
    of the search.
    """
    from nncore.errors import require
    from results.analysis.comparison import read_runs
    from results.report.comparison_files import write_comparison

    comparison = read_runs(runs)
    folder = out or Path("compare") / _joined(list(comparison.findings))
    free = folder.is_dir() or not folder.exists()
    require(free, "--out", "be a folder", str(folder))
    require(not is_run(folder), "--out", "not be a run folder", str(folder))
    write_comparison(comparison, folder)
    if as_json:
        print_json(_facts(comparison, folder))
        return
    _print_budgets(comparison)
    _print_differences(comparison)
    for name, meaning in (
        ("budgets.csv", "the best values at equal budgets"),
        ("differences.csv", "the paired differences"),
        ("best_so_far.csv", "the best value after each trial of each run"),
        ("*.png, *.svg", "the figures"),
    ):
        typer.echo(f"  {folder}/{name:<15}  {meaning}")


def _facts(comparison: "Comparison", folder: Path) -> dict[str, Any]:
    return {
        "folder": folder,
        "metric": comparison.metric.name,
        "trials": comparison.trials,
        "epochs": comparison.epochs,
        "budgets": comparison.budgets.to_dict("records"),
        "differences": comparison.differences.to_dict("records"),
    }


def _joined(labels: list[str]) -> str:
    """Return a folder name for these runs, in characters that are safe in every file system."""
    plain = [re.sub(r"[^A-Za-z0-9._-]+", "_", label).strip("._") or "run" for label in labels]
    return "-vs-".join(plain)[:LONGEST_NAME]


def _print_budgets(comparison: "Comparison") -> None:
    from experiments.cli.tables import print_table

    metric = comparison.metric
    typer.echo(f"best validation {metric.title}")
    print_table(
        [
            "run",
            "trials",
            "epochs",
            "best",
            f"at {comparison.trials:,} trials",
            f"at {comparison.epochs:,} epochs",
        ],
        [
            [
                str(row["run"]),
                f"{row['trials']:,}",
                f"{row['epochs']:,}",
                *(_value(metric, row[name]) for name in ("best", "at_trials", "at_epochs")),
            ]
            for _, row in comparison.budgets.iterrows()
        ],
    )


def _print_differences(comparison: "Comparison") -> None:
    from experiments.cli.tables import print_table

    metric = comparison.metric
    unit = "in percentage points" if metric.percent else f"of the {metric.title}"
    typer.echo(
        f"\npaired differences between the best trials, {unit}, with\n"
        "95% intervals over seeds or splits, and p-values of Student's t test,\n"
        "corrected by Holm's method"
    )
    rows = []
    for _, row in comparison.differences.iterrows():
        numbers = [_difference(metric, row[name]) for name in ("mean", "low", "high")]
        p = "" if math.isnan(row["p_holm"]) else f"{row['p_holm']:.2g}"
        versus = f"{row['run']} − {row['other']}"
        rows.append([versus, *numbers, p, str(row["pairs"]), str(row["by"])])
    print_table(["runs", "mean", "95% from", "to", "p", "pairs", "seeds"], rows)
    typer.echo()


def _value(metric: "Metric", value: float) -> str:
    from results.number_text import value_text

    return "" if math.isnan(value) else value_text(metric, value)


def _difference(metric: "Metric", difference: float) -> str:
    from results.number_text import signed

    return "" if math.isnan(difference) else signed(metric, difference)

"""`report.html`: a whole run on one page that needs neither the internet nor a server.

The template escapes every text that comes from a file; the page's policy forbids it to load other
files or to run other scripts.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from nncore.arguments import as_path
from results.analysis.findings import Findings
from results.analysis.trials import top_trials
from results.checks.catalogue import Checked, run_checks, warnings_text
from results.collector import collector_paused
from results.figures.catalogue import DrawnFigure, as_reported, draw_figures, shared_out
from results.frames import read_run
from results.number_text import in_two_digits
from results.report.ablation_prose import ablation_block
from results.report.advice import page_advice
from results.report.command_lines import commands, fetch_command, report_command
from results.report.confirmation_prose import confirmation_block
from results.report.methods_prose import methods_paragraph
from results.report.notes import notes_html
from results.report.other_process import rank_and_draw
from results.report.page_figures import in_rows, page_figure
from results.report.page_scripts import scripts, styles
from results.report.page_table import cell_text, page_data
from results.report.page_views import page_views
from results.report.prose import opening_sentences, state_of
from results.report.summary_json import write_summary
from results.report.verdict_card import verdict_card
from results.report.worst_rows import worst_block
from sweeps.records.atomic_files import replace_file
from sweeps.records.file_names import (
    ABLATION_TABLE,
    CONFIRMATION_TABLE,
    EPOCHS,
    TIMINGS,
    TRIALS,
)
from sweeps.workers.beside import beside

LOG = logging.getLogger(__name__)
REPORT = "report.html"
CSV_FILES = (TRIALS, EPOCHS, TIMINGS, CONFIRMATION_TABLE, ABLATION_TABLE)
SHOWN_WITHOUT_SCRIPT = 20  # trials


@collector_paused()
def write_report(folder: str | Path, *, png: bool = False) -> Path:
    """Write the report of a run: `report.html`, `summary.json` and the folder `figures`.

    The run may be finished or still running; the page states which results are not known yet. If
    the network cannot be scored, for example because the data are gone, its figures are left
    out, and a warning is logged.

    Parameters
    ----------
    folder
        A run folder, as `sweeps.run_sweep` leaves it.
    png
        Whether to write each figure as PNG too; the page shows the SVG.

    Returns
    -------
    Path
        The path of `report.html`.

    Raises
    ------
    InputError
        If `folder` is not a run folder, or one of its files is invalid.

    Examples
    --------
    >>> from results import write_report
    >>> write_report("runs/first").name
    'report.html'
    """
    folder = as_path(folder, "folder")
    run = read_run(folder)
    pictures = folder / "figures"
    own, others = shared_out(len(run.trials))
    with beside(rank_and_draw, run, others, pictures, png) as awaited:
        findings = Findings(run, lambda: awaited()[0])
        drawn = [*draw_figures(findings, pictures, own, png=png), *awaited()[1]]
        figures = as_reported(drawn)
        checks = run_checks(findings)
        write_summary(findings, checks)
        path = folder / REPORT
        replace_file(path, render(findings, figures, checks).encode())
    if findings.best is not None and isinstance(findings.scored, str):
        shown = "best" if findings.certified is None else "certified"
        LOG.warning("the report lacks the figures of the %s network: %s", shown, findings.scored)
    return path


def render(
    findings: Findings, figures: Sequence[DrawnFigure] = (), checks: Sequence[Checked] = ()
) -> str:
    """Return the HTML page of a run with its `figures` embedded and its `checks`."""
    templates = Environment(
        loader=PackageLoader("results.report"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    templates.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    data = page_data(findings)
    scored = findings.scored
    return templates.get_template("report.html").render(
        name=findings.run.name,
        card=verdict_card(findings),
        state=state_of(findings),
        data_name=findings.run.config.data.name,
        targets=findings.targets,
        growing=not findings.run.budget_spent,
        under_way=report_command(findings.run.folder) if findings.run.status.is_running else "",
        notes=notes_html(findings.run.folder),
        summary=opening_sentences(findings),
        confirmation=confirmation_block(findings),
        ablation=ablation_block(findings),
        checks=checks,
        checks_text=warnings_text(one.status for one in checks),
        advice=page_advice(findings),
        data=data,
        filter_example=_filter_example(findings),
        first_rows=_first_rows(findings, data),
        tables=[name for name in CSV_FILES if (findings.run.folder / name).exists()],
        worst=worst_block(findings),
        figures=in_rows([page_figure(figure, findings) for figure in figures]),
        not_scored=scored if isinstance(scored, str) else "",
        fetch_command=fetch_command(findings),
        environment=_environment(findings),
        commands=commands(findings.run),
        methods=methods_paragraph(findings),
        views=page_views(findings),
        styles=styles(),
        scripts=scripts(),
    )


def _filter_example(findings: Findings) -> str:
    """Return a condition on the metric, as an example for the filter of the table."""
    metric, limit = findings.metric, "90%" if findings.metric.percent else "0.9"
    if metric.in_units:  # one that some trials are below
        median = findings.settled["score"].median()
        limit = in_two_digits(metric.score(median)) if median < 0 else "1"
    return f"{metric.name} {'>' if metric.greater_is_better else '<'} {limit}"


def _first_rows(findings: Findings, data: dict[str, Any]) -> list[list[str]]:
    """Return the cells of the best trials, then of the others, for readers without a script."""
    ranked = top_trials(findings.run.trials, SHOWN_WITHOUT_SCRIPT)["number"].tolist()
    by_number = {number: row for row, number in enumerate(data["columns"][0]["values"])}
    others = [number for number in by_number if number not in set(ranked)]
    chosen = [*ranked, *others][:SHOWN_WITHOUT_SCRIPT]
    return [
        [cell_text(one, one["values"][by_number[n]], data["metric"]) for one in data["columns"]]
        for n in chosen
    ]


def _environment(findings: Findings) -> list[tuple[str, str]]:
    """Return the facts of `environment.json`, flat: the name and the text of each."""
    facts: list[tuple[str, str]] = []
    if findings.environment is None:
        return facts
    for key, value in findings.environment.plain().items():
        if key in ("format", "data_files"):  # a page for others need not show where files are
            continue
        if isinstance(value, dict):
            facts += [(f"{key} {name}", _plain(item)) for name, item in value.items()]
        else:
            facts.append((key, _plain(value)))
    return facts


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(str(item) for item in value.values())
    return "; ".join(_plain(item) for item in value) if isinstance(value, list) else str(value)

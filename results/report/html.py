"""`report.html`: all of a run on one page that needs nothing else, neither a network nor a server.

Whatever comes from a file is escaped by the template; the page's policy forbids it to load or run
anything that is not its own.
"""

import base64
import hashlib
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from results.analysis.confirmation import (
    read_confirmation,
    selection_bias_text,
    sentences,
    staleness,
)
from results.analysis.findings import Findings
from results.analysis.importance import importances
from results.analysis.trials import learned, settled, top_trials
from results.figures.catalogue import Drawn, draw_figures
from results.frames import Run, read_run
from results.report.advice import Advice, advise
from results.report.next_settings import further
from results.report.page_data import page_data
from results.report.prose import state_of, summary
from results.report.summary_json import write_summary
from sweeps.records.atomic_files import replace_file
from sweeps.workers.local import beside

REPORT = "report.html"
SHOWN_WITHOUT_SCRIPT = 20  # trials
HEAVY = 350_000  # bytes of an SVG, above which its PNG is smaller and as good

FIGURE_TEXTS = {
    "best_so_far": (
        "Best so far",
        "The best validation accuracy, against the number of trials and against the epochs that "
        "all of them were trained.",
    ),
    "values": (
        "All values in order",
        "How many trials that learned got no further than an accuracy: the further right the line "
        "stays low, the more of them are good. Those that a pruner ended do not count: they might "
        "have become better.",
    ),
    "learning_curves": (
        "Learning curves",
        "Validation accuracy over the epochs. Pruned, diverged and failed trials differ in colour, "
        "dashes and the mark at their end.",
    ),
    "best_curves": (
        "The best trial",
        "Training and validation data beside each other: the wider the gap, the more it overfits.",
    ),
    "importance": (
        "What mattered",
        "PED-ANOVA asks what told the best trials from all; fANOVA asks what moved the accuracy "
        "anywhere in the space. Lines are the bootstrap spread: 95 % of the resampled trials' "
        "shares lie there. A trial that a pruner ended has no say, as its accuracy is not what it "
        "would have reached; one that patience alone ended, with no pruner, counts like a complete "
        "one.",
    ),
    "heat_map": (
        "The two of the largest importance",
        "The median accuracy of the trials in each part of the space, and how many there are; "
        "empty parts have none. Trials that a pruner ended do not count: they might have become "
        "better.",
    ),
    "slices": (
        "Each hyperparameter",
        "One point per trial. Narrow tops show where a hyperparameter has to lie. In the median of "
        "a choice, trials that a pruner ended do not count.",
    ),
    "parallel_coordinates": (
        "All hyperparameters at once",
        "One line per trial across all axes, in the colour of its accuracy; the thick one is the "
        "best.",
    ),
    "timeline": (
        "Workers",
        "When which worker trained which trial; gaps are waiting.",
    ),
    "confusion": (
        "What is taken for what",
        "The best network on validation data: true classes by row, its answers by column.",
    ),
    "mistakes": (
        "The worst mistakes",
        "The validation pictures on which the best network was most surely wrong.",
    ),
    "hidden_units": (
        "Hidden units",
        "The weights from each pixel to a hidden unit: what it looks for, and what it shuns.",
    ),
}


UNRANKED_HEAT_MAP = "Two hyperparameters against each other"


@dataclass(frozen=True)
class ReportedFigure:
    """A figure on the page: `source` is its picture as a data URI, `alt` its titles."""

    name: str
    heading: str
    text: str
    alt: str
    source: str


def write_report(folder: Path) -> Path:
    """Write figures, `summary.json` and `report.html` of the run in `folder`; return the report.

    The run may be finished or not. What is not known yet is said on the page.

    Raises
    ------
    InputError
        `folder` is no run folder, or one of its files does not hold what it must.
    """
    run = read_run(folder)
    # A third of the time, most of it to load scikit-learn: another core has it done meanwhile.
    with beside(importances, settled(run.trials, run.config.sweep.pruner), run.space) as awaited:
        found = Findings(run, awaited)
        drawn = draw_figures(found, folder / "figures")
        write_summary(found)
        path = folder / REPORT
        replace_file(path, render(found, drawn).encode())
    return path


def render(found: Findings, drawn: list[Drawn]) -> str:
    """Return the page of a run and the figures that were drawn of it."""
    environment = Environment(
        loader=PackageLoader("results.report"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    data = page_data(found)
    return environment.get_template("report.html").render(
        name=found.run.config.sweep.name,
        state=state_of(found),
        growing=not found.run.over,
        tiles=tiles(found),
        summary=summary(found)[1:],
        confirmation=_confirmation(found),
        advice=suggested(found),
        data=data,
        first_rows=_first_rows(found, data),
        figures=[_reported(figure, found) for figure in drawn],
        without_pictures=found.scored if isinstance(found.scored, str) else "",
        environment=_environment(found),
        commands=commands(found.run),
        script_hash=_script_hash(environment),
    )


def tiles(found: Findings) -> list[tuple[str, str]]:
    """Return the few numbers that head the page: what each is, and its value."""
    run, best = found.run, found.best
    done = f"{len(run.trials):,}"
    asked = run.config.sweep.trials
    return [
        ("best validation accuracy", f"{100 * best['value']:.2f} %" if best is not None else "–"),
        ("in trial", str(best["number"]) if best is not None else "–"),
        ("trials", done if len(run.trials) >= asked else f"{done} of {asked:,}"),
        ("data", run.config.data.name),
    ]


def suggested(found: Findings) -> list[dict[str, str]]:
    """Return what to try next, each with its reason in words and the command that does it."""
    run, trials = found.run, found.run.trials
    advice = advise(run.config, trials, found.climb, found.importance, found.best, over=run.over)
    listed = [{"text": one.text, "command": _command(run, one)} for one in advice]
    if run.over and len(learned(trials)) > 1 and read_confirmation(run.folder) is None:
        text = (
            "The best of many trials was also the luckiest: trained again on fresh seeds, the best "
            "few show how good they are, and whether the first beats the second."
        )
        command = shlex.join(["nnsweep", "confirm", str(run.folder)])
        listed.append({"text": text, "command": command})
    return listed


def _command(run: Run, advice: Advice) -> str:
    if not advice.setting:
        return ""
    goes_on = advice.setting.startswith("sweep.")
    folder = str(run.folder) if goes_on else f"{run.folder}-next"
    toml = str(run.folder / "sweep.toml")
    return shlex.join(["nnsweep", "run", toml, *_option(advice.setting), "--out", folder])


def _option(setting: str) -> list[str]:
    """Return the words that set something for `run`, in their shortest form."""
    key, _, value = setting.partition("=")
    return ["--trials", value] if key == "sweep.trials" else ["--set", setting]


def commands(run: Run) -> list[tuple[str, str]]:
    """Return how to run the sweep again, go on with it, and use it: a purpose and a command."""
    toml, folder = str(run.folder / "sweep.toml"), str(run.folder)
    found = [("Run the same sweep again, elsewhere", ["run", toml, "--out", f"{folder}-again"])]
    if on := _further(run):
        purpose, words = on
        found.append((purpose, ["run", toml, *words, "--out", folder]))
    found.append(("Write this page anew", ["report", folder]))
    if (run.folder / "best.npz").exists():
        found.append(("Use its best network", ["predict", folder, "FILE"]))
    return [(purpose, shlex.join(["nnsweep", *words])) for purpose, words in found]


def _further(run: Run) -> tuple[str, list[str]] | None:
    """Return how to go on with the sweep, and the words that do it; None where a grid ends."""
    if not run.over:
        return "Go on with it", []
    setting = further(run.config, len(run.trials))
    what = "trials" if setting.startswith("sweep.trials") else "epochs"
    return (f"Go on with it, to twice as many {what}", _option(setting)) if setting else None


def _confirmation(found: Findings) -> dict[str, Any] | None:
    """Return what the page shows of a confirmation: sentences, and a row for each candidate."""
    record = read_confirmation(found.run.folder)
    if record is None:
        return None
    rows = [
        {
            "trial": candidate.trial,
            "search": _percent(candidate.search_value),
            "mean": _percent(candidate.mean),
            "interval": " to ".join(map(_percent, candidate.ci)),
            "selection_bias": selection_bias_text(candidate),
        }
        for candidate in record.candidates
    ]
    return {
        "stale": staleness(record, found.run),
        "sentences": sentences(record),
        "rows": rows,
        "seeds": len(record.seeds),
    }


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.2f}"


def _first_rows(found: Findings, data: dict[str, Any]) -> list[list[Any]]:
    """Return the cells of the best trials, then of the others, for readers without a script."""
    ranked = top_trials(found.run.trials, SHOWN_WITHOUT_SCRIPT)["number"].tolist()
    by_number = {number: row for row, number in enumerate(data["columns"][0]["values"])}
    others = [number for number in by_number if number not in set(ranked)]
    chosen = [*ranked, *others][:SHOWN_WITHOUT_SCRIPT]
    return [[column["values"][by_number[n]] for column in data["columns"]] for n in chosen]


def _reported(figure: Drawn, found: Findings) -> ReportedFigure:
    heading, text = FIGURE_TEXTS[figure.name]
    if figure.name == "heat_map" and len(found.ranked) < 2:
        heading = UNRANKED_HEAT_MAP
    svg = figure.svg.read_bytes()
    heavy = len(svg) > HEAVY
    picture, kind = (figure.png.read_bytes(), "png") if heavy else (svg, "svg+xml")
    source = f"data:image/{kind};base64,{base64.b64encode(picture).decode('ascii')}"
    return ReportedFigure(figure.name, heading, text, "; ".join(figure.titles) or heading, source)


def _environment(found: Findings) -> list[tuple[str, str]]:
    """Return the facts of `environment.json`, flat: the name and the text of each."""
    facts: list[tuple[str, str]] = []
    if found.environment is None:
        return facts
    for key, value in found.environment.plain().items():
        if key == "format":
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


def _script_hash(environment: Environment) -> str:
    """Return what the page's policy knows its own script by."""
    assert environment.loader is not None
    source, _, _ = environment.loader.get_source(environment, "report.js")
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode('ascii')}"

"""The commands that a report shows for copying: to go on, to confirm, to run the sweep again.

No other module of `results` knows the command line.
"""

import shlex
from pathlib import Path

from nncore.datasets import dataset_info
from results.analysis.confirmation import read_confirmation
from results.analysis.findings import Findings
from results.analysis.trials import learned
from results.frames import Run
from results.report.advice import Advice, advise
from results.report.next_settings import further
from sweeps.records.file_names import BEST_MODEL, CONFIG


def suggested(findings: Findings) -> list[dict[str, str]]:
    """Return the advice for the next run: each `text`, and the `command` that follows it or ""."""
    run, trials = findings.run, findings.run.trials
    advice = advise(
        run.config,
        trials,
        findings.incumbent,
        findings.importance,
        findings.best,
        over=run.budget_spent,
    )
    listed = [{"text": one.text, "command": _command(run, one)} for one in advice]
    if run.budget_spent and len(learned(trials)) > 1 and read_confirmation(run.folder) is None:
        text = (
            "On average, the best value of a search is too high, because the search keeps the "
            "largest of many noisy values. A confirmation trains the best trials again on fresh "
            "seeds and tests whether the first is better than the second."
        )
        listed.append({"text": text, "command": confirm_command(run.folder)})
    return listed


def commands(run: Run) -> list[tuple[str, str]]:
    """Return the purpose and the command of each way to use a run again."""
    toml, folder = str(run.folder / CONFIG), str(run.folder)
    listed = [("Run the same sweep in a new folder", ["run", toml, "--out", f"{folder}-again"])]
    if continuation := _continuation(run):
        purpose, words = continuation
        listed.append((purpose, ["run", toml, *words, "--out", folder]))
    listed.append(("Write this page again", ["report", folder]))
    if (run.folder / BEST_MODEL).exists():
        listed.append(
            ("Classify the inputs of a file with the best network", ["predict", folder, "FILE"])
        )
    return [(purpose, _line(*words)) for purpose, words in listed]


def confirm_command(folder: Path, *, again: bool = False) -> str:
    """Return the command that confirms a run, `again` if it was confirmed before."""
    return _line("confirm", str(folder), *(["--again"] if again else []))


def fetch_command(findings: Findings) -> str:
    """Return the command that fetches the run's data set, or "" if it needs no fetching."""
    source = findings.run.config.data.source
    stored = source.is_file or dataset_info(source.name).cached
    return "" if stored else _line("data", "fetch", source.name)


def _command(run: Run, advice: Advice) -> str:
    if not advice.setting:
        return ""
    goes_on = advice.setting.startswith("sweep.")
    folder = str(run.folder) if goes_on else f"{run.folder}-next"
    return _line("run", str(run.folder / CONFIG), *_option(advice.setting), "--out", folder)


def _option(setting: str) -> list[str]:
    """Return the words of the command that apply a setting, in their shortest form."""
    key, _, value = setting.partition("=")
    return ["--trials", value] if key == "sweep.trials" else ["--set", setting]


def _continuation(run: Run) -> tuple[str, list[str]] | None:
    """Return the purpose and the words that continue the sweep; None if a grid is complete."""
    if not run.budget_spent:
        return "Continue the sweep", []
    setting = further(run.config, len(run.trials))
    unit = "trials" if setting.startswith("sweep.trials") else "epochs"
    return (f"Continue the sweep to twice as many {unit}", _option(setting)) if setting else None


def _line(*words: str) -> str:
    return shlex.join(["nnsweep", *words])

"""The command lines that a report shows for copying: to continue, confirm or repeat the sweep.

No other module of `results` knows the command line.
"""

import shlex
from pathlib import Path

from nncore.datasets import dataset_info
from results.analysis.findings import Findings
from results.frames import Run
from results.report.next_settings import further
from sweeps.config import SweepConfig
from sweeps.records.file_names import CONFIG


def commands(run: Run) -> list[tuple[str, str]]:
    """Return the purpose and the command of each way to use a run again."""
    toml, folder = str(run.folder / CONFIG), str(run.folder)
    listed = [("Run the same sweep in a new folder", ["run", toml, "--out", f"{folder}-again"])]
    if run.status.is_running:
        listed.append(("Watch the run", ["show", folder, "--watch"]))
    elif continuation := _continuation(run):
        purpose, words = continuation
        listed.append((purpose, ["run", toml, *words, "--out", folder]))
    listed.append(("Write this page again", ["report", folder]))
    return [(purpose, _line(*words)) for purpose, words in listed]


def needs_new_folder(setting: str) -> bool:
    """Return whether a setting changes the sweep: only more trials or epochs continue it."""
    return bool(setting) and not setting.startswith("sweep.")


def setting_command(run: Run, *settings: str, number: int | None = None) -> str:
    """Return the command that runs the sweep with `settings` changed.

    Settings that need a new folder get one of their own, by their `number` if there are several. If
    the sweep began with known results, the new one takes over those that still fit, and its trials.
    """
    numbered = "" if number is None else f"-{number}"
    new = any(map(needs_new_folder, settings))
    folder = f"{run.folder}-next{numbered}" if new else str(run.folder)
    options = [word for setting in settings for word in _option(setting)]
    if new and run.config.known:
        options += ["--set", "known=[]", "--from", str(run.folder)]
    return _line("run", str(run.folder / CONFIG), *options, "--out", folder)


SPLITS = 10
"""The number of fresh splits that is suggested after a search with folds."""


def first_confirm_command(folder: Path, config: SweepConfig) -> str:
    """Return the command that confirms a run for the first time, on splits if it has folds."""
    return confirm_command(folder, splits=SPLITS if config.data.folds else 0)


def confirm_command(folder: Path, *, again: bool = False, splits: int = 0) -> str:
    """Return the command that confirms a run, `again` if it was confirmed before.

    It trains on so many fresh `splits`; with 0, on fresh seeds alone.
    """
    options = [*(["--splits", str(splits)] if splits else []), *(["--again"] if again else [])]
    return _line("confirm", str(folder), *options)


def predict_command(folder: Path) -> str:
    """Return the command that predicts the rows of a file with the network of a run."""
    return _line("predict", str(folder), "FILE")


def report_command(folder: Path) -> str:
    """Return the command that writes the report of a run."""
    return _line("report", str(folder))


def watch_command(folder: Path) -> str:
    """Return the command that watches a run that is under way."""
    return _line("show", str(folder), "--watch")


def train_command(folder: Path) -> str:
    """Return the command that trains a trial again, which its number completes."""
    return _line("train", "--from", str(folder), "--trial")


def ablate_command(folder: Path) -> str:
    """Return the command that measures what each change from the defaults is worth."""
    return _line("ablate", str(folder))


def fetch_command(findings: Findings) -> str:
    """Return the command that fetches the run's data set, or "" if it needs no fetching."""
    source = findings.run.config.data.source
    stored = source.is_file or dataset_info(source.name).cached
    return "" if stored else _line("data", "fetch", source.name)


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

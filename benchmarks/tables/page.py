"""Writes the page of the results: the comparison, and what the commands made of each table.

Every number and every verdict on the page is computed here; `page.md` is the text around them.
"""

from collections.abc import Iterable, Sequence
from math import sqrt
from pathlib import Path
from statistics import fmean, geometric_mean, stdev
from textwrap import fill

from benchmarks.tables.catalogue import TABLES, Table
from benchmarks.tables.commands import STEPS, Step
from benchmarks.tables.results import Score
from benchmarks.tables.space import TRIALS
from sweeps.config.toml import setting_value

TEMPLATE = Path(__file__).with_name("page.md")
OURS, PEERS = ("nnsweep", "confirmed"), ("MLP", "linear", "trees")
TITLES = {"classification": "### Classes: accuracy\n", "regression": "### Numbers: R²\n"}


def page(scores: Sequence[Score], steps: Sequence[Step], epochs: int | None) -> str:
    """Return the page as Markdown."""
    compared = [table for table in TABLES if any(score.table == table.name for score in scores)]
    tables = {score.table for score in scores} | {step.table for step in steps}
    return TEMPLATE.read_text(encoding="utf-8").format(
        count=len(tables),
        splits=len({score.split for score in scores}),
        rows=max(table.rows for table in TABLES),
        trials=TRIALS,
        epochs="the file's epochs" if epochs is None else f"at most {epochs} epochs",
        compared=len(compared),
        comparison="\n".join(_comparisons(compared, scores)),
        counts=_counts(compared, scores),
        verdicts="\n".join(_verdicts(compared, scores)),
        commands="\n".join(_commands(steps)),
    )


def values(scores: Iterable[Score], table: Table, program: str) -> list[float]:
    """Return the scores of a program on a table, in the order of the splits."""
    own = [score for score in scores if (score.table, score.program) == (table.name, program)]
    return [score.score for score in sorted(own, key=lambda score: score.split)]


def standard_error(numbers: Sequence[float]) -> float:
    """Return the standard error of the mean of `numbers`; 0 for one number alone."""
    return stdev(numbers) / sqrt(len(numbers)) if len(numbers) > 1 else 0.0


def at_least_as_good(first: Sequence[float], second: Sequence[float]) -> bool:
    """Return whether `first` is as good as `second` within one standard error.

    That is the standard error of the mean of their differences, split by split.
    """
    differences = [a - b for a, b in zip(first, second, strict=True)]
    return fmean(differences) >= -standard_error(differences)


def _comparisons(tables: Sequence[Table], scores: Sequence[Score]) -> Iterable[str]:
    for task, title in TITLES.items():
        own = [table for table in tables if table.task == task]
        if own:
            rows = [_row(table, scores) for table in own]
            yield title
            yield _markdown(["table", "rows", *OURS, *PEERS], rows)


def _row(table: Table, scores: Sequence[Score]) -> list[str]:
    found = [values(scores, table, program) for program in (*OURS, *PEERS)]
    best = max(map(fmean, found))
    texts = [f"{fmean(numbers):.3f} ± {standard_error(numbers):.3f}" for numbers in found]
    bold = [fmean(numbers) == best for numbers in found]
    first = next(score for score in scores if score.table == table.name)
    cells = [f"**{text}**" if strong else text for text, strong in zip(texts, bold, strict=True)]
    return [table.name, f"{first.learned + first.tested:,}", *cells]


def _behind(tables: Sequence[Table], scores: Sequence[Score], ours: str, peer: str) -> list[str]:
    """Return the names of the tables on which `peer` is better by more than a standard error."""
    return [
        table.name
        for table in tables
        if not at_least_as_good(values(scores, table, ours), values(scores, table, peer))
    ]


def _counts(tables: Sequence[Table], scores: Sequence[Score]) -> str:
    rows = [
        [ours, *(str(len(tables) - len(_behind(tables, scores, ours, peer))) for peer in PEERS)]
        for ours in OURS
    ]
    return _markdown(["", *(f"as good as {peer}" for peer in PEERS)], rows)


def _verdicts(tables: Sequence[Table], scores: Sequence[Score]) -> Iterable[str]:
    for ours, peer in (("nnsweep", "MLP"), ("confirmed", "MLP"), ("confirmed", "trees")):
        names = ", ".join(_behind(tables, scores, ours, peer)) or "no table"
        yield _wrapped(f"- {peer} is better than {ours} on: {names}.")
    sums = [
        f"{program} {sum(_seconds(scores, table, program) for table in tables):,.0f}"
        for program in (*OURS, *PEERS)
    ]
    yield _wrapped(f"- Processor seconds for one split of all tables: {', '.join(sums)}.")
    for ours in OURS:
        ratios = [_seconds(scores, t, "MLP") / _seconds(scores, t, ours) for t in tables]
        yield (
            f"- MLP takes {geometric_mean(ratios):.1f} times as long as {ours}: the geometric mean "
            f"of {min(ratios):.1f} to {max(ratios):.1f} times."
        )
    yield ""


def _seconds(scores: Sequence[Score], table: Table, program: str) -> float:
    return fmean(s.seconds for s in scores if (s.table, s.program) == (table.name, program))


def _commands(steps: Sequence[Step]) -> Iterable[str]:
    tables = [table for table in TABLES if any(step.table == table.name for step in steps)]
    header = ["table", "package", "what it has", "read as", "confirmed", "exit codes"]
    yield _markdown(header, [_command_row(table, steps) for table in tables])
    yield "Settings that a table needs, and why:\n"
    for table in tables:
        if table.settings:
            keys = [f"`{key} = {setting_value(v)}`" for key, v in table.settings.items()]
            yield _wrapped(f"- {table.name}: {', '.join(keys)}: {table.why}.")
    for step in steps:
        if step.code:
            yield f"- `nnsweep {step.command}` refused {step.table}: {step.complaints}"


def _command_row(table: Table, steps: Sequence[Step]) -> list[str]:
    own = {step.command: step for step in steps if step.table == table.name}
    results = [own[command].result if command in own else "" for command in ("info", "confirm")]
    codes = ", ".join(str(own[command].code) for command in STEPS if command in own)
    return [table.name, f"`{table.package}`", table.about, *results, codes]


def _wrapped(line: str) -> str:
    return fill(line, 118, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in [header, *rows]]
    return "\n".join([lines[0], "|---" * len(header) + "|", *lines[1:], ""])

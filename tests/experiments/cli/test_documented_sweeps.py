"""Every sweep file that the documents show is run, as it is shown, from an empty folder.

Only its budget is smaller. A data file that it names is made up, with the columns that it names.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[3] / "docs"
BLOCK = re.compile(r"^```toml\n(.*?)^```$", re.M | re.S)
SHOWN = [
    pytest.param(text, id=f"{page.relative_to(DOCS)}-{number}")
    for page in sorted(DOCS.rglob("*.md"))
    for number, text in enumerate(BLOCK.findall(page.read_text("utf-8")), start=1)
]
SPACE_OF_POINT = """
[space]
learning_rate = { low = 0.01, high = 1.0, log = true }
hidden_units = { choices = [[100, 40], [30]] }
output = { choices = ["sigmoid", "softmax"] }
schedule = { choices = ["constant", "exponential"] }
[training]
cost = "quadratic"
"""
ANY_SPACE = "[space]\nlmbda = { low = 0.1, high = 1.0 }\n"
ROWS = 120


def table(section: dict[str, Any]) -> bytes:
    """Return a table with the columns that a section [data] names, written as it says."""
    columns: dict[str, list[str]] = {}
    if "image" in section:
        height, width = section["image"]
        for pixel in range(height * width):
            columns[f"p{pixel}"] = [str((row * pixel) % 256) for row in range(ROWS)]
    else:
        columns["width"] = [f"{row % 7}.5" for row in range(ROWS)]
        columns["length"] = [f"{row % 11}.25" if row else "" for row in range(ROWS)]
    for name in (*section.get("ignore", ()), *section.get("categories", ())):
        columns[name] = [str(row % 4) for row in range(ROWS)]
    if "group" in section:
        columns[section["group"]] = [f"g{row // 4}" for row in range(ROWS)]
    if "target" in section:
        columns[section["target"]] = [str(row * 3) for row in range(ROWS)]
    if "label" in section:
        left_out = section.get("ignore_labels", [])
        names = [*left_out, *("ab" * ROWS)][:ROWS]
        columns[section["label"]] = names
    separator, decimal = section.get("separator", ","), section.get("decimal", ".")
    rows = zip(*columns.values(), strict=True)
    written = ([cell.replace(".", decimal) for cell in row] for row in rows)
    lines = map(separator.join, [columns, *written])
    return ("\n".join(lines) + "\n").encode(section.get("encoding", "utf-8"))


def completed(text: str) -> Iterator[str]:
    """Yield the file that is shown, with the sections that it leaves to the reader."""
    shown = tomllib.loads(text)
    if "name" not in shown.get("sweep", {}):
        yield 'sweep.name = "shown"\n' if "sweep" not in shown else ""
    yield (
        text
        if "name" in shown.get("sweep", {"name": ""})
        else text.replace("[sweep]\n", '[sweep]\nname = "shown"\n')
    )
    if "start" in shown:
        yield SPACE_OF_POINT
    elif "space" not in shown:
        yield ANY_SPACE


def test_there_are_examples() -> None:
    assert len(SHOWN) >= 15


@pytest.mark.parametrize("text", SHOWN)
def test_a_sweep_file_that_is_shown_can_be_run(nnsweep, text: str) -> None:
    shown = tomllib.loads(text)
    data = shown.get("data", {})
    Path("sweep.toml").write_text("".join(completed(text)), "utf-8")
    words: list[object] = ["run", "sweep.toml", "-j", 1, "--set", "training.early_stopping=0"]
    if data.get("name", "").endswith(".csv"):
        Path(data["name"]).write_bytes(table(data))
    else:
        words += ["--data", "digits"]
    if shown.get("sweep", {}).get("metric") == "roc_auc":
        words += ["--set", "training.output=softmax", "--set", "training.cost=log-likelihood"]
    competes = shown.get("sweep", {}).get("pruner") == "promotion"
    trials = 27 if competes else 2
    words += ["--set", f"training.epochs={3 if competes or 'training' in shown else 1}"]
    answer = nnsweep(*words, "--trials", trials)
    assert (answer.code, f"{trials} of {trials} trials finished" in answer.out) == (0, True), answer

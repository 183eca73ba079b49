"""The README says what is true: its sweep file, its example and its links; and it stays short.

A reader who copies from it gets the sweep that `nnsweep run` would have run.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[1]
README = (CHECKOUT / "README.md").read_text("utf-8")
MOST_WORDS = 1_200


def test_is_short() -> None:
    assert len(README.split()) <= MOST_WORDS


def test_sweep_file_is_the_first_sweep() -> None:
    (shown,) = re.findall(r"^```toml\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    first = (CHECKOUT / "experiments" / "sweep_files" / "first.toml").read_text("utf-8")

    assert tomllib.loads(shown) == tomllib.loads(first)


def test_python_example_runs_and_runs_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        names: dict[str, Any] = {}
        exec(example, names)

        assert names["result"].end == "trials"
        assert len(names["result"].trials) == 8


def test_links_lead_to_files() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]

    assert len(links) >= 4
    assert [link for link in links if not (CHECKOUT / link).is_file()] == []

"""`--json` prints one document, with the keys that docs/reference/json.md describes.

A key that is not described, or described and never printed, fails here.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.cli.json_output import print_json

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "json.md"
TABLES = re.findall(
    r"^\| key of (.+?) \| meaning \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE.read_text("utf-8"), re.M
)
NAMES = {"NAME": r"[^.\[\]]+", "KEY": r".+", "SPLIT": r"(?:train|validation|test)"}
"""What stands for other text in a documented key."""


def described(command: str) -> list[str]:
    """Return the keys that the page describes for a command."""
    (rows,) = [rows for commands, rows in TABLES if f"`{command}`" in commands]
    return re.findall(r"^\| `(.+?)` \| \S", rows, re.M)


def pattern(key: str) -> str:
    """Return the regular expression of a documented key."""
    plain = re.escape(key)
    for name, any_text in NAMES.items():
        plain = re.sub(rf"(?<=[._]){name}$|(?<=\.){name}(?=\\\.)", lambda _, t=any_text: t, plain)
    return plain


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the keys of a document that hold no objects, with their values."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, f"{place}.{key}" if place else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            yield from leaves(inner, f"{place}[]")
    else:
        yield place, value


def undescribed(command: str, document: dict[str, Any]) -> list[str]:
    """Return the keys of a document that the page does not describe."""
    keys = described(command)
    known = re.compile("|".join(map(pattern, keys)))
    return [
        place
        for place, value in leaves(document)
        if not known.fullmatch(place)
        # An empty list or object has none of the keys that are described inside it.
        and not (
            value in ([], {}, None) and any(k.startswith((f"{place}.", f"{place}[]")) for k in keys)
        )
    ]


def missing(command: str, *documents: dict[str, Any]) -> list[str]:
    """Return the described keys that none of the documents has, as a value or as an object."""
    places = {place for document in documents for place, _ in leaves(document)}
    inside = {place[: match.start()] for place in places for match in re.finditer(r"[.\[]", place)}
    found = places | inside
    return [k for k in described(command) if not any(re.fullmatch(pattern(k), p) for p in found)]


@pytest.fixture
def document(nnsweep):
    """Return a function that runs a command and returns the JSON document that it prints."""

    def call(*words: object, code: int = 0) -> dict[str, Any]:
        answer = nnsweep(*words, "--json")
        assert answer.code == code, answer.err
        assert answer.out.count("\n") == 1
        assert answer.out.isascii()
        parsed: dict[str, Any] = json.loads(answer.out, parse_constant=pytest.fail)
        assert parsed["format"] == 1
        return parsed

    return call


def test_a_run_is_shown_confirmed_listed_and_compared(nnsweep, document, make_run) -> None:
    make_run(Path("runs", "second"), trials=2)
    quick = ("--data", "digits", "--set", "training.epochs=2", "--trials", 22, "-j", 1)
    ran = document("run", *quick, "--out", "runs/first")
    summary = json.loads(Path("runs/first/summary.json").read_text("utf-8"))
    assert ran == {**summary, "folder": "runs/first", "end": "trials"}
    assert (ran["name"], ran["trials"]["done"]) == ("first", 22)
    assert 0.1 < ran["best"]["value"] < 1.0

    before = document("show", "runs/first", "--top", 3)
    assert {key: before[key] for key in summary} == summary
    assert before["top"][0]["trial"] == before["best"]["trial"]
    assert len(before["top"]) == 3

    answer = nnsweep("confirm", "runs/first", "--top", 2, "--seeds", 2, "-j", 1, "--json")
    assert "4/4  trial " in answer.err
    confirmed = json.loads(answer.out)
    record = json.loads(Path("runs/first/confirmation.json").read_text("utf-8"))
    assert confirmed == {**record, "folder": "runs/first"}
    after = document("show", "runs/first")
    assert after["confirmation"]["winner"] == confirmed["winner"] == after["best"]["trial"]

    listed = document("list")
    assert [run["name"] for run in listed["runs"]] == ["first", "second"]
    assert listed["runs"][0]["best"] == after["best"]
    compared = document("compare", "runs/first", "runs/second", "--out", "both")
    assert compared["budgets"][0]["best"] == max(one["value"] for one in after["top"])
    assert Path("both", "budgets.csv").exists()

    for command, found in {
        "run": [ran],
        "show": [before, after],
        "confirm": [confirmed],
        "list": [listed],
        "compare": [compared],
    }.items():
        assert [key for one in found for key in undescribed(command, one)] == []
    assert missing("show", ran, before, after) == []
    assert missing("confirm", confirmed) == []
    assert missing("list", listed) == []
    assert missing("compare", compared) == []


def test_the_doctor_tells_the_facts(document) -> None:
    facts = document("doctor")
    assert facts["images_per_second"] > 0
    assert facts["problems"] == []
    assert undescribed("doctor", facts) == missing("doctor", facts) == []


def test_data_sets_are_described(document) -> None:
    lines = [f"{k}.5;{k % 3};{'ab'[k % 2]};{k * k}" for k in range(60)]
    Path("t.csv").write_text("\n".join(["width;code;kind;price", *lines, ""]))
    digits = document("data", "info", "digits", "--folds", 2)
    classes = document("data", "info", "t.csv", "--label", "kind")
    numbers = document("data", "info", "t.csv", "--target", "price", "--ignore", "kind")

    assert digits["examples"]["train"] == sum(one["train"] for one in digits["classes"]) == 1259
    assert [fold["train"] for fold in digits["folds"]] == [
        digits["examples"]["train"] + digits["examples"]["validation"] - fold["validation"]
        for fold in digits["folds"]
    ]
    assert classes["file"]["table"]["separator"] == ";"
    assert [column["name"] for column in classes["columns"]] == ["width", "code", "price"]
    assert sum(sum(c[k] for k in ("train", "validation", "test")) for c in classes["classes"]) == 60
    (target,) = numbers["targets"]
    ends = [
        target[k][end] for k in ("train", "validation", "test") for end in ("lowest", "highest")
    ]
    assert (min(ends), max(ends)) == (0.0, 59.0**2)

    found = [digits, classes, numbers]
    assert [key for one in found for key in undescribed("data info", one)] == []
    assert missing("data info", *found) == []


def test_a_training_is_described(document) -> None:
    lines = [f"{k}.5,{k * k}" for k in range(60)]
    Path("t.csv").write_text("\n".join(["width,price", *lines, ""]))
    words = ("train", "--epochs", 1, "--hidden", 3, "--test", "--data")
    found = [document(*words, "digits"), document(*words, "t.csv", "--target", "price")]
    assert [key for one in found for key in undescribed("train", one)] == []
    assert missing("train", *found) == []


@pytest.mark.parametrize(
    "words",
    [
        ("show", "none"),
        ("compare", "none", "other"),
        ("confirm", "none"),
        ("run", "none.toml"),
        ("run", "--dry-run"),
        ("data", "info", "none"),
        ("list", "--jsn"),
    ],
)
def test_wrong_input_prints_no_document(nnsweep, words: tuple[str, ...]) -> None:
    answer = nnsweep(*words, "--json")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("nnsweep: ")
    assert answer.err.count("\n") == 1


def test_no_runs_are_an_empty_list(document) -> None:
    assert document("list") == {"format": 1, "runs": []}


def test_numbers_are_plain_and_those_not_finite_are_null(
    capsys: pytest.CaptureFixture[str],
) -> None:
    infinite = {"a": float("nan"), "b": [np.float64("inf"), 0.5], "c": {"d": -np.inf}}
    print_json({**infinite, "e": np.int64(3), "f": Path("x", "ü"), 4: (True, None)})
    assert json.loads(capsys.readouterr().out) == {
        "format": 1,
        "a": None,
        "b": [None, 0.5],
        "c": {"d": None},
        "e": 3,
        "f": "x/ü",
        "4": [True, None],
    }

"""No cell of a written CSV runs as a formula, and every text comes back."""

import csv

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.safe_csv import defused, write_csv
from tests.support.marked_csv import read_csv, restored

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")']


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_like_a_formula_is_marked(text):
    assert defused(text) == "'" + text


@pytest.mark.parametrize("cell", [-1, -0.5, 0.9, None, True, "a=b", "5-10", "", "<script>"])
def test_numbers_and_plain_texts_stay(cell):
    assert defused(cell) is cell


@given(st.text())
def test_every_text_comes_back(text):
    assert restored(defused(text)) == text


def test_a_file_has_no_formula_and_reads_back(tmp_path):
    frame = pd.DataFrame(
        {
            "=run": [*DANGEROUS, "'quoted", "plain, with\ncomma", "return\r=1"],
            "value": [-0.5] * 8 + [None, 1],
        }
    )
    path = tmp_path / "table.csv"
    write_csv(frame, path)
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["'=run", "value"]
    assert [row[0][0] for row in rows] == ["'"] * 8 + ["p", "r"]
    assert [row[1] for row in rows] == ["-0.5"] * 8 + ["", "1.0"]
    back = read_csv(path)
    assert back.columns.tolist() == ["=run", "value"]
    assert back["=run"].tolist() == frame["=run"].tolist()


def test_an_empty_frame_is_a_header(tmp_path):
    write_csv(pd.DataFrame({"a": [], "b": []}), tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_bytes() == b"a,b\r\n"
    assert read_csv(tmp_path / "table.csv").empty

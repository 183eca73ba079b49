"""`docs/book.md` lists every study, exercise and problem, and answers each of its rows."""

import re
from pathlib import Path

from experiments.book.studies import CHAPTERS, STUDIES

PAGE = (Path(__file__).parents[3] / "docs" / "book.md").read_text("utf-8")
KINDS = {"exercise", "figure", "numbers", "problem", "text"}
EXERCISES = {"chapter1": 8, "chapter2": 5, "chapter3": 27}
"""The exercises and problems that the book's chapters have, counted in the book."""


def rows(chapter: str) -> list[list[str]]:
    """Return the cells of each row of a chapter's tables, without their heads."""
    part = PAGE.split(f"## Chapter {chapter.removeprefix('chapter')}:")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [
        re.split(r" ?\| ?", line)[1:-1] for line in lines if not line.startswith("| in the book |")
    ]


def test_every_study_answers_something_in_the_book() -> None:
    assert [name for name in STUDIES if f"(book/{name}.md)" not in PAGE] == []


def test_each_chapter_has_all_its_exercises_and_problems() -> None:
    for chapter in CHAPTERS:
        kinds = [row[0] for row in rows(chapter)]
        assert set(kinds) <= KINDS
        assert kinds.count("exercise") + kinds.count("problem") == EXERCISES[chapter]


def test_every_row_has_an_answer() -> None:
    for chapter in CHAPTERS:
        assert all(len(row) == 3 and all(row) for row in rows(chapter))

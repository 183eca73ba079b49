"""The author's remarks on the page: Markdown that can neither load nor run anything."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.errors import InputError
from results.report.notes import notes_html


def html_of(folder, text):
    (folder / "notes.md").write_text(text, "utf-8")
    return str(notes_html(folder))


def test_without_a_file_there_are_no_remarks(tmp_path):
    assert notes_html(tmp_path) == ""


def test_markdown_is_shown_below_the_heading_of_the_section(tmp_path):
    found = html_of(tmp_path, "# Tried\n\nRates **above 1** diverge.\n\n- a\n- `b`\n")
    assert found == (
        "<h3>Tried</h3>\n<p>Rates <strong>above 1</strong> diverge.</p>\n"
        "<ul>\n<li>a</li>\n<li><code>b</code></li>\n</ul>\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b onclick='alert(1)'>b</b>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java&#115;cript:alert(1))",
        "[x](<java\tscript:alert(1)>)",
        "<javascript:alert(1)>",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x]: vbscript:alert(1)\n\n[x]",
        "![x](https://example.org/x.png)",
        "![x](data:image/png;base64,AAAA)",
        "```<script>\nalert(1)\n```",
    ],
)
def test_hostile_remarks_are_inert(tmp_path, text):
    found = html_of(tmp_path, text)
    tags = set(re.findall(r"<\s*([a-zA-Z]+)", found))
    assert tags <= {"p", "a", "code", "pre"}
    for href in re.findall(r'href="([^"]*)"', found):
        assert href.startswith("https:")
    assert " on" not in re.sub(r">[^<]*<", "><", found)  # no handler within a tag


def test_links_to_pages_and_files_stay(tmp_path):
    found = html_of(
        tmp_path, "[a](https://example.org/?b=1&c=2) [b](trials.csv) [c](mailto:a@b.org)"
    )
    hrefs = re.findall(r'href="([^"]*)"', found)
    assert hrefs == ["https://example.org/?b=1&amp;c=2", "trials.csv", "mailto:a@b.org"]


@given(st.text(alphabet="<>&\"'`[]()!*#: javscript\n=", max_size=60))
def test_no_text_makes_other_elements_than_markdown_has(tmp_path_factory, text):
    found = html_of(tmp_path_factory.mktemp("notes"), text)
    tags = set(re.findall(r"<\s*([a-zA-Z0-9]+)", found))
    known = {"p", "a", "code", "pre", "em", "strong", "ul", "ol", "li", "blockquote", "br", "hr"}
    assert tags <= known | {"h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
    assert not re.search(r'href="\s*javascript', found, re.IGNORECASE)


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "notes.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"notes\.md` must be text in UTF-8"):
        notes_html(tmp_path)

"""The author's remarks on a run, the file `notes.md` in its folder, as HTML for the page.

They are CommonMark with tables. HTML in them is shown as text, and links lead only to web pages,
mail and files.
"""

import re
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

from nncore.errors import InputError

NOTES = "notes.md"
SAFE = re.compile(r"(https?:|mailto:|#|[^:]*$)", re.IGNORECASE)
"""How a link may begin: with one of these schemes, or with none."""
LEVEL = 2  # the remarks stand below a heading of this level


class _Remarks(MarkdownIt):
    """The reader of Markdown, without whatever could load or run something."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        self.enable("table").disable("image")

    def validateLink(self, url: str) -> bool:  # noqa: N802
        return SAFE.match(url.strip()) is not None


def notes_html(folder: Path) -> Markup:
    """Return the remarks on a run as HTML, "" if there are none.

    Raises `InputError` if the file is not text in UTF-8.
    """
    path = folder / NOTES
    if not path.is_file():
        return Markup()
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"`{path}` must be text in UTF-8, got {error.reason}") from error
    remarks = _Remarks()
    tokens = remarks.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + LEVEL, 6)}"
    # The reader escapes all text, so that what it returns is safe.
    return Markup(remarks.renderer.render(tokens, remarks.options, {}))  # noqa: S704

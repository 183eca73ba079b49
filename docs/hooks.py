"""What MkDocs does not do itself: formulas as MathML, and pages that live outside `docs/`.

MathML is drawn by the browser, so the site needs neither a script nor a network for its formulas.
"""

import html
import re
from pathlib import Path

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

CHECKOUT = Path(__file__).parents[1]
OUTSIDE = {"changelog.md": "CHANGELOG.md", "contributing.md": "CONTRIBUTING.md"}
"""The file of the checkout behind each page of the site that is not in `docs/`."""

INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
BLOCK = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)
# Letters in \mathrm would become one identifier each; as text they are a word.
WORD = re.compile(r"\\mathrm\{(\(?[A-Za-z0-9]+\)?)\}")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of `OUTSIDE` to the site, their links relative to `docs/`."""
    for page, name in OUTSIDE.items():
        text = (CHECKOUT / name).read_text("utf-8").replace("](docs/", "](")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_content(content: str, **_: object) -> str:
    """Return the page with MathML in place of each formula."""
    content = BLOCK.sub(lambda match: mathml(match[1], "block"), content)
    return INLINE.sub(lambda match: mathml(match[1], "inline"), content)


def mathml(formula: str, display: str) -> str:
    """Return the LaTeX `formula`, as it stands in a page's HTML, as MathML."""
    return convert(WORD.sub(r"\\text{\1}", html.unescape(formula)), display=display)

"""What the documents show is what there is: excerpts, names, links and figures.

An excerpt of `docs/network.md` stands, line by line, in the file named last before it.
"""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from nncore.components.activations import ACTIVATIONS
from nncore.components.costs import COSTS
from nncore.components.initializers import INITIALIZERS
from nncore.components.regularizers import REGULARIZERS
from nncore.components.schedules import SCHEDULES
from nncore.descent.updates import UPDATES

CHECKOUT = Path(__file__).parents[1]
DOCS = CHECKOUT / "docs"
NETWORK = (DOCS / "network.md").read_text("utf-8")
BLOCK = re.compile(r"^```.*?^```$", re.M | re.S)
CATALOGUES = {
    "ACTIVATIONS": ACTIVATIONS,
    "COSTS": COSTS,
    "INITIALIZERS": INITIALIZERS,
    "REGULARIZERS": REGULARIZERS,
    "SCHEDULES": SCHEDULES,
    "UPDATES": UPDATES,
}


def lines(text: str) -> list[str]:
    """Return the lines of `text` without their indentation, blank ones left out."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def excerpts() -> list[tuple[str, str]]:
    """Return the file and the text of each block of Python in `docs/network.md`, in order."""
    found, file = [], ""
    for match in re.finditer(r"`(\w+(?:/\w+)+\.py)`|^```python\n(.*?)^```$", NETWORK, re.M | re.S):
        file = match[1] or file
        if match[2]:
            found.append((file, match[2]))
    return found


def test_every_excerpt_is_found() -> None:
    assert len(excerpts()) == NETWORK.count("```python") > 20


@pytest.mark.parametrize(("file", "excerpt"), excerpts())
def test_excerpt_stands_in_its_file(file: str, excerpt: str) -> None:
    source, wanted = lines((CHECKOUT / file).read_text("utf-8")), lines(excerpt)
    starts = range(len(source) - len(wanted) + 1)

    assert any(source[start : start + len(wanted)] == wanted for start in starts)


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_every_name_of_a_catalogue_is_explained(catalogue: str) -> None:
    prose = BLOCK.sub("", NETWORK)

    assert f"`{catalogue}`" in prose
    assert [name for name in CATALOGUES[catalogue] if f"`{name}`" not in prose] == []


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", BLOCK.sub("", page.read_text("utf-8")))

    assert [link for link in links if "://" not in link and not (DOCS / link).exists()] == []


@pytest.fixture(scope="module")
def gallery() -> ModuleType:
    """The gallery script, loaded without being run."""
    spec = importlib.util.spec_from_file_location("gallery", DOCS / "gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_gallery_draws_every_figure_that_is_shown(gallery: ModuleType, tmp_path: Path) -> None:
    gallery.draw_gallery(tmp_path)
    drawn = {path.name for path in tmp_path.iterdir()}
    shown = re.findall(r"!\[[^]]+\]\(gallery/([^)]+)\)", (DOCS / "gallery.md").read_text("utf-8"))

    assert drawn == {*shown} == {path.name for path in (DOCS / "gallery").iterdir()}


def test_gallery_is_small() -> None:
    sizes = [path.stat().st_size for path in (DOCS / "gallery").iterdir()]

    assert max(sizes) < 150_000
    assert sum(sizes) < 1_000_000

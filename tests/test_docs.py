"""The documents say what is true: excerpts, names, paths, links, commands, examples and figures.

An excerpt of `docs/network.md` stands, line by line, in the file named last before it.
"""

import ast
import importlib.util
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
import typer

from experiments.cli.app import app
from nncore.components.activations import ACTIVATIONS
from nncore.components.costs import COSTS
from nncore.components.initializers import INITIALIZERS
from nncore.components.regularizers import REGULARIZERS
from nncore.components.schedules import SCHEDULES
from nncore.descent.updates import UPDATES
from sweeps import parse_config
from sweeps.config.sections import SweepSection
from sweeps.pruners.catalogue import PRUNERS
from tests.support.sweep_schema import faults

CHECKOUT = Path(__file__).parents[1]
DOCS = CHECKOUT / "docs"
MADE_BY_THE_SITE = {"changelog.md", "contributing.md"}
"""Pages of the site that are files of the checkout outside `docs/`."""

PAGES = sorted(DOCS.rglob("*.md"))
DOCUMENTS = [
    *PAGES,
    *(CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
]
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


def name_of(document: Path) -> str:
    """Return the path of a document in the checkout."""
    return document.relative_to(CHECKOUT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", BLOCK.sub("", page.read_text("utf-8")))
    local = {link for link in links if "://" not in link} - MADE_BY_THE_SITE

    assert [link for link in local if not (page.parent / link).exists()] == []


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of a page, as GitHub and the site form them."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text("utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", text).strip().lower().replace(" ", "-") for text in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_headings(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]*)#([^)]+)\)", BLOCK.sub("", page.read_text("utf-8")))
    targets = [((page.parent / file) if file else page, anchor) for file, anchor in links]

    assert [anchor for target, anchor in targets if anchor not in anchors(target)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_path_is_there(document: Path) -> None:
    roots = "benchmarks|docs|experiments|nncore|results|sweeps|tests"
    paths = re.findall(rf"`((?:{roots})/[\w/.-]*)`", document.read_text("utf-8"))

    assert [path for path in paths if not (CHECKOUT / path).exists()] == []


@pytest.mark.parametrize("package", ["experiments", "nncore", "results", "sweeps"])
def test_architecture_names_every_module_and_folder(package: str) -> None:
    page = (DOCS / "architecture.md").read_text("utf-8")
    parts = [path for path in (CHECKOUT / package).iterdir() if "__" not in path.name]
    folders = [f"{name_of(path)}/" for path in parts if path.is_dir()]
    modules = [name_of(path) for path in parts if path.suffix == ".py"]

    assert [name for name in folders + modules if f"`{name}`" not in page] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_benchmark_is_there(document: Path) -> None:
    modules = re.findall(r"python -m (benchmarks[\w.]*)", document.read_text("utf-8"))

    assert [name for name in modules if importlib.util.find_spec(name.rstrip(".")) is None] == []


def shown_commands(document: Path) -> Iterator[list[str]]:
    """Yield the words after `nnsweep` of each command line in a block of a document."""
    for block in BLOCK.findall(document.read_text("utf-8")):
        for line in block.splitlines():
            if line.startswith("nnsweep "):
                yield shlex.split(line, comments=True)[1:]


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_command_has_these_options(document: Path) -> None:
    for words in shown_commands(document):
        command: Any = typer.main.get_command(app)
        while words and hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}

        assert {word for word in words if word.startswith("--")} <= known


def blocks(document: Path, language: str) -> list[str]:
    """Return the blocks of a document in a language."""
    pattern = rf"^```{language}\n(.*?)^```$"
    return re.findall(pattern, document.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "toml")], ids=name_of)
def test_every_sweep_file_is_valid(page: Path) -> None:
    for block in map(tomllib.loads, blocks(page, "toml")):
        whole = {"space": {"lmbda": {"low": 0, "high": 1}}, **block}
        whole["sweep"] = {"name": "shown", **block.get("sweep", {})}
        assert faults(whole) == []
        if "space" in block:
            parse_config({"sweep": {"name": "shown"}, **block})


def test_tutorial_shows_the_first_sweep() -> None:
    (shown,) = blocks(DOCS / "tutorial" / "first-sweep.md", "toml")
    first = (CHECKOUT / "experiments" / "sweep_files" / "first.toml").read_text("utf-8")

    assert tomllib.loads(shown) == tomllib.loads(first)


@pytest.mark.parametrize("page", ["tutorial/from-python.md", "guides/estimator.md"])
def test_example_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for example in blocks(DOCS / page, "python"):
        exec(example, names)

    # One guide ends with a table of trials, the other with two scores for each of five folds.
    if "trials" in names:
        assert len(names["trials"]) == 8
    else:
        assert min(names["scores"]) > 0.9
        assert min(names["r2"]) > 0.3


@pytest.mark.parametrize(
    "page", [p for p in PAGES if p.name != "network.md" and blocks(p, "python")], ids=name_of
)
def test_every_example_imports_names_that_exist(page: Path) -> None:
    for example in blocks(page, "python"):
        for statement in ast.walk(ast.parse(example)):
            if isinstance(statement, ast.ImportFrom):
                module = importlib.import_module(statement.module or "")
                for alias in statement.names:
                    part = f"{module.__name__}.{alias.name}"
                    assert hasattr(module, alias.name) or importlib.util.find_spec(part)


def test_every_sampler_and_pruner_is_explained() -> None:
    page = (DOCS / "reference" / "samplers-and-pruners.md").read_text("utf-8")
    fields = SweepSection.model_fields
    names = [get_args(fields[key].annotation) for key in ("sampler", "pruner")]
    settings = [key for entry in PRUNERS.values() for key in entry.settings]

    wanted = [*names[0], *names[1], *settings]
    assert [name for name in wanted if f"`{name}`" not in page] == []


def load_script(name: str) -> ModuleType:
    """Return a script of `docs/`, loaded without being run."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_reference_says_what_the_code_says() -> None:
    pages: dict[Path, str] = load_script("write_reference").pages()

    # `make reference` writes them anew.
    assert len(pages) >= 4
    assert [name_of(p) for p, text in pages.items() if p.read_text("utf-8") != text] == []


@pytest.fixture(scope="module")
def gallery() -> ModuleType:
    """The gallery script."""
    return load_script("gallery")


def test_gallery_draws_every_figure_that_is_shown(gallery: ModuleType, tmp_path: Path) -> None:
    gallery.draw_gallery(tmp_path)
    drawn = {path.name for path in tmp_path.iterdir()}
    shown = re.findall(r"!\[[^]]+\]\(gallery/([^)]+)\)", (DOCS / "gallery.md").read_text("utf-8"))

    assert drawn == {*shown} == {path.name for path in (DOCS / "gallery").iterdir()}


def test_gallery_is_small() -> None:
    sizes = [path.stat().st_size for path in (DOCS / "gallery").iterdir()]

    assert max(sizes) < 150_000
    assert sum(sizes) < 1_000_000


def test_citations_name_the_version_of_the_package() -> None:
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"\nversion: {version}\n" in (CHECKOUT / "CITATION.cff").read_text("utf-8")
    assert f"  version = {{{version}}},\n" in (DOCS / "index.md").read_text("utf-8")

"""The `Examples` in the docstrings of the public names give the results that they show.

Each example runs in an empty folder and uses the tests' cache; none needs a network.
"""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

DOORS = ("nncore", "sweeps")
NAMES = [(package, name) for package in DOORS for name in import_module(package).__all__]


@pytest.mark.parametrize(("package", "name"), NAMES)
def test_the_examples_of_a_public_name(
    package: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    documented = getattr(import_module(package), name)
    examples = doctest.DocTestParser().get_doctest(documented.__doc__ or "", {}, name, None, None)
    report: list[str] = []
    failed, attempted = doctest.DocTestRunner(verbose=False).run(examples, out=report.append)

    assert not failed, "".join(report)
    assert attempted

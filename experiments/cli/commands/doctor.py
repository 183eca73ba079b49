"""`nnsweep doctor`: the facts on which results depend, the problems found, and the training speed.

It exits with 1 if there is a problem.
"""

import os
import platform
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

import typer

from experiments.cli import exit_codes
from experiments.cli.json_output import print_json
from experiments.cli.options import Json


def doctor(as_json: Json = False) -> int:
    """Check the installation and measure the training speed.

    It prints the versions, BLAS libraries and data sets that affect results. It also checks
    that the cache is writable, that cached data are intact, that BLAS can use a single thread, and
    that the compiled step gives the same bits as the interpreted one.
    """
    facts = _facts()
    if as_json:
        print_json(facts)
    else:
        for name, text in _lines(facts):
            typer.echo(f"{name:<11}{text}")
        if not facts["problems"]:
            typer.echo("\nNo problems found.\n\nNext: nnsweep run")
    return exit_codes.FAILED if facts["problems"] else 0


def _facts() -> dict[str, Any]:
    from importlib.metadata import version

    from nncore.arrays.blas import blas_libraries
    from nncore.arrays.replay import why_interpreted
    from nncore.datasets import cache_folder
    from sweeps.environment import PACKAGES
    from sweeps.workers.local import available_cores

    data = _data()
    faults = [one["problem"] for one in data if one["problem"]]
    problems = [*_cache_problems(), *faults, *_thread_problems(), *_form_problems()]
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: version(name) for name in PACKAGES},
        "blas": [
            {key: library[key] for key in ("name", "version", "kernel")}
            for library in blas_libraries()
        ],
        "cores": {"usable": available_cores(), "all": os.cpu_count()},
        "step": "python" if why_interpreted() else "compiled",
        "why_not_compiled": why_interpreted() or None,
        "cache": cache_folder(),
        "data": data,
        "images_per_second": _speed(),
        "problems": problems,
    }


def _lines(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each line."""
    yield "python", f"{facts['python']} on {facts['platform']}"
    yield "packages", ", ".join(f"{name} {number}" for name, number in facts["packages"].items())
    for library in facts["blas"]:
        yield "blas", "{name} {version}, kernel {kernel}".format(**library)
    usable, cores = facts["cores"]["usable"], facts["cores"]["all"]
    yield "cores", f"{usable} of {cores} usable; --jobs is {usable} by default"
    why = facts["why_not_compiled"]
    yield "step", f"python, which is slower: {why}" if why else "compiled"
    yield "cache", str(facts["cache"])
    for one in facts["data"]:
        content = f", sha256 {one['sha256'][:12]}…" if one["sha256"] else ""
        yield "data", f"{one['name']}: {one['state']}{content} ({one['source']})"
    rate = f"{facts['images_per_second']:,.0f} images per second"
    yield "speed", f"{rate}: training a [784, 30, 10] network, mini-batch size 10, on one core"
    for problem in facts["problems"]:
        yield "PROBLEM", problem


def _cache_problems() -> Iterator[str]:
    """Yield a problem if the cache cannot be written."""
    from nncore.datasets import cache_folder

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield f"the cache {folder} is not writable: {error.strerror}"


def _data() -> list[dict[str, Any]]:
    """Return the state of each data set of the catalogue; the hashes of those here are checked."""
    from nncore.datasets import dataset_info, dataset_names, load_dataset
    from nncore.errors import InputError

    found = []
    for about in map(dataset_info, dataset_names()):
        state, sha256, problem = "not fetched yet", None, None
        if about.cached:
            try:
                state, sha256 = "ready", load_dataset(about.name).sha256
            except InputError as error:
                state, problem = "damaged", str(error)
        one = {"name": about.name, "state": state, "sha256": sha256, "source": about.source}
        found.append({**one, "problem": problem})
    return found


def _thread_problems() -> Iterator[str]:
    """Yield a problem if BLAS cannot be held to one thread."""
    from nncore.arrays.blas import blas_threads, one_blas_thread

    with one_blas_thread():
        threads = blas_threads()
    if threads != {1}:
        yield f"BLAS must use one thread while a network trains, got {sorted(threads)}"


def _form_problems() -> Iterator[str]:
    """Yield a problem if the compiled form does not train the same network as Python."""
    from nncore.arrays.replay import PURE, interpreted

    compiled = _costs()
    with interpreted():
        if _costs() != compiled:
            yield f"the compiled step must give the same bits as Python, got others: set {PURE}=1"


def _costs() -> list[float | None]:
    """Return the cost after each of two epochs; it depends on every bit of the training."""
    from nncore.config import TrialConfig
    from sweeps.trial import evaluate

    outcome = evaluate(TrialConfig(epochs=2), "mnist-5k", [(1, 0)])
    return [record.train_cost for record in outcome.curves[0]]


def _speed() -> float:
    """Return how many images per second the training takes."""
    from nncore.config import TrialConfig
    from nncore.datasets import load_dataset
    from sweeps.trial import evaluate

    examples = len(load_dataset("mnist-5k").train)
    outcome = evaluate(TrialConfig(epochs=5, monitor_training=False), "mnist-5k", [(1, 0)])
    return examples / min(record.train_seconds for record in outcome.curves[0])

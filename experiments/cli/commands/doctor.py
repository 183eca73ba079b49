"""`nnsweep doctor`: the facts on which results depend, the problems found, and the training speed.

It exits with 1 if there is a problem.
"""

import os
import platform
import tempfile
from collections.abc import Iterator

import typer

from experiments.cli import exit_codes


def doctor() -> int:
    """Check the installation and measure the training speed.

    It prints the versions, BLAS libraries and data sets that affect results. It also checks
    that the cache is writable, that cached data are intact, that BLAS can use a single thread, and
    that the compiled step gives the same bits as the interpreted one.
    """
    from importlib.metadata import version

    from nncore.arrays.blas import blas_libraries
    from sweeps.environment import PACKAGES
    from sweeps.workers.local import available_cores

    typer.echo(f"python     {platform.python_version()} on {platform.platform()}")
    typer.echo(f"packages   {', '.join(f'{name} {version(name)}' for name in PACKAGES)}")
    for library in blas_libraries():
        typer.echo(f"blas       {library['name']} {library['version']}, kernel {library['kernel']}")
    cores = available_cores()
    typer.echo(f"cores      {cores} of {os.cpu_count()} usable; --jobs is {cores} by default")
    typer.echo(f"step       {_form()}")
    problems = [*_data_problems(), *_thread_problems(), *_form_problems()]
    typer.echo(f"speed      {_speed()}")
    for problem in problems:
        typer.echo(f"PROBLEM    {problem}")
    if not problems:
        typer.echo("\nNo problems found.\n\nNext: nnsweep run")
    return exit_codes.FAILED if problems else 0


def _data_problems() -> Iterator[str]:
    """Yield the problems of the cache and of the data sets in it; their hashes are checked."""
    from nncore.datasets import cache_folder, dataset_info, dataset_names, load_dataset
    from nncore.errors import InputError

    folder = cache_folder()
    typer.echo(f"cache      {folder}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield f"the cache {folder} is not writable: {error.strerror}"
    for name in dataset_names():
        about = dataset_info(name)
        state = "not fetched yet"
        if about.cached:
            try:
                state = f"ready, sha256 {load_dataset(name).sha256[:12]}…"
            except InputError as error:
                state = "damaged"
                yield str(error)
        typer.echo(f"data       {name}: {state} ({about.source})")


def _thread_problems() -> Iterator[str]:
    """Yield a problem if BLAS cannot be held to one thread."""
    from nncore.arrays.blas import blas_threads, one_blas_thread

    with one_blas_thread():
        threads = blas_threads()
    if threads != {1}:
        yield f"BLAS must use one thread while a network trains, got {sorted(threads)}"


def _form() -> str:
    """Return which form of the training step runs, and why if it is the slower one."""
    from nncore.arrays.replay import why_interpreted

    reason = why_interpreted()
    return f"python, which is slower: {reason}" if reason else "compiled"


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


def _speed() -> str:
    from nncore.config import TrialConfig
    from nncore.datasets import load_dataset
    from sweeps.trial import evaluate

    examples = len(load_dataset("mnist-5k").train)
    outcome = evaluate(TrialConfig(epochs=5, monitor_training=False), "mnist-5k", [(1, 0)])
    fastest = min(record.train_seconds for record in outcome.curves[0])
    rate = f"{examples / fastest:,.0f} images per second"
    return f"{rate}: training a [784, 30, 10] network, mini-batch size 10, on one core"

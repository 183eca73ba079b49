"""`nnsweep doctor`: is this machine ready, and how fast is it?

It prints the facts that decide results, checks what sweeps rely on, and names whatever is wrong.
"""

import os
import platform
import tempfile
from collections.abc import Iterator
from importlib.metadata import version

import typer

from experiments.cli import exit_codes


def doctor() -> int:
    """Check this installation, and time one epoch."""
    from nncore.arrays.blas import blas_libraries
    from sweeps.environment import PACKAGES
    from sweeps.workers.local import available_cores

    typer.echo(f"python     {platform.python_version()} on {platform.platform()}")
    typer.echo(f"packages   {', '.join(f'{name} {version(name)}' for name in PACKAGES)}")
    for library in blas_libraries():
        typer.echo(f"blas       {library['name']} {library['version']}, kernel {library['kernel']}")
    typer.echo(f"cores      {available_cores()} for --jobs by default, of {os.cpu_count()}")
    problems = [*_data_problems(), *_thread_problems()]
    typer.echo(f"speed      {_speed()}")
    for problem in problems:
        typer.echo(f"PROBLEM    {problem}")
    typer.echo("\nall is well\n\nNext: nnsweep run" if not problems else "")
    return exit_codes.FAILED if problems else 0


def _data_problems() -> Iterator[str]:
    """Yield what is wrong with the cache and the data sets in it, whose content is hashed."""
    from nncore.datasets import cache_folder, dataset_info, dataset_names, load_dataset
    from nncore.errors import InputError

    folder = cache_folder()
    typer.echo(f"cache      {folder}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield f"the cache {folder} cannot be written: {error.strerror}"
    for name in dataset_names():
        about = dataset_info(name)
        state = "not made yet"
        if about.cached:
            try:
                state = f"ready, sha256 {load_dataset(name).sha256[:12]}…"
            except InputError as error:
                state = "damaged"
                yield str(error)
        typer.echo(f"data       {name}: {state} ({about.source})")


def _thread_problems() -> Iterator[str]:
    """Yield what keeps BLAS from computing in one thread."""
    from nncore.arrays.blas import blas_threads, one_blas_thread

    with one_blas_thread():
        threads = blas_threads()
    if threads != {1}:
        yield f"BLAS must compute in one thread while it trains, got {sorted(threads)}"


def _speed() -> str:
    from nncore.config import TrialConfig
    from nncore.datasets import load_dataset
    from sweeps.trial import evaluate

    examples = len(load_dataset("mnist-5k").train)
    outcome = evaluate(TrialConfig(epochs=5, monitor_training=False), "mnist-5k", [(1, 0)])
    fastest = min(record.train_seconds for record in outcome.curves[0])
    rate = f"{examples / fastest:,.0f} images per second"
    return f"{rate} through [784, 30, 10], mini-batch 10, one core"

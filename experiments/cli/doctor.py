"""`nnsweep doctor`: is this machine ready, and how fast is it?

It prints the facts that decide results and names whatever is wrong.
"""

import os
import platform
from importlib.metadata import version

import typer


def doctor() -> int:
    """Check this installation, and time one epoch."""
    from nncore.blas import blas_libraries
    from nncore.datasets import dataset_info, dataset_names
    from sweeps.environment import PACKAGES

    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    typer.echo(f"python     {platform.python_version()} on {platform.platform()}")
    typer.echo(f"packages   {packages}")
    for library in blas_libraries():
        typer.echo(f"blas       {library['name']} {library['version']}, kernel {library['kernel']}")
    typer.echo(f"cores      {os.cpu_count()}, so --jobs {os.cpu_count()} by default")
    for name in dataset_names():
        about = dataset_info(name)
        state = "ready" if about.cached else "not made yet"
        typer.echo(f"data       {name}: {state} ({about.source})")
    typer.echo(f"speed      {_speed()}")
    typer.echo("\nall is well\n\nNext: nnsweep run")
    return 0


def _speed() -> str:
    from nncore.config import TrialConfig
    from nncore.datasets import load_dataset
    from sweeps.trial import evaluate

    examples = len(load_dataset("mnist-5k").train)
    outcome = evaluate(TrialConfig(epochs=5, monitor_training=False), "mnist-5k", [(1, 0)])
    fastest = min(record.train_seconds for record in outcome.curves[0])
    rate = f"{examples / fastest:,.0f} images per second"
    return f"{rate} through [784, 30, 10], mini-batch 10, one core"

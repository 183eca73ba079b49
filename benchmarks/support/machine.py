"""The machine behind the figures: processor, versions, and the peak speed of its BLAS.

The peak speed comes from large matrix products, timed in the same rounds as the programs.
"""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from benchmarks.support.rounds import seconds_of
from nncore.arrays.blas import one_blas_thread
from nncore.datasets import DataSet
from sweeps.environment import environment

PEER_PACKAGES = ("jax", "numba", "scikit-learn", "torch")
SIDE = 2048

Facts = dict[str, Any]


def machine(data: DataSet) -> Facts:
    """Return processor, cores, system, versions and data, as plain data for JSON."""
    facts = environment(data, seed=0)
    peers = {name: found for name in PEER_PACKAGES if (found := installed(name))}
    return {**facts, "packages": {**facts["packages"], **peers}}


def installed(package: str) -> str | None:
    """Return the version of an installed package, None if there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def describe(facts: Facts) -> str:
    """Return the machine in a few lines of text."""
    packages = ", ".join(f"{name} {found}" for name, found in facts["packages"].items())
    blas = ", ".join(f"{b['name']} {b['version']} ({b['kernel']})" for b in facts["blas"])
    return (
        f"{facts['cpu']}, {facts['cores']} cores; {facts['system']}\n"
        f"Python {facts['python']}; {packages}\n"
        f"BLAS: {blas}"
    )


def sgemm_flops_per_second() -> float:
    """Return the speed of NumPy's BLAS on a large square float32 product, one thread, best of 3."""
    a = np.ones((SIDE, SIDE), np.float32)
    out = np.empty_like(a)
    with one_blas_thread():
        fastest = min(seconds_of(lambda: np.dot(a, a, out)) for _ in range(3))
    return 2 * SIDE**3 / fastest

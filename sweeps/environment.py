"""What besides the config decides the bytes of a sweep: versions, BLAS kernels, the data's content.

It is written beside the results, and a resume compares it.
"""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from nncore.arrays.blas import blas_libraries
from nncore.datasets import DataSet

PACKAGES = ("nnsweep", "numpy", "scipy", "optuna", "joblib")

Environment = dict[str, Any]


def environment(dataset: DataSet, seed: int, sampler: str | None = None) -> Environment:
    """Return the facts of this machine, these packages and this data, as plain data for JSON.

    `sampler` is named where trials are proposed: what Optuna's samplers rest on is told then too.
    """
    facts = {**machine(), "seed": seed, "data": data_facts(dataset)}
    if sampler:
        names = ("cmaes", "torch") if sampler == "gp" else ("cmaes",)
        facts[SAMPLERS] = {name: version(name) for name in names}
    return facts


def machine() -> Environment:
    """Return the facts of this machine and these packages."""
    return {
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "blas": blas_libraries(),
        "simd": np.show_config(mode="dicts")["SIMD Extensions"]["found"],
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
    }


def data_facts(dataset: DataSet) -> dict[str, str]:
    """Return the name of a data set and the hashes of its content and of its file."""
    facts = {"name": dataset.name, "sha256": dataset.sha256}
    if dataset.source.is_file:
        facts["file_sha256"] = dataset.source.sha256
    return facts


DECISIVE = ("python", "packages", "blas", "simd", "data")
"""The keys that may change the bytes of a result."""

SAMPLERS = "sampler_packages"
"""The key that may change what is proposed; who only trains, or ran before it was kept, has none"""


def differences(one: Environment, other: Environment) -> list[str]:
    """Return "key was …, is …" for each decisive key in which two environments differ.

    The packages of samplers are compared if both tell of them.
    """
    keys = (*DECISIVE, SAMPLERS) if SAMPLERS in one and SAMPLERS in other else DECISIVE
    return [
        f"{key} was {one.get(key)}, is {other.get(key)}"
        for key in keys
        if one.get(key) != other.get(key)
    ]


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:  # not Linux
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()

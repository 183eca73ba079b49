"""What besides the config decides the bytes of a sweep: versions, BLAS kernels, the data's content.

It is written beside the results, and a resume compares it.
"""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from nncore.blas import blas_libraries
from nncore.datasets import DataSet

PACKAGES = ("nnsweep", "numpy", "scipy", "optuna", "joblib")

Environment = dict[str, Any]


def environment(dataset: DataSet, seed: int) -> Environment:
    """Return the facts of this machine, these packages and this data, as plain data for JSON."""
    return {**machine(), "seed": seed, "data": data_facts(dataset)}


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


def differences(one: Environment, other: Environment) -> list[str]:
    """Return "key was …, is …" for each decisive key in which two environments differ."""
    return [
        f"{key} was {one.get(key)}, is {other.get(key)}"
        for key in DECISIVE
        if one.get(key) != other.get(key)
    ]


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:  # not Linux
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()

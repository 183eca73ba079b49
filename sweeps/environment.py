"""The environment of a sweep: all facts besides the config that determine the bytes of its results.

It is recorded in the run folder, and a resume and every worker compare it with their own.
"""

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from nncore.arrays.blas import blas_libraries
from nncore.arrays.replay import form
from nncore.components.metrics import ACCURACY, Metric
from nncore.datasets import DataSet
from nncore.errors import named

PACKAGES = ("nnsweep", "numpy", "scipy", "optuna", "joblib")
METRICS_PACKAGE = "scikit-learn"
"""The package that computes every metric but accuracy."""

Environment = dict[str, Any]


def environment(
    dataset: DataSet, seed: int, sampler_packages: Sequence[str] = (), metric: Metric = ACCURACY
) -> Environment:
    """Return the facts of this machine, the installed packages and the data set.

    `sampler_packages` are the further packages that the sampler uses, if there is one, and `metric`
    is the metric by which trials are judged.
    """
    packages = PACKAGES if metric is ACCURACY else (*PACKAGES, METRICS_PACKAGE)
    facts = {**machine(packages), "seed": seed, "data": data_facts(dataset)}
    if sampler_packages:
        facts[SAMPLER_PACKAGES] = {name: version(name) for name in sampler_packages}
    return facts


def machine(packages: Iterable[str] = PACKAGES) -> Environment:
    """Return the facts of this machine and the versions of `packages`."""
    return {
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
        "blas": blas_libraries(),
        "simd": np.show_config(mode="dicts")["SIMD Extensions"]["found"],
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "replay": form(),
    }


def data_facts(dataset: DataSet) -> dict[str, str]:
    """Return the name of a data set, the hash of its content and the hash of a user's file."""
    facts = {"name": dataset.name, "sha256": dataset.sha256}
    if dataset.source.is_file:
        facts["file_sha256"] = dataset.source.sha256
    return facts


DECISIVE = ("python", "packages", "blas", "simd", "data")
"""The facts that may change the bytes of a result."""

SAMPLER_PACKAGES = "sampler_packages"
"""The fact that may change proposals. It is absent where trials are trained but not proposed."""


def differences(one: Environment, other: Environment) -> list[str]:
    """Return "key was …, is …" for each decisive fact in which two environments differ.

    Of data with the same name it says that the content differs. The packages of samplers are
    compared if both environments have them.
    """
    keys = (
        (*DECISIVE, SAMPLER_PACKAGES)
        if SAMPLER_PACKAGES in one and SAMPLER_PACKAGES in other
        else DECISIVE
    )
    return [
        _difference(key, one.get(key), other.get(key))
        for key in keys
        if one.get(key) != other.get(key)
    ]


def _difference(key: str, was: Any, now: Any) -> str:
    if key != "data" or not was or not now:
        return f"{key} was {was}, is {now}"
    if was["name"] != now["name"]:
        return f"data was `{named(was['name'])}`, is `{named(now['name'])}`"
    kind = "data set" if was.get("file_sha256") == now.get("file_sha256") else "data file"
    return f"the content of {kind} `{named(was['name'])}` differs"


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:  # not Linux
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()

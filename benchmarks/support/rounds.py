"""How benchmarks are timed: one thread, one core, programs in turns, medians.

A core that other processes use may be slow for minutes. Programs take turns, so that slow minutes
affect all of them and hardly change the ratio of their medians.
"""

import os
from collections.abc import Callable, Mapping
from time import perf_counter

ONE_THREAD = {
    "JAX_PLATFORMS": "cpu",
    "MKL_NUM_THREADS": "1",
    "NPROC": "1",  # XLA's
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


def one_thread_each() -> None:
    """Make every program that this process starts from now on compute in one thread."""
    os.environ.update(ONE_THREAD)


def pin_to_one_core() -> None:
    """Keep this process, and what it starts, on one core and in one thread."""
    one_thread_each()
    if hasattr(os, "sched_setaffinity"):  # not on macOS
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def interleaved(runs: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Return what each of `runs` returned, by its name, in `rounds` rounds of all of them."""
    results: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            results[name].append(run())
    return results


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long `work()` takes."""
    started = perf_counter()
    work()
    return perf_counter() - started

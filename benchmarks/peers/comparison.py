"""Computes the compared figures from the seconds of each program's epochs.

A program that is missing or fails is part of the result, with the reason.
"""

import statistics
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmarks.peers.catalogue import PROGRAMS
from benchmarks.support.machine import sgemm_flops_per_second
from benchmarks.support.rounds import interleaved
from benchmarks.support.task import BenchmarkTask, flops

BAND = 0.015
"""Largest difference of the accuracies of programs that do the same, after a few epochs."""


class Running(Protocol):
    """A running program, in any process."""

    def epoch(self) -> float:
        """Train an epoch and return how many seconds it took."""

    def accuracy(self) -> float:
        """Return the accuracy on the validation data."""

    def close(self) -> None:
        """End it."""


@dataclass
class Started:
    """The running programs, the seconds of their first epoch, and why the others do not run."""

    running: dict[str, Running] = field(default_factory=dict)
    first_epochs: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def start(names: Iterable[str], launch: Callable[[str], Running], stack: ExitStack) -> Started:
    """Return the programs `names` after their first epoch; `stack` ends them.

    Programs that compile code do so in that epoch.
    """
    started = Started()
    for name in names:
        if PROGRAMS[name].version is None:
            started.missing[name] = f"{PROGRAMS[name].package} is not installed"
            continue
        try:
            program = launch(name)
            stack.callback(program.close)
            started.first_epochs[name] = program.epoch()
        except Exception as error:  # a failing peer must not end the rest
            started.failed[name] = _one_line(error)
        else:
            started.running[name] = program
    return started


def measure(
    task: BenchmarkTask,
    sizes: tuple[int, ...],
    examples: int,
    started: Started,
    rounds: int,
    peak: Callable[[], float] = sgemm_flops_per_second,
) -> dict[str, Any]:
    """Return the figures of one shape, as plain data for JSON; medians are over `rounds`."""
    runs = {name: program.epoch for name, program in started.running.items()}
    results = interleaved({**runs, "": peak}, rounds)
    top = statistics.median(results.pop(""))
    medians = {name: statistics.median(seconds) for name, seconds in results.items()}
    work = flops(sizes, examples)
    return {
        "network": list(sizes),
        "mini_batch_size": task.mini_batch_size,
        "learning_rate": task.learning_rate,
        "lmbda": task.lmbda,
        "examples": examples,
        "rounds": rounds,
        "epochs": rounds + 1,
        "gflop_per_epoch": work / 1e9,
        "sgemm_gflop_per_second": top / 1e9,
        "programs": {
            name: {
                "package": PROGRAMS[name].package,
                "version": PROGRAMS[name].version,
                "seconds": median,
                "all_seconds": results[name],
                "first_epoch_seconds": started.first_epochs[name],
                "ratio_to_ours": median / medians["ours"] if "ours" in medians else None,
                "gflop_per_second": work / median / 1e9,
                "share_of_sgemm": work / median / top,
                "validation_accuracy": started.running[name].accuracy(),
            }
            for name, median in medians.items()
        },
        "missing": started.missing,
        "failed": started.failed,
    }


def table(result: Mapping[str, Any]) -> str:
    """Return the figures of one shape as text."""
    lines = [
        f"{result['network']}, mini-batch {result['mini_batch_size']}, {result['examples']:,} "
        f"images, float32 (the book's loop: float64), one core",
        f"median of {result['rounds']} interleaved rounds; {result['gflop_per_epoch']:.2f} GFLOP "
        f"per epoch; sgemm {result['sgemm_gflop_per_second']:.1f} GFLOP/s",
        "",
        f"{'':16} {'s/epoch':>8} {'to ours':>8} {'GFLOP/s':>8} {'of sgemm':>8} "
        f"{'accuracy':>9} {'1st epoch':>10}",
    ]
    for name, row in result["programs"].items():
        ratio = row["ratio_to_ours"]
        lines.append(
            f"{name:16} {row['seconds']:8.3f} {'' if ratio is None else f'{ratio:.2f}':>8} "
            f"{row['gflop_per_second']:8.1f} {row['share_of_sgemm']:8.1%} "
            f"{row['validation_accuracy']:9.2%} {row['first_epoch_seconds']:9.2f}s"
        )
    for kind in ("missing", "failed"):
        lines += [f"{kind}: {name} ({reason})" for name, reason in result[kind].items()]
    return "\n".join(lines)


def problems(result: Mapping[str, Any]) -> list[str]:
    """Return the reasons why a comparison is unsound: failed programs, different accuracies."""
    faults = [f"{name} failed: {reason}" for name, reason in result["failed"].items()]
    accuracies = [row["validation_accuracy"] for row in result["programs"].values()]
    if accuracies and max(accuracies) - min(accuracies) > BAND:
        faults.append(
            f"the programs' accuracies must lie within {BAND:.1%}, "
            f"got {min(accuracies):.2%} to {max(accuracies):.2%}"
        )
    return faults


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}"

"""`python -m benchmarks.peers`: seconds per epoch of this project and of its peers, side by side.

Everything runs on one core; the exit code is 1 if a program failed or the accuracies differ.
"""

import argparse
import json
import sys
from contextlib import ExitStack
from functools import partial

from benchmarks.peers.catalogue import PROGRAMS
from benchmarks.peers.comparison import measure, problems, start, table
from benchmarks.peers.process import Remote
from benchmarks.support.machine import describe, machine
from benchmarks.support.options import count, widths
from benchmarks.support.rounds import pin_to_one_core
from benchmarks.support.task import BenchmarkTask
from nncore.datasets import load_dataset

SHAPES = (
    BenchmarkTask((30,), 10),
    BenchmarkTask((100,), 10),
    BenchmarkTask((100,), 100),
    BenchmarkTask((100, 100), 20),
)


def main() -> int:
    """Measure one shape, or all, and print tables or JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks.peers", description=__doc__)
    parser.add_argument("--hidden", type=widths, default=(30,), help="widths, as in 100,100")
    parser.add_argument("--mini-batch-size", type=count, default=10)
    parser.add_argument("--all-shapes", action="store_true", help="the four of docs/performance.md")
    parser.add_argument("--rounds", type=count, default=5)
    parser.add_argument("--peers", default=",".join(PROGRAMS), help="default: %(default)s")
    parser.add_argument("--data", default="mnist", help="name of a data set of images")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    names = arguments.peers.split(",")
    if not set(names) <= set(PROGRAMS):
        parser.error(f"--peers takes names of {', '.join(PROGRAMS)}, got {arguments.peers}")
    pin_to_one_core()
    data = load_dataset(arguments.data)
    facts = machine(data)
    chosen = BenchmarkTask(arguments.hidden, arguments.mini_batch_size)
    results, faults = [], []
    if not arguments.json:
        print(describe(facts))
    for task in SHAPES if arguments.all_shapes else (chosen,):
        with ExitStack() as stack:
            started = start(names, partial(Remote, task=task, data=arguments.data), stack)
            sizes, examples = task.sizes(data.train), len(data.train)
            results.append(measure(task, sizes, examples, started, arguments.rounds))
        faults += problems(results[-1])
        if not arguments.json:
            print(f"\n{table(results[-1])}", flush=True)
    if arguments.json:
        print(json.dumps({"machine": facts, "shapes": results}))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

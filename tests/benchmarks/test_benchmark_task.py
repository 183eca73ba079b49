"""The work that all programs share: its arithmetic by hand, its rounds, its options."""

import argparse
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.support.check import tiny_split
from benchmarks.support.options import count, widths
from benchmarks.support.rounds import interleaved
from benchmarks.support.task import BenchmarkTask, accuracy, flops


def test_flops_of_a_single_layer_by_hand() -> None:
    # 3·2 weights, each multiplied and added once forward and once in the gradient, 5 examples
    assert flops((3, 2), 5) == (6 * 2 + 6 * 2) * 5 == 120


def test_flops_of_the_books_network_by_hand() -> None:
    # forward 47,640, gradient 47,640, error back through the last layer 600; 50,000 examples
    assert flops((784, 30, 10), 50_000) == 95_880 * 50_000


def test_flops_are_those_of_the_products_written_out() -> None:
    sizes, examples, counted = (4, 3, 5, 2), 7, 0
    for layer in range(3):
        for _ in range(sizes[layer]):
            for _ in range(sizes[layer + 1]):
                counted += 2 * examples  # z
                counted += 2 * examples  # gradient
                counted += 2 * examples if layer > 0 else 0  # error of the layer below

    assert flops(sizes, examples) == counted


def test_programs_start_from_the_same_weights_of_the_right_shapes() -> None:
    split, task = tiny_split(), BenchmarkTask((5, 4))
    once, again = task.start(split), task.start(split)

    assert [(w.shape, b.shape) for w, b in once] == [((6, 5), (5,)), ((5, 4), (4,)), ((4, 3), (3,))]
    for (w, b), (same_w, same_b) in zip(once, again, strict=True):
        np.testing.assert_array_equal(w, same_w)
        np.testing.assert_array_equal(b, same_b)


def test_accuracy_by_hand() -> None:
    # The label is the largest of the first three inputs, which this layer passes on in their order.
    copies = [(np.eye(6, 3), np.zeros(3))]
    swapped = [(np.eye(6, 3)[:, [1, 0, 2]], np.zeros(3))]
    split = tiny_split()

    assert accuracy(copies, split) == 1.0
    assert accuracy(swapped, split) == (split.labels == 2).mean()


def test_rounds_take_turns() -> None:
    said: list[str] = []

    def run(name: str) -> float:
        said.append(name)
        return float(len(said))

    results = interleaved({"a": lambda: run("a"), "b": lambda: run("b")}, rounds=3)

    assert said == ["a", "b"] * 3
    assert results == {"a": [1.0, 3.0, 5.0], "b": [2.0, 4.0, 6.0]}


def test_options_read_widths_and_counts() -> None:
    assert widths("30") == (30,)
    assert widths("100,50") == (100, 50)
    assert count("7") == 7


@pytest.mark.parametrize(("option", "text"), [(widths, "30,0"), (widths, "a"), (count, "0")])
def test_options_refuse_what_is_no_size(
    option: Callable[[str], object], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=option)

    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["--size", text])
    assert ended.value.code == 2
    assert text in capsys.readouterr().err

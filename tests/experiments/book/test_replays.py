"""The author's runs from the author's seeds, and how equal numbers are counted.

`overfitting` is replayed to its end. The beginnings of longer replays are here, and
`benchmarks/test_book.py` plays them to their ends.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.book import book_files
from experiments.book.book_files import BookFiles
from experiments.book.replays import replay
from experiments.book.replays.catalogue import REPLAYS
from experiments.book.replays.replay import compare_series, run_replay
from nncore.datasets import load_dataset

Figure = Callable[[str], Any]
Command = Callable[..., Any]


def test_weight_init_30_begins_as_the_book_s(full_mnist: None, book_figure: Figure) -> None:
    """test_network2_published.py has the whole first arm, with the book's own calls."""
    (scaled,) = run_replay(REPLAYS["weight-init-30"], epochs=10)
    assert (
        scaled.values
        == book_figure("weight_initialization_30")["default_weight_initialization"][1][:10]
    )
    assert (scaled.exact, scaled.of, scaled.first_difference) == (10, 10, None)


def test_overfitting_is_the_book_s(full_mnist: None, book_figure: Figure) -> None:
    """All 400 epochs: the network is drawn scaled first and then large, as the author's was."""
    costs, counts, train_costs, train_counts = run_replay(REPLAYS["overfitting"])
    published = book_figure("overfitting")
    assert counts.values == published[1]
    assert train_counts.values == published[3]
    assert [s.exact for s in (costs, counts, train_costs, train_counts)] == [400] * 4
    np.testing.assert_allclose(costs.values, published[0], rtol=0, atol=1e-9)
    np.testing.assert_allclose(train_costs.values, published[2], rtol=0, atol=1e-9)


def test_regularization_begins_as_the_book_s(full_mnist: None) -> None:
    """The first counts of the author's regularized.json; 30 epochs on 1,000 images."""
    played = REPLAYS["regularization"].play(load_dataset("mnist"), 30)
    test = [5898, 6512, 6986, 7289, 7455, 7227, 7723, 7767, 7890, 7942]
    test += [7879, 7893, 8036, 8052, 8089, 8079, 8132, 8148, 8138, 8163]
    test += [8152, 8199, 8160, 8160, 8152, 8176, 8201, 8184, 8203, 8207]
    train = [690, 749, 810, 849, 874, 869, 912, 932, 948, 950, 958, 964, 971, 975, 980]
    train += [979, 980, 981, 983, 986, 982, 986, 987, 990, 990, 990, 992, 991, 992, 991]
    assert (played["test count"], played["training count"]) == (test, train)


def test_weight_init_100_begins_as_the_book_s(full_mnist: None) -> None:
    """The first counts of the first arm in the author's weight_initialization_100.json."""
    played = REPLAYS["weight-init-100"].play(load_dataset("mnist"), 3)
    assert played["scaled validation count"] == [9295, 9481, 9547]


def test_the_book_divides_lambda_by_the_size_of_what_is_scored(full_mnist: None) -> None:
    """With λ 5 the two costs have different L2 terms; rounding comes into play in epoch 5."""
    replayed = run_replay(REPLAYS["regularization-full"], epochs=3)
    assert [series.exact for series in replayed] == [3, 3, 3, 3]


def test_learning_rates_begin_as_the_book_s(full_mnist: None, book_figure: Figure) -> None:
    (slow,) = run_replay(REPLAYS["learning-rates"], epochs=15)
    published = book_figure("multiple_eta")[0][2][:15]
    np.testing.assert_allclose(slow.values, published, rtol=0, atol=1e-9)
    assert (slow.exact, slow.of) == (15, 15)


def test_the_support_vector_machine_on_few_images(full_mnist: None) -> None:
    (few,) = run_replay(REPLAYS["more-data-svm"], epochs=3)
    assert few.values == [2507, 4893, 7513]


def test_counts_must_be_equal_and_costs_near() -> None:
    counts = compare_series("counts", [5, 7, 7], [5, 6, 9, 4])
    assert (counts.exact, counts.of, counts.first_difference) == (1, 3, 2)
    assert (counts.largest_difference, counts.book) == (2, [5, 6, 9])
    assert isinstance(counts.largest_difference, int)
    costs = compare_series("costs", [0.5, 0.25 + 4e-10], [0.5, 0.25])
    assert (costs.exact, costs.first_difference) == (2, None)
    lost = compare_series("costs", [0.5, float("nan")], [0.5, 0.25])
    assert (lost.exact, lost.first_difference) == (1, 2)


def test_each_replay_reads_its_file_under_the_names_that_it_plays() -> None:
    figures = {
        "overfitting": [[0.1], [1], [0.2], [2]],
        "multiple_eta": [[[], [], [0.1], []]] * 3,
        "weight_initialization": {
            "default_weight_initialization": [[], [1], [], []],
            "large_weight_initialization": [[], [2], [], []],
        },
        "more_data": [69.09, 76.37],
    }
    read = {
        "overfitting": ["test cost", "test count", "training cost", "training count"],
        "learning-rates": [f"η {eta} training cost" for eta in (0.025, 0.25, 2.5)],
        "weight-init-100": ["scaled validation count", "large validation count"],
        "more-data-svm": ["validation count"],
    }
    files = ("overfitting", "multiple_eta", "weight_initialization", "more_data")
    for (name, series), file in zip(read.items(), files, strict=True):
        assert list(REPLAYS[name].published(figures[file])) == series
        assert set(REPLAYS[name].rounding_sensitive) <= set(series)
    assert REPLAYS["more-data"].published([69.09, 76.37]) == {"validation count": [6909, 7637]}


@pytest.fixture
def short_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `overfitting` a replay that takes no time: five test counts, one of them off."""

    def play(dataset: Any, epochs: int | None) -> dict[str, list[int]]:
        return {"test count": [1, 2, 3, 4, 234]}

    quick = replay.Replay(
        name="overfitting",
        file="overfitting",
        minutes=0.0,
        play=play,  # type: ignore[arg-type]
        published=lambda figure: {"test count": [1, 2, 3, 4, 5]},
    )
    monkeypatch.setitem(REPLAYS, "overfitting", quick)
    monkeypatch.setattr(replay, "load_dataset", lambda name: None)


def test_json_is_one_object(short_replay: None, book_figure: Figure, nnsweep: Command) -> None:
    answer = nnsweep("book", "replay", "overfitting", "--json", "--out", "out")
    assert answer.code == 0
    assert json.loads(answer.out) == {
        "format": 1,
        "replays": [
            {
                "name": "overfitting",
                "series": [
                    {
                        "name": "test count",
                        "values": [1, 2, 3, 4, 234],
                        "book": [1, 2, 3, 4, 5],
                        "exact": 4,
                        "of": 5,
                        "first_difference": 5,
                        "largest_difference": 229,
                    }
                ],
            }
        ],
    }
    assert Path("out/replays/overfitting.png").stat().st_size > 1000


def test_the_table_says_how_many(short_replay: None, book_figure: Figure, nnsweep: Command) -> None:
    answer = nnsweep("book", "replay", "overfitting", "--out", "out")
    assert answer.code == 0
    assert "4 of 5" in answer.out
    assert "number 5" in answer.out
    assert "229" in answer.out


def test_a_missing_file_is_wrong_input(
    nnsweep: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NNSWEEP_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(book_files, "BookFiles", partial(BookFiles, ()))  # no mirrors
    answer = nnsweep("book", "replay", "overfitting")
    assert answer.code == 2
    assert "`overfitting.json` could not be fetched" in answer.err


@pytest.mark.parametrize(
    "words", [["replay"], ["run"], ["run", "restart"], ["run", "restarts", "--seeds", "0"]]
)
def test_wrong_words_are_one_line(nnsweep: Command, words: list[str]) -> None:
    answer = nnsweep("book", *words)
    assert answer.code == 2
    assert answer.err.count("\n") == 1

"""Folds, fresh splits and groups: what no division may do, and how even each must be.

The laws are checked on random labels and groups; scikit-learn is the yardstick for groups.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from nncore.datasets import Fold, FreshSplit
from nncore.datasets.splitting import LabeledRows, Part, divided_anew, ordinary_split
from nncore.errors import InputError

SHARES = (0.7, 0.15, 0.15)


def labeled(labels: Sequence[int], groups: Sequence[Any] | None = None) -> LabeledRows:
    classes = [f"class {k}" for k in range(max(labels) + 1)]
    return LabeledRows(
        np.array(labels), classes, "file.csv", None if groups is None else np.array(groups)
    )


@st.composite
def some_rows(draw: st.DrawFn, *, grouped: bool) -> LabeledRows:
    """Return 40 to 120 rows of 2 to 4 classes, in groups of one to many rows if `grouped`."""
    n, n_classes = draw(st.integers(40, 120)), draw(st.integers(2, 4))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    labels = np.append(np.arange(n_classes), random.integers(n_classes, size=n - n_classes))
    groups = random.integers(draw(st.integers(8, n)), size=n) if grouped else None
    return labeled(labels.tolist(), None if groups is None else groups.tolist())


def divisions(
    rows: LabeledRows, parts: Sequence[Part]
) -> tuple[NDArray[Any], list[tuple[NDArray[Any], NDArray[Any]]]]:
    """Return the test rows and the training and validation rows of each part, if all exist."""
    try:
        train, validation, test = ordinary_split(rows, SHARES)
        return test, [divided_anew(rows, train, validation, part) for part in parts]
    except InputError:
        assume(False)
        raise


@settings(max_examples=40)
@given(st.data(), st.booleans(), st.integers(2, 6))
def test_each_row_outside_the_test_set_is_validated_in_exactly_one_fold(
    data: st.DataObject, grouped: bool, of: int
) -> None:
    rows = data.draw(some_rows(grouped=grouped))
    test, folds = divisions(rows, [Fold(number, of) for number in range(of)])
    everything = np.arange(len(rows.labels))
    validated = np.concatenate([validation for _, validation in folds])
    assert sorted([*validated, *test]) == everything.tolist()
    for train, validation in folds:
        assert sorted([*train, *validation, *test]) == everything.tolist()
        assert_sound(rows, train, validation, test)


@settings(max_examples=40)
@given(st.data(), st.booleans(), st.integers(0, 2**32 - 1))
def test_a_fresh_split_has_the_test_rows_and_the_sizes_of_the_ordinary_one(
    data: st.DataObject, grouped: bool, number: int
) -> None:
    rows = data.draw(some_rows(grouped=grouped))
    test, [(train, validation)] = divisions(rows, [FreshSplit(number)])
    assert sorted([*train, *validation, *test]) == list(range(len(rows.labels)))
    assert_sound(rows, train, validation, test)
    if not grouped:
        ordinary = ordinary_split(rows, SHARES)
        for new, old in zip((train, validation), ordinary, strict=False):
            assert rows.counts(new).tolist() == rows.counts(old).tolist()


def assert_sound(rows: LabeledRows, *pieces: NDArray[Any]) -> None:
    """Each piece has every class, and no group is in two pieces."""
    for piece in pieces:
        assert set(rows.labels[piece]) == set(rows.labels)
    if rows.groups is not None:
        groups = [set(rows.groups[piece]) for piece in pieces]
        assert sum(map(len, groups)) == len(set.union(*groups))


@given(st.data(), st.integers(2, 6))
def test_folds_without_groups_differ_by_at_most_one_row(data: st.DataObject, of: int) -> None:
    rows = data.draw(some_rows(grouped=False))
    _, folds = divisions(rows, [Fold(number, of) for number in range(of)])
    counts = np.array([rows.counts(validation) for _, validation in folds])
    assert np.ptp(counts, axis=0).max() <= 1  # of each class, as in scikit-learn
    assert np.ptp(counts.sum(axis=1)) <= 1  # of all classes, which scikit-learn does not promise


def test_sizes_of_folds_by_hand() -> None:
    # 7, 5 and 6 rows in 4 folds: after one of each quarter 3, 1 and 2 rows are left over, which go
    # to the folds 0 1 2, then 3, then 0 1.
    sizes = Fold(0, 4).sizes(np.array([[5, 4, 6], [2, 1, 0]]))
    assert sizes.tolist() == [[2, 1, 2], [2, 1, 2], [2, 1, 1], [1, 2, 1]]


def test_a_division_is_the_same_for_ever() -> None:
    """Frozen: another result needs another `PART_VERSION`, because caches keep the old rows."""
    labels, groups = [0, 1] * 10, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9]
    train, validation = np.arange(12), np.arange(12, 17)
    plain, tied = labeled(labels), labeled(labels, groups)
    frozen = {
        "fold": divided_anew(plain, train, validation, Fold(1, 4)),
        "fresh": divided_anew(plain, train, validation, FreshSplit(3)),
        "grouped fold": divided_anew(tied, train, validation, Fold(1, 4)),
        "grouped fresh": divided_anew(tied, train, validation, FreshSplit(3)),
    }
    assert {name: held.tolist() for name, (_, held) in frozen.items()} == {
        "fold": [14, 15, 1, 8],
        "fresh": [8, 9, 4, 3, 16],
        "grouped fold": [10, 11, 2, 3],
        "grouped fresh": [3, 4, 2, 16, 5],
    }
    assert [rows.tolist() for rows in ordinary_split(tied, SHARES)] == [
        [13, 5, 19, 14, 2, 12, 3, 15, 18, 6, 4, 7],
        [8, 0, 9, 1],
        [16, 10, 17, 11],
    ]


def test_folds_and_fresh_splits_are_different_divisions() -> None:
    rows = labeled([0, 1] * 50)
    train, validation, _ = ordinary_split(rows, SHARES)
    parts: list[Part] = [*(FreshSplit(number) for number in range(20)), Fold(0, 6)]
    held = [frozenset(divided_anew(rows, train, validation, part)[1].tolist()) for part in parts]
    assert len({*held, frozenset(validation.tolist())}) == len(parts) + 1


@pytest.mark.parametrize("seed", range(5))
def test_folds_of_groups_are_as_even_as_those_of_scikit_learn(seed: int) -> None:
    """60 groups of 1 to 30 rows, most of one class, as with patients."""
    random = np.random.default_rng(seed)
    groups = np.repeat(np.arange(60), random.integers(1, 31, size=60))
    of_group = random.random(60) < 0.3
    labels = (random.random(len(groups)) < np.where(of_group[groups], 0.9, 0.1)).astype(int)
    rows = labeled(labels.tolist(), groups.tolist())
    everything, none = np.arange(len(labels)), np.empty(0, np.int64)
    ours = [divided_anew(rows, everything, none, Fold(number, 5))[1] for number in range(5)]
    theirs = [held for _, held in StratifiedGroupKFold(5).split(labels, labels, groups)]
    ideal = rows.counts(everything) / 5

    def unevenness(folds: Sequence[NDArray[Any]]) -> float:
        return float(max(np.abs(rows.counts(fold) / ideal - 1).max() for fold in folds))

    assert unevenness(ours) <= unevenness(theirs) + 0.01


def test_without_groups_the_sizes_are_those_of_scikit_learn() -> None:
    labels = np.random.default_rng(3).choice(3, size=200, p=[0.6, 0.3, 0.1])
    rows, everything = labeled(labels.tolist()), np.arange(200)
    none = np.empty(0, np.int64)
    ours = [divided_anew(rows, everything, none, Fold(number, 7))[1] for number in range(7)]
    theirs = [held for _, held in StratifiedKFold(7).split(labels, labels)]
    for label in range(3):
        assert sorted(np.count_nonzero(labels[held] == label) for held in ours) == sorted(
            np.count_nonzero(labels[held] == label) for held in theirs
        )


@pytest.mark.parametrize(
    ("labels", "groups", "part", "message"),
    [
        (
            [0] * 40 + [1] * 5,
            None,
            Fold(0, 5),
            "class `class 1` in `file.csv` must have examples for each of 5 folds, "
            "got 4 examples outside the test set",
        ),
        (
            [0] * 30 + [1] * 10,
            [*range(30), *[30] * 10],
            None,
            "class `class 1` in `file.csv` must have examples for training, validation and test, "
            "got 10 examples in 1 group, split as 10 / 0 / 0",
        ),
    ],
)
def test_a_class_that_cannot_be_everywhere_is_named(
    labels: list[int], groups: list[int] | None, part: Part | None, message: str
) -> None:
    rows = labeled(labels, groups)

    def divide() -> None:
        train, validation, _ = ordinary_split(rows, SHARES)
        assert part
        divided_anew(rows, train, validation, part)

    with pytest.raises(InputError) as caught:
        divide()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Fold(0, 1), "`of` must be from 2 to 1,000, got 1"),
        (lambda: Fold(3, 3), "`number` must be from 0 to 2, got 3"),
        (lambda: FreshSplit(-1), r"`number` must be from 0 to 2\*\*32 − 1, got -1"),
    ],
)
def test_numbers_out_of_range_are_refused(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()

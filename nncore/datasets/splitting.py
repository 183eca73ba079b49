"""Splits rows into training, validation and test rows, and divides the first two anew.

Every split is the same on every machine: NumPy froze the stream of its legacy `RandomState`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.errors import InputError, named, require

Rows = NDArray[np.int64]
Counts = NDArray[np.int64]

SPLIT_SEED = 1  # for every data set that is split here
MOST_PARTS = 1000
ORDERS = 10  # at most, in which groups are dealt out to find an even division
EVEN = 0.01  # the largest share by which a piece may miss its size of a class to count as even
TRAIN, VALIDATION = 0, 1
MOST_LACKING = 10  # classes without a row in some piece; of more, a message does not name all


@dataclass(frozen=True)
class Fold:
    """A fold of cross-validation over the training and validation rows.

    Its own part of these rows is its validation split, and the other parts are its training split.

    Parameters
    ----------
    number
        The number of the fold, from 0.
    of
        The number of folds, 2 to 1,000.

    Raises
    ------
    InputError
        If a number is out of its range.

    Examples
    --------
    >>> from nncore import DataSource, Fold, load_dataset
    >>> first = load_dataset(DataSource("digits", part=Fold(0, of=4)))
    >>> len(first.train), len(first.validation), len(first.test)
    (1146, 382, 269)
    """

    number: int
    of: int

    def __post_init__(self) -> None:
        require(2 <= self.of <= MOST_PARTS, "of", f"be from 2 to {MOST_PARTS:,}", self.of)
        require(0 <= self.number < self.of, "number", f"be from 0 to {self.of - 1}", self.number)

    def __str__(self) -> str:
        return f"fold {self.number} of {self.of}"

    @property
    def seed(self) -> tuple[int, ...]:
        """The seed of the division, the same for all folds."""
        return SPLIT_SEED, self.of

    @property
    def pieces(self) -> str:
        """The pieces of the division, as messages name them."""
        return f"each of {self.of} folds"

    @property
    def held(self) -> int:
        """The piece that is the validation split."""
        return self.number

    def sizes(self, ordinary: Counts) -> Counts:
        """Return how many rows of each class go to each fold, `(of, n_classes)`.

        The folds, and the classes within them, differ by at most one row. `ordinary`,
        `(2, n_classes)`, counts the training and the validation rows of the ordinary split.
        """
        counts = ordinary.sum(axis=0)
        # The rows that are left over go to one fold after the other, over all classes.
        left = counts % self.of
        first = np.cumsum(left) - left
        extra = (np.arange(self.of)[:, None] - first) % self.of < left
        sizes: Counts = counts // self.of + extra
        return sizes


@dataclass(frozen=True)
class FreshSplit:
    """A fresh random split of the training and validation rows, with the sizes of the ordinary one.

    Parameters
    ----------
    number
        The number of the split, from 0 to 2**32 − 1.

    Raises
    ------
    InputError
        If the number is out of its range.

    Examples
    --------
    >>> from nncore import DataSource, FreshSplit, load_dataset
    >>> fresh = load_dataset(DataSource("digits", part=FreshSplit(3)))
    >>> len(fresh.train), len(fresh.validation), len(fresh.test)
    (1259, 269, 269)
    """

    number: int

    def __post_init__(self) -> None:
        require(0 <= self.number < 2**32, "number", "be from 0 to 2**32 − 1", self.number)

    def __str__(self) -> str:
        return f"fresh split {self.number}"

    @property
    def seed(self) -> tuple[int, ...]:
        """The seed of the division."""
        return SPLIT_SEED, 0, self.number

    @property
    def pieces(self) -> str:
        """The pieces of the division, as messages name them."""
        return "training and validation of a fresh split"

    @property
    def held(self) -> int:
        """The piece that is the validation split."""
        return VALIDATION

    def sizes(self, ordinary: Counts) -> Counts:
        """Return how many rows of each class go to training and validation: as in `ordinary`."""
        return ordinary


Part = Fold | FreshSplit


@dataclass(frozen=True, eq=False)
class LabeledRows:
    """The rows of a data set as a split sees them.

    `labels`, `(n,)`, are indices into `classes`; without classes all rows are alike. Rows with the
    same entry in `groups`, `(n,)`, stay together; None puts no rows together. Errors call the data
    set `name`, and say how to leave out a class if it is of a `table`.
    """

    labels: NDArray[Any]
    classes: Sequence[str]
    name: str
    groups: NDArray[Any] | None = None
    table: bool = False

    def counts(self, rows: Rows) -> Counts:
        """Return how many of `rows` each class has, `(n_classes,)`."""
        return np.bincount(self.labels[rows], minlength=max(1, len(self.classes)))


def unlabeled_rows(count: int, name: str, groups: NDArray[Any] | None = None) -> LabeledRows:
    """Return rows without classes: a split divides all of them as those of a single class."""
    return LabeledRows(np.zeros(count, np.int64), (), name, groups)


def split_sizes(count: int, shares: Sequence[float]) -> tuple[int, int, int]:
    """Return the numbers of training, validation and test rows for `count` rows of a class.

    Validation and test get their `shares`, rounded, and training gets the rest.
    """
    _, validation, test = (round(share * count) for share in shares)
    return count - validation - test, validation, test


def stratified_split(
    labels: NDArray[Any], shares: Sequence[float], seed: int = SPLIT_SEED
) -> tuple[Rows, Rows, Rows]:
    """Return the row numbers for training, validation and test, each in shuffled order.

    Each class is split by `split_sizes`.
    """
    random = np.random.RandomState(seed)
    train: list[Rows] = []
    validation: list[Rows] = []
    test: list[Rows] = []
    by_class = np.argsort(labels, kind="stable")
    _, counts = np.unique(labels, return_counts=True)
    for members in np.split(by_class, np.cumsum(counts)[:-1]):
        rows = random.permutation(members)
        _, held, tested = split_sizes(len(rows), shares)
        validation.append(rows[:held])
        test.append(rows[held : held + tested])
        train.append(rows[held + tested :])
    return (
        random.permutation(np.concatenate(train)),
        random.permutation(np.concatenate(validation)),
        random.permutation(np.concatenate(test)),
    )


def ordinary_split(
    rows: LabeledRows, shares: Sequence[float], tested: int = 0
) -> tuple[Rows, Rows, Rows]:
    """Return the row numbers for training, validation and test, each in shuffled order.

    Without groups it is `stratified_split`; with groups, the shares are met as nearly as whole
    groups allow. If the last `tested` rows are a test set already, they stay it, in their order,
    and the others are split in the ratio of the first two shares.

    Raises `InputError` if a class has too few rows, or is in too few groups, to be in all three.
    """
    everything = np.arange(len(rows.labels))
    counts = rows.counts(everything)
    if tested:
        return _split_beside_test(rows, shares, everything[-tested:])
    sizes = np.array([split_sizes(count, shares) for count in counts.tolist()]).T
    _check(sizes, "training, validation and test", rows, counts)
    if rows.groups is None:
        return stratified_split(rows.labels, shares)
    random = np.random.RandomState(SPLIT_SEED)
    piece = _dealt(rows, everything, sizes, "training, validation and test", random, evenest=True)
    train, validation, test = (random.permutation(everything[piece == k]) for k in range(3))
    return train, validation, test


def _split_beside_test(
    rows: LabeledRows, shares: Sequence[float], test: Rows
) -> tuple[Rows, Rows, Rows]:
    """Return the row numbers for training and validation, which precede `test`, and `test`."""
    both = shares[0] + shares[1]
    before = rows.labels[: len(rows.labels) - len(test)]
    train, validation, _ = stratified_split(before, (shares[0] / both, shares[1] / both, 0.0))
    sizes = np.stack([rows.counts(part) for part in (train, validation, test)])
    _check(sizes, "training, validation and test", rows, sizes.sum(axis=0))
    return train, validation, test


def divided_anew(rows: LabeledRows, train: Rows, validation: Rows, part: Part) -> tuple[Rows, Rows]:
    """Return the row numbers for training and validation in `part`, each in shuffled order.

    The rows divided are those in `train` and `validation`, the ordinary split, so no test row is
    among them. Raises `InputError` if a class has too few rows, or is in too few groups, to be in
    every piece.
    """
    there = np.sort(np.concatenate([train, validation]))
    random = np.random.RandomState(part.seed)
    sizes = part.sizes(np.stack([rows.counts(train), rows.counts(validation)]))
    _check(sizes, part.pieces, rows, rows.counts(there))
    evenest = isinstance(part, Fold)  # of few groups, the most even fresh splits would be the same
    held = _dealt(rows, there, sizes, part.pieces, random, evenest=evenest) == part.held
    return random.permutation(there[~held]), random.permutation(there[held])


def _dealt(
    rows: LabeledRows,
    there: Rows,
    sizes: Counts,
    pieces: str,
    random: np.random.RandomState,
    *,
    evenest: bool,
) -> Rows:
    """Return the piece of each row in `there`; piece k gets `sizes[k]` rows of each class.

    With groups, the sizes are met as nearly as whole groups allow, nearer if `evenest`.
    """
    labels = rows.labels[there]
    if rows.groups is None:
        return _deal_rows(labels, sizes, random)
    _, group = np.unique(rows.groups[there], return_inverse=True)
    content = np.zeros((group.max() + 1, len(sizes.T)), np.int64)
    np.add.at(content, (group, labels), 1)
    piece = _deal_groups(content, sizes, random, evenest=evenest)
    got = np.stack([content[piece == k].sum(axis=0) for k in range(len(sizes))])
    _check(got, pieces, rows, content.sum(axis=0), (content > 0).sum(axis=0))
    dealt: Rows = piece[group]
    return dealt


def _deal_rows(labels: Rows, sizes: Counts, random: np.random.RandomState) -> Rows:
    piece = np.empty(len(labels), np.int64)
    for label, shares in enumerate(sizes.T):
        members = random.permutation(np.flatnonzero(labels == label))
        piece[members] = np.repeat(np.arange(len(shares)), shares)
    return piece


def _deal_groups(
    content: Counts, sizes: Counts, random: np.random.RandomState, *, evenest: bool
) -> Rows:
    """Return the piece of each group; `content`, `(n_groups, n_classes)`, counts its rows.

    The groups are dealt out in random orders, until every piece has every class. With `evenest`
    further orders are tried until one is even, and the least sum of (got − size)² / size decides.
    """
    dealt = []
    for _ in range(ORDERS):
        piece, got = _deal_in_order(content, sizes, random)
        missed = np.abs(got - sizes)
        # Rounded, because machines may add in different orders: ties must be ties everywhere.
        distance = float(np.round((missed**2 / sizes).sum(), 9))
        dealt.append((np.count_nonzero(got == 0), distance, piece))
        if got.all() and (not evenest or (missed <= EVEN * sizes).all()):
            break
    return min(dealt, key=lambda result: result[:2])[2]


def _deal_in_order(
    content: Counts, sizes: Counts, random: np.random.RandomState
) -> tuple[Rows, Counts]:
    """Return the piece of each group, and how many rows of each class each piece got.

    A group goes to the piece where it increases the sum of (got − size)² / size least.
    """
    piece = np.empty(len(content), np.int64)
    got = np.zeros_like(sizes)
    # Large groups tend to come first, because the small ones can then even out the pieces.
    weights = content.sum(axis=1) * random.uniform(0.5, 1.0, len(content))
    for group in np.argsort(-weights, kind="stable"):
        own = content[group]
        increase = (own * (2 * (got - sizes) + own) / sizes).sum(axis=1)
        chosen = np.round(increase, 9).argmin()
        piece[group] = chosen
        got[chosen] += own
    return piece, got


def _check(
    sizes: Counts, pieces: str, rows: LabeledRows, counts: Counts, groups: Counts | None = None
) -> None:
    """Raise `InputError` for the first class without a row in some piece.

    `counts` are the rows of each class, `groups` the groups that contain it.
    """
    lacking = np.flatnonzero(sizes.min(axis=0) < 1).tolist()
    if not lacking:
        return
    label = lacking[0]
    got = f"{counts[label]} examples"
    if counts.sum() < len(rows.labels):
        got += " outside the test set"
    if groups is not None:
        got += f" in {groups[label]} group{'s' if groups[label] > 1 else ''}"
    if len(sizes) <= 3:
        got += f", split as {' / '.join(map(str, sizes[:, label]))}"
    where = f"`{named(rows.name)}`"
    if rows.classes:
        where = f"class `{named(rows.classes[label])}` in {where}"
    hint = ""
    if rows.table and len(lacking) <= MOST_LACKING and len(rows.classes) - len(lacking) > 1:
        names = ", ".join(json.dumps(rows.classes[k], ensure_ascii=False) for k in lacking)
        hint = f"; `data.ignore_labels` = [{names}] leaves out all rows of such classes"
    raise InputError(f"{where} must have examples for {pieces}, got {got}{hint}")

"""The book's `network2`: its interface and its random draws, on top of this package's training.

A notebook written for the book imports this module in place of the book's, prints the same lines
and, seeded, gets the published counts, many times faster.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from nncore.arrays.layout import Array
from nncore.book.examples import (
    COSTS,
    BookShuffler,
    CrossEntropyCost,
    Examples,
    QuadraticCost,
    Report,
    check_shapes,
    check_sizes,
    core_cost,
    cost_class,
    labelled_split,
    plain,
    say,
    sigmoid,
    sigmoid_prime,
    vectorized_split,
)
from nncore.book.mnist_loader import vectorized_result
from nncore.components.initializers import INITIALIZERS
from nncore.components.stopping import Progress, no_improvement
from nncore.config import TrialConfig
from nncore.datasets.base import Split
from nncore.descent.backprop import backprop
from nncore.errors import InputError, require, unknown
from nncore.network import Network as CoreNetwork
from nncore.scoring import penalty, score
from nncore.training import train

__all__ = [
    "CrossEntropyCost",
    "Network",
    "QuadraticCost",
    "load",
    "sigmoid",
    "sigmoid_prime",
    "vectorized_result",
]

ANY_COST = "quadratic"
"""Outputs and right guesses are the same whatever the cost."""

FourLists = tuple[list[float], list[int], list[float], list[int]]


class Network:
    """A sigmoid network with the book's interface, in float64.

    `weights[k]` is `(n_out, n_in)` and `biases[k]` `(n_out, 1)`: both lists may be read, changed
    and assigned. `sizes` are the widths of the layers, inputs first. `cost` is `CrossEntropyCost`
    or `QuadraticCost`, the class or an instance. A network with a cost of the user's own can be
    used and saved, but what needs the cost, its training above all, is refused. Drawing and
    shuffling use the global `numpy.random` and `random`, in the book's order.

    Raises
    ------
    InputError
        If `sizes` are not two or more whole numbers >= 1, or `cost` lacks `fn` or `delta`.
    """

    def __init__(self, sizes: Sequence[int], cost: object = CrossEntropyCost) -> None:
        check_sizes(sizes)
        cost_class(cost)
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.cost: Any = cost
        self.default_weight_initializer()

    def default_weight_initializer(self) -> None:
        """Draw biases from N(0, 1), then weights from N(0, 1/n_in)."""
        self._bind(*INITIALIZERS["scaled"].draw(self.sizes, np.random))

    def large_weight_initializer(self) -> None:
        """Draw biases, then weights, from N(0, 1), as in chapter 1."""
        self._bind(*INITIALIZERS["large"].draw(self.sizes, np.random))

    def _bind(self, weights: list[Array], biases: list[Array]) -> None:
        """Show the core's arrays as `weights` and `biases`, in the book's shapes."""
        self.weights = [w.T for w in weights]
        self.biases = [b[:, np.newaxis] for b in biases]

    def _core(self, cost: str | None = None) -> CoreNetwork:
        """Return the core's network on the arrays of this one, seen in the core's shapes.

        Its cost is this network's unless one is named, where any will do.
        """
        check_shapes(self.sizes, self.weights, self.biases)
        weights = [np.asarray(w, np.float64).T for w in self.weights]
        biases = [np.asarray(b, np.float64)[:, 0] for b in self.biases]
        return CoreNetwork(weights, biases, "sigmoid", "sigmoid", cost or core_cost(self.cost))

    def feedforward(self, a: Array) -> Array:
        """Return the outputs `(n_out, m)` for inputs `a` `(n_in, m)`, a column per example."""
        return self._core(ANY_COST).feedforward(np.transpose(a))[1][-1].T

    def backprop(self, x: Array, y: Array) -> tuple[list[Array], list[Array]]:
        """Return ∂C/∂b and ∂C/∂w for one example, layer by layer, shaped as `biases`, `weights`."""
        dw, db = backprop(self._core(), np.transpose(x), np.transpose(y))
        return [b[:, np.newaxis] for b in db], [w.T for w in dw]

    def update_mini_batch(self, mini_batch: Examples, eta: float, lmbda: float, n: int) -> None:
        """Take one step of gradient descent on `mini_batch`, pairs of columns (x, y).

        w ← (1 − ηλ/n) w − η ∂C/∂w and b ← b − η ∂C/∂b, where C is the mean cost over the
        mini-batch and `n` the size of the training set; η and λ may have any value. `SGD` takes the
        same steps, faster. Nielsen ch. 3.
        """
        split = self._vectorized(mini_batch, "mini_batch")
        require(n >= 1, "n", "be the size of the training set", n)
        dw, db = backprop(self._core(), split.x, split.y)
        decay = 1 - eta * lmbda / n
        self.weights = [decay * w - eta * g.T for w, g in zip(self.weights, dw, strict=True)]
        self.biases = [b - eta * g[:, np.newaxis] for b, g in zip(self.biases, db, strict=True)]

    def SGD(  # noqa: N802  the book's name
        self,
        training_data: Examples,
        epochs: int,
        mini_batch_size: int,
        eta: float,
        lmbda: float = 0.0,
        evaluation_data: Examples | None = None,
        monitor_evaluation_cost: bool = False,
        monitor_evaluation_accuracy: bool = False,
        monitor_training_cost: bool = False,
        monitor_training_accuracy: bool = False,
        early_stopping_n: int = 0,
    ) -> FourLists:
        """Train, print a report after each epoch, and return four lists of what was monitored.

        They are costs and numbers of right guesses on the evaluation data, then on the training
        data, an entry per epoch; what is not monitored stays empty. `training_data` are pairs of
        columns (x, y), `evaluation_data` of a column and a label; a `zip` will do. A list of
        training data is shuffled in place. Costs are those of `total_cost`. `early_stopping_n` > 0
        ends training after that many epochs without a better accuracy, on the evaluation data
        where that is monitored, else on the training data. Nielsen ch. 3.

        Of what the book's program runs, the training beneath this one has no η <= 0 and no λ < 0:
        both are refused (`update_mini_batch` takes them).

        Raises
        ------
        InputError
            If data do not fit the network, the cost is the user's own, η is not > 0, λ not >= 0,
            `epochs` not >= 0, `mini_batch_size` not >= 1, or what is watched is missing.
        """
        examples = list(training_data)
        split = self._vectorized(examples, "training_data")
        config = _config(epochs, mini_batch_size, eta, lmbda, len(split))
        training = Report("training", monitor_training_cost, monitor_training_accuracy)
        evaluation = Report("evaluation", monitor_evaluation_cost, monitor_evaluation_accuracy)
        reports = [(training, split)] if training.wanted else []
        if evaluation.wanted:
            given = () if evaluation_data is None else evaluation_data
            reports.append((evaluation, self._labelled(given, "evaluation_data")))
        watched = evaluation if monitor_evaluation_accuracy else training
        if early_stopping_n > 0:
            require(watched.accuracy, "early_stopping_n", "have an accuracy monitored", "none")

        core = self._core().copy()  # arrays read before keep their values, as in the book
        self._bind(core.weights, core.biases)
        progress, order = Progress(), np.arange(len(examples))
        try:
            records = train(core, config, BookShuffler(), training=split, order=order)
            for record in islice(records, plain(epochs)):  # none at all for 0 epochs
                say(f"Epoch {record.epoch - 1} training complete")
                for report, scored in reports:
                    report.add(*_score(core, scored, config.lmbda), len(scored))
                if watched.accuracy:
                    progress = progress.after(watched.counts[-1])
                if no_improvement(progress, early_stopping_n):
                    say(f"Early-stopping: No accuracy change in last epochs: {early_stopping_n}")
                    break
                say()
        finally:
            if isinstance(training_data, list):
                training_data[:] = [examples[k] for k in order.tolist()]
        return evaluation.costs, evaluation.counts, training.costs, training.counts

    def accuracy(self, data: Examples, convert: bool = False) -> int:
        """Return for how many of `data` the largest output is the right one.

        `convert` tells that `data` are in the form of training data, with a unit vector for y.
        """
        split = self._vectorized(data, "data") if convert else self._labelled(data, "data")
        return _score(self._core(ANY_COST), split, 0.0)[1]

    def total_cost(self, data: Examples, lmbda: float, convert: bool = False) -> float:
        """Return the mean cost over `data` plus λ/(2n) Σw², with n the number of `data`.

        `convert` tells that `data` are in the form of evaluation data, with a label for y. The
        cost is taken from z, so that it is right where outputs saturate.
        """
        split = self._labelled(data, "data") if convert else self._vectorized(data, "data")
        return _score(self._core(), split, lmbda)[0]

    def save(self, filename: str | Path) -> None:
        """Write the network to `filename` as JSON: sizes, weights, biases, the cost's name.

        `load` reads it back unless the cost is the user's own.
        """
        saved = {
            "sizes": [int(n) for n in self.sizes],
            "weights": [np.asarray(w).tolist() for w in self.weights],
            "biases": [np.asarray(b).tolist() for b in self.biases],
            "cost": cost_class(self.cost).__name__,
        }
        Path(filename).write_text(json.dumps(saved), encoding="utf-8")

    def _vectorized(self, data: Examples, name: str) -> Split:
        return vectorized_split(data, self.sizes[0], self.sizes[-1], name)

    def _labelled(self, data: Examples, name: str) -> Split:
        return labelled_split(data, self.sizes[0], self.sizes[-1], name)


def load(filename: str | Path) -> Network:
    """Return the network that `Network.save`, or the book's, wrote to `filename`.

    Raises
    ------
    InputError
        If there is no such file or it is not a saved network; nothing in it is executed.
    """
    try:
        return _network(json.loads(Path(filename).read_text(encoding="utf-8")))
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"network file {filename} must be readable: {reason}") from error
    except CORRUPT as error:
        raise InputError(f"network file {filename} must be a saved network: {error}") from error


CORRUPT = (OverflowError, RecursionError, TypeError, ValueError)
"""What json, NumPy and the checks below raise on a file that is not what it should be."""


def _network(saved: Any) -> Network:
    keys = {"sizes", "weights", "biases", "cost"}
    if not isinstance(saved, dict) or not keys <= saved.keys():
        raise ValueError("it lacks sizes, weights, biases or cost")
    if saved["cost"] not in COSTS:
        raise unknown("cost", str(saved["cost"]), COSTS)
    weights = [np.array(w, np.float64) for w in saved["weights"]]
    biases = [np.array(b, np.float64) for b in saved["biases"]]
    check_sizes(saved["sizes"])
    check_shapes(saved["sizes"], weights, biases)  # before memory is taken for the sizes
    network = Network(saved["sizes"], COSTS[saved["cost"]])  # draws, as the book's load does
    network.weights, network.biases = weights, biases
    return network


def _score(network: CoreNetwork, split: Split, lmbda: float) -> tuple[float, int]:
    """Return the regularised cost, whose n is that of `split`, and the number of right guesses."""
    n = len(split)
    with np.errstate(all="ignore"):  # a network that diverged overflows, and its cost tells
        cost, accuracy = score(network, split)
        return cost + penalty(network, "l2", lmbda, n), round(accuracy * n)


def _config(
    epochs: int, mini_batch_size: int, eta: float, lmbda: float, training_size: int
) -> TrialConfig:
    epochs, mini_batch_size, eta, lmbda = map(plain, (epochs, mini_batch_size, eta, lmbda))
    whole = isinstance(epochs, int) and not isinstance(epochs, bool)
    require(whole and epochs >= 0, "epochs", "be a whole number >= 0", epochs)
    require(isinstance(eta, int | float) and 0 < eta < inf, "eta", "be a number > 0", eta)
    config = TrialConfig(
        learning_rate=eta,
        lmbda=lmbda,
        mini_batch_size=mini_batch_size,
        epochs=max(epochs, 1),  # a config has no run of none
        dtype="float64",
        monitor_training=False,
    )
    # The book takes a mini-batch larger than the training set for all of it.
    return replace(config, mini_batch_size=min(mini_batch_size, training_size))

"""The book's `network2`: its interface and its random draws, on top of this package's training.

A notebook written for the book imports this module instead of the book's. It prints the same lines
and, with the same seeds, gives the published counts, many times faster.
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
from nncore.book.costs import (
    COSTS,
    CrossEntropyCost,
    QuadraticCost,
    core_cost,
    cost_class,
    sigmoid,
    sigmoid_prime,
)
from nncore.book.examples import (
    Examples,
    check_shapes,
    check_sizes,
    labeled_split,
    plain,
    vectorized_split,
)
from nncore.book.mnist_loader import vectorized_result
from nncore.book.network_file import read_network_file
from nncore.book.printed_lines import MonitoredScores, print_line
from nncore.book.shuffle import BookShuffler
from nncore.components.initializers import INITIALIZERS
from nncore.components.stopping import Progress, no_improvement
from nncore.config import TrialConfig
from nncore.datasets.dataset import Split
from nncore.descent.backprop import backprop
from nncore.errors import require
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
"""Outputs and accuracies do not depend on the cost."""

FourLists = tuple[list[float], list[int], list[float], list[int]]


class Network:
    """A sigmoid network with the book's interface, in float64.

    `weights[k]` is `(n_out, n_in)` and `biases[k]` `(n_out, 1)`; both lists may be read, changed
    and assigned. Weights and orders are drawn from the global `numpy.random` and `random`, in the
    order of the book's program.

    Parameters
    ----------
    sizes
        The widths of the layers, inputs first.
    cost
        `CrossEntropyCost` or `QuadraticCost`, the class or an instance. A network with a cost that
        the user has defined can be used and saved, but not trained.

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
        """Set `weights` and `biases` to views of core arrays, in the book's shapes."""
        self.weights = [w.T for w in weights]
        self.biases = [b[:, np.newaxis] for b in biases]

    def _core(self, cost: str | None = None) -> CoreNetwork:
        """Return a core network that shares the arrays of this network.

        `cost` replaces the cost of this network where the result does not depend on it.
        """
        check_shapes(self.sizes, self.weights, self.biases)
        weights = [np.asarray(w, np.float64).T for w in self.weights]
        biases = [np.asarray(b, np.float64)[:, 0] for b in self.biases]
        return CoreNetwork(weights, biases, "sigmoid", "sigmoid", cost or core_cost(self.cost))

    def feedforward(self, a: Array) -> Array:
        """Return the outputs `(n_out, m)` for inputs `a` `(n_in, m)`, with a column per example."""
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

        Unlike the book's program, it refuses η <= 0 and λ < 0; `update_mini_batch` accepts them.
        Nielsen ch. 3.

        Parameters
        ----------
        training_data
            Pairs of columns (x, y). A list is shuffled in place; a `zip` is accepted too.
        epochs, mini_batch_size, eta, lmbda
            Whole numbers >= 0 and >= 1, η > 0 and λ >= 0.
        evaluation_data
            Pairs of a column x and a label.
        monitor_evaluation_cost, monitor_evaluation_accuracy, \
        monitor_training_cost, monitor_training_accuracy
            Which of the four lists are filled.
        early_stopping_n
            If > 0, training ends after this number of epochs without a better accuracy: on the
            evaluation data if their accuracy is monitored, else on the training data.

        Returns
        -------
        tuple
            Costs (as of `total_cost`) and numbers of correctly classified examples on the
            evaluation data, then the same on the training data, each with an entry per epoch.
            A list that is not monitored is empty.

        Raises
        ------
        InputError
            If the data do not fit the network, the cost is user-defined, a number is out of
            its range, or monitored data are missing.
        """
        examples = list(training_data)
        split = self._vectorized(examples, "training_data")
        config = _config(epochs, mini_batch_size, eta, lmbda, len(split))
        training = MonitoredScores("training", monitor_training_cost, monitor_training_accuracy)
        evaluation = MonitoredScores(
            "evaluation", monitor_evaluation_cost, monitor_evaluation_accuracy
        )
        monitored = [(training, split)] if training.wanted else []
        if evaluation.wanted:
            given = () if evaluation_data is None else evaluation_data
            monitored.append((evaluation, self._labeled(given, "evaluation_data")))
        watched = evaluation if monitor_evaluation_accuracy else training
        if early_stopping_n > 0:
            require(watched.accuracy, "early_stopping_n", "go with a monitored accuracy", "none")

        core = self._core().copy()  # arrays that the user holds keep their values, as in the book
        self._bind(core.weights, core.biases)
        progress, order = Progress(), np.arange(len(examples))
        try:
            records = train(core, config, BookShuffler(), training=split, order=order)
            for record in islice(records, plain(epochs)):  # no record for 0 epochs
                print_line(f"Epoch {record.epoch - 1} training complete")
                for scores, examined in monitored:
                    scores.add(*_regularized_score(core, examined, config.lmbda), len(examined))
                if watched.accuracy:
                    progress = progress.after(watched.counts[-1])
                if no_improvement(progress, early_stopping_n):
                    print_line(
                        f"Early-stopping: No accuracy change in last epochs: {early_stopping_n}"
                    )
                    break
                print_line()
        finally:
            if isinstance(training_data, list):
                training_data[:] = [examples[k] for k in order.tolist()]
        return evaluation.costs, evaluation.counts, training.costs, training.counts

    def accuracy(self, data: Examples, convert: bool = False) -> int:
        """Return the number of examples in `data` whose largest output is the right one.

        With `convert`, `data` have the form of training data: y is a unit vector, not a label.
        """
        split = self._vectorized(data, "data") if convert else self._labeled(data, "data")
        return _regularized_score(self._core(ANY_COST), split, 0.0)[1]

    def total_cost(self, data: Examples, lmbda: float, convert: bool = False) -> float:
        """Return the mean cost over `data` plus λ/(2n) Σw², with n the number of examples.

        With `convert`, `data` have the form of evaluation data: y is a label, not a unit vector.
        The cost is computed from z, so it is correct where outputs saturate.
        """
        split = self._labeled(data, "data") if convert else self._vectorized(data, "data")
        return _regularized_score(self._core(), split, lmbda)[0]

    def save(self, filename: str | Path) -> None:
        """Write the network to `filename` as JSON: sizes, weights, biases, the name of the cost.

        `load` can read it unless the cost is user-defined.
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

    def _labeled(self, data: Examples, name: str) -> Split:
        return labeled_split(data, self.sizes[0], self.sizes[-1], name)


def load(filename: str | Path) -> Network:
    """Return the network that `Network.save`, here or in the book, wrote to `filename`.

    Raises
    ------
    InputError
        If the file is missing or is not a saved network; nothing in it is executed.
    """
    saved = read_network_file(filename)
    network = Network(saved.sizes, COSTS[saved.cost])  # draws, as the book's load does
    network.weights, network.biases = saved.weights, saved.biases
    return network


def _regularized_score(network: CoreNetwork, split: Split, lmbda: float) -> tuple[float, int]:
    """Return the regularized cost, with n the size of `split`, and the number of right outputs."""
    n = len(split)
    with np.errstate(all="ignore"):  # a network that diverged overflows; its cost shows it
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
        epochs=max(epochs, 1),  # `TrialConfig` does not allow 0
        dtype="float64",
        monitor_training=False,
    )
    # The book treats a mini-batch larger than the training set as the whole training set.
    return replace(config, mini_batch_size=min(mini_batch_size, training_size))

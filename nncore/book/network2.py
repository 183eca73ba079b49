"""The book's `network2`: its interface and its random draws, on top of this package's training.

A notebook written for the book imports this module instead of the book's. It prints the same lines
and, with the same seeds, gives the published counts, many times faster.
"""

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nncore.arrays.layout import Array
from nncore.book.costs import (
    CrossEntropyCost,
    QuadraticCost,
    cost_class,
    own_name,
    sigmoid,
    sigmoid_prime,
)
from nncore.book.epochs import Settings
from nncore.book.examples import Example, Examples, as_list, check_targets, unit_column
from nncore.book.keywords import refuse_keywords
from nncore.book.mnist_loader import vectorized_result
from nncore.book.monitoring import MethodScores, MonitoredScores, RowScores, Scores, print_line
from nncore.book.network_file import read_network_file
from nncore.book.sigmoid_network import FEW, Run, SigmoidNetwork
from nncore.components.stopping import Progress, no_improvement
from nncore.errors import InputError, require

__all__ = [
    "CrossEntropyCost",
    "Network",
    "QuadraticCost",
    "load",
    "sigmoid",
    "sigmoid_prime",
    "vectorized_result",
]

FourLists = tuple[list[float], list[int], list[float], list[int]]


class Network(SigmoidNetwork):
    """A sigmoid network with the interface of the book's chapter 3, in float64.

    `weights[k]` is `(n_out, n_in)` and `biases[k]` `(n_out, 1)`; both lists may be read, changed
    and assigned. Weights and orders are drawn from the global `numpy.random` and `random`, in the
    order of the book's program.

    Whatever a reader puts in the place of `update_mini_batch`, `backprop`, `feedforward`,
    `accuracy` or `total_cost`, in a subclass or on an instance, is called: `SGD` then runs the loop
    of the book's program. It also does so for a cost of the reader's own.

    Parameters
    ----------
    sizes
        The widths of the layers, inputs first.
    cost
        `CrossEntropyCost`, `QuadraticCost` or one of the reader's own with `fn(a, y)` and
        `delta(z, a, y)`, the class or an instance.

    Raises
    ------
    InputError
        If `sizes` are not two or more whole numbers >= 1, `cost` lacks `fn` or `delta`, or for a
        keyword that the book does not have.
    """

    def __init__(
        self, sizes: Sequence[int], cost: object = CrossEntropyCost, **others: object
    ) -> None:
        refuse_keywords(others, Network.__init__)
        super().__init__(sizes)
        cost_class(cost)
        self.cost: Any = cost
        self.default_weight_initializer()

    def default_weight_initializer(self) -> None:
        """Draw biases from N(0, 1), then weights from N(0, 1/n_in)."""
        self._draw("scaled")

    def large_weight_initializer(self) -> None:
        """Draw biases, then weights, from N(0, 1), as in chapter 1."""
        self._draw("large")

    def update_mini_batch(self, mini_batch: Examples, eta: float, lmbda: float, n: int) -> None:
        """Take one step of gradient descent on `mini_batch`, pairs of columns (x, y).

        w ← (1 − ηλ/n) w − η ∂C/∂w and b ← b − η ∂C/∂b, where C is the mean cost over the
        mini-batch and `n` the size of the training set; η and λ may have any value. `SGD` takes the
        same steps, faster. Nielsen ch. 3.
        """
        require(n >= 1, "n", "be the size of the training set", n)
        self._step(mini_batch, eta, 1 - eta * (lmbda / n))

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
        **others: object,
    ) -> FourLists:
        """Train, print a report after each epoch, and return four lists of what was monitored.

        Unlike the book's program, it refuses η <= 0 and λ < 0, unless it calls a method or a cost
        of the reader's own; `update_mini_batch` accepts them. Nielsen ch. 3.

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
            If the data do not fit the network, a number is out of its range, monitored data are
            missing, or for a keyword that the book does not have.
        """
        refuse_keywords(others, Network.SGD)
        settings = Settings(epochs, mini_batch_size, eta, lmbda)
        examples = as_list(training_data, "training_data")
        evaluated = as_list(() if evaluation_data is None else evaluation_data, "evaluation_data")
        training = MonitoredScores("training", monitor_training_cost, monitor_training_accuracy)
        evaluation = MonitoredScores(
            "evaluation", monitor_evaluation_cost, monitor_evaluation_accuracy
        )
        if evaluation.wanted and not evaluated:
            require(False, "evaluation_data", "hold one or more pairs (x, y)", evaluation_data)
        watched = evaluation if monitor_evaluation_accuracy else training
        if early_stopping_n > 0:
            require(watched.accuracy, "early_stopping_n", "go with a monitored accuracy", "none")

        run = self._start(
            examples,
            settings,
            own_name(self.cost),
            lambda batch: self.update_mini_batch(batch, eta, lmbda, len(examples)),
        )
        scores = self._scores(run, examples, lmbda)
        monitored = [(training, scores, len(examples))] if training.wanted else []
        if evaluation.wanted:
            scores = self._evaluation_scores(run, evaluated, lmbda)
            monitored.append((evaluation, scores, len(evaluated)))
        progress = Progress()
        with closing(run.epochs):
            for epoch in run.epochs:
                print_line(f"Epoch {epoch} training complete")
                for monitor, scores, size in monitored:
                    monitor.add(scores(), size)
                if watched.accuracy:
                    progress = progress.after(watched.counts[-1])
                if no_improvement(progress, early_stopping_n):
                    print_line(
                        f"Early-stopping: No accuracy change in last epochs: {early_stopping_n}"
                    )
                    break
                print_line()
        return evaluation.costs, evaluation.counts, training.costs, training.counts

    def accuracy(self, data: Examples, convert: bool = False) -> int:
        """Return the number of examples in `data` whose largest output is the right one.

        With `convert`, `data` have the form of training data: y is a unit vector, not a label.
        """
        return self._count_right(data, "data", labeled=not convert)

    def total_cost(self, data: Examples, lmbda: float, convert: bool = False) -> float:
        """Return the mean cost over `data` plus λ/(2n) Σw², with n the number of examples.

        With `convert`, `data` have the form of evaluation data: y is a label, not a unit vector.
        The cost is computed from z, so it is correct where outputs saturate; with a cost or a
        `feedforward` of the reader's own, it is the mean of `cost.fn(a, y)`.
        """
        examples = as_list(data, "data")
        n, name = len(examples), None if self._replaces("feedforward") else own_name(self.cost)
        require(n > 0, "data", "hold one or more pairs (x, y)", examples)
        if name and n > FEW:
            split = self._split(examples, "data", labeled=convert)
            return RowScores(self._core(name), split, lmbda).cost()
        if name:
            self._check(examples, "data", labeled=convert)
        if convert:
            examples = [(x, unit_column(y, self.sizes[-1], "data")) for x, y in examples]
        if name:
            cost = self._summed_cost(examples, name) / n
        else:
            cost = sum(self.cost.fn(self.feedforward(x), y) / n for x, y in examples)
        return cost + lmbda / (2 * n) * sum(float(np.vdot(w, w)) for w in self.weights)

    def save(self, filename: str | Path) -> None:
        """Write the network to `filename` as JSON: sizes, weights, biases, the name of the cost."""
        saved = {
            "sizes": [int(n) for n in self.sizes],
            "weights": [np.asarray(w).tolist() for w in self.weights],
            "biases": [np.asarray(b).tolist() for b in self.biases],
            "cost": cost_class(self.cost).__name__,
        }
        Path(filename).write_text(json.dumps(saved), encoding="utf-8")

    def _output_error(self, z: Array, a: Array, y: Array) -> Array:
        if own_name(self.cost) is not None:
            check_targets(y, a)
        error: Array = self.cost.delta(z, a, y)
        return error

    def _has_own_gradient(self) -> bool:
        return own_name(self.cost) is None or self._replaces("backprop")

    def _scores(self, run: Run, examples: list[Example], lmbda: float) -> Callable[[], Scores]:
        """Return what gives the scores on training data after an epoch."""
        if run.core is None or run.split is None:
            return partial(MethodScores, self, examples, lmbda, labeled=False)
        return partial(RowScores, run.core, run.split, lmbda)

    def _evaluation_scores(
        self, run: Run, examples: list[Example], lmbda: float
    ) -> Callable[[], Scores]:
        """Return what gives the scores on evaluation data after an epoch."""
        if run.core is None:
            return partial(MethodScores, self, examples, lmbda, labeled=True)
        return partial(
            RowScores, run.core, self._split(examples, "evaluation_data", labeled=True), lmbda
        )


REPLACEABLE = ("update_mini_batch", "backprop", "feedforward", "accuracy", "total_cost")
Network._ours = {name: getattr(Network, name) for name in REPLACEABLE}


def load(filename: str | Path, cost: object | None = None) -> Network:
    """Return the network that `Network.save`, here or in the book, wrote to `filename`.

    Parameters
    ----------
    filename
        The JSON file. Nothing in it is executed.
    cost
        The cost of the saved network, if it is the reader's own. Like the book's `load`, this one
        also finds it as an attribute of this module.

    Raises
    ------
    FileNotFoundError
        If there is no such file; it is an `InputError` too.
    InputError
        If the file is not a saved network, or its cost is another one or cannot be found.
    """
    saved = read_network_file(filename)
    if cost is not None:
        name = cost_class(cost).__name__
        require(name == saved.cost, "cost", f"be {saved.cost}, the cost of the network file", name)
    found = getattr(sys.modules[__name__], saved.cost, None) if cost is None else cost
    if not (hasattr(found, "fn") and hasattr(found, "delta")):
        raise InputError(
            f"network file {filename} must be a saved network: its cost {saved.cost!r} is not one "
            "of the book's; define that class and pass it as `cost` to `load`"
        )
    network = Network(saved.sizes, found)  # draws, as the book's load does
    network.weights, network.biases = saved.weights, saved.biases
    return network

"""The book's `network`, of chapter 1: its interface and random draws, on this package's training.

A notebook written for the book imports this module instead of the book's. It prints the same lines
and, with the same seeds, gives the same counts, many times faster.
"""

from collections.abc import Sequence
from contextlib import closing
from functools import partial

from nncore.arrays.layout import Array
from nncore.book.costs import sigmoid, sigmoid_prime
from nncore.book.epochs import Settings
from nncore.book.examples import Examples, as_list, check_targets
from nncore.book.keywords import refuse_keywords
from nncore.book.monitoring import count_right, print_line
from nncore.book.sigmoid_network import SigmoidNetwork

__all__ = ["Network", "sigmoid", "sigmoid_prime"]


class Network(SigmoidNetwork):
    """A sigmoid network with the interface of the book's chapter 1: quadratic cost, float64.

    `weights[k]` is `(n_out, n_in)` and `biases[k]` `(n_out, 1)`; both lists may be read, changed
    and assigned. Biases, then weights, are drawn from N(0, 1) with the global `numpy.random`.

    Whatever a reader puts in the place of `update_mini_batch`, `backprop`, `feedforward`,
    `evaluate` or `cost_derivative`, in a subclass or on an instance, is called: `SGD` then runs
    the loop of the book's program.

    Parameters
    ----------
    sizes
        The widths of the layers, inputs first.

    Raises
    ------
    InputError
        If `sizes` are not two or more whole numbers >= 1, or for a keyword that the book does not
        have.
    """

    def __init__(self, sizes: Sequence[int], **others: object) -> None:
        refuse_keywords(others, Network.__init__)
        super().__init__(sizes)
        self._draw("large")

    def SGD(  # noqa: N802  the book's name
        self,
        training_data: Examples,
        epochs: int,
        mini_batch_size: int,
        eta: float,
        test_data: Examples | None = None,
        **others: object,
    ) -> None:
        """Train, and print a line after each epoch: "Epoch 0: 9129 / 10000" or "Epoch 0 complete".

        Unlike the book's program, it refuses η <= 0, unless it calls a method of the reader's own;
        `update_mini_batch` accepts it. Nielsen ch. 1.

        Parameters
        ----------
        training_data
            Pairs of columns (x, y). A list is shuffled in place; a `zip` is accepted too.
        epochs, mini_batch_size, eta
            Whole numbers >= 0 and >= 1, and η > 0.
        test_data
            Pairs of a column x and a label; the line of an epoch has the number of them that
            the network classifies correctly.

        Raises
        ------
        InputError
            If the data do not fit the network, a number is out of its range, or for a keyword that
            the book does not have.
        """
        refuse_keywords(others, Network.SGD)
        training = as_list(training_data, "training_data")
        tests = as_list(() if test_data is None else test_data, "test_data")
        settings = Settings(epochs, mini_batch_size, eta)
        run = self._start(
            training, settings, "quadratic", lambda batch: self.update_mini_batch(batch, eta)
        )
        evaluate = partial(self.evaluate, tests)
        if run.core and tests:
            evaluate = partial(count_right, run.core, self._split(tests, "test_data", labeled=True))
        with closing(run.epochs):
            for epoch in run.epochs:
                result = f": {evaluate()} / {len(tests)}" if tests else " complete"
                print_line(f"Epoch {epoch}{result}")

    def update_mini_batch(self, mini_batch: Examples, eta: float) -> None:
        """Take one step of gradient descent on `mini_batch`, pairs of columns (x, y).

        w ← w − η ∂C/∂w and b ← b − η ∂C/∂b, where C is the mean cost over the mini-batch; η may
        have any value. `SGD` takes the same steps, faster. Nielsen ch. 1, eq. 20 and 21.
        """
        self._step(mini_batch, eta, 1.0)

    def evaluate(self, test_data: Examples) -> int:
        """Return the number of examples, a column x and a label, whose largest output is right."""
        return self._count_right(test_data, "test_data", labeled=True)

    def cost_derivative(self, output_activations: Array, y: Array) -> Array:
        """Return ∂C/∂a = a − y for the outputs a, `(n_out, m)` (Nielsen ch. 2)."""
        derivative: Array = output_activations - y
        return derivative

    def _output_error(self, z: Array, a: Array, y: Array) -> Array:
        if not self._replaces("cost_derivative"):
            check_targets(y, a)
        error: Array = self.cost_derivative(a, y) * sigmoid_prime(z)
        return error

    def _has_own_gradient(self) -> bool:
        return self._replaces("backprop", "cost_derivative")


REPLACEABLE = ("update_mini_batch", "backprop", "feedforward", "evaluate", "cost_derivative")
Network._ours = {name: getattr(Network, name) for name in REPLACEABLE}

"""The network itself: weights, biases, and the names of its activations and its cost.

It computes outputs from scaled inputs. `nncore.model` adds the scaling and the class names, and
saves and loads both.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from nncore.arrays.layout import Array, aligned, aligned_zeros, row_parts, transposed_parts
from nncore.arrays.operations import affine, run
from nncore.components.activations import ACTIVATIONS
from nncore.components.initializers import INITIALIZERS, NormalGenerator
from nncore.config import TrialConfig

CHUNK_ROWS = 1000
"""The number of rows that go through a trained network at a time.

It bounds the memory, and being constant it keeps results equal bit by bit.
"""


@dataclass(frozen=True)
class Network:
    """A feed-forward network with at least one layer of weights.

    Training changes the arrays in place.

    Parameters
    ----------
    weights
        One array `(n_in, n_out)` per layer, Fortran-ordered.
    biases
        One array `(n_out,)` per layer, of the same dtype.
    activation, output
        Names in `ACTIVATIONS`, for the hidden layers and for the output layer.
    cost
        The name in `COSTS` of the cost that training minimizes.

    Examples
    --------
    >>> import numpy as np
    >>> from nncore import Network
    >>> weights, biases = [np.array([[1.0], [2.0]])], [np.array([-3.0])]
    >>> network = Network(weights, biases, "sigmoid", "sigmoid", "cross-entropy")
    >>> network.sizes
    (2, 1)
    >>> zs, activations = network.feedforward(np.array([[1.0, 1.0]]))
    >>> activations[-1].tolist()
    [[0.5]]
    """

    weights: list[Array]
    biases: list[Array]
    activation: str
    output: str
    cost: str

    @property
    def sizes(self) -> tuple[int, ...]:
        """The widths of all layers, inputs first."""
        return (len(self.weights[0]), *(len(bias) for bias in self.biases))

    @property
    def layers(self) -> list[tuple[Array, Array, str]]:
        """The weights, the biases and the name of the activation of each layer, first to last."""
        names = [self.activation] * (len(self.weights) - 1) + [self.output]
        return list(zip(self.weights, self.biases, names, strict=True))

    def feedforward(self, x: Array, masks: Sequence[Array] = ()) -> tuple[list[Array], list[Array]]:
        """Return the weighted inputs z and the outputs a of every layer for inputs `x` `(m, n_in)`.

        `z[k]` belongs to layer k; `a[0]` is `x` itself and `a[k + 1]` is f(z[k]), times `masks[k]`
        if there are masks (Nielsen ch. 2, eq. 25; ch. 3, "Dropout").
        """
        zs, activations = [], [x]
        for layer, (weights, biases, name) in enumerate(self.layers):
            zs.append(activations[-1] @ weights + biases)
            a = ACTIVATIONS[name](zs[-1])
            activations.append(a * masks[layer] if layer < len(masks) else a)
        return zs, activations

    def outputs(self, x: Array) -> tuple[Array, Array]:
        """Return z and a of the output layer for inputs `x` `(m, n_in)`, faster than `feedforward`.

        The products go through BLAS in parts (see `arrays.layout`).
        """
        z = a = x.astype(self.weights[0].dtype, copy=False)
        for w, b, name in self.layers:
            z = aligned_zeros((len(x), len(b)), w.dtype)
            z[...] = b
            rows = row_parts(len(x), *w.shape)
            parts = transposed_parts(a, rows), transposed_parts(z, rows)
            run(affine(parts[0], w, 1.0, parts[1], 1.0))  # z = z + a @ w
            a = ACTIVATIONS[name](z)
        return z, a

    def copy(self) -> "Network":
        """Return a copy that shares no array with this network."""
        weights = [aligned(w) for w in self.weights]
        biases = [b.copy() for b in self.biases]
        return Network(weights, biases, self.activation, self.output, self.cost)


def new_network(config: TrialConfig, n_in: int, n_out: int, rng: NormalGenerator) -> Network:
    """Return an untrained network with random weights and biases.

    Parameters
    ----------
    config
        Sets the hidden layers, the activations, the cost, the initializer and the dtype.
    n_in, n_out
        The number of inputs and of outputs.
    rng
        A NumPy `Generator` or `RandomState`.

    Returns
    -------
    Network
        The network, ready for `train`.

    Examples
    --------
    >>> import numpy as np
    >>> from nncore import TrialConfig, new_network
    >>> new_network(TrialConfig(), 784, 10, np.random.default_rng(1)).sizes
    (784, 30, 10)
    """
    sizes = (n_in, *config.hidden_units, n_out)
    weights, biases = INITIALIZERS[config.init].draw(sizes, rng)
    return Network(
        [aligned(w, config.dtype) for w in weights],
        [b.astype(config.dtype) for b in biases],
        config.activation,
        config.output,
        config.cost,
    )

"""The gradient as the book writes it, BP1 to BP4, one line each: the form to read and to trust.

Nothing trains with it; `sgd` computes the same step in place, and tests hold the two together.
"""

import numpy as np

from nncore.activations import ACTIVATIONS, Array
from nncore.costs import COSTS
from nncore.network import Network
from nncore.regularizers import REGULARIZERS

Gradient = tuple[list[Array], list[Array]]


def backprop(network: Network, x: Array, y: Array) -> Gradient:
    """Return ∂C/∂w and ∂C/∂b of every layer for a mini-batch of m examples.

    C is the mean cost over the examples. `x` is `(m, n_in)`, `y` one-hot `(m, n_out)`; the
    gradients have the shapes of the weights and biases. Nielsen ch. 2, "The four fundamental
    equations behind backpropagation".
    """
    zs, activations = network.feedforward(x)
    hidden = ACTIVATIONS[network.activation]
    weight_gradients, bias_gradients = [], []
    # BP1: the error of the output layer
    delta = COSTS[network.cost].output_error(ACTIVATIONS[network.output], activations[-1], y)
    for layer in reversed(range(len(zs))):
        bias_gradients.append(delta.mean(axis=0))  # BP3
        weight_gradients.append(activations[layer].T @ delta / len(x))  # BP4
        if layer > 0:
            delta = delta @ network.weights[layer].T  # BP2
            hidden.backpropagate(activations[layer], delta, np.empty_like(delta))
    return weight_gradients[::-1], bias_gradients[::-1]


def sgd_step(
    network: Network,
    x: Array,
    y: Array,
    *,
    learning_rate: float,
    lmbda: float,
    regularizer: str,
    training_size: int,
) -> None:
    """Move `network`, in place, one step down the regularised gradient of a mini-batch.

    w ← w − η (∂C/∂w + λ/n R'(w)) and b ← b − η ∂C/∂b, n = `training_size`; Nielsen ch. 3, eq. 93 to
    96.
    """
    weight_gradients, bias_gradients = backprop(network, x, y)
    penalty_gradient = REGULARIZERS[regularizer].gradient
    for w, b, dw, db in zip(
        network.weights, network.biases, weight_gradients, bias_gradients, strict=True
    ):
        w -= learning_rate * (dw + lmbda / training_size * penalty_gradient(w))
        b -= learning_rate * db

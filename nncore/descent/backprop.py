"""The gradient as the book writes it, BP1 to BP4, one line each: a readable reference.

`train` does not use it. `sgd` computes the same step in place, and tests compare the two.
"""

from collections.abc import Sequence

from nncore.arrays.layout import Array
from nncore.components.activations import ACTIVATIONS
from nncore.components.costs import COSTS
from nncore.components.max_norm import limit_norms
from nncore.components.regularizers import REGULARIZERS
from nncore.config import TrialConfig
from nncore.descent.clipping import clip_gradients
from nncore.descent.update_rule import State, new_state
from nncore.descent.updates import UPDATES
from nncore.network import Network

Gradient = tuple[list[Array], list[Array]]


def backprop(
    network: Network,
    x: Array,
    y: Array,
    masks: Sequence[Array] = (),
    example_weights: Array | None = None,
) -> Gradient:
    """Return ∂C/∂w and ∂C/∂b of every layer for a mini-batch of m examples.

    C is the mean cost over the examples. `x` is `(m, n_in)`, `y` one-hot `(m, n_out)`; the
    gradients have the shapes of the weights and biases. `masks`, each `(m, n_hidden)`, multiply the
    outputs of the hidden layers, as dropout does; the default is no dropout. To drop inputs, pass
    `x` times a mask. `example_weights`, `(m,)`, multiply the costs of the examples before the mean
    is taken; the default is 1 for all.
    Nielsen ch. 2, "The four fundamental equations behind backpropagation".
    """
    zs, activations = network.feedforward(x, masks)
    hidden = ACTIVATIONS[network.activation]
    weight_gradients, bias_gradients = [], []
    # BP1: the error of the output layer
    delta = COSTS[network.cost].output_error(ACTIVATIONS[network.output], activations[-1], y)
    if example_weights is not None:
        delta = delta * example_weights[:, None]
    for layer in reversed(range(len(zs))):
        bias_gradients.append(delta.mean(axis=0))  # BP3
        weight_gradients.append(activations[layer].T @ delta / len(x))  # BP4
        if layer > 0:
            delta = delta @ network.weights[layer].T  # BP2
            if masks:
                delta = delta * masks[layer - 1]
            delta = hidden.pull_back(hidden(zs[layer - 1]), delta)
    return weight_gradients[::-1], bias_gradients[::-1]


def sgd_step(
    network: Network,
    x: Array,
    y: Array,
    config: TrialConfig,
    training_size: int,
    state: State | None = None,
    masks: Sequence[Array] = (),
    example_weights: Array | None = None,
) -> None:
    """Change `network` in place by one step of the rule `config.rule` on a mini-batch.

    The gradient is that of C + λ/n R(w) with n = `training_size` (Nielsen ch. 3, eq. 93 to 97); η
    is `config.learning_rate`. A decoupled rule, AdamW, takes the gradient of C alone and does
    w → w − ηλ/n R'(w) besides (Loshchilov & Hutter 2019, algorithm 2). `config.clip_norm` bounds
    the length of the gradient.

    `state`, with arrays for all weights and then all biases, is changed too; a rule that keeps
    nothing from step to step needs none. `x`, `masks` and `example_weights` are those of
    `backprop`. After the step, `config.max_norm` bounds the weights of the hidden layers.
    """
    rule, parameters = UPDATES[config.rule], [*network.weights, *network.biases]
    weight_gradients, bias_gradients = backprop(network, x, y, masks, example_weights)
    penalty_gradient = REGULARIZERS[config.regularizer].gradient
    for w, dw in zip(network.weights, weight_gradients, strict=True):
        shrinkage = config.lmbda / training_size * penalty_gradient(w)
        if rule.decoupled:
            w -= config.learning_rate * shrinkage
        else:
            dw += shrinkage
    gradients = [*weight_gradients, *bias_gradients]
    if config.clip_norm:
        clip_gradients(gradients, config.clip_norm)
    rule.readable(parameters, state or new_state(parameters), gradients, config)
    if config.max_norm:
        for w in network.weights[:-1]:
            limit_norms(w, config.max_norm)

"""Adam and AdamW: steps worked by hand, 100 steps of PyTorch, and the fused form as the readable.

PyTorch computes the gradients of its side too, by its own differentiation.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nncore.arrays.layout import Array
from nncore.config import TrialConfig
from nncore.datasets.dataset import Split, make_split
from nncore.descent.backprop import sgd_step
from nncore.descent.sgd import Sgd
from nncore.descent.update_rule import new_memory, new_state
from nncore.descent.updates import UPDATES
from nncore.network import Network, new_network

N, N_IN, N_OUT = 30, 7, 3


def split_of(n: int = N) -> Split:
    rng = np.random.default_rng(5)
    return make_split(rng.random((n, N_IN), np.float32), rng.integers(0, N_OUT, n), N_OUT)


def started(config: TrialConfig) -> Network:
    return new_network(config, N_IN, N_OUT, np.random.default_rng(2))


def arrays(network: Network) -> list[Array]:
    return [*network.weights, *network.biases]


def assert_close(one: Network, other: Network, tolerance: float) -> None:
    for a, b in zip(arrays(one), arrays(other), strict=True):
        scale = max(1.0, float(np.abs(b).max()))
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * scale)


def test_three_steps_by_hand() -> None:
    """With β₁ = 1/2, β₂ = 3/4, ϵ = 1 and η = 1, for the gradients 2, −2 and 2.

    The squares are all 4, so v̂ = 4 and the divisor is 3. m is 1, then 1/2 − 1 = −1/2, then
    −1/4 + 1 = 3/4; over 1/2, 3/4 and 7/8, m̂ is 2, −2/3 and 6/7.
    """
    config = TrialConfig(learning_rate=1.0, update="adam", beta1=0.5, beta2=0.75, epsilon=1.0)
    x = np.array([1.0])
    state, path = new_state([x]), []
    for gradient in (2.0, -2.0, 2.0):
        UPDATES["adam"].readable([x], state, [np.array([gradient])], config)
        path.append(float(x[0]))
    assert path == pytest.approx([1 / 3, 5 / 9, 17 / 63], abs=1e-15)
    assert (state.velocities[0], state.squares[0]) == (0.75, 4 * 37 / 64)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_first_step_is_as_long_as_the_learning_rate(scale: float) -> None:
    """Then m̂ is the gradient and √v̂ its size, whatever that is."""
    config = TrialConfig(learning_rate=0.25, update="adam")
    x, gradient = np.zeros(3), np.array([-1.0, 0.0, 2.0]) * scale
    UPDATES["adam"].readable([x], new_state([x]), [gradient], config)
    assert x.tolist() == pytest.approx([0.25, 0.0, -0.25], rel=2e-5)


BASE = TrialConfig(
    learning_rate=0.01,
    hidden_units=(6, 5),
    activation="tanh",
    mini_batch_size=6,
    lmbda=3.0,
    dtype="float64",
)


def by_pytorch(network: Network, config: TrialConfig, split: Split, epochs: int) -> None:
    """Train `network` in place with the modules and the optimizer of PyTorch."""
    dtype = getattr(torch, config.dtype)
    ws = [torch.tensor(w.copy(), dtype=dtype, requires_grad=True) for w in network.weights]
    bs = [torch.tensor(b.copy(), dtype=dtype, requires_grad=True) for b in network.biases]
    # Biases are not regularized.
    groups = [{"params": ws, "weight_decay": config.lmbda / len(split)}, {"params": bs}]
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[config.update]
    rates: dict[str, Any] = {
        "lr": config.learning_rate,
        "betas": (config.beta1, config.beta2),
        "eps": config.epsilon,
        "weight_decay": 0.0,
    }
    optimizer = kind(groups, **rates)
    for start in list(range(0, len(split), config.mini_batch_size)) * epochs:
        rows = slice(start, start + config.mini_batch_size)
        a = torch.tensor(split.x[rows], dtype=dtype)
        for w, b in zip(ws[:-1], bs[:-1], strict=True):
            a = torch.tanh(a @ w + b)
        z, y = a @ ws[-1] + bs[-1], torch.tensor(split.y[rows], dtype=dtype)
        cost = torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="sum") / len(y)
        optimizer.zero_grad()
        cost.backward()
        if config.clip_norm:
            torch.nn.utils.clip_grad_norm_([*ws, *bs], config.clip_norm)
        optimizer.step()
    for ours, theirs in zip(arrays(network), [*ws, *bs], strict=True):
        ours[...] = theirs.detach().numpy()


@pytest.mark.parametrize("update", ["adam", "adamw"])
@pytest.mark.parametrize(
    "changes", [{}, {"lmbda": 0.0}, {"beta1": 0.0}, {"beta1": 0.6, "beta2": 0.9, "epsilon": 1e-3}]
)
def test_100_steps_are_those_of_pytorch(update: str, changes: dict[str, float]) -> None:
    """λ/n is what PyTorch calls weight decay."""
    config, split = replace(BASE, update=update, **changes), split_of()
    ours = started(config)
    theirs, begin = ours.copy(), ours.copy()
    descent = Sgd(ours, config, N)
    for _ in range(20):
        descent.epoch(split, np.arange(N), config.learning_rate)
    by_pytorch(theirs, config, split, 20)
    assert_close(ours, theirs, 1e-12)
    assert float(np.abs(ours.weights[0] - begin.weights[0]).max()) > 0.3


@pytest.mark.parametrize("update", ["adam", "adamw"])
def test_100_steps_in_float32_are_those_of_pytorch(update: str) -> None:
    config, split = replace(BASE, update=update, dtype="float32"), split_of()
    ours = started(config)
    theirs = ours.copy()
    descent = Sgd(ours, config, N)
    for _ in range(20):
        descent.epoch(split, np.arange(N), config.learning_rate)
    by_pytorch(theirs, config, split, 20)
    assert_close(ours, theirs, 2e-6)


def test_100_clipped_steps_are_those_of_pytorch() -> None:
    """PyTorch adds 1e-6 to the length of the gradient, and clips before it adds λ."""
    config, split = replace(BASE, update="adam", lmbda=0.0, clip_norm=0.2), split_of()
    ours = started(config)
    theirs, free = ours.copy(), ours.copy()
    for network, bound in ((ours, 0.2), (free, 0.0)):
        descent = Sgd(network, replace(config, clip_norm=bound), N)
        for _ in range(20):
            descent.epoch(split, np.arange(N), config.learning_rate)
    by_pytorch(theirs, config, split, 20)
    assert_close(ours, theirs, 1e-5)
    assert float(np.abs(ours.weights[0] - free.weights[0]).max()) > 1e-3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("clip_norm", [0.0, 0.1])
def test_without_a_gradient_adamw_only_shrinks_the_weights(dtype: str, clip_norm: float) -> None:
    """With weights of 0 for all examples, each of 5 steps does w → (1 − ηλ/n) w."""
    config = replace(BASE, update="adamw", lmbda=6.0, dtype=dtype, clip_norm=clip_norm)
    network = started(config)
    before = network.copy()
    descent = Sgd(network, config, N, example_weights=np.zeros(N))
    descent.epoch(split_of(), np.arange(N), 0.5)
    tolerance = 1e-6 if dtype == "float32" else 1e-14
    for w, first in zip(network.weights, before.weights, strict=True):
        np.testing.assert_allclose(w, 0.9**5 * first, rtol=tolerance)
    for b, first in zip(network.biases, before.biases, strict=True):
        np.testing.assert_array_equal(b, first)


@given(
    rule=st.sampled_from(["adam", "adamw", "gradient", "momentum", "nesterov"]),
    beta1=st.sampled_from([0.0, 0.5, 0.9, 0.99]),
    beta2_and_epsilon=st.sampled_from([(0.0, 1e-3), (0.9, 1e-8), (0.999, 1e-8), (0.999, 1.0)]),
    clip_norm=st.sampled_from([0.0, 0.05, 0.5, 100.0]),
    regularizer=st.sampled_from(["l1", "l2"]),
    lmbda=st.sampled_from([0.0, 2.0]),
    hidden=st.sampled_from([(), (6,), (5, 4)]),
    size=st.sampled_from([1, 4, 30]),
    rates=st.lists(st.sampled_from([0.001, 0.02, 0.1]), min_size=1, max_size=3),
)
@settings(max_examples=60)
def test_the_fused_step_is_the_readable_one(
    rule: str,
    beta1: float,
    beta2_and_epsilon: tuple[float, float],
    clip_norm: float,
    regularizer: str,
    lmbda: float,
    hidden: tuple[int, ...],
    size: int,
    rates: list[float],
) -> None:
    """The learning rate changes, and mini-batches of 4 leave a short one at the end of an epoch.

    Each step begins at the same weights, because steps of Adam can multiply a rounding error.
    """
    plain = {
        "gradient": {},
        "momentum": {"momentum": 0.8},
        "nesterov": {"momentum": 0.8, "nesterov": True},
    }
    config = TrialConfig(
        hidden_units=hidden,
        mini_batch_size=size,
        activation="tanh",
        lmbda=lmbda,
        regularizer=regularizer,
        beta1=beta1,
        beta2=beta2_and_epsilon[0],
        epsilon=beta2_and_epsilon[1],
        clip_norm=clip_norm,
        dtype="float64",
        **plain.get(rule, {"update": rule}),
    )
    assert config.rule == rule
    split, fused = split_of(), started(config)
    readable = fused.copy()
    state, descent = new_state(arrays(readable)), Sgd(fused, config, N)
    for rate in rates:
        for start in range(0, N, size):
            rows = np.arange(start, min(start + size, N))
            descent.epoch(split, rows, rate)
            x, y = split.x[rows].astype(float), split.y[rows].astype(float)
            sgd_step(readable, x, y, replace(config, learning_rate=rate), N, state)
            assert_close(fused, readable, 1e-12)
            for ours, plain in zip(arrays(fused), arrays(readable), strict=True):
                plain[...] = ours


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_memory_is_one_array_for_all_layers_with_parts_that_start_cache_lines(dtype: str) -> None:
    network = started(replace(BASE, dtype=dtype))
    memory = new_memory(network.weights, network.biases, [(1.0, 1.0)] * 3)
    memory.gradients[...] = 5.0
    for w, b, layer in zip(network.weights, network.biases, memory.layers, strict=True):
        assert layer.w is w
        assert layer.b is b
        for view, parameter in ((layer.w_gradient, w), (layer.b_gradient, b)):
            assert view.shape == parameter.shape
            assert view.flags.f_contiguous
            assert view.ctypes.data % 64 == 0
            assert (view == 5.0).all()
        layer.w_gradient[...], layer.b_gradient[...] = 1.0, 2.0
    used = sum(array.size for array in arrays(network))
    assert [(memory.gradients == value).sum() for value in (1.0, 2.0, 5.0)] == [
        sum(w.size for w in network.weights),
        sum(b.size for b in network.biases),
        memory.gradients.size - used,
    ]

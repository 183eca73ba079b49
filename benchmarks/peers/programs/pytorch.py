"""PyTorch: modules, autograd and its SGD; and the same step compiled as one graph.

Of the forms that users write, the fastest measured: one shuffled copy of the data per epoch without
a DataLoader, and the fused kernels of the optimizer.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from benchmarks.peers.catalogue import Peer
from benchmarks.support.task import BenchmarkTask, Layers, orders
from nncore.datasets.dataset import Split


def eager(split: Split, task: BenchmarkTask) -> Peer:
    """Return PyTorch in eager mode, float32."""
    x, y, model = _ready(split, task)
    order = orders(split)
    weights = [p for p in model.parameters() if p.ndim == 2]
    biases = [p for p in model.parameters() if p.ndim == 1]
    groups: list[dict[str, Any]] = [
        {"params": weights, "weight_decay": task.lmbda / len(x)},
        {"params": biases},
    ]
    optimizer = torch.optim.SGD(groups, lr=task.learning_rate, fused=True)
    cost = torch.nn.BCEWithLogitsLoss(reduction="sum")

    def epoch() -> None:
        rows = torch.from_numpy(next(order))
        size = task.mini_batch_size
        for x_batch, y_batch in zip(x[rows].split(size), y[rows].split(size), strict=True):
            optimizer.zero_grad()
            (cost(model(x_batch), y_batch) / len(x_batch)).backward()
            optimizer.step()

    return Peer(epoch, lambda: _layers(model))


def compiled(split: Split, task: BenchmarkTask) -> Peer:
    """Return PyTorch with gather, gradient and step under one `torch.compile`, float32.

    Compiling the model alone, as many do, is slower than not compiling on networks this small.
    """
    x, y, model = _ready(split, task)
    order = orders(split)
    parameters = {name: p.detach() for name, p in model.named_parameters()}
    decay = 1 - task.learning_rate * task.lmbda / len(x)

    def cost(parameters: dict[str, Any], x: Any, y: Any) -> Any:
        z = torch.func.functional_call(model, parameters, (x,))
        return binary_cross_entropy_with_logits(z, y, reduction="sum") / len(x)

    gradient = torch.func.grad(cost)

    def step(parameters: dict[str, Any], x: Any, y: Any, rows: Any) -> None:
        for name, slope in gradient(parameters, x[rows], y[rows]).items():
            if slope.ndim == 2:
                parameters[name].mul_(decay)
            parameters[name].sub_(slope, alpha=task.learning_rate)

    fast_step = torch.compile(step, fullgraph=True, dynamic=False)

    def epoch() -> None:
        shuffled: Any = torch.from_numpy(next(order))
        with torch.no_grad():
            for rows in shuffled.split(task.mini_batch_size):
                fast_step(parameters, x, y, rows)

    return Peer(epoch, lambda: _layers(model))


def _ready(split: Split, task: BenchmarkTask) -> tuple[Any, Any, Any]:
    torch.set_num_threads(1)
    modules: list[Any] = []
    for (n_in, n_out), (w, b) in zip(pairwise(task.sizes(split)), task.start(split), strict=True):
        linear = torch.nn.Linear(n_in, n_out)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(w.T.copy()))
            linear.bias.copy_(torch.tensor(b))
        modules += [linear, torch.nn.Sigmoid()]
    model = torch.nn.Sequential(*modules[:-1])  # the cost takes z of the last layer
    return torch.tensor(np.array(split.x)), torch.tensor(np.array(split.y)), model


def _layers(model: Any) -> Layers:
    linear = [module for module in model if isinstance(module, torch.nn.Linear)]
    return [(m.weight.detach().numpy().T.copy(), m.bias.detach().numpy().copy()) for m in linear]

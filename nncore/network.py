"""The network itself: weights, biases and the names of what is computed with them.

A `Model` adds what a stranger needs to use it on raw inputs, and is what is saved and loaded.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.arrays.blas import one_blas_thread
from nncore.arrays.layout import Array, aligned, aligned_zeros, row_parts, transposed_parts
from nncore.arrays.operations import affine, run
from nncore.components.activations import ACTIVATIONS
from nncore.components.initializers import INITIALIZERS, NormalGenerator
from nncore.config import TrialConfig
from nncore.datasets.formats.npz import read_npz
from nncore.datasets.scaling import Scaling, as_rows
from nncore.errors import InputError, require

CHUNK_ROWS = 1000
"""Rows go through a trained network so many at a time: it bounds memory, and keeps the bits."""


@dataclass(frozen=True)
class Network:
    """A feed-forward network with at least one layer of weights.

    `weights[k]` is `(n_in, n_out)`, Fortran-ordered, `biases[k]` is `(n_out,)`; training changes
    both in place. `activation` names the hidden layers' activation, `output` the last layer's,
    `cost` what is minimised.
    """

    weights: list[Array]
    biases: list[Array]
    activation: str
    output: str
    cost: str

    @property
    def sizes(self) -> tuple[int, ...]:
        """Widths of all layers, inputs first."""
        return (len(self.weights[0]), *(len(bias) for bias in self.biases))

    @property
    def layers(self) -> list[tuple[Array, Array, str]]:
        """Weights, biases and the activation's name of each layer, first to last."""
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
        """Return z and a of the output layer for inputs `x` `(m, n_in)`: `feedforward`, faster."""
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
        """Return a network with arrays of its own."""
        weights = [aligned(w) for w in self.weights]
        biases = [b.copy() for b in self.biases]
        return Network(weights, biases, self.activation, self.output, self.cost)


def new_network(config: TrialConfig, n_in: int, n_out: int, rng: NormalGenerator) -> Network:
    """Return the untrained network of `config`, drawn from `rng`."""
    sizes = (n_in, *config.hidden_units, n_out)
    weights, biases = INITIALIZERS[config.init].draw(sizes, rng)
    return Network(
        [aligned(w, config.dtype) for w in weights],
        [b.astype(config.dtype) for b in biases],
        config.activation,
        config.output,
        config.cost,
    )


@dataclass(frozen=True)
class Model:
    """A network with the reading of its inputs and outputs: how to scale raw ones, and classes."""

    network: Network
    classes: tuple[str, ...]
    scaling: Scaling

    @property
    def inputs(self) -> tuple[str, ...] | None:
        """The names of the columns that it was trained on, in their order; None if without."""
        return self.scaling.inputs

    def predict_proba(self, x: NDArray[Any]) -> Array:
        """Return the outputs, `(m, n_classes)`, for raw inputs `x` `(m, n_in)` or `(m, h, w)`.

        They are probabilities, with sum 1, if the output layer is softmax; sigmoid's are from 0 to
        1, each by itself.

        Raises `InputError` if `x` has another width, or is not finite.
        """
        rows = as_rows(np.asarray(x))
        n_in = self.network.sizes[0]
        require(rows.shape[1] == n_in, "x", f"have {n_in} inputs in each row", rows.shape[1])
        dtype = self.network.biases[0].dtype
        scaled = self.scaling.apply(rows).astype(dtype, copy=False)
        starts = range(0, len(scaled), CHUNK_ROWS)
        with one_blas_thread():
            chunks = [scaled[start : start + CHUNK_ROWS] for start in starts]
            return np.concatenate([self.network.outputs(chunk)[1] for chunk in chunks])

    def predict(self, x: NDArray[Any]) -> NDArray[np.str_]:
        """Return the class names, `(m,)`, of raw inputs `x`, as `predict_proba` takes them."""
        names: NDArray[np.str_] = np.asarray(self.classes)[self.predict_proba(x).argmax(axis=1)]
        return names

    def save(self, path: Path) -> None:
        """Write the model to `path` as an `.npz` of plain arrays."""
        network = self.network
        described = {
            "activation": network.activation,
            "output": network.output,
            "cost": network.cost,
            "classes": self.classes,
            "layers": len(network.weights),
            **({} if self.inputs is None else {"inputs": self.inputs}),
        }
        arrays: dict[str, Any] = {f"weights_{k}": w for k, w in enumerate(network.weights)}
        arrays |= {f"biases_{k}": b for k, b in enumerate(network.biases)}
        arrays |= {"offset": self.scaling.offset, "scale": self.scaling.scale}
        with path.open("wb") as file:
            np.savez(file, model=np.array(json.dumps(described)), **arrays)


def load_model(path: str | Path) -> Model:
    """Return the model saved at `path`.

    Raises
    ------
    InputError
        If there is no such file or it is not a saved model; nothing in it is ever unpickled.
    """
    arrays = read_npz(Path(path))
    try:
        return _read_model(arrays)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise InputError(f"model file {path} must be a saved model: {error}") from error


def _read_model(arrays: Mapping[str, Array]) -> Model:
    described = json.loads(str(arrays["model"]))
    names = {key: described[key] for key in ("activation", "output", "cost")}
    TrialConfig(**names)  # raises if a name is unknown or the pair is illegal
    layers = range(described["layers"])
    weights = [arrays[f"weights_{k}"].copy(order="F") for k in layers]
    biases = [arrays[f"biases_{k}"].copy() for k in layers]
    classes, offset, scale = described["classes"], arrays["offset"], arrays["scale"]
    inputs = described.get("inputs")
    fit = (
        bool(weights)
        and all(w.ndim == 2 for w in weights)
        and all(b.shape == w.shape[1:] for w, b in zip(weights, biases, strict=True))
        and all(a.shape[1] == b.shape[0] for a, b in pairwise(weights))
        and isinstance(classes, list)
        and weights[-1].shape[1] == len(classes)
        and {array.dtype for array in (*weights, *biases)} <= {weights[0].dtype}
        and weights[0].dtype in (np.float32, np.float64)
        and scale.shape in ((), (len(weights[0]),))
        and {array.dtype for array in (offset, scale)} == {np.dtype(np.float64)}
        and offset.shape in ((), scale.shape)
        and np.isfinite(offset).all()
        and (scale > 0).all()
        and (scale.ndim > 0 or np.isfinite(scale))
        and (inputs is None or _are_names(inputs, len(weights[0])))
    )
    if not fit:
        raise ValueError("its layers, classes and scaling do not fit together")
    scaling = Scaling(
        float(offset) if offset.ndim == 0 else offset,
        float(scale) if scale.ndim == 0 else scale,
        None if inputs is None else tuple(inputs),
    )
    return Model(Network(weights, biases, **names), tuple(map(str, classes)), scaling)


def _are_names(inputs: object, n_in: int) -> bool:
    return (
        isinstance(inputs, list)
        and all(isinstance(name, str) for name in inputs)
        and len(set(inputs)) == len(inputs) == n_in
    )

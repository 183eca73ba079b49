"""The network itself: weights, biases and the names of what is computed with them.

A `Model` adds what a stranger needs to use it on raw inputs, and is what is saved and loaded.
"""

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.activations import ACTIVATIONS, Array
from nncore.config import TrialConfig
from nncore.errors import InputError
from nncore.initializers import INITIALIZERS, NormalGenerator


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

    def feedforward(self, x: Array) -> tuple[list[Array], list[Array]]:
        """Return the weighted inputs z and the outputs a of every layer for inputs `x` `(m, n_in)`.

        `z[k]` belongs to layer k; `a[0]` is `x` itself and `a[k + 1]` is f(z[k]) (Nielsen ch. 2,
        eq. 25).
        """
        zs, activations = [], [x]
        for weights, biases, name in self.layers:
            zs.append(activations[-1] @ weights + biases)
            activations.append(ACTIVATIONS[name](zs[-1]))
        return zs, activations

    def copy(self) -> "Network":
        """Return a network with arrays of its own."""
        weights = [w.copy(order="F") for w in self.weights]
        biases = [b.copy() for b in self.biases]
        return Network(weights, biases, self.activation, self.output, self.cost)


def new_network(config: TrialConfig, n_in: int, n_out: int, rng: NormalGenerator) -> Network:
    """Return the untrained network of `config`, drawn from `rng`."""
    sizes = (n_in, *config.hidden_units, n_out)
    weights, biases = INITIALIZERS[config.init].draw(sizes, rng)
    return Network(
        [np.asfortranarray(w, dtype=config.dtype) for w in weights],
        [b.astype(config.dtype) for b in biases],
        config.activation,
        config.output,
        config.cost,
    )


@dataclass(frozen=True)
class Model:
    """A network with the reading of its inputs and outputs: raw inputs are divided by `scale`."""

    network: Network
    classes: tuple[str, ...]
    scale: float

    def predict_proba(self, x: Array) -> Array:
        """Return the outputs, `(m, n_classes)`, for raw inputs `x` `(m, n_in)`."""
        dtype = self.network.biases[0].dtype
        return self.network.feedforward(np.asarray(x, dtype) / dtype.type(self.scale))[1][-1]

    def predict(self, x: Array) -> NDArray[np.str_]:
        """Return the class names, `(m,)`, of raw inputs `x` `(m, n_in)`."""
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
            "scale": self.scale,
            "layers": len(network.weights),
        }
        arrays: dict[str, Any] = {f"weights_{k}": w for k, w in enumerate(network.weights)}
        arrays |= {f"biases_{k}": b for k, b in enumerate(network.biases)}
        with path.open("wb") as file:
            np.savez(file, model=np.array(json.dumps(described)), **arrays)


def load_model(path: str | Path) -> Model:
    """Return the model saved at `path`.

    Raises
    ------
    InputError
        If there is no such file or it is not a saved model; nothing in it is ever unpickled.
    """
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _read_model(arrays)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"model file {path} must be readable: {reason}") from error
    except CORRUPT as error:
        raise InputError(f"model file {path} must be a saved model: {error}") from error


CORRUPT = (
    AttributeError,
    EOFError,
    KeyError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What NumPy, zipfile and the checks below raise on a file that is not what it should be."""


def _read_model(arrays: Mapping[str, Array]) -> Model:
    described = json.loads(str(arrays["model"]))
    names = {key: described[key] for key in ("activation", "output", "cost")}
    TrialConfig(**names)  # raises if a name is unknown or the pair is illegal
    layers = range(described["layers"])
    weights = [np.asfortranarray(arrays[f"weights_{k}"]) for k in layers]
    biases = [arrays[f"biases_{k}"] for k in layers]
    classes, scale = described["classes"], float(described["scale"])
    fit = (
        bool(weights)
        and all(w.ndim == 2 for w in weights)
        and all(b.shape == w.shape[1:] for w, b in zip(weights, biases, strict=True))
        and all(a.shape[1] == b.shape[0] for a, b in pairwise(weights))
        and isinstance(classes, list)
        and weights[-1].shape[1] == len(classes)
        and {array.dtype for array in (*weights, *biases)} <= {weights[0].dtype}
        and weights[0].dtype in (np.float32, np.float64)
        and 0 < scale < float("inf")
    )
    if not fit:
        raise ValueError("its layers, classes and scale do not fit together")
    return Model(Network(weights, biases, **names), tuple(map(str, classes)), scale)

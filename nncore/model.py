"""A trained network ready for use: raw inputs in, class names out, saved as an `.npz`.

A model file may come from anyone, so `load_model` checks it rule by rule and unpickles nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.arrays.blas import one_blas_thread
from nncore.arrays.layout import Array
from nncore.config import TrialConfig
from nncore.datasets.formats.npz import read_npz
from nncore.datasets.scaling import Scaling, as_rows
from nncore.errors import InputError, require
from nncore.network import CHUNK_ROWS, Network

Arrays = Mapping[str, NDArray[Any]]

DESCRIBED = ("activation", "output", "cost", "classes", "layers")
"""The keys that the description in a model file must have; `inputs` may be there too."""


@dataclass(frozen=True)
class Model:
    """A network with the scaling of its raw inputs and the names of its classes.

    Parameters
    ----------
    network
        The trained network.
    classes
        The class names, one for each output, in the order of the outputs.
    scaling
        The scaling that was fitted on the training rows.

    Examples
    --------
    >>> import numpy as np
    >>> from nncore import Model, Network, Scaling
    >>> network = Network([np.eye(2)], [np.zeros(2)], "sigmoid", "softmax", "log-likelihood")
    >>> model = Model(network, classes=("dark", "light"), scaling=Scaling(scale=256.0))
    >>> model.predict(np.array([[200, 10], [10, 200]])).tolist()
    ['dark', 'light']
    """

    network: Network
    classes: tuple[str, ...]
    scaling: Scaling

    @property
    def inputs(self) -> tuple[str, ...] | None:
        """The names of the columns that it was trained on, in order; None if they have no names."""
        return self.scaling.inputs

    def predict_proba(self, x: NDArray[Any]) -> Array:
        """Return the outputs for raw inputs.

        They are probabilities whose sum is 1 if the output layer is softmax. The outputs of a
        sigmoid layer lie between 0 and 1, but their sum need not be 1.

        Parameters
        ----------
        x
            Raw inputs, `(m, n_in)`, or images, `(m, height, width)`.

        Returns
        -------
        Array
            `(m, n_classes)`.

        Raises
        ------
        InputError
            If the rows of `x` do not have `n_in` inputs, or an input is not finite.
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
        """Return the predicted class name of each row of raw inputs: that of the largest output.

        Parameters
        ----------
        x
            Raw inputs, as `predict_proba` takes them.

        Returns
        -------
        NDArray[np.str_]
            `(m,)`.

        Raises
        ------
        InputError
            As `predict_proba` does.
        """
        names: NDArray[np.str_] = np.asarray(self.classes)[self.predict_proba(x).argmax(axis=1)]
        return names

    def save(self, path: Path) -> None:
        """Write the model to `path` as an `.npz` of plain arrays, for `load_model`."""
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
    """Return the model that `Model.save` wrote to `path`; nothing in the file is ever unpickled.

    Parameters
    ----------
    path
        An `.npz` file, such as `best.npz` in a run folder.

    Returns
    -------
    Model
        The model, ready to predict from raw inputs.

    Raises
    ------
    InputError
        If the file is missing or is not a saved model; the message names the rule that it breaks.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from nncore import Model, Scaling, TrialConfig, load_model, new_network
    >>> network = new_network(TrialConfig(), 64, 2, np.random.default_rng(1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "model.npz")
    ...     Model(network, ("even", "odd"), Scaling()).save(path)
    ...     load_model(path).classes
    ('even', 'odd')
    """
    arrays = read_npz(Path(path))
    try:
        return _read_model(arrays)
    except InputError as error:
        raise InputError(f"model file {path} must be a saved model: {error}") from error


def _read_model(arrays: Arrays) -> Model:
    described = _read_description(arrays)
    names = {key: described[key] for key in ("activation", "output", "cost")}
    TrialConfig(**names)  # raises if a name is unknown or the pair is illegal
    weights, biases = _read_layers(arrays, described["layers"])
    classes, n_classes = described["classes"], len(biases[-1])
    matches = isinstance(classes, list) and len(classes) == n_classes
    require(matches, "classes", f"be a list of {n_classes} names, one for each output", classes)
    scaling = _read_scaling(arrays, described.get("inputs"), n_in=len(weights[0]))
    return Model(Network(weights, biases, **names), tuple(map(str, classes)), scaling)


def _read_description(arrays: Arrays) -> dict[str, Any]:
    text = str(_array(arrays, "model"))
    try:
        described = json.loads(text)
    except (RecursionError, ValueError) as error:
        raise InputError(f"`model` must be JSON, got {text[:40]!r}") from error
    require(isinstance(described, dict), "model", "be a JSON object", described)
    for key in DESCRIBED:
        require(key in described, "model", f"have the key `{key}`", sorted(described))
    return dict(described)


def _read_layers(arrays: Arrays, count: object) -> tuple[list[Array], list[Array]]:
    """Return weights and biases of `count` layers: one dtype, each as wide as the next expects."""
    whole = isinstance(count, int) and not isinstance(count, bool) and count >= 1
    require(whole, "layers", "be a whole number >= 1", count)
    assert isinstance(count, int)
    dtype = _array(arrays, "weights_0").dtype
    known = dtype in (np.float32, np.float64)
    require(known, "weights_0", "have the dtype float32 or float64", dtype.name)
    weights: list[Array] = []
    biases: list[Array] = []
    for k in range(count):
        w, b = _array(arrays, f"weights_{k}"), _array(arrays, f"biases_{k}")
        for key, array in ((f"weights_{k}", w), (f"biases_{k}", b)):
            rule = f"have the dtype of `weights_0`, {dtype.name}"
            require(array.dtype == dtype, key, rule, array.dtype.name)
        require(w.ndim == 2, f"weights_{k}", "have the shape (n_in, n_out)", w.shape)
        if biases:
            n_in = len(biases[-1])
            rule = f"have {n_in} rows, one for each output of the layer below"
            require(len(w) == n_in, f"weights_{k}", rule, len(w))
        rule = f"have the shape {w.shape[1:]}, one for each column of `weights_{k}`"
        require(b.shape == w.shape[1:], f"biases_{k}", rule, b.shape)
        weights.append(w.copy(order="F"))
        biases.append(b.copy())
    return weights, biases


def _read_scaling(arrays: Arrays, inputs: object, n_in: int) -> Scaling:
    offset, scale = _array(arrays, "offset"), _array(arrays, "scale")
    for key, array in (("offset", offset), ("scale", scale)):
        require(array.dtype == np.float64, key, "have the dtype float64", array.dtype.name)
    rule = f"be one number or have the shape ({n_in},), one for each input"
    require(scale.shape in ((), (n_in,)), "scale", rule, scale.shape)
    rule = f"be one number or have the shape of `scale`, {scale.shape}"
    require(offset.shape in ((), scale.shape), "offset", rule, offset.shape)
    require(bool(np.isfinite(offset).all()), "offset", "be finite", offset.tolist())
    require(bool((scale > 0).all()), "scale", "be > 0", scale.tolist())
    # Infinity is the scale of a constant input; the scale of all inputs cannot be that.
    single = scale.ndim == 0
    require(not single or bool(np.isfinite(scale)), "scale", "be finite", scale.tolist())
    return Scaling(
        float(offset) if offset.ndim == 0 else offset,
        float(scale) if single else scale,
        None if inputs is None else _read_names(inputs, n_in),
    )


def _read_names(inputs: object, n_in: int) -> tuple[str, ...]:
    names = inputs if isinstance(inputs, list) else []
    known = all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
    rule = f"be a list of {n_in} different names, one for each input"
    require(known and len(names) == n_in, "inputs", rule, inputs)
    return tuple(names)


def _array(arrays: Arrays, name: str) -> NDArray[Any]:
    if name not in arrays:
        raise InputError(f"the array `{name}` must be in the file")
    return arrays[name]

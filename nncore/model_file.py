"""Reads a saved model or ensemble from an `.npz` file, or from the folder of a run.

A model file may come from anyone, so it is checked rule by rule, and nothing in it is unpickled.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.arguments import as_path
from nncore.arrays.layout import Array
from nncore.config import TrialConfig
from nncore.datasets.columns.inputs import Column, encoding_from_json
from nncore.datasets.formats.npz import read_npz
from nncore.datasets.scaling import Scaling
from nncore.errors import InputError, require, shown
from nncore.model import Ensemble, Model, prefix
from nncore.network import Network
from nncore.shipped_model import shipped_model

Arrays = Mapping[str, NDArray[Any]]

DESCRIBED = ("activation", "output", "cost", "classes", "layers")
"""The keys that a model file describes; it may have `inputs`, `encoding` and `targets` too."""

ENSEMBLE = "ensemble"
"""The array that only the file of an ensemble has: its description."""


def load_model(path: str | Path) -> Model | Ensemble:
    """Return a saved model, or that of a run; nothing in a file is ever unpickled.

    Parameters
    ----------
    path
        An `.npz` file that `Model.save` or `Ensemble.save` wrote, or a run folder. A run folder
        stands for its certified network, `confirmed.npz`, if the run was confirmed, and for
        the best network of the search, `best.npz`, if it was not.

    Returns
    -------
    Model or Ensemble
        Ready to predict from raw inputs. `confirmed.npz` is an ensemble.

    Raises
    ------
    InputError
        If the file is missing or is not a saved model, or `confirmed.npz` is not the file that
        `confirmation.json` certifies; the message names the rule that it breaks.

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
    given = as_path(path, "path")
    try:
        file = shipped_model(given) if given.is_dir() else given
    except OSError as error:  # for example a name that is too long
        raise InputError(f"model file {given} must be readable: {error.strerror}") from error
    arrays = read_npz(file)
    try:
        return _read_ensemble(arrays) if ENSEMBLE in arrays else _read_model(arrays)
    except InputError as error:
        raise InputError(f"model file {file} must be a saved model: {error}") from error


def load_single_model(path: Path) -> Model:
    """Return the model that `Model.save` wrote to `path`; `InputError` as `load_model` raises."""
    model = load_model(path)
    if isinstance(model, Ensemble):
        raise InputError(f"model file {path} must hold a single model, got an ensemble")
    return model


def _read_ensemble(arrays: Arrays) -> Ensemble:
    described = _read_json(arrays, ENSEMBLE)
    count = described.get("models")
    whole = isinstance(count, int) and not isinstance(count, bool) and count >= 1
    require(whole, "models", "be a whole number >= 1", count)
    assert isinstance(count, int)
    models = []
    for number in range(count):
        start = prefix(number)
        own = {name.removeprefix(start): arrays[name] for name in arrays if name.startswith(start)}
        try:
            models.append(_read_model(own))
        except InputError as error:
            raise InputError(f"in model {number}, {error}") from error
    return Ensemble(tuple(models))


def _read_model(arrays: Arrays) -> Model:
    described = _read_description(arrays)
    names = {key: described[key] for key in ("activation", "output", "cost")}
    TrialConfig(**names)  # raises if a name is unknown or the pair is illegal
    weights, biases = _read_layers(arrays, described["layers"])
    classes, targets = _read_outputs(arrays, described, n_out=len(biases[-1]))
    scaling = _read_scaling(arrays, described, n_in=len(weights[0]))
    return Model(Network(weights, biases, **names), classes, scaling, targets)


def _read_outputs(
    arrays: Arrays, described: Mapping[str, Any], n_out: int
) -> tuple[tuple[str, ...], Scaling | None]:
    """Return the names of the classes, or none and the scaling of the targets."""
    classes = described["classes"]
    if "targets" not in described:
        matches = isinstance(classes, list) and len(classes) == n_out
        require(matches, "classes", f"be a list of {n_out} names, one for each output", classes)
        return tuple(map(str, classes)), None
    require(classes == [], "classes", "be an empty list if there are `targets`", classes)
    names = _read_names("targets", described["targets"], n_out, "output")
    numbers = []
    for key in ("target_offset", "target_scale"):
        numbers.append(array := _array(arrays, key))
        require(array.dtype == np.float64, key, "have the dtype float64", array.dtype.name)
        rule = f"have the shape ({n_out},), one for each output"
        require(array.shape == (n_out,), key, rule, array.shape)
        require(bool(np.isfinite(array).all()), key, "be finite", array.tolist())
    offset, scale = numbers
    require(bool((scale > 0).all()), "target_scale", "be > 0", scale.tolist())
    return (), Scaling(offset, scale, names)


def _read_description(arrays: Arrays) -> dict[str, Any]:
    described = _read_json(arrays, "model")
    for key in DESCRIBED:
        require(key in described, "model", f"have the key `{key}`", sorted(described))
    return described


def _read_json(arrays: Arrays, name: str) -> dict[str, Any]:
    text = str(_array(arrays, name))
    try:
        described = json.loads(text)
    except (RecursionError, ValueError) as error:
        raise InputError(f"`{name}` must be JSON, got {shown(text)}") from error
    require(isinstance(described, dict), name, "be a JSON object", described)
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


def _read_scaling(arrays: Arrays, described: Mapping[str, Any], n_in: int) -> Scaling:
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
        *_read_columns(described.get("inputs"), described.get("encoding"), n_in),
    )


def _read_columns(
    inputs: object, described: object, n_in: int
) -> tuple[tuple[str, ...] | None, tuple[Column, ...] | None]:
    """Return the names of the columns that a model takes, and how they become `n_in` inputs."""
    if described is None:
        return None if inputs is None else _read_names("inputs", inputs, n_in), None
    require(isinstance(described, list), "encoding", "be a list of columns", described)
    assert isinstance(described, list)
    encoding = encoding_from_json(described)
    width = sum(len(column.inputs) for column in encoding)
    require(width == n_in, "encoding", f"give {n_in} inputs", width)
    used = tuple(column.name for column in encoding if column.inputs)
    names = _read_names("inputs", inputs, len(used))
    require(names == used, "inputs", "be the columns of `encoding` that give inputs", inputs)
    return names, encoding


def _read_names(key: str, given: object, count: int, each: str = "input") -> tuple[str, ...]:
    names = given if isinstance(given, list) else []
    known = all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
    rule = f"be a list of {count} different names, one for each {each}"
    require(known and len(names) == count, key, rule, given)
    return tuple(names)


def _array(arrays: Arrays, name: str) -> NDArray[Any]:
    if name not in arrays:
        raise InputError(f"the array `{name}` must be in the file")
    return arrays[name]

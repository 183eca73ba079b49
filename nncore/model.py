"""A trained network ready for use, or several that answer together: raw inputs in, answers out.

Both are saved as an `.npz` of plain arrays; `nncore.model_file` reads it back.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.arguments import as_path
from nncore.arrays.blas import one_blas_thread
from nncore.arrays.layout import Array
from nncore.datasets.columns.inputs import Column, encoding_as_json
from nncore.datasets.raw_inputs import RawInputs, raw_rows
from nncore.datasets.scaling import Scaling, same_scaling
from nncore.errors import InputError, named, require, shown
from nncore.network import CHUNK_ROWS, Network

WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")
"""A whole number as Python writes it, which fits into int64; "01" is a name."""


@dataclass(frozen=True, repr=False)
class Model:
    """A network with the scaling of its raw inputs and the meaning of its outputs.

    Parameters
    ----------
    network
        The trained network.
    classes
        The class names, one for each output, in the order of the outputs; none for regression.
    scaling
        The scaling that was fitted on the training rows.
    targets
        For regression, how the targets were standardised, and their names; None for classes.

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
    targets: Scaling | None = None

    def __repr__(self) -> str:
        """Return three lines: the network, its inputs and its classes or targets."""
        network = self.network
        sizes = ", ".join(map(str, network.sizes))
        return _lines(self, f"Model [{sizes}], {network.activation}, output {network.output}")

    @property
    def inputs(self) -> tuple[str, ...] | None:
        """The names of the columns that it was trained on, in order; None if they have no names."""
        return self.scaling.inputs

    @property
    def encoding(self) -> tuple[Column, ...] | None:
        """How the columns of a table become inputs; None if each is an input as it is."""
        return self.scaling.encoding

    @property
    def target_names(self) -> tuple[str, ...]:
        """The names of the targets, one for each output; none for classes."""
        return (self.targets and self.targets.names) or ()

    @property
    def n_in(self) -> int:
        """The number of raw inputs in a row: of columns, if it was trained on a table."""
        return self.network.sizes[0] if self.inputs is None else len(self.inputs)

    def predict_proba(self, x: RawInputs) -> Array:
        """Return the outputs for raw inputs.

        They are probabilities whose sum is 1 if the output layer is softmax. The outputs of a
        sigmoid layer lie between 0 and 1, but their sum need not be 1.

        Parameters
        ----------
        x
            Raw inputs, `(m, n_in)`; or images, `(m, height, width)`; or a data frame of pandas,
            whose columns are found by the names of `inputs`, in any order.

        Returns
        -------
        Array
            `(m, n_classes)`.

        Raises
        ------
        InputError
            If the rows of `x` do not have `n_in` inputs or a column is missing, an input is not
            finite, all inputs look as if they were scaled already, or the model predicts targets.
        """
        _require_classes(self)
        return self._answers(x)

    def predict(self, x: RawInputs) -> NDArray[Any]:
        """Return the predicted class of each row of raw inputs, that of the largest output.

        For regression, return the predicted target, or targets, in their own units.

        Parameters
        ----------
        x
            Raw inputs, as `predict_proba` takes them.

        Returns
        -------
        NDArray[Any]
            `(m,)`: whole numbers if all classes are whole numbers as they are written, such as the
            digits of MNIST, else their names. For regression, float64, `(m,)`, or `(m, k)` for k
            targets.

        Raises
        ------
        InputError
            As `predict_proba` does, but regression is predicted too.
        """
        return _predicted(self, self._answers(x))

    def outputs(self, x: NDArray[np.float32], scaling: Scaling) -> Array:
        """Return the outputs, `(m, n_out)`, for rows `(m, n_in)` that `scaling` has scaled.

        With the model's own scaling they have the bits of `predict_proba` for the raw rows. For
        regression they are predictions in the units of the targets, float64.

        Raises `InputError` if the scalings differ and one encodes the columns of a table: the raw
        rows are then unknown.
        """
        own = same_scaling(scaling, self.scaling)
        known = own or (scaling.encoding is None and self.scaling.encoding is None)
        require(known, "scaling", "be that of the model, which encodes columns", scaling.names)
        return self._outputs(x if own else self.scaling.apply(scaling.undo(x)))

    def _answers(self, x: RawInputs) -> Array:
        """Return the outputs for raw inputs, as `outputs` does for scaled ones."""
        return self._outputs(self.scaling.apply(raw_rows(x, self.scaling, self.n_in)))

    def _outputs(self, scaled: NDArray[np.float32]) -> Array:
        starts = range(0, len(scaled), CHUNK_ROWS)
        with one_blas_thread():
            chunks = [scaled[start : start + CHUNK_ROWS] for start in starts]
            outputs = np.concatenate([self.network.outputs(chunk)[1] for chunk in chunks])
        return outputs if self.targets is None else self.targets.undo(outputs)

    def save(self, path: str | Path) -> None:
        """Write the model to `path` as an `.npz` of plain arrays, for `load_model`."""
        with as_path(path, "path").open("wb") as file:
            np.savez(file, **self._arrays())

    def _arrays(self) -> dict[str, Any]:
        network, encoding = self.network, self.scaling.encoding
        described = {
            "activation": network.activation,
            "output": network.output,
            "cost": network.cost,
            "classes": self.classes,
            "layers": len(network.weights),
            **({} if self.inputs is None else {"inputs": self.inputs}),
            **({} if encoding is None else {"encoding": encoding_as_json(encoding)}),
            **({} if self.targets is None else {"targets": self.target_names}),
        }
        arrays: dict[str, Any] = {"model": np.array(json.dumps(described))}
        arrays |= {f"weights_{k}": w for k, w in enumerate(network.weights)}
        arrays |= {f"biases_{k}": b for k, b in enumerate(network.biases)}
        if self.targets is not None:
            arrays |= {"target_offset": self.targets.offset, "target_scale": self.targets.scale}
        return arrays | {"offset": self.scaling.offset, "scale": self.scaling.scale}


@dataclass(frozen=True, repr=False)
class Ensemble:
    """Several models of the same classes or targets, which answer with the mean of their outputs.

    Each model scales the raw inputs by itself, and predicts targets in their own units. It has the
    methods of `Model`.

    Parameters
    ----------
    models
        The models, at least one.

    Raises
    ------
    InputError
        If there is no model, or two models differ in their classes, targets or inputs.

    Examples
    --------
    >>> import numpy as np
    >>> from nncore import Ensemble, Model, Network, Scaling
    >>> networks = [Network([np.eye(2) * s], [np.zeros(2)], "sigmoid", "linear", "quadratic")
    ...             for s in (1.0, 3.0)]
    >>> both = Ensemble(tuple(Model(one, ("dark", "light"), Scaling()) for one in networks))
    >>> both.predict_proba(np.array([[1, 4]])).tolist()
    [[2.0, 8.0]]
    >>> both.predict(np.array([[1, 4]])).tolist()
    ['light']
    """

    models: tuple[Model, ...]

    def __post_init__(self) -> None:
        require(len(self.models) > 0, "models", "be at least one model", len(self.models))
        first = self.models[0]
        for key in ("classes", "target_names", "inputs", "n_in"):
            for model in self.models:
                got, wanted = getattr(model, key), getattr(first, key)
                require(got == wanted, key, f"be the same in all models, {shown(wanted)}", got)

    def __repr__(self) -> str:
        """Return three lines: the networks, their inputs and their classes or targets."""
        sizes = ", ".join(map(str, self.models[0].network.sizes))
        return _lines(self, f"Ensemble of {len(self.models)} models such as [{sizes}]")

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names, one for each output; none for regression."""
        return self.models[0].classes

    @property
    def target_names(self) -> tuple[str, ...]:
        """The names of the targets, one for each output; none for classes."""
        return self.models[0].target_names

    @property
    def inputs(self) -> tuple[str, ...] | None:
        """The names of the columns that it was trained on, in order; None if they have no names."""
        return self.models[0].inputs

    @property
    def encoding(self) -> tuple[Column, ...] | None:
        """How the columns of a table become the inputs of the first model.

        The others may have other categories and means, but the same kinds of columns.
        """
        return self.models[0].encoding

    @property
    def n_in(self) -> int:
        """The number of inputs in a row."""
        return self.models[0].n_in

    def predict_proba(self, x: RawInputs) -> NDArray[np.float64]:
        """Return the mean outputs, `(m, n_classes)`, for raw inputs, as `Model.predict_proba`."""
        _require_classes(self)
        return self._answers(x)

    def predict(self, x: RawInputs) -> NDArray[Any]:
        """Return the class of the largest mean output of each row, or the mean prediction."""
        return _predicted(self, self._answers(x))

    def _answers(self, x: RawInputs) -> NDArray[np.float64]:
        return mean_outputs([model._answers(x) for model in self.models])

    def outputs(self, x: NDArray[np.float32], scaling: Scaling) -> NDArray[np.float64]:
        """Return the mean outputs for rows that `scaling` has scaled, as `Model.outputs`."""
        return mean_outputs([model.outputs(x, scaling) for model in self.models])

    def save(self, path: str | Path) -> None:
        """Write the ensemble to `path` as an `.npz` of plain arrays, for `load_model`."""
        arrays: dict[str, Any] = {"ensemble": np.array(json.dumps({"models": len(self.models)}))}
        for number, model in enumerate(self.models):
            own = model._arrays().items()
            arrays |= {f"{prefix(number)}{name}": array for name, array in own}
        with as_path(path, "path").open("wb") as file:
            np.savez(file, **arrays)


def prefix(number: int) -> str:
    """Return how the names of a model's arrays begin in the file of an ensemble."""
    return f"model_{number}_"


def mean_outputs(outputs: Sequence[Array]) -> NDArray[np.float64]:
    """Return the mean of the outputs, `(m, n_classes)` each, of several models."""
    mean: NDArray[np.float64] = np.mean(outputs, axis=0, dtype=np.float64)
    return mean


def _require_classes(model: "Model | Ensemble") -> None:
    if names := named(", ".join(model.target_names)):
        raise InputError(
            f"`predict_proba` must be called on a network of classes, got one that predicts {names}"
        )


def _predicted(model: "Model | Ensemble", outputs: NDArray[Any]) -> NDArray[Any]:
    """Return the class of the largest output of each row, with the type that labels came in.

    For regression, return the outputs themselves, `(m,)` if there is one target.
    """
    if model.target_names:
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs
    classes = model.classes
    whole = all(WHOLE_NUMBER.fullmatch(name) for name in classes)
    labels: NDArray[Any] = np.array([int(name) for name in classes] if whole else classes)
    predicted: NDArray[Any] = labels[outputs.argmax(axis=1)]
    return predicted


def _lines(model: "Model | Ensemble", what: str) -> str:
    """Return a model in three lines: its network, its inputs, its classes or targets."""
    names = ", ".join(model.inputs or ())
    inputs = f"{model.n_in} inputs" + (f": {named(names)}" if names else "")
    answers, kind = model.classes or model.target_names, "classes" if model.classes else "targets"
    if len(answers) == 1:
        kind = kind.removesuffix("s")
    return f"{what}\n  {inputs}\n  {len(answers)} {kind}: {named(', '.join(answers))}"

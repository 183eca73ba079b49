"""A step of training as plain data: a list of calls on arrays that are never reallocated.

The list is built once and runs for every mini-batch, without any decision in between.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from nncore.arrays.blas import blas_function
from nncore.arrays.layout import Array

Operation = tuple[Callable[..., object], tuple[Any, ...]]
"""A function and its arguments, which include the array that it writes to."""

Operations = Sequence[Operation]

Parts = Sequence[Array]
"""The rows of a mini-batch, cut into parts, each transposed to `(n, rows)` (see `layout`)."""


def run(operations: Iterable[Operation]) -> None:
    """Run `operations`, one after the other."""
    for function, arguments in operations:
        function(*arguments)


# BLAS expects Fortran order, columns first. The transpose of a C-ordered array is in that order and
# copies nothing, so rows `(m, n)` are passed as their transposes `(n, m)`; weights are stored in
# Fortran order. For example, out = x @ w becomes outᵀ = wᵀ @ xᵀ, (n_out, n_in) @ (n_in, m).
#
# gemm(alpha, a, b, beta, c, transpose_a, transpose_b, overwrite_c) does c = beta c + alpha a @ b.
# Its arguments are positional: passing them by name doubles the time of a small call.


def affine(x_parts: Parts, w: Array, w_gain: float, out_parts: Parts, gain: float) -> Operations:
    """Do `out = gain * out + w_gain * x @ w` for `w` `(n_in, n_out)` and rows in parts."""
    gemm = blas_function("gemm", w)
    return [
        (gemm, (w_gain, w, x_t, gain, out_t, 1, 0, 1))
        for x_t, out_t in zip(x_parts, out_parts, strict=True)
    ]


def times_transposed(delta_parts: Parts, w: Array, out_parts: Parts) -> Operations:
    """Do `out = delta @ w.T` for `w` `(n_in, n_out)` and rows in parts."""
    gemm = blas_function("gemm", w)
    return [
        (gemm, (1, w, delta_t, 0, out_t, 0, 0, 1))
        for delta_t, out_t in zip(delta_parts, out_parts, strict=True)
    ]


def add_product(
    factor: float, a_parts: Parts, delta_parts: Parts, decay: float, out: Array
) -> Operations:
    """Do `out = decay * out + factor * a.T @ delta` over all rows, for Fortran-ordered `out`."""
    gemm = blas_function("gemm", out)
    # The first part applies `decay`; each later part adds to the result, so its factor is 1.
    return [
        (gemm, (factor, a_t, delta_t, 1 if part else decay, out, 0, 1, 1))
        for part, (a_t, delta_t) in enumerate(zip(a_parts, delta_parts, strict=True))
    ]


def add_sum(factor: float, delta: Array, decay: float, out: Array) -> Operations:
    """Do `out = decay * out + factor * delta.sum(axis=0)`."""
    # A product with ones sums the rows; it applies `factor` and `decay` in the same call.
    gemv, ones = blas_function("gemv", out), np.ones(len(delta), delta.dtype)
    return [(gemv, (factor, delta.T, ones, decay, out, 0, 1, 0, 1, 0, 1))]


def add_scaled(factor: float, x: Array, out: Array) -> Operations:
    """Do `out += factor * x` for contiguous arrays of the same shape, order and dtype."""
    axpy = blas_function("axpy", out)
    return [(axpy, (x.ravel("K"), out.ravel("K"), out.size, factor))]

"""Max-norm: an upper bound on the length of the incoming weights of each hidden unit.

After each step, a column of weights that is longer than the bound is scaled down to it.
"""

from functools import partial

import numpy as np

from nncore.arrays.layout import Array
from nncore.arrays.operations import Operations


def limit_norms(w: Array, bound: float) -> None:
    """Scale each column of `w` `(n_in, n_out)` whose L2 norm exceeds `bound` down to that norm.

    It changes `w` in place. Biases do not count (Hinton et al. 2012; Srivastava et al. 2014,
    sec. 5.1).
    """
    norms = np.linalg.norm(w, axis=0)
    w *= bound / np.maximum(norms, bound)


def limited_norms(w: Array, bound: float) -> Operations:
    """Return the operations of `limit_norms` on Fortran-ordered `w`.

    A column within the bound is multiplied by exactly 1, so it keeps its bits.
    """
    factors = np.empty(w.shape[1], w.dtype)
    bounds = np.full_like(factors, bound)
    return [
        (np.vecdot, (w.T, w.T, factors)),  # the square of each norm
        (np.sqrt, (factors, factors)),
        (partial(np.maximum, out=factors), (factors, bounds)),
        (np.divide, (bounds, factors, factors)),  # bound / max(norm, bound)
        (np.multiply, (w, factors, w)),
    ]

"""Max-norm: weights that are too long are scaled down to the bound, all others keep their bits."""

from math import hypot, sqrt

import numpy as np
import pytest

from nncore.arrays.layout import Array, aligned
from nncore.arrays.operations import run
from nncore.components.max_norm import limit_norms, limited_norms

FORMS = {
    "readable": limit_norms,
    "fused": lambda w, bound: run(limited_norms(w, bound)),
}


@pytest.mark.parametrize("form", FORMS)
def test_two_columns_by_hand(form: str) -> None:
    """(3, 4) has the norm 5 and becomes (1.2, 1.6) of norm 2; (0.6, −0.8) of norm 1 stays."""
    w = aligned(np.array([[3.0, 0.6], [4.0, -0.8]]))
    FORMS[form](w, 2.0)
    np.testing.assert_allclose(w, [[1.2, 0.6], [1.6, -0.8]], rtol=0, atol=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("form", FORMS)
def test_it_is_a_plain_loop_over_columns(form: str, dtype: str) -> None:
    w = aligned(np.random.default_rng(1).standard_normal((7, 50)), dtype)
    bound, before = 2.5, w.copy()
    FORMS[form](w, bound)
    longer = 0
    for column, old in zip(w.T.tolist(), before.T.tolist(), strict=True):
        norm = sqrt(sum(value * value for value in old))
        if norm <= bound:
            assert column == old
        else:
            longer += 1
            expected = [value * bound / norm for value in old]
            assert column == pytest.approx(expected, rel=1e-6 if dtype == "float32" else 1e-14)
    assert 5 < longer < 45


@pytest.mark.parametrize("form", FORMS)
def test_zeros_and_a_column_exactly_at_the_bound_keep_their_bits(form: str) -> None:
    w = aligned(np.array([[0.0, 3.0], [0.0, 4.0]]))
    FORMS[form](w, hypot(3, 4))
    np.testing.assert_array_equal(w, [[0.0, 3.0], [0.0, 4.0]])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("form", FORMS)
def test_a_weight_that_is_not_finite_is_not_hidden(form: str, bad: float) -> None:
    w: Array = aligned(np.array([[bad, 1.0], [1.0, 1.0]]))
    with np.errstate(invalid="ignore"):
        FORMS[form](w, 1.0)
    assert not np.isfinite(w[0, 0])
    assert np.isfinite(w[:, 1]).all()

"""Class weights against an example worked by hand, their law, and scikit-learn's definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from nncore.components.class_weights import CLASS_WEIGHTS
from nncore.config import TrialConfig
from nncore.errors import InputError

LABELS = st.lists(st.integers(0, 6), min_size=1, max_size=60).map(np.array)


def test_three_of_one_class_and_one_of_another_by_hand() -> None:
    # n = 4 in K = 2 classes, of 3 and 1: 4/(2 · 3) = 2/3 and 4/(2 · 1) = 2. Class 1 has no example.
    weights = CLASS_WEIGHTS["balanced"](np.array([0, 2, 0, 0]))
    np.testing.assert_allclose(weights, [2 / 3, 2, 2 / 3, 2 / 3], rtol=1e-15)


@given(labels=LABELS)
def test_balanced_is_that_of_scikit_learn(labels: np.ndarray) -> None:
    classes = np.unique(labels)
    by_class = compute_class_weight("balanced", classes=classes, y=labels)
    expected = by_class[np.searchsorted(classes, labels)]
    np.testing.assert_allclose(CLASS_WEIGHTS["balanced"](labels), expected, rtol=1e-15)


@given(labels=LABELS)
def test_all_classes_with_examples_count_the_same(labels: np.ndarray) -> None:
    weights = CLASS_WEIGHTS["balanced"](labels)
    assert weights is not None
    classes = np.unique(labels)
    totals = [weights[labels == label].sum() for label in classes]
    np.testing.assert_allclose(totals, len(labels) / len(classes), rtol=1e-13)
    assert weights.mean() == pytest.approx(1, rel=1e-13)


def test_none_has_no_weights() -> None:
    assert CLASS_WEIGHTS["none"](np.array([0, 1, 1])) is None


@pytest.mark.parametrize("value", [None, {0: 1.0}, True, 1, ["balanced"]])
def test_a_config_takes_names_only(value: object) -> None:
    with pytest.raises(InputError, match=r"^`class_weight` must be one of balanced, none, got "):
        TrialConfig(class_weight=value)


def test_a_misspelled_name_gets_a_suggestion() -> None:
    with pytest.raises(InputError, match="did you mean `balanced`"):
        TrialConfig(class_weight="balance")

"""Each test of the book's interface gets the same global generators, and Python 2's shuffle."""

# ruff: noqa: NPY002  the book's program draws from the global generators

import random
from collections.abc import Iterator

import numpy as np
import pytest

from nncore.book import shuffle
from tests.support.plain_book import seed


@pytest.fixture(autouse=True)
def global_generators() -> Iterator[None]:
    """Seed both generators with 1, and give the rest of the run its own back."""
    python, numpy = random.getstate(), np.random.get_state()
    seed(1)
    yield
    random.setstate(python)
    np.random.set_state(numpy)
    shuffle.use_python(2)

"""What is expected to take longer does: more epochs, wider or more layers, smaller mini-batches."""

from dataclasses import replace

import pytest

from nncore.config import TrialConfig
from sweeps.workers.cost_model import expected_seconds

BASE = TrialConfig(hidden_units=(30,), mini_batch_size=10, epochs=10)


@pytest.mark.parametrize(
    "longer",
    [
        replace(BASE, epochs=20),
        replace(BASE, hidden_units=(100,)),
        replace(BASE, hidden_units=(30, 30)),
        replace(BASE, mini_batch_size=5),
        replace(BASE, rotation=10.0),
        replace(BASE, update="adam"),
    ],
)
def test_longer_is_longer(longer: TrialConfig) -> None:
    assert expected_seconds(longer, 784, 10, 50_000) > expected_seconds(BASE, 784, 10, 50_000)


def test_it_grows_in_proportion_to_epochs_and_examples() -> None:
    base = expected_seconds(BASE, 784, 10, 50_000)
    assert expected_seconds(replace(BASE, epochs=30), 784, 10, 50_000) == pytest.approx(3 * base)
    assert expected_seconds(BASE, 784, 10, 5_000) == pytest.approx(base / 10)

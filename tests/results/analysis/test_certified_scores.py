"""The scores on test data, worked out by hand and by counting."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.components.metrics import ACCURACY, METRICS, metrics_for
from results.analysis.certified_scores import class_scores, score_outputs
from results.report.confirmation_prose import sentences
from sweeps.certification import BaselineOutputs, OutputsOnTestSet
from tests.support.records import opened, plain_verdict

LABELS = np.array([0, 0, 1, 1, 1, 2, 2, 2])


def answers(*classes: int) -> np.ndarray[Any, Any]:
    """Return outputs whose largest is that of the given class."""
    return np.eye(3)[list(classes)]


RIGHT = answers(*LABELS)
ONE_WRONG = answers(0, 0, 1, 1, 1, 2, 2, 1)
TWO_WRONG = answers(0, 1, 1, 1, 1, 2, 2, 1)


def outputs(**changes: Any) -> OutputsOnTestSet:
    given = {
        "classes": ("a", "b", "c"),
        "labels": LABELS,
        "networks": [RIGHT, TWO_WRONG],
        "ensemble": ONE_WRONG,
        "runner_up": None,
        "baselines": {},
        "validation_labels": LABELS,
    }
    return OutputsOnTestSet(**given | changes)


def test_the_networks_alone_and_together_by_hand() -> None:
    found = score_outputs(outputs(), ACCURACY)
    assert found.values == [1.0, 0.75]
    assert found.mean == 0.875
    assert found.std == pytest.approx(0.25 / np.sqrt(2))
    assert found.ci == (0.0, 1.0)  # 0.125 tan(0.4825 pi) to each side, cut at what is possible
    together = found.ensemble
    assert together is not None
    assert (together.networks, together.examples, together.value) == (2, 8, 7 / 8)
    # Wilson's interval of 7 of 8, with z = 1.959964, from its formula
    z2, share = 1.959964**2, 7 / 8
    middle = (share + z2 / 16) / (1 + z2 / 8)
    half = 1.959964 / (1 + z2 / 8) * np.sqrt(share * (1 - share) / 8 + z2 / 256)
    assert together.ci == pytest.approx((middle - half, middle + half), abs=1e-6)
    assert together.lead is None
    assert [(c.name, c.examples, c.precision, c.recall) for c in together.classes] == [
        ("a", 2, 1.0, 1.0),
        ("b", 3, 0.75, 1.0),
        ("c", 3, 1.0, pytest.approx(2 / 3)),
    ]


def test_the_lead_over_the_runner_up_is_paired_by_example() -> None:
    found = score_outputs(outputs(runner_up=TWO_WRONG), ACCURACY).ensemble
    assert found is not None
    assert found.lead is not None
    assert found.lead.mean == pytest.approx(1 / 8)
    low, high = found.lead.ci
    # one of the eight differs, for the winner: no resample of pairs makes the lead negative
    assert low == 0.0
    assert 3 / 8 <= high < 1


def test_equal_answers_have_no_interval_and_are_said_in_words() -> None:
    scores = score_outputs(outputs(runner_up=ONE_WRONG, networks=[ONE_WRONG] * 2), ACCURACY)
    assert scores.ensemble is not None
    assert scores.ensemble.lead is not None
    assert (scores.ensemble.lead.mean, scores.ensemble.lead.ci) == (0.0, None)
    said = " ".join(sentences(opened(plain_verdict(4, [0, 1]), **dict(scores))))
    assert "do equally well on the test set" in said
    assert "Each network alone reaches 87.50%, the same on all 2 seeds." in said
    assert "±" not in said
    assert "0.00 points" not in said.partition("selection bias")[2].partition("interval")[2]


def test_a_network_that_never_learned_is_left_out_and_that_is_said() -> None:
    scores = score_outputs(outputs(networks=[RIGHT, None, TWO_WRONG]), ACCURACY)
    assert scores.values == [1.0, 0.0, 0.75]
    assert scores.ensemble is not None
    assert scores.ensemble.networks == 2
    said = " ".join(sentences(opened(plain_verdict(4, [0, 1, 2]), **dict(scores))))
    assert "1 of 3 networks diverged in the first epoch and is left out." in said


def test_without_any_network_nothing_is_certified() -> None:
    scores = score_outputs(outputs(networks=[None, None], ensemble=None), ACCURACY)
    assert (scores.values, scores.ensemble) == ([0.0, 0.0], None)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40),
)
def test_precision_and_recall_are_shares_of_columns_and_rows(pairs: list[tuple[int, int]]) -> None:
    labels, predicted = (np.array(column) for column in zip(*pairs, strict=True))
    found = class_scores(("a", "b", "c", "d"), labels, np.eye(4)[predicted])
    assert [one.name for one in found] == ["a", "b", "c", "d"]
    for k, one in enumerate(found):
        hit = sum(pair == (k, k) for pair in pairs)
        taken, there = sum(p == k for _, p in pairs), sum(t == k for t, _ in pairs)
        assert one.examples == there
        assert one.precision == (hit / taken if taken else 0.0)
        assert one.recall == (hit / there if there else 0.0)


def test_a_small_spread_is_never_shown_as_zero() -> None:
    values = [0.97, 0.97001]
    record = opened(plain_verdict(4, [0, 1]), std=float(np.std(values, ddof=1)), values=values)
    said = " ".join(sentences(record))
    assert "standard deviation over 2 seeds is less than 0.01 points" in said


def test_another_metric_judges_in_its_own_direction() -> None:
    sure = 0.9 * TWO_WRONG + 0.1 * (1 - TWO_WRONG) / 2
    unsure = 0.5 * RIGHT + 0.5 * (1 - RIGHT) / 2
    found = score_outputs(
        outputs(networks=[sure, None], ensemble=sure, runner_up=unsure), METRICS["log_loss"]
    )
    by_hand = -(6 * np.log(0.9) + 2 * np.log(0.05)) / 8
    assert found.values == [pytest.approx(by_hand), METRICS["log_loss"].worst]
    assert found.ensemble is not None
    assert found.ensemble.value == pytest.approx(by_hand)
    assert found.ensemble.metrics["accuracy"] == 6 / 8
    assert tuple(found.ensemble.metrics) == metrics_for(regression=False)
    low, high = found.ensemble.ci
    assert low < by_hand < high
    assert found.ensemble.lead is not None
    better_by = -np.log(0.5) - by_hand  # of two losses the smaller is better
    assert found.ensemble.lead.mean == pytest.approx(better_by)


def test_a_baseline_has_its_values_and_the_lead_over_it() -> None:
    answered = BaselineOutputs(on_validation=ONE_WRONG, on_test=TWO_WRONG)
    (found,) = score_outputs(outputs(baselines={"linear": answered}), ACCURACY).baselines
    assert (found.name, found.on_validation, found.on_test) == ("linear", 7 / 8, 6 / 8)
    assert found.lead == score_outputs(outputs(runner_up=TWO_WRONG), ACCURACY).ensemble.lead

"""One trial: what ends it, what it is worth, and that nothing but its arguments decides."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from nncore.arrays.blas import one_blas_thread
from nncore.config import TrialConfig
from nncore.datasets import DataSet, DataSource, load_dataset
from nncore.scoring import score
from sweeps import trial
from sweeps.errors import OutageError
from sweeps.trial import TrialOutcome, evaluate
from sweeps.workers import tasks
from sweeps.workers.tasks import attempt

CONFIG = TrialConfig(epochs=4, hidden_units=(12,), learning_rate=1.0)


def curve(outcome: TrialOutcome, replicate: int = 0) -> list[float]:
    return [record.validation_accuracy or 0.0 for record in outcome.curves[replicate]]


def without_clock(outcome: TrialOutcome) -> tuple:
    timeless = {"train_seconds": 0.0, "evaluation_seconds": 0.0}
    curves = [[dataclasses.replace(r, **timeless) for r in c] for c in outcome.curves]
    return outcome.value, outcome.best_epoch, outcome.epochs, outcome.stop_reason, curves


def test_the_value_is_the_best_epoch_and_the_model_is_of_that_epoch(digits: DataSet) -> None:
    outcome = evaluate(dataclasses.replace(CONFIG, epochs=25), "digits", [(3, 0)])
    values = curve(outcome)
    assert outcome.value == max(values)
    assert outcome.best_epoch == 1 + values.index(max(values))
    assert outcome.best_epoch < 25, "the test needs a best epoch that is not the last"
    assert (outcome.state, outcome.stop_reason, outcome.epochs) == ("complete", "max_epochs", 25)
    assert outcome.model is not None
    with one_blas_thread():
        assert score(outcome.model.network, digits.validation).accuracy == outcome.value


def test_same_arguments_same_outcome_and_another_seed_another() -> None:
    one, two = (without_clock(evaluate(CONFIG, "digits", [(3, 0)])) for _ in range(2))
    assert one == two
    assert one != without_clock(evaluate(CONFIG, "digits", [(4, 0)]))
    assert one != without_clock(evaluate(CONFIG, "digits", [(3, 1)]))


def test_replicates_are_the_single_runs_and_the_value_their_mean() -> None:
    both = evaluate(CONFIG, "digits", [(3, 0), (3, 1)])
    single = [evaluate(CONFIG, "digits", [(3, replicate)]) for replicate in (0, 1)]
    assert [curve(both, 0), curve(both, 1)] == [curve(single[0]), curve(single[1])]
    means = [(a + b) / 2 for a, b in zip(curve(single[0]), curve(single[1]), strict=True)]
    assert both.value == max(means)
    assert both.best_epoch == 1 + means.index(max(means))


def test_early_stopping_ends_after_epochs_without_improvement() -> None:
    config = dataclasses.replace(CONFIG, epochs=200, early_stopping=3)
    outcome = evaluate(config, "digits", [(3, 0)])
    assert outcome.stop_reason == "no_improvement"
    assert outcome.epochs == outcome.best_epoch + 3
    assert curve(outcome) == curve(evaluate(CONFIG, "digits", [(3, 0)])) + curve(outcome)[4:]


def test_divergence_is_an_outcome_worth_its_best_epoch_before() -> None:
    config = dataclasses.replace(CONFIG, learning_rate=1000.0, lmbda=100.0)
    outcome = evaluate(config, "digits", [(3, 0)])
    assert (outcome.state, outcome.stop_reason, outcome.epochs) == ("complete", "diverged", 1)
    assert (outcome.value, outcome.best_epoch, outcome.model) == (0.0, 0, None)


def test_divergence_after_good_epochs_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    real = trial.train

    def diverge_in_third(*arguments, **keywords):  # type: ignore[no-untyped-def]
        for record in real(*arguments, **keywords):
            yield dataclasses.replace(record, diverged=record.epoch == 3)

    monkeypatch.setattr(trial, "train", diverge_in_third)
    outcome = evaluate(CONFIG, "digits", [(3, 0)])
    assert (outcome.stop_reason, outcome.epochs) == ("diverged", 3)
    assert outcome.value == max(curve(outcome)[:2])
    assert outcome.best_epoch in (1, 2)
    assert outcome.model is not None


def test_on_epoch_receives_each_record_at_once() -> None:
    seen = []
    outcome = evaluate(CONFIG, "digits", [(3, 0), (3, 1)], seen.append)
    assert tuple(seen) == outcome.curves[0]


def test_another_width_sees_the_data_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = []
    real = trial.train

    def note(network, config, rng, **splits):  # type: ignore[no-untyped-def]
        order = np.arange(50)
        rng.shuffle(order)
        orders.append(order.tolist())
        return real(network, config, rng, **splits)

    monkeypatch.setattr(trial, "train", note)
    for width in (5, 40):
        evaluate(dataclasses.replace(CONFIG, hidden_units=(width,), epochs=1), "digits", [(3, 0)])
    assert orders[0] == orders[1]


def test_an_error_becomes_a_failed_outcome_with_its_traceback() -> None:
    outcome = attempt(dataclasses.replace(CONFIG, mini_batch_size=5000), "digits", [(3, 0)])
    assert (outcome.state, outcome.value, outcome.stop_reason) == ("failed", None, "error")
    assert "`mini_batch_size` must be <= 1259" in outcome.error
    assert outcome.error.startswith("Traceback")


def test_data_that_cannot_be_read_are_no_result_of_the_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of the user, and its cache: either may be read, and then neither."""
    file, cache = tmp_path / "own.npz", tmp_path / "cache"
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(cache))
    rng = np.random.default_rng(0)
    np.savez(file, x=rng.random((60, 3)), y=np.arange(60) % 2)
    source = load_dataset(DataSource(str(file))).source
    file.rename(tmp_path / "moved")
    assert attempt(CONFIG, source, [(3, 0)]).state == "complete"
    cache.rename(tmp_path / "moved-cache")
    with pytest.raises(OutageError, match=r"^data set .*own\.npz can no longer be read: .+$"):
        attempt(CONFIG, source, [(3, 0)])


def test_a_disk_that_cannot_be_read_is_no_result_of_the_trial(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*arguments: object, **keywords: object) -> None:
        raise OSError(5, "Input/output error", "x.npy")

    monkeypatch.setattr(tasks, "load_dataset", refuse)
    with pytest.raises(
        OutageError, match=r"^data set digits can no longer be read: .* error: 'x\.npy'$"
    ):
        attempt(CONFIG, "digits", [(3, 0)])


def test_the_data_is_not_read_twice_over(tmp_path: Path) -> None:
    """A worker maps the arrays of the cache: it holds no copy of its own."""
    x = load_dataset("digits", verify=False).train.x
    assert not x.flags.owndata
    assert not x.flags.writeable

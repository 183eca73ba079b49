"""What a confirmation certifies: the ensemble in `confirmed.npz`, whatever kills it on the way."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nncore.datasets import DataSet
from nncore.errors import InputError
from nncore.model import Ensemble, Model
from nncore.model_file import load_model
from nncore.shipped_model import file_sha256
from results.analysis.certified_scores import score_outputs
from sweeps.certification import check_unopened, open_test_set, restore_confirmed
from sweeps.config import SweepConfig
from sweeps.confirmation import FRESH, Candidate, train_again
from sweeps.records.confirmation_record import ConfirmationRecord, Verdict
from sweeps.sweep import run_sweep
from sweeps.trial import evaluate
from tests.support.records import plain_verdict

SEEDS = [0, 1, 2]
BEST = {"learning_rate": 1.0, "lmbda": 0.1, "mini_batch_size": 5, "hidden_units": 40}
OTHER = {**BEST, "hidden_units": 10}
CANDIDATES = [Candidate(2, BEST, 0.96, 0.96), Candidate(5, OTHER, 0.95, 0.95)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, digits: DataSet) -> tuple[SweepConfig, Path]:
    """A run whose best trials were trained again; its test set is closed."""
    from sweeps.config import parse_config

    config = parse_config(
        {
            "sweep": {"name": "small", "trials": 1, "seed": 7},
            "data": {"name": "digits"},
            "training": {"epochs": 2},
            "space": {
                "learning_rate": {"low": 0.1, "high": 4.0, "log": True},
                "lmbda": {"choices": [0.1, 1.0]},
                "mini_batch_size": {"choices": [5, 20]},
                "hidden_units": {"low": 5, "high": 60},
            },
        }
    )
    folder = tmp_path_factory.mktemp("trained") / "run"
    run_sweep(config, digits, folder)
    train_again(config, digits, folder, CANDIDATES, len(SEEDS))
    return config, folder


@pytest.fixture
def run(trained: tuple[SweepConfig, Path], tmp_path: Path) -> Path:
    shutil.copytree(trained[1], tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def certify(
    trained: tuple[SweepConfig, Path], digits: DataSet
) -> Callable[..., ConfirmationRecord]:
    def open_for_two(folder: Path, *, again: bool = False) -> ConfirmationRecord:
        return open_test_set(trained[0], digits, folder, verdict(), score_outputs, again=again)

    return open_for_two


def verdict(winner: int = 2) -> Verdict:
    return plain_verdict(winner, SEEDS)


def test_the_certified_score_is_that_of_the_mean_output(
    certify, trained, run: Path, digits: DataSet
) -> None:
    record = certify(run)
    test, raw = record.test_set, digits.scaling.undo(digits.test.x)
    outcomes = [
        evaluate(trained[0].trial_config(BEST), "digits", [(7, FRESH + seed)]) for seed in SEEDS
    ]
    mean = sum(outcome.model.predict_proba(raw).astype(float) for outcome in outcomes) / len(SEEDS)
    right = mean.argmax(axis=1) == digits.test.labels
    assert test.ensemble.value == right.mean()
    assert (test.ensemble.networks, test.ensemble.examples) == (3, len(right))
    shipped = load_model(run)
    assert isinstance(shipped, Ensemble)
    np.testing.assert_allclose(shipped.predict_proba(raw), mean, rtol=1e-12)
    assert test.sha256 == file_sha256(run / "confirmed.npz")


def test_the_runner_up_is_scored_in_the_same_opening(trained, run: Path, digits: DataSet) -> None:
    config = trained[0]
    candidates = [plain_verdict(trial, SEEDS).candidates[0] for trial in (2, 5)]
    lead = {"pairs": 3, "mean": 0.0, "ci": (0.0, 0.0), "p_value": 1.0}
    changes = {"candidates": candidates, "runner_up": 5, "difference": lead}
    both = Verdict(**{**dict(verdict()), **changes})
    found = open_test_set(config, digits, run, both, score_outputs).test_set.ensemble.lead
    raw = digits.scaling.undo(digits.test.x)
    scores = []
    for params in (BEST, OTHER):
        outcomes = [
            evaluate(config.trial_config(params), "digits", [(7, FRESH + seed)]) for seed in SEEDS
        ]
        mean = sum(outcome.model.predict_proba(raw).astype(float) for outcome in outcomes)
        scores.append((mean.argmax(axis=1) == digits.test.labels).mean())
    assert found.mean == pytest.approx(scores[0] - scores[1], abs=1e-12)
    # its networks are deleted now: at another opening there is nothing to compare with
    again = open_test_set(config, digits, run, both, score_outputs, again=True)
    assert again.test_set.ensemble.lead is None


def test_killed_at_every_write(certify, run: Path, tmp_path: Path) -> None:
    """At any instant the folder stands for what its record certifies, or for the search's best."""
    shutil.copytree(run, tmp_path / "whole")
    whole = certify(tmp_path / "whole")
    kills = 0
    while not in_child(kills, certify, run, tmp_path / "killed"):
        killed = tmp_path / "killed"
        if (killed / "confirmation.json").exists():
            assert isinstance(load_model(killed), Ensemble)
        else:
            assert isinstance(load_model(killed), Model)
            certify(killed)
        record = ConfirmationRecord.read(killed / "confirmation.json")
        assert record.test_set.sha256 == whole.test_set.sha256
        assert record.test_set.values == whole.test_set.values
        assert len(record.history) == 1
        kills += 1
    assert kills >= 2  # the network and the record


def in_child(number: int, work: Callable[[Path], object], run: Path, folder: Path) -> bool:
    """Do `work` on a copy in a child that dies before its rename `number`; return if it lived."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(run, folder)
    pid = os.fork()
    if pid == 0:
        rename, left = Path.replace, [number]

        def replace_or_die(path: Path, target: Path) -> Path:
            if left[0] == 0:
                os._exit(9)
            left[0] -= 1
            return rename(path, target)

        Path.replace = replace_or_die  # type: ignore[method-assign, assignment]
        work(folder)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.mark.parametrize("damage", ["lost", "changed"])
def test_a_certified_network_is_made_again_without_opening_the_test_set(
    certify, trained, run: Path, damage: str
) -> None:
    certify(run)
    file, record = run / "confirmed.npz", (run / "confirmation.json").read_bytes()
    whole = file.read_bytes()
    assert not restore_confirmed(trained[0], run)  # nothing is amiss
    file.unlink() if damage == "lost" else file.write_bytes(b"other")
    with pytest.raises(InputError, match=r"confirmed\.npz"):
        load_model(run)
    assert restore_confirmed(trained[0], run)
    assert file.read_bytes() == whole
    assert (run / "confirmation.json").read_bytes() == record


def test_without_its_networks_it_is_not_made_again(certify, trained, run: Path) -> None:
    certify(run)
    (run / "confirmed.npz").unlink()
    (run / "confirmation" / "000002-0001.npz").unlink()
    assert not restore_confirmed(trained[0], run)
    assert not (run / "confirmed.npz").exists()
    with pytest.raises(InputError, match="must be opened only once"):
        check_unopened(run, again=False)


def test_a_run_that_was_not_confirmed_has_nothing_to_restore(trained, run: Path) -> None:
    assert not restore_confirmed(trained[0], run)
    assert isinstance(load_model(run), Model)


def test_a_record_of_an_earlier_version_is_read_and_certifies_nothing(certify, run: Path) -> None:
    certify(run)
    path = run / "confirmation.json"
    plain = json.loads(path.read_text())
    for opened in (plain["test_set"], *plain["history"]):
        for key in ("ci", "ensemble", "sha256"):
            del opened[key]
    path.write_text(json.dumps(plain))
    record = ConfirmationRecord.read(path)
    assert (record.test_set.sha256, record.test_set.ensemble) == (None, None)
    assert isinstance(load_model(run), Model)

"""The same seed gives the same bits: in one process, in another, and whatever BLAS may use.

The thread limit is seen from inside the training, and is back in its place after each epoch.
"""

import hashlib
import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_info, threadpool_limits

import nncore
from nncore import scoring as scoring_module
from nncore import training as module
from nncore.arrays.blas import blas_libraries, one_blas_thread
from nncore.config import TrialConfig
from nncore.datasets.dataset import Split, make_split
from nncore.network import Network, new_network
from nncore.scoring import Score, score
from nncore.training import train

ROOT = Path(nncore.__file__).parents[1]


def random_split(n: int = 1550) -> Split:
    rng = np.random.default_rng(0)
    return make_split(rng.random((n, 300), np.float32), rng.integers(0, 10, n), 10)


def fingerprint(seed: int, dtype: str) -> str:
    """Return the SHA-256 over weights, biases and costs of two epochs; its products are large
    enough for BLAS to share them out among threads if it may.
    """
    config = TrialConfig(hidden_units=(200,), mini_batch_size=500, epochs=2, lmbda=1.0, dtype=dtype)
    split = random_split()
    network = new_network(config, 300, 10, np.random.default_rng(seed))
    digest = hashlib.sha256()
    for record in train(
        network, config, np.random.default_rng([seed, 1]), training=split, validation=split
    ):
        for number in (record.train_cost, record.validation_cost, record.penalty):
            digest.update(float.hex(number or 0.0).encode())
    for array in (*network.weights, *network.biases):
        digest.update(array.tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_same_seed_same_bits_and_another_seed_others(dtype: str) -> None:
    assert fingerprint(1, dtype) == fingerprint(1, dtype)
    assert fingerprint(1, dtype) != fingerprint(2, dtype)


@pytest.mark.parametrize("threads", ["1", "2"])
def test_same_bits_in_another_process_however_many_threads_it_allows(threads: str) -> None:
    environment = {
        **os.environ,
        "OPENBLAS_NUM_THREADS": threads,
        "PYTHONHASHSEED": threads,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)]),
    }
    name = Path(__file__).stem
    code = f"from {name} import fingerprint as f; print(f(1, 'float32'), f(1, 'float64'))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [fingerprint(1, "float32"), fingerprint(1, "float64")]


def test_the_global_generators_are_left_alone() -> None:
    def states() -> tuple[object, str]:
        return random.getstate(), str(np.random.get_state())  # noqa: NPY002  to see it untouched

    before = states()
    fingerprint(1, "float32")
    assert states() == before


def blas_threads() -> set[int]:
    return {
        library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"
    }


class Watching:
    """A shuffler that notes how many BLAS threads it was called with."""

    def __init__(self) -> None:
        self.seen: list[set[int]] = []

    def shuffle(self, x: NDArray[np.int64], /) -> None:
        self.seen.append(blas_threads())


def test_one_thread_trains_and_scores_and_the_former_limit_returns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scoring: list[set[int]] = []

    def watched_score(network: Network, split: Split) -> Score:
        scoring.append(blas_threads())
        return score(network, split)

    monkeypatch.setattr(module, "score", watched_score)  # of the training rows
    monkeypatch.setattr(scoring_module, "score", watched_score)  # of the validation rows
    config = TrialConfig(epochs=2, hidden_units=(3,))
    network = new_network(config, 300, 10, np.random.default_rng(1))
    split, shuffler = random_split(50), Watching()
    with threadpool_limits(2, user_api="blas"):
        allowed = blas_threads()
        records = train(network, config, shuffler, training=split, validation=split)
        for _ in records:
            assert blas_threads() == allowed
        assert shuffler.seen == [{1}] * 2
        assert scoring == [{1}] * 4
        assert blas_threads() == allowed


def test_the_former_limit_returns_after_an_error() -> None:
    class Broken:
        def shuffle(self, x: NDArray[np.int64], /) -> None:
            raise RuntimeError("broken")

    config = TrialConfig(hidden_units=(3,))
    network = new_network(config, 300, 10, np.random.default_rng(1))
    with threadpool_limits(2, user_api="blas"):
        allowed, errors = blas_threads(), np.geterr()
        with pytest.raises(RuntimeError, match="broken"):
            next(train(network, config, Broken(), training=random_split(50)))
        assert blas_threads() == allowed
        assert np.geterr() == errors


def test_numpys_blas_and_scipys_are_both_limited() -> None:
    with one_blas_thread():
        assert blas_threads() == {1}
    loaded = [library for library in threadpool_info() if library["user_api"] == "blas"]
    names = {(entry["name"], entry["version"], entry["kernel"]) for entry in blas_libraries()}
    assert names == {
        (library["internal_api"], str(library["version"]), str(library["architecture"]))
        for library in loaded
    }
    assert blas_libraries() == blas_libraries() != []


def test_the_limit_holds_until_the_last_python_thread_leaves() -> None:
    def counts() -> set[int]:
        return {info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"}

    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with one_blas_thread():
            inside.set()
            leave.wait()

    with threadpool_limits(2, user_api="blas"):
        before = counts()
        with one_blas_thread():
            other = threading.Thread(target=hold)
            other.start()
            inside.wait()
        assert counts() == {1}, "one thread has left, the other still computes"
        leave.set()
        other.join()
        assert counts() == before
        with one_blas_thread():
            assert counts() == {1}
        assert counts() == before

"""Whatever is typed, the command refuses it with code 2 and one line of fewer than 500 characters.

The texts are long or odd, and stand where no text like them is valid, so nothing is trained.
"""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.cli.commands.train import train
from nncore.datasets.scaling import Scaling
from nncore.model import Model
from nncore.network import Network
from tests.support.odd_values import LONGEST, odd_texts

ONE_FOLDER = [HealthCheck.function_scoped_fixture]
Refused = Callable[..., None]


@pytest.fixture
def refused(nnsweep, tmp_path: Path) -> Refused:
    """Return a function that checks that a command is refused in one short line."""
    network = Network([np.eye(2)], [np.zeros(2)], "sigmoid", "softmax", "log-likelihood")
    Model(network, ("dark", "light"), Scaling(inputs=("a", "b"))).save(tmp_path / "net.npz")
    rows = (f"{row},{row % 7},{'pq'[row % 2]}" for row in range(40))
    (tmp_path / "t.csv").write_text("\n".join(["a,b,y", *rows]) + "\n")

    def check(*words: str) -> None:
        answer = nnsweep(*words)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith("nnsweep: ")
        line = answer.err.removesuffix("\n")
        assert len(line) < LONGEST
        assert line.isprintable()

    return check


REFUSED = (
    "{}",
    "--no-{}",
    "no-command {}",
    "run {}",
    "run {}.csv",
    "run sweep.toml {}",
    "run --data {}",
    "run --data t.csv --label {}",
    "run --data t.csv --label y --ignore {}",
    "run --data t.csv --label y --group {}",
    "run --data {}.csv",
    "run --data nowhere/{}.npz",
    "run --set {} --jobs 0",
    "run --set {}.{}=1 --jobs 0",
    "run --set training.{}=1 --jobs 0",
    "run --set training.lmbda={} --jobs 0",
    "run --set training.cost={} --jobs 0",
    "run --set space.{}={{low=1,high=2}} --jobs 0",
    "run --set space.lmbda={} --jobs 0",
    "run --set space.lmbda.low={} --jobs 0",
    "run --set space.lmbda.{}=1 --jobs 0",
    "run --set space.lmbda.when.{}=1 --jobs 0",
    "run --set space.cost.choices=['{}','quadratic'] --jobs 0",
    "run --set sweep.name=+{} --jobs 0",
    "run --set sweep.sampler={} --jobs 0",
    "run --set data.{}=1 --jobs 0",
    "run --set data.scale=x{} --data t.csv --label y --jobs 0",
    "run --set start=[{{{}=1}}] --jobs 0",
    "run --trials x{}",
    "run --timeout x{}",
    "run --jobs x{}",
    "run --backend {}",
    "run --backend loky --scheduler {}",
    "run --dry-run --data digits --jobs 1 --storage x{}",
    "run --dry-run --data digits --jobs 1 --storage nosql://{}",
    "run --dry-run --data digits --jobs 1 --storage sqlite:///no/no/{}",
    "init no/no/{}",
    "show {}",
    "show run --top x{}",
    "report {}",
    "check {}",
    "compare {} {}",
    "compare net.npz {} --out {}",
    "confirm {}",
    "confirm run --seeds x{}",
    "ablate {}",
    "dashboard {}",
    "dashboard {} --storage {}",
    "predict {} {}",
    "predict net.npz {}",
    "predict net.npz {}.csv",
    "predict net.npz t.csv --label {}",
    "predict net.npz t.csv --ignore {}",
    "data {}",
    "data info {}",
    "data info {}.csv",
    "data info t.csv --label {}",
    "data info t.csv --label y --ignore {}",
    "data info t.csv --label y --group {}",
    "data info t.csv --label y --split x{}",
    "data info t.csv --label y --scale x{}",
    "data info digits --folds x{}",
    "data info digits --sheet {}",
    "data fetch {}",
    "train --data {}",
    "train --hidden x{}",
    "train --data nowhere --save {}",
    "chapter3 {}",
    "chapter3 run {}",
    "chapter3 replay {}",
    "chapter3 run restarts --seeds x{}",
)
"""Commands with places for texts; each is refused whatever the texts are.

A setting could be valid by chance, but no sweep runs with 0 jobs.
"""


@pytest.mark.parametrize("command", REFUSED)
@settings(max_examples=5, suppress_health_check=ONE_FOLDER)
@given(odd_texts(), odd_texts())
def test_a_command_with_odd_words_is_refused_in_one_short_line(
    refused: Refused, command: str, one: str, two: str
) -> None:
    texts = itertools.cycle((one, two))
    refused(*(word.format(*itertools.islice(texts, word.count("{}"))) for word in command.split()))


NUMBERS_AND_NAMES = tuple(
    f"--{name.replace('_', '-')}"
    for name, kind in train.__annotations__.items()
    if getattr(kind, "__origin__", None) in (int, float, str) and name not in ("data", "hidden")
)


@settings(suppress_health_check=ONE_FOLDER)
@given(st.sampled_from(NUMBERS_AND_NAMES), odd_texts())
def test_an_option_of_train_with_odd_text_is_refused_in_one_short_line(
    refused: Refused, option: str, text: str
) -> None:
    refused("train", option, f"x{text}")

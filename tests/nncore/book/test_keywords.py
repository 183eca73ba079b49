"""A keyword that the book's programs do not have is refused; the message names the remedy."""

from typing import Any

import pytest

from nncore.book import network, network2
from nncore.errors import InputError
from tests.support.plain_book import problem, states

SETTINGS: dict[str, Any] = {
    "training_data": problem(4, [3, 2]),
    "epochs": 1,
    "mini_batch_size": 2,
    "eta": 0.5,
}


@pytest.mark.parametrize(
    ("kind", "word", "message"),
    [
        (network2, "mu", "use `nnsweep train --momentum`"),
        (network, "mu", "use `nnsweep train --momentum`"),
        (network2, "momentum", "use `nnsweep train --momentum`"),
        (network2, "dropout", "use `nnsweep train --dropout`"),
        (network2, "p_dropout", "use `nnsweep train --dropout`"),
        (network2, "schedule", "use `nnsweep train --schedule`"),
        (network2, "regularization", "use `nnsweep train --regularizer`"),
        (network2, "l1", "use `nnsweep train --regularizer`"),
        (network2, "activation", "use `nnsweep train --activation`"),
        (network2, "seed", "use `nnsweep train --seed`"),
        (network, "lmbda", "use `network2`"),
        (network, "monitor_training_cost", "use `network2`"),
        (network, "early_stopping_n", "use `network2`"),
    ],
)
def test_a_setting_that_the_book_has_not_is_named(kind: Any, word: str, message: str) -> None:
    net, before = kind.Network([3, 2]), states()
    with pytest.raises(InputError) as refused:
        net.SGD(**SETTINGS, **{word: 0.9})
    program = kind.__name__.rpartition(".")[2]
    assert str(refused.value) == (
        f"`{word}` must be left out: the book's `{program}.Network.SGD` has no such argument; "
        + message
    )
    assert states() == before


@pytest.mark.parametrize(
    ("kind", "word", "hint"),
    [
        (network2, "test_data", "did you mean `evaluation_data`?"),
        (network2, "validation_data", "did you mean `evaluation_data`?"),
        (network, "evaluation_data", "did you mean `test_data`?"),
        (network2, "patience", "did you mean `early_stopping_n`?"),
        (network2, "learning_rate", "did you mean `eta`?"),
        (network2, "weight_decay", "did you mean `lmbda`?"),
        (network2, "monitor_training_acuracy", "did you mean `monitor_training_accuracy`?"),
        (network, "colour", "known: epochs, eta, mini_batch_size, test_data, training_data"),
    ],
)
def test_another_word_for_an_argument_is_corrected(kind: Any, word: str, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        kind.Network([3, 2]).SGD(**SETTINGS, **{word: 1})
    program = kind.__name__.rpartition(".")[2]
    assert str(refused.value) == f"unknown argument of `{program}.Network.SGD` `{word}`; {hint}"


@pytest.mark.parametrize(
    ("kind", "word", "message"),
    [
        (network2, "activation", "`network2.Network` has no such argument; use `nnsweep"),
        (
            network2,
            "weight_init",
            "`network2.Network` has no such argument; use `nnsweep",
        ),
        (network, "cost", "`network.Network` has no such argument; use `network2`"),
    ],
)
def test_keywords_of_a_new_network(kind: Any, word: str, message: str) -> None:
    before = states()
    with pytest.raises(InputError) as refused:
        kind.Network([3, 2], **{word: "relu"})
    assert message in str(refused.value)
    assert states() == before

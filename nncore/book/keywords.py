"""Refuses keywords that the book's programs do not have, and names the setting that does the same.

Readers often extend the book's class, for example by momentum. A keyword of such a copy must not be
ignored without a word.
"""

from collections.abc import Callable, Iterable
from inspect import signature

from nncore.errors import InputError, unknown
from nncore.words_of_others import SETTINGS

WORDS = {
    "early_stop": "early_stopping",
    "l1": "regularizer",
    "mu": "momentum",
    "p_dropout": "dropout",
    "reg": "regularizer",
    "regularization": "regularizer",
    "weight_initializer": "init",
}
"""The setting that a word means in readers' extended copies of the book's class."""

OPTIONS = {
    "activation": "--activation",
    "beta1": "--beta1",
    "beta2": "--beta2",
    "class_weight": "--class-weight",
    "clip_norm": "--clip-norm",
    "cost": "--cost",
    "dropout": "--dropout",
    "dtype": "--dtype",
    "early_stopping": "--early-stopping",
    "elastic": "--elastic",
    "epsilon": "--epsilon",
    "hidden_units": "--hidden",
    "init": "--init",
    "learning_rate": "--learning-rate",
    "lmbda": "--lmbda",
    "mini_batch_size": "--mini-batch-size",
    "momentum": "--momentum",
    "nesterov": "--nesterov",
    "output": "--output",
    "regularizer": "--regularizer",
    "rotation": "--rotation",
    "schedule": "--schedule",
    "schedule_decay": "--schedule-decay",
    "scaling": "--scaling",
    "shear": "--shear",
    "shift": "--shift",
    "step": "--step",
    "sweep.seed": "--seed",
    "update": "--update",
    "warmup": "--warmup",
}
"""The option of `nnsweep train` for each setting."""


ARGUMENTS = {
    "early_stopping": ("early_stopping_n",),
    "evaluation_data": ("test_data",),
    "learning_rate": ("eta",),
    "test_data": ("evaluation_data",),
    "validation_data": ("evaluation_data", "test_data"),
}
"""The arguments of the book's programs for a setting, or for an argument of the other program."""

ONLY_NETWORK2 = {
    "cost",
    "early_stopping_n",
    "lmbda",
    "monitor_evaluation_accuracy",
    "monitor_evaluation_cost",
    "monitor_training_accuracy",
    "monitor_training_cost",
}
"""The arguments that chapter 3's program has and chapter 1's does not."""


def refuse_keywords(others: Iterable[str], call: Callable[..., object]) -> None:
    """Raise `InputError` if there are `others`, keywords that `call` does not have.

    Parameters
    ----------
    others
        The keywords that were given besides the own ones.
    call
        A method of `Network` in one of the two modules.

    Raises
    ------
    InputError
        For the first of `others`. The message names the argument, the program of the book or the
        option of `nnsweep train` that does the same, if there is one.
    """
    for word in others:
        raise _refusal(word, call)


def _refusal(word: str, call: Callable[..., object]) -> InputError:
    program = call.__module__.rpartition(".")[2]
    name = f"{program}.{call.__qualname__}".removesuffix(".__init__")
    own = [key for key in signature(call).parameters if key not in {"self", "others"}]
    lower = word.lower()
    setting = WORDS.get(lower) or SETTINGS.get(lower, lower)
    meant = next((key for key in (*ARGUMENTS.get(setting, ()), setting) if key in own), None)
    if meant is None and program == "network" and setting in ONLY_NETWORK2:
        instead = "`network2`"
    elif meant is None and setting in OPTIONS:
        instead = f"`nnsweep train {OPTIONS[setting]}`"
    else:
        return unknown(f"argument of `{name}`", word, own, meant)
    return InputError(
        f"`{word}` must be left out: the book's `{name}` has no such argument; use {instead}"
    )

"""`--set`: which key a setting changes, and what it takes the place of."""

from pathlib import Path

import pytest

from nncore.errors import InputError
from sweeps.config import load_config
from sweeps.space.dimensions import Choices, Range

SWEEP = """
[sweep]
name = "a"

[training]
cost = "quadratic"

[space]
learning_rate = { low = 0.1, high = 1.0 }
"""
DIMENSIONS = """
activation = { choices = ["sigmoid", "tanh"] }
lmbda = { choices = [0, 1], when = { activation = "tanh" } }
momentum = { low = 0.1, high = 0.9, step = 0.1, when = { activation = "tanh" } }
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sweep.toml"
    path.write_text(SWEEP)
    return path


def test_settings_and_overrides_change_keys(path: Path) -> None:
    config = load_config(
        path,
        ["training.epochs = 7", "training.cost=cross-entropy", "space.lmbda={ choices = [1, 2] }"],
        **{"sweep.trials": 5, "data.name": None},
    )
    assert (config.training["cost"], config.training["epochs"]) == ("cross-entropy", 7)
    assert config.space["lmbda"].ends == [1.0, 2.0]
    assert "lmbda" not in config.training
    assert (config.sweep.trials, config.data.name) == (5, "mnist-5k")


def test_choices_take_the_place_of_a_range_and_a_range_that_of_choices(path: Path) -> None:
    path.write_text(SWEEP + DIMENSIONS)
    settings = [
        "space.learning_rate.choices=[0.1, 1.0]",
        "space.lmbda.low=0.5",
        "space.lmbda.high=5",
        "space.momentum.choices=[0, 0.5]",
    ]
    space = load_config(path, settings).space
    assert list(space) == ["learning_rate", "activation", "lmbda", "momentum"]
    assert space["learning_rate"] == Choices(choices=[0.1, 1.0])
    assert space["lmbda"] == Range(low=0.5, high=5.0, when={"activation": ["tanh"]})
    assert space["momentum"] == Choices(choices=[0.0, 0.5], when={"activation": ["tanh"]})


def test_half_a_range_in_the_place_of_choices_is_refused(path: Path) -> None:
    path.write_text(SWEEP + DIMENSIONS)
    with pytest.raises(InputError, match=r"^`space\.activation\.high` must be given$"):
        load_config(path, ["space.activation.low=1"])


@pytest.mark.parametrize(
    "value",
    [
        "[" * 1000 + "]" * 1000,
        "[" * 90 + "]" * 90,
        "{a=" * 1000 + "1" + "}" * 1000,
        "9" * 5000,
        "0x" + "f" * 5000,
        "1e400",
        "x" * 5000,
    ],
    ids=["arrays", "less deep", "tables", "digits", "hexadecimal", "infinite", "text"],
)
@pytest.mark.parametrize("key", ["training.lmbda", "sweep.trials", "space.lmbda.low", "start"])
def test_a_value_beyond_all_use_is_refused_in_one_short_line(
    key: str, value: str, path: Path
) -> None:
    with pytest.raises(InputError) as in_setting:
        load_config(path, [f"{key}={value}"])
    path.write_text(f"{key} = {value if value[0] != 'x' else repr(value)}\n")
    with pytest.raises(InputError) as in_file:
        load_config(path)
    for caught in (in_setting, in_file):
        assert len(str(caught.value)) < 500
        assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    "setting",
    ["x" * 5000, f"start.{'9' * 5000}.lmbda=1", "training." + "a." * 60_000 + "b=1", "a." * 300],
    ids=["no key", "index", "deep", "no value"],
)
def test_a_key_beyond_all_use_is_refused_in_one_short_line(setting: str, path: Path) -> None:
    path.write_text(SWEEP + "[[start]]\nlearning_rate = 0.5\n")
    with pytest.raises(InputError) as caught:
        load_config(path, [setting])
    assert len(str(caught.value)) < 500


def test_a_text_that_is_not_unicode_is_refused(path: Path) -> None:
    """A shell may pass a file name of bytes that are not UTF-8."""
    with pytest.raises(InputError, match="must be Unicode"):
        load_config(path, ["data.name=\udcff.csv", "data.label=a"])


def test_a_file_may_begin_with_a_byte_order_mark(path: Path) -> None:
    plain = load_config(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_config(path) == plain


@pytest.mark.parametrize("text", ["epochs=3", "training.epochs", "training.epochs="])
def test_a_setting_that_is_none_is_refused(text: str, path: Path) -> None:
    with pytest.raises(InputError, match=r"`settings` must be SECTION.KEY=VALUE, got"):
        load_config(path, [text])

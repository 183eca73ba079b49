"""The words of other libraries lead to ours: in a sweep file, in a setting, and from Python."""

from pathlib import Path

import pytest

from nncore.config import HYPERPARAMETERS, trial_config
from nncore.errors import InputError
from nncore.words_of_others import DIMENSION, SETTINGS
from sweeps.config import SweepConfig, load_config
from sweeps.space.dimensions import Choices, Range
from sweeps.space.hidden_layers import LAYERS

SWEEP = """
[sweep]
name = "a"

[training]
epochs = 3

[space]
lmbda = { low = 0.1, high = 1.0 }
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sweep.toml"
    path.write_text(SWEEP)
    return path


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("space.lmbda.min=1", "unknown key `space.lmbda.min`; did you mean `space.lmbda.low`?"),
        ("space.lmbda.max=1", "did you mean `space.lmbda.high`?"),
        ("space.lmbda.values=[1, 2]", "did you mean `space.lmbda.choices`?"),
        ("space.lmbda.distribution=uniform", "did you mean `space.lmbda.log`?"),
        ("space.lmbda.loguniform=true", "did you mean `space.lmbda.log`?"),
        ("space.lmbda.q=0.1", "did you mean `space.lmbda.step`?"),
        ("space.lmbda={suggest_float=[1, 2]}", "did you mean `space.lmbda.low`?"),
        ("space.lmbda={values=[1, 2]}", "did you mean `space.lmbda.choices`?"),
        ("space.lr={low=1, high=2}", "unknown hyperparameter `lr`; did you mean `learning_rate`?"),
        ("space.num_layers={low=1, high=2}", "did you mean `hidden_layers`?"),
        ("training.alpha=1", "unknown hyperparameter `alpha`; did you mean `lmbda`?"),
        ("training.weight_decay=1", "did you mean `lmbda`?"),
        ("training.batch_size=1", "did you mean `mini_batch_size`?"),
        ("training.max_iter=1", "did you mean `epochs`?"),
        ("training.num_epochs=1", "did you mean `epochs`?"),
        ("training.hidden_layer_sizes=[30]", "did you mean `hidden_units`?"),
        ("training.optimizer=adam", "did you mean `update`?"),
        ("training.beta_1=0.8", "did you mean `beta1`?"),
        ("training.max_grad_norm=1", "did you mean `clip_norm`?"),
        ("training.warmup_epochs=2", "did you mean `warmup`?"),
        ("training.class_weights=balanced", "did you mean `class_weight`?"),
        ("training.scale_pos_weight=9", "did you mean `class_weight`?"),
        ("training.input_dropout_ratio=0.2", "did you mean `input_dropout`?"),
        ("training.kernel_constraint=2", "did you mean `max_norm`?"),
        ("training.n_trials=10", "did you mean `sweep.trials`?"),
        ("training.trials=10", "did you mean `sweep.trials`?"),
        ("sweep.n_trials=10", "unknown key `sweep.n_trials`; did you mean `sweep.trials`?"),
        ("sweep.random_state=10", "did you mean `sweep.seed`?"),
        ("sweep.method=bayes", "did you mean `sweep.sampler`?"),
        ("sweep.lr=1", "did you mean `learning_rate`?"),
        ("sweep.epochs=10", "unknown key `sweep.epochs`; did you mean `training.epochs`?"),
        ("parameters.lr.min=1", "unknown key `parameters`; did you mean `space`?"),
        ("data.validation_split=0.1", "did you mean `data.split`?"),
        ("space.lmbda.when.act=relu", "did you mean `activation`?"),
        ("start=[{lambda=1}]", "did you mean `lmbda`?"),
    ],
)
def test_a_word_of_another_library_leads_to_ours(setting: str, expected: str, path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_config(path, [setting] if "start" not in setting else [setting, "start.0.lmbda=1"])
    assert expected in str(caught.value)


def test_words_at_the_top_of_a_file_lead_to_their_section(path: Path) -> None:
    for line, expected in (
        ("n_trials = 3", "`n_trials`; did you mean `sweep.trials`?"),
        ("epochs = 3", "`epochs`; did you mean `training.epochs`?"),
        ("method = 'bayes'", "`method`; did you mean `sweep.sampler`?"),
    ):
        path.write_text(f"{line}\n{SWEEP}")
        with pytest.raises(InputError) as caught:
            load_config(path)
        assert expected in str(caught.value)


def test_a_program_gets_the_same_hint() -> None:
    with pytest.raises(InputError, match="`lr`; did you mean `learning_rate`"):
        trial_config({"lr": 1.0})


def test_every_word_leads_to_a_key_that_exists() -> None:
    sections = SweepConfig.model_fields
    for ours in SETTINGS.values():
        section, dot, key = ours.partition(".")
        if dot and section != "training":
            assert key in sections[section].annotation.model_fields
        else:
            assert (key or section) in (*HYPERPARAMETERS, LAYERS, *sections)
    assert set(DIMENSION.values()) <= {*Range.model_fields, *Choices.model_fields}


def test_no_word_of_another_library_is_a_key_of_ours_in_its_place() -> None:
    assert not SETTINGS.keys() & {*HYPERPARAMETERS, LAYERS}
    assert not DIMENSION.keys() & {*Range.model_fields, *Choices.model_fields}

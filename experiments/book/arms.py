"""Arms: the settings that studies train once per seed, as plain data.

Two studies that name the same setting share its runs; `training.run_arm` trains an arm.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

from nncore.config import TrialConfig, trial_config
from nncore.errors import require

SEED = 1
"""Seed of all studies: run r of every arm uses the seed (SEED, r), so runs of two arms pair up."""

EVALUATIONS = ("validation", "test", "end")


@dataclass(frozen=True, kw_only=True)
class NetworkArm:
    """One network, trained once per seed.

    Parameters
    ----------
    name
        Unique within a study; the same setting may have another name in another study.
    config
        Hyperparameters of the network and its training.
    data
        Name of a data set.
    training_size
        Train on the first `training_size` images, or on all images if None.
    evaluation
        "validation" scores the validation set after each epoch, "test" the test set as well, as
        the book does, and "end" the validation set after the last epoch only.
    keeps_networks
        Keep the network of each run's best epoch, for a study that looks at weights.

    Raises
    ------
    InputError
        If `evaluation` is none of `EVALUATIONS`.
    """

    name: str
    config: TrialConfig
    data: str = "mnist"
    training_size: int | None = None
    evaluation: str = "validation"
    keeps_networks: bool = False

    def __post_init__(self) -> None:
        _check_evaluation(self.evaluation, EVALUATIONS)


@dataclass(frozen=True, kw_only=True)
class SvmArm:
    """scikit-learn's support vector machine, with the default settings of the book's time.

    It uses no random numbers, so it is fitted once however many seeds a study has. It trains on the
    first `training_size` images of the data set `data`, on all if None. `evaluation` is
    "validation", or "test" to score the test set as well.
    """

    name: str
    data: str = "mnist"
    training_size: int | None = None
    evaluation: str = "validation"

    def __post_init__(self) -> None:
        _check_evaluation(self.evaluation, EVALUATIONS[:2])


@dataclass(frozen=True, kw_only=True)
class DarknessArm:
    """The guess of a digit from the sum of its pixels alone, as in chapter 1.

    It uses no random numbers, so it is fitted once. It learns from the first `training_size` images
    of the data set `data`, from all if None, and scores both the validation and the test set.
    """

    name: str
    data: str = "mnist"
    training_size: int | None = None


@dataclass(frozen=True, kw_only=True)
class SpeedArm:
    """One epoch of training in which every gradient is computed and timed in two ways.

    The two are the matrix form for a whole mini-batch, and the sum over its examples. `config` is a
    network without regularization; the other fields are those of a `NetworkArm`.
    """

    name: str
    config: TrialConfig
    data: str = "mnist"
    training_size: int | None = None


@dataclass(frozen=True, kw_only=True)
class SearchArm:
    """A whole hyperparameter search per seed: `trials` networks of `epochs` epochs each.

    The winner is then trained again on `fresh_seeds` seeds. `sampler` is one of those that
    `[sweep] sampler` knows; `data` names the data set.
    """

    name: str
    sampler: str
    trials: int
    epochs: int
    fresh_seeds: int = 5
    data: str = "mnist-5k"


Arm = NetworkArm | SvmArm | DarknessArm | SpeedArm | SearchArm

KINDS: dict[str, type[Arm]] = {
    "network": NetworkArm,
    "svm": SvmArm,
    "darkness": DarknessArm,
    "speed": SpeedArm,
    "search": SearchArm,
}


def _check_evaluation(evaluation: str, known: tuple[str, ...]) -> None:
    require(evaluation in known, "evaluation", f"be one of {known}", evaluation)


def run_count(arm: Arm, seeds: int) -> int:
    """Return the number of runs of `arm` in a study over `seeds` seeds.

    Parameters
    ----------
    arm
        An arm of any type.
    seeds
        The number of seeds of the study, >= 1.

    Returns
    -------
    int
        `seeds`, or 1 for an arm without random numbers.
    """
    return 1 if isinstance(arm, SvmArm | DarknessArm) else seeds


def scored_on(arm: Arm) -> str:
    """Return the set whose accuracy a study reports: "test" or "validation"."""
    match arm:
        case DarknessArm() | SvmArm(evaluation="test") | NetworkArm(evaluation="test"):
            return "test"
        case _:
            return "validation"


def quick_form(arm: Arm) -> Arm:
    """Return the arm as `--quick` runs it: on `mnist-5k`, with fewer images and epochs.

    Parameters
    ----------
    arm
        An arm at the book's size, of any type.

    Returns
    -------
    Arm
        λ shrinks with the number of images, so its weight per image stays the same; layers have at
        most 100 units. A search has 8 trials of 2 epochs, and 2 fresh seeds.
    """
    match arm:
        case SearchArm():
            return replace(arm, epochs=2, trials=8, fresh_seeds=2)
        case SvmArm() | DarknessArm():
            return replace(arm, data="mnist-5k", training_size=_quick_size(arm.training_size))
        case NetworkArm() | SpeedArm():
            size = _quick_size(arm.training_size)
            config = _quick_config(arm.config, size, _full_size(arm.training_size))
            return replace(arm, config=config, data="mnist-5k", training_size=size)


def _full_size(training_size: int | None) -> int:
    return training_size or 50_000


def _quick_size(training_size: int | None) -> int:
    full = _full_size(training_size)
    return full * 3 // 10 if full <= 1_000 else min(3_500, max(300, full * 7 // 100))


def _quick_config(config: TrialConfig, size: int, full_size: int) -> TrialConfig:
    return replace(
        config,
        epochs=min(12, max(3, config.epochs // 10)),
        lmbda=config.lmbda * size / full_size,
        hidden_units=tuple(min(width, 100) for width in config.hidden_units),
        mini_batch_size=min(config.mini_batch_size, size),
    )


def describe_arm(arm: Arm) -> dict[str, Any]:
    """Return the arm as plain data, which `parse_arm` reads back.

    Returns
    -------
    dict
        A key of `KINDS` as "kind", then the fields of the arm.
    """
    kind = next(kind for kind, arm_type in KINDS.items() if isinstance(arm, arm_type))
    return {"kind": kind, **asdict(arm)}


def parse_arm(description: dict[str, Any]) -> Arm:
    """Return the arm of a description.

    Parameters
    ----------
    description
        From `describe_arm`, possibly through JSON.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the description is not that of an arm.
    """
    fields = dict(description)
    arm_type = KINDS[fields.pop("kind")]
    if "config" in fields:
        fields["config"] = trial_config(fields["config"])
    return arm_type(**fields)

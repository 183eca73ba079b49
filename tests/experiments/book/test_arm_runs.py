"""The choice between arms, on accuracies for which it is plain."""

import pytest

from experiments.book.arm_runs import ArmOutcome, ArmRuns, best_validated, held_out_best
from experiments.book.arms import NetworkArm
from nncore.config import TrialConfig
from sweeps.trial import StopReason


def arm_runs(name: str, *accuracies: float) -> ArmRuns:
    """Return the runs of an arm of one epoch, with these accuracies by seed."""
    outcomes = tuple(
        ArmOutcome(
            value=accuracy,
            best_step=1,
            stop_reason=StopReason.MAX_EPOCHS,
            steps=(1,),
            curves={"validation_accuracy": (accuracy,)},
            started="",
            seconds=0.0,
            worker=0,
        )
        for accuracy in accuracies
    )
    return ArmRuns(NetworkArm(name=name, config=TrialConfig()), 100, outcomes)


def test_a_seed_is_judged_in_the_arm_that_the_others_choose() -> None:
    """The lucky first seed of A chooses A for the others, but B for itself."""
    lucky, steady = arm_runs("A", 0.9, 0.5, 0.5), arm_runs("B", 0.6, 0.6, 0.6)
    assert best_validated([lucky, steady]).arm.name == "A"
    assert held_out_best([lucky, steady]) == pytest.approx([0.6, 0.5, 0.5])


def test_a_single_seed_chooses_for_itself() -> None:
    assert held_out_best([arm_runs("A", 0.5), arm_runs("B", 0.6)]) == pytest.approx([0.6])


def test_of_equal_arms_the_first_is_taken() -> None:
    equal = [arm_runs("A", 0.5, 0.7), arm_runs("B", 0.7, 0.5)]
    assert best_validated(equal).arm.name == "A"
    # each seed chooses the arm in which the other one is better
    assert held_out_best(equal) == pytest.approx([0.5, 0.5])

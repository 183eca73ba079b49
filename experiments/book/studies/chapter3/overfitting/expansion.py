"""Artificial expansion of the training set: shifted, rotated and elastically warped images.

Nielsen ch. 3, "Other techniques for regularization"; Simard, Steinkraus & Platt 2003.
"""

from collections.abc import Sequence

from experiments.book.arm_runs import Runs
from experiments.book.arms import NetworkArm
from experiments.book.figures.panels import curves, seed_values
from experiments.book.studies.settings import network
from experiments.book.study import Study
from experiments.book.verdicts import ClaimVerdict, difference_claim, published_number

WARPS = {
    "none": {},
    "shift by one pixel": {"shift": 1.0},
    "rotation": {"rotation": 10.0},
    "elastic": {"elastic": 20.0, "shift": 1.0, "rotation": 5.0},
}
SIZES = (5_000, 50_000)


def name(warp: str, size: int) -> str:
    """Return the name of an arm."""
    return f"{warp}, {size:,}"


def check(runs: Runs) -> Sequence[ClaimVerdict]:
    """Compare each warp with no warp, and the 50,000 images with Simard's numbers."""
    verdicts = []
    for size in SIZES:
        none = runs[name("none", size)].best("validation_accuracy")
        for warp in list(WARPS)[1:]:
            claim = f"With {size:,} images, '{warp}' is better than no distortion"
            more = runs[name(warp, size)].best("validation_accuracy")
            verdicts.append(difference_claim(claim, more, none))
    last = {warp: runs[name(warp, SIZES[-1])].last("test_accuracy") for warp in WARPS}
    return [
        *verdicts,
        published_number("Simard et al., no expansion", 0.984, last["none"]),
        published_number("Simard et al., affine distortions", 0.989, last["rotation"]),
        published_number("Simard et al., elastic distortions", 0.993, last["elastic"]),
    ]


STUDY = Study(
    name="expansion",
    question="Does training on distorted copies of the images help?",
    book_reports="With 800 hidden units, Simard et al. 2003 raised the accuracy from 98.4% to "
    "98.9% with affine distortions and to 99.3% with elastic distortions.",
    minutes=3.7,
    arms=tuple(
        NetworkArm(
            name=name(warp, size),
            config=network(
                hidden_units=(800,),
                activation="relu",
                output="softmax",
                cost="log-likelihood",
                init="he",
                learning_rate=0.1,
                momentum=0.9,
                mini_batch_size=100,
                schedule="cosine",
                epochs=20,
                **settings,
            ),
            training_size=None if size == SIZES[-1] else size,
            evaluation="test",
        )
        for size in SIZES
        for warp, settings in WARPS.items()
    ),
    panels=tuple(
        panel
        for size in SIZES
        for panel in (
            curves(
                "test_accuracy",
                title=f"{size:,} images",
                arms=[name(warp, size) for warp in WARPS],
                low=0.9 if size < SIZES[-1] else 0.97,
            ),
            seed_values(
                lambda arm: arm.last("test_accuracy"),
                title="Last epoch, each seed",
                ylabel="test accuracy (%)",
                arms=[name(warp, size) for warp in WARPS],
                fraction=True,
            ),
        )
    ),
    check=check,
    notes="Training on randomly distorted copies is the book's artificial expansion of the "
    "training set; today it is called data augmentation. Each mini-batch gets a new random "
    "distortion, the same for all its images. Instead of Simard's settings, these networks have "
    "rectified units, momentum 0.9 and a cosine schedule over 20 epochs. The elastic arm includes "
    "a small shift and rotation, as Simard's did. The rotation arm is compared with Simard's "
    "affine distortions.",
)

"""Early stopping and the best epoch: pure rules over scores, of which a greater one is better.

The caller of the training loop keeps the state and applies the rule after each epoch; no rule reads
the network. Divergence is decided in `nncore.training`.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Progress:
    """The state after some epochs: their number, the best value and its epoch (0 at first)."""

    epoch: int = 0
    best_epoch: int = 0
    best_value: float = 0.0

    def after(self, value: float) -> "Progress":
        """Return the progress after one more epoch; the first of equal values is the best."""
        epoch = self.epoch + 1
        if self.best_epoch == 0 or value > self.best_value:
            return Progress(epoch, epoch, value)
        return replace(self, epoch=epoch)


def no_improvement(progress: Progress, patience: int) -> bool:
    """Return whether none of the last `patience` epochs was a new best; always False if it is 0.

    Nielsen ch. 3, "How to choose a neural network's hyper-parameters?": no-improvement-in-n.
    """
    return patience > 0 and progress.epoch - progress.best_epoch >= patience

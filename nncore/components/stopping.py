"""When to stop early, and which epoch was best: pure rules over validation accuracies.

The caller of the training loop holds the state and asks after each epoch; nothing here knows a
network.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Progress:
    """What is known after some epochs: their number, the best value and its epoch, 0 if none."""

    epoch: int = 0
    best_epoch: int = 0
    best_value: float = 0.0

    def after(self, value: float) -> "Progress":
        """Return the progress after one more epoch with `value`; of equals the first is best."""
        epoch = self.epoch + 1
        if self.best_epoch == 0 or value > self.best_value:
            return Progress(epoch, epoch, value)
        return replace(self, epoch=epoch)


def no_improvement(progress: Progress, patience: int) -> bool:
    """Return whether the last `patience` epochs brought no new best; a `patience` of 0 never stops.

    Nielsen ch. 3, "How to choose a neural network's hyper-parameters?": no-improvement-in-n.
    """
    return patience > 0 and progress.epoch - progress.best_epoch >= patience

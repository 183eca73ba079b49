"""The lines that `network2` prints after each epoch, in the words of the book's program."""


class MonitoredScores:
    """The scores of one data set, epoch by epoch: printed, and kept in two lists."""

    def __init__(self, name: str, cost: bool, accuracy: bool) -> None:
        self.name, self.cost, self.accuracy = name, cost, accuracy
        self.wanted = cost or accuracy
        self.costs: list[float] = []
        self.counts: list[int] = []

    def add(self, cost: float, count: int, size: int) -> None:
        """Print and keep the monitored scores of an epoch: cost, and `count` right of `size`."""
        if self.cost:
            self.costs.append(cost)
            print_line(f"Cost on {self.name} data: {cost}")
        if self.accuracy:
            self.counts.append(count)
            print_line(f"Accuracy on {self.name} data: {count} / {size}")


def print_line(line: str = "") -> None:
    """Print one line on the terminal."""
    print(line)  # noqa: T201  the book's program reports on the terminal

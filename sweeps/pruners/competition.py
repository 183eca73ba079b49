"""The competition of a generation: which of its trials train to which rung, and when it is decided.

The parent keeps it. Without brackets, no trial competes, and each is finished as soon as it ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import cycle

from nncore.components.metrics import Metric
from sweeps.pruners.promotion import Bracket, Entrant, Standing, standing
from sweeps.pruners.rules import Curve
from sweeps.trial import Result, TrialOutcome, TrialState


class Competition:
    """The trials that have reached a rung or ended, while their generation is undecided.

    They are not finished before: if a trial fails on its way to a rung, another takes its place.
    `_outcomes` holds their outcomes, each replaced when its trial is trained to a later rung, and
    `_entrants` the trials of the present generation that compete.

    Parameters
    ----------
    brackets
        The brackets of the generations, in turn; none if no trial competes.
    metric
        The metric of the sweep.
    """

    def __init__(self, brackets: Sequence[Bracket], metric: Metric) -> None:
        self._brackets, self._metric = cycle(brackets), metric
        self._bracket: Bracket | None = None
        self._numbers: range | None = range(0) if brackets else None  # of the present generation
        self._entrants: dict[int, Entrant] = {}
        self._outcomes: dict[int, TrialOutcome] = {}
        self._standing = Standing()
        self._due: dict[int, int | None] = {}

    def begin(self, numbers: range, recorded: Mapping[int, tuple[Result, Curve] | None]) -> None:
        """Begin the next generation.

        Parameters
        ----------
        numbers
            The numbers of its trials.
        recorded
            For the number of each trial that competes, its result and its mean curve if it is in
            the tables already, otherwise None.
        """
        self._bracket = next(self._brackets, None)
        if self._bracket is None:
            return
        self._numbers = numbers
        self._entrants = {
            number: self._entrant(known[0].state, known[1]) if known else self._on_rung(number)
            for number, known in recorded.items()
        }
        self._decide()

    def take(self, number: int, outcome: TrialOutcome) -> TrialOutcome:
        """Add a trial that has reached a rung or ended; return its outcome with earlier time spans.

        Trials that were kept by an earlier run are added before their generation begins.
        """
        former = self._outcomes.get(number)
        if former:
            outcome = replace(outcome, earlier=former.time_spans)
        self._outcomes[number] = outcome
        if self._due:
            self._entrants[number] = self._on_rung(number)
            del self._due[number]
            if not self._due:
                self._decide()
        return outcome

    @property
    def due(self) -> Mapping[int, int | None]:
        """The trials to train before the next decision, with their rung; None for their own end."""
        return self._due

    @property
    def undecided(self) -> int:
        """The number of trials that have trained and are not finished yet."""
        return len(self._outcomes)

    def finished(self) -> list[tuple[int, TrialOutcome]]:
        """Return, once, the trials that are finished because their generation is decided."""
        if self._due:
            return []
        ready = [n for n in self._outcomes if self._numbers is None or n in self._numbers]
        return [(number, self._outcomes.pop(number)) for number in sorted(ready)]

    def result_to_tell(self, number: int, result: Result) -> Result:
        """Return the result of a trial of the present generation as the sampler hears it.

        A trial that stayed on a rung is pruned there, even if it had ended by itself: a sampler
        that ranks complete trials above pruned ones would take a trial that diverged for a better
        one than those of higher rungs.
        """
        rung = self._standing.stayed.get(number)
        if rung is None or result.value is None:
            return result
        return replace(result, state=TrialState.PRUNED, epochs=rung)

    def _decide(self) -> None:
        assert self._bracket is not None
        self._standing = standing(self._bracket, self._entrants)
        self._due = dict(self._standing.to_train)

    def _on_rung(self, number: int) -> Entrant:
        outcome = self._outcomes.get(number)
        return self._entrant(outcome.state, outcome.mean_curve) if outcome else Entrant()

    def _entrant(self, state: TrialState, curve: Curve) -> Entrant:
        return Entrant([*map(self._metric.score, curve)], ended=state != TrialState.PRUNED)
